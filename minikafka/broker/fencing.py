"""Whose word counts: leader epochs and broker epochs are compared before anything is believed.

Promises     a request made under another leader epoch, or by an earlier incarnation of a broker, changes nothing.
Stands for   Partition.checkCurrentLeaderEpoch and Replica.updateFetchStateOrThrow (KIP-320, KIP-903).
Left out     controller epochs: a broker's metadata comes from one log.
Differs      nothing.
"""

from __future__ import annotations

from minikafka.broker.replica import UNKNOWN
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import NO_EPOCH, NO_LEADER, TopicPartition


def check_leader_epoch(partition: TopicPartition, own: int, given: int) -> None:
    """FENCED_LEADER_EPOCH if the asker is behind this broker, UNKNOWN_LEADER_EPOCH if ahead; -1 is not checked."""
    if given == own or given == NO_EPOCH:
        return
    if given < own:
        raise KafkaError(
            Error.FENCED_LEADER_EPOCH,
            f"{partition} is at leader epoch {own} and the request was made under {given}; refresh the metadata",
        )
    raise KafkaError(
        Error.UNKNOWN_LEADER_EPOCH,
        f"the request for {partition} was made under leader epoch {given}, but this broker has only heard of {own}; "
        "ask again a little later",
    )


def not_leader(partition: TopicPartition, broker: int, leader: int, leader_epoch: int) -> KafkaError:
    """NOT_LEADER_OR_FOLLOWER, with who leads instead as far as this broker knows."""
    who = f"broker {leader} does" if leader != NO_LEADER else "nobody does"
    return KafkaError(
        Error.NOT_LEADER_OR_FOLLOWER,
        f"broker {broker} does not lead {partition}: {who}, since epoch {leader_epoch}; refresh the metadata",
    )


def check_broker_epoch(partition: TopicPartition, replica: int, given: int, known: int) -> None:
    """NOT_LEADER_OR_FOLLOWER if a fetch comes from an earlier incarnation of a follower than the one that is known."""
    if given != UNKNOWN and given < known:
        raise KafkaError(
            Error.NOT_LEADER_OR_FOLLOWER,
            f"the fetch of {partition} was sent by broker {replica} under broker epoch {given}, but it has registered "
            f"again since, with epoch {known}; a fetch of the dead incarnation does not count",
        )
