"""What happens to partitions when a broker comes or goes, and when an administrator or the clock asks for elections.

Promises     after the removal of a broker it leads nothing and is in no ISR (without ELR: except where it is the last);
             a broker that is unfenced is tried as leader of every partition without one.
Stands for   ReplicationControlManager: generateLeaderAndIsrUpdates, electLeaders, maybeBalancePartitionLeaders.
Left out     batches of at most 1,000 elections; leader.imbalance.per.broker.percentage, which KRaft does not look at.
Differs      finds the partitions of a broker by looking at all of them; Kafka keeps an index (BrokersToIsrs).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from minikafka.controller import elections
from minikafka.controller.decision import Decision, elr_enabled, topic_setting
from minikafka.controller.elections import Terms
from minikafka.metadata.facts import PartitionChangeRecord
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.admin_requests import (
    PREFERRED,
    UNCLEAN,
    ElectedPartition,
    ElectLeadersRequest,
    ElectLeadersResponse,
)
from minikafka.protocol.errors import Error
from minikafka.protocol.names import NO_LEADER, TopicPartition

BROKER_UNFENCED = "broker unfenced"
CONTROLLED_SHUTDOWN = "controlled shutdown"
PREFERRED_ELECTION = "preferred leader election"
UNCLEAN_ELECTION = "unclean leader election"


def terms_for(image: ClusterImage, config: Mapping, topic: str, partition: PartitionRegistration) -> Terms:
    """The rules under which this partition changes now: an unclean election only where the topic allows it."""
    min_insync = topic_setting(image, config, topic, "min.insync.replicas")
    unclean = topic_setting(image, config, topic, "unclean.leader.election.enable")
    return Terms(
        min_isr=elections.effective_min_isr(min_insync, partition.replicas),
        alive=image.alive,
        elr_enabled=elr_enabled(image),
        election=elections.UNCLEAN if unclean else elections.ONLINE,
    )


def without_broker(
    image: ClusterImage, config: Mapping, broker: int, unclean_shutdown: bool = False
) -> list[PartitionChangeRecord]:
    """Take a broker out of every ISR, and after an unclean shutdown out of every ELR too."""

    def concerns(partition: PartitionRegistration) -> bool:
        return broker in partition.isr or (unclean_shutdown and broker in partition.elr)

    def alive(replica: int) -> bool:
        return replica != broker and image.alive(replica)

    lost = (broker,) if unclean_shutdown else ()
    return _changes(image, config, concerns, broker, lambda terms: terms._replace(alive=alive, unclean_shutdown=lost))


def with_broker(image: ClusterImage, config: Mapping, broker: int) -> list[PartitionChangeRecord]:
    """Elect for every partition without a leader, as if this broker (about to be unfenced) were alive already."""

    def alive(replica: int) -> bool:
        return replica == broker or image.alive(replica)

    return _changes(image, config, _leaderless, None, lambda terms: terms._replace(alive=alive))


def preferred_leaders(image: ClusterImage, config: Mapping) -> Decision:
    """The periodic leader balance: lead with the preferred replica wherever it can lead."""

    def imbalanced(partition: PartitionRegistration) -> bool:
        return partition.leader != partition.preferred_leader

    facts = _changes(image, config, imbalanced, None, lambda terms: terms._replace(election=elections.PREFERRED))
    return Decision(tuple(facts), reason=PREFERRED_ELECTION)


def unclean_leaders(image: ClusterImage, config: Mapping) -> Decision:
    """The periodic look for partitions without a leader whose topic would rather have an unclean one."""

    def allowed(terms: Terms) -> Terms | None:
        return terms if terms.election == elections.UNCLEAN else None

    return Decision(tuple(_changes(image, config, _leaderless, None, allowed)), reason=UNCLEAN_ELECTION)


def leads_anything(image: ClusterImage, broker: int) -> bool:
    """Does this broker lead at least one partition?"""
    return any(partition.leader == broker for _, _, partition in image.partitions())


def elect_leaders(image: ClusterImage, request: ElectLeadersRequest, config: Mapping) -> Decision:
    """Each partition gets its election or the reason why not; all partitions (None) leaves out where none is needed."""
    if request.election_type not in (PREFERRED, UNCLEAN):
        why = f"election type {request.election_type} is unknown; use 0 (preferred) or 1 (unclean)"
        rows = [ElectedPartition(*which, Error.INVALID_REQUEST, why) for which in request.partitions or ()]
        return Decision(response=ElectLeadersResponse(rows))
    wanted = request.partitions
    if wanted is None:
        wanted = [TopicPartition(topic.name, number) for topic, number, _ in image.partitions()]
    facts, rows = {}, []
    for topic, number in wanted:
        change, error, message = _elect(image, config, TopicPartition(topic, number), request.election_type)
        if change is not None:
            facts[topic, number] = change
        if error != Error.ELECTION_NOT_NEEDED or request.partitions is not None:
            rows.append(ElectedPartition(topic, number, error, message))
    reason = PREFERRED_ELECTION if request.election_type == PREFERRED else UNCLEAN_ELECTION
    return Decision(tuple(facts.values()), ElectLeadersResponse(rows), reason)


def _elect(
    image: ClusterImage, config: Mapping, which: TopicPartition, kind: int
) -> tuple[PartitionChangeRecord | None, Error, str | None]:
    partition = image.partition(which)
    if partition is None:
        return None, Error.UNKNOWN_TOPIC_OR_PARTITION, f"{which} does not exist; check the topic and the number"
    if kind == PREFERRED and partition.leader == partition.preferred_leader:
        return None, Error.ELECTION_NOT_NEEDED, f"{which} is led by its preferred replica {partition.leader} already"
    if kind == UNCLEAN and partition.leader != NO_LEADER:
        return None, Error.ELECTION_NOT_NEEDED, f"{which} has a leader ({partition.leader}); this election is for none"
    terms = terms_for(image, config, which.topic, partition)
    election = elections.PREFERRED if kind == PREFERRED else elections.UNCLEAN
    topic_id = image.topics[which.topic].id
    change = elections.partition_change(topic_id, which.partition, partition, terms._replace(election=election))
    if change is not None:
        return change, Error.NONE, None
    if kind == PREFERRED:
        return None, Error.PREFERRED_LEADER_NOT_AVAILABLE, (
            f"the preferred replica {partition.preferred_leader} of {which} is not alive or not in the ISR "
            f"{list(partition.isr)}; wait until it has caught up"
        )
    return None, Error.ELIGIBLE_LEADERS_NOT_AVAILABLE, (
        f"none of the replicas {list(partition.replicas)} of {which} is alive; start one of these brokers"
    )


def _leaderless(partition: PartitionRegistration) -> bool:
    return partition.leader == NO_LEADER


def _changes(
    image: ClusterImage,
    config: Mapping,
    concerns: Callable[[PartitionRegistration], bool],
    removed: int | None,
    adapt: Callable[[Terms], Terms | None],
) -> list[PartitionChangeRecord]:
    """The changes of every partition that is concerned, under its topic's terms as adapted (None: leave it alone)."""
    changes = []
    for topic, number, partition in image.partitions():
        if not concerns(partition):
            continue
        terms = adapt(terms_for(image, config, topic.name, partition))
        if terms is None:
            continue
        isr = tuple(member for member in partition.isr if member != removed)
        change = elections.partition_change(topic.id, number, partition, terms, isr)
        if change is not None:
            changes.append(change)
    return changes
