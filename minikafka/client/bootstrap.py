"""What a client knows of the cluster: its brokers, its topics, and who leads what.

Promises     knowledge never goes back to an older leader epoch of the same topic; it is refreshed when asked for (an
             error, a new topic, a missing leader) and by age, one request at a time, with growing rests while nothing
             changes.
Stands for   org.apache.kafka.clients.Metadata and MetadataUpdater.
Left out     dropping topics that were not used for metadata.max.idle.ms.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from minikafka.client.backoff import Backoff
from minikafka.client.nodes import Node, Nodes
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.client_requests import MetadataRequest, MetadataResponse, MetadataTopic
from minikafka.protocol.errors import ConfigException, Error, KafkaError
from minikafka.protocol.login import login_of
from minikafka.protocol.names import TopicPartition

LEAST_REST = 100_000
"""With a tiny metadata.max.age.ms the age is looked at only so often (µs)."""


class Leader(NamedTuple):
    """Who leads a partition, and since which epoch; broker -1 while there is none."""

    broker_id: int
    epoch: int


class KnownTopic(NamedTuple):
    """A topic as the last answer described it; with an error nobody leads, but the epochs are remembered."""

    error: Error
    topic_id: str
    leaders: list[Leader]

    @property
    def partitions(self) -> int:
        """How many partitions it has; 0 with an error."""
        return 0 if self.error else len(self.leaders)


NOT_THERE = KnownTopic(Error.UNKNOWN_TOPIC_OR_PARTITION, "", [])


def check_bootstrap(bootstrap: Iterable[str]) -> list[str]:
    """The addresses as a list; ConfigException if there is none."""
    addresses = [bootstrap] if isinstance(bootstrap, str) else list(bootstrap)
    if not addresses or not all(isinstance(address, str) and address for address in addresses):
        raise ConfigException(f"bootstrap.servers={bootstrap!r} is not possible; name at least one broker's address")
    return addresses


class Metadata:
    """The client's picture of the cluster. `changed()` is called after every answer."""

    def __init__(self, machine: Any, bootstrap: Iterable[str], config: Mapping, room: str, changed: Callable[[], None]):
        self.nodes = Nodes(machine, check_bootstrap(bootstrap), room, login_of(config))
        self.refused: KafkaError | None = None
        self.topics: dict[str, KnownTopic] = {}
        self.updated_at = -1
        self._machine = machine
        self._changed = changed
        self._timeout = config.us("request.timeout.ms")
        self._max_age = config.us("metadata.max.age.ms")
        self._backoff = Backoff(
            config.us("retry.backoff.ms"), config.us("retry.backoff.max.ms"), machine.dice(f"{room} metadata")
        )
        self._wanted: dict[str, None] = {}
        self._all = False
        self._needed = False
        self._refreshing = None
        self._fruitless = 0
        self._rest_until = 0

    # -- what is known ------------------------------------------------------------------------------------------

    def leader(self, partition: TopicPartition) -> Leader | None:
        """Who leads the partition, or None if nobody does or it is not known."""
        known = self.topics.get(partition.topic)
        if known is None or not 0 <= partition.partition < len(known.leaders):
            return None
        leader = known.leaders[partition.partition]
        return leader if leader.broker_id >= 0 else None

    def topic(self, name: str) -> KnownTopic | None:
        """What the last answer said of a topic; None before there was one."""
        return self.topics.get(name)

    def node_of(self, partition: TopicPartition) -> Node | None:
        """The node that leads the partition, or None."""
        leader = self.leader(partition)
        return None if leader is None else self.nodes.broker(leader.broker_id)

    # -- how it gets newer --------------------------------------------------------------------------------------

    def want(self, *topics: str) -> None:
        """Keep knowing these topics too."""
        for topic in topics:
            if topic not in self._wanted:
                self._wanted[topic] = None
                self.request_update(at_once=True)

    def want_all(self) -> None:
        """Keep knowing every topic there is."""
        if not self._all:
            self._all = True
            self.request_update(at_once=True)

    def want_only(self, topics: Iterable[str]) -> None:
        """Keep knowing these topics and forget the others."""
        self._all = False
        topics = dict.fromkeys(topics)
        self._wanted = {topic: None for topic in self._wanted if topic in topics}
        self.topics = {name: known for name, known in self.topics.items() if name in topics}
        self.want(*topics)

    def request_update(self, at_once: bool = False) -> None:
        """The picture may be old: ask again as soon as the rest since the last answer is over (or now)."""
        self._needed = True
        if at_once:
            self._rest_until = 0
        if self._refreshing is None or self._refreshing.done:
            self._refreshing = self._machine.spawn(self._refresh(), "metadata")

    def refresh_if_old(self) -> int:
        """Ask again if the picture is older than metadata.max.age.ms; when it will be (µs)."""
        old_at = max(self.updated_at, 0) + self._max_age
        if old_at <= self._machine.now:
            self.request_update()
            return self._machine.now + max(self._max_age, LEAST_REST)
        return old_at

    def hint(self, partition: TopicPartition, broker_id: int, epoch: int) -> bool:
        """An error named the new leader (KIP-951): take it over if it is newer and its address known."""
        known = self.topics.get(partition.topic)
        if known is None or partition.partition >= len(known.leaders) or broker_id not in self.nodes.addresses:
            return False
        if epoch <= known.leaders[partition.partition].epoch:
            return False
        known.leaders[partition.partition] = Leader(broker_id, epoch)
        return True

    def heard_of(self, partition: TopicPartition, epoch: int) -> None:
        """Somebody knows of this leader epoch: who led in an earlier one is asked no more, whoever may name it."""
        known = self.topics.get(partition.topic)
        if known is None or partition.partition >= len(known.leaders):
            return
        if epoch > known.leaders[partition.partition].epoch:
            known.leaders[partition.partition] = Leader(-1, epoch)
            self.request_update()

    def require_login(self) -> None:
        """Raise, once, that a broker has not accepted the login; whoever asks anew tries anew."""
        if self.refused is not None:
            refusal, self.refused = self.refused, None
            raise refusal

    def close(self) -> None:
        """Stop asking and hang up."""
        self._needed = False
        if self._refreshing is not None:
            self._refreshing.cancel()
        self.nodes.close()

    async def _refresh(self) -> None:
        machine = self._machine
        while self._needed:
            if self._rest_until > machine.now:
                await machine.sleep(self._rest_until - machine.now)
            self._needed = False
            news = False
            try:
                request = MetadataRequest(None if self._all else list(self._wanted))
                response = await self.nodes.least_loaded().ask(request, self._timeout)
                news = self._apply(response)
            except NETWORK_TROUBLE:
                self._needed = True
            except KafkaError as refusal:
                self.refused, self._needed = refusal, False
            self._fruitless = 0 if news else self._fruitless + 1
            self._rest_until = machine.now + self._backoff.after(self._fruitless)
            self._changed()

    def _apply(self, response: MetadataResponse) -> bool:
        """Take an answer over; whether it told anything new."""
        self.updated_at = self._machine.now
        addresses = {broker.broker_id: broker.address for broker in response.brokers}
        news = addresses != self.nodes.addresses
        if addresses:
            self.nodes.addresses = addresses
        for row in response.topics:
            if self._all or row.topic in self._wanted:
                known = self._newer(self.topics.get(row.topic, NOT_THERE), row)
                news = news or known != self.topics.get(row.topic)
                self.topics[row.topic] = known
        return news

    @staticmethod
    def _newer(old: KnownTopic, row: MetadataTopic) -> KnownTopic:
        if row.error:
            return KnownTopic(Error(row.error), old.topic_id, [Leader(-1, leader.epoch) for leader in old.leaders])
        leaders = [Leader(told.leader, told.leader_epoch) for told in row.partitions]
        if old.topic_id == row.topic_id:
            for partition, known in enumerate(old.leaders[: len(leaders)]):
                if known.epoch > leaders[partition].epoch:
                    leaders[partition] = known
        return KnownTopic(Error.NONE, row.topic_id, leaders)
