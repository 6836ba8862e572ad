"""What a consumer subscribes to: topics by name, or by a pattern; and, for the group's leader, how everything is
shared out.

Promises     a pattern is matched anew against every fresh list of topics; Kafka's own topics are left out unless
             asked for. A leader notices when the number of partitions of a topic that its group reads has changed; a
             static leader that was away notices what changes after it has come back, and nothing from before: it
             shares nothing out then, and nobody tells it what the others have (KIP-814; Kafka 4.3.1 was seen to do so).
Stands for   SubscriptionState's subscription, ConsumerCoordinator.onLeaderElected and its metadata snapshots.
Left out     -
Differs      patterns are Python's, not Java's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from minikafka.client.assignors import ASSIGNORS, REMEMBERING
from minikafka.client.bootstrap import Metadata
from minikafka.client.range_assignor import Wish
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import Assignment, JoinedMember, Protocol
from minikafka.protocol.member_metadata import Subscription, pack_assignment, pack_subscription, read_subscription
from minikafka.protocol.names import TopicPartition, check_topic_name

INTERNAL = ("__consumer_offsets", "__transaction_state")


class TopicSubscription:
    """`topics` are those that are wanted now."""

    def __init__(self, metadata: Metadata, config: Mapping):
        self.strategies: tuple[str, ...] = config["partition.assignment.strategy"]
        self.topics: tuple[str, ...] = ()
        self._metadata = metadata
        self._exclude = config["exclude.internal.topics"]
        self._pattern: re.Pattern | None = None
        self._counts: dict[str, int] | None = None
        self._group_topics: tuple[str, ...] = ()
        self._joined_with: tuple[str, ...] = ()

    # -- what is wanted -----------------------------------------------------------------------------------------

    def want(self, topics: Iterable[str] | str | re.Pattern) -> None:
        """Topics by name (a list), or all that match a compiled pattern."""
        if isinstance(topics, re.Pattern):
            self._pattern, self.topics = topics, ()
            self._metadata.want_all()
            self.refresh()
            return
        names = [topics] if isinstance(topics, str) else list(topics)
        for name in names:
            check_topic_name(name)
        if not names:
            raise KafkaError(Error.INVALID_REQUEST, "no topic was named: subscribe to at least one, or unsubscribe()")
        self._pattern, self.topics = None, tuple(dict.fromkeys(names))
        self._follow()

    def want_nothing(self) -> None:
        """No topic any more."""
        self._pattern, self.topics, self._counts = None, (), None

    @property
    def wants_anything(self) -> bool:
        """Whether there is a subscription at all."""
        return self._pattern is not None or bool(self.topics)

    def refresh(self) -> None:
        """Match the pattern against the topics that are known now."""
        if self._pattern is not None:
            known = sorted(name for name, topic in self._metadata.topics.items() if not topic.error)
            self.topics = tuple(
                name for name in known
                if self._pattern.fullmatch(name) and not (self._exclude and name in INTERNAL)
            )  # fmt: skip

    def _follow(self) -> None:
        self._metadata.want_only((*self.topics, *self._group_topics))

    # -- joining ------------------------------------------------------------------------------------------------

    def protocols(self, owned: list[TopicPartition], last: list[TopicPartition], generation: int) -> list[Protocol]:
        """What to tell the leader, in each of the ways in which it may assign. `last`: what was assigned last."""
        self._joined_with, self._counts = self.topics, None
        return [
            Protocol(name, pack_subscription(
                Subscription(self.topics, tuple(last if name == "sticky" else owned), generation)))
            for name in self.strategies
        ]  # fmt: skip

    @property
    def changed(self) -> bool:
        """Whether something else is wanted than the group was told, or a leader's topics have another size now."""
        if self.topics != self._joined_with:
            return True
        return self._counts is not None and self._counts != self._sizes(self._group_topics)

    def _sizes(self, topics: Iterable[str]) -> dict[str, int]:
        known = {name: self._metadata.topic(name) for name in topics}
        return {name: topic.partitions for name, topic in known.items() if topic is not None and topic.partitions}

    # -- leading ------------------------------------------------------------------------------------------------

    def learn_of(self, members: Iterable[JoinedMember]) -> bool:
        """A leader has to know the topics of all members; False while some are not known yet."""
        wanted = [read_subscription(member.metadata).topics for member in members]
        self._group_topics = tuple(dict.fromkeys(topic for topics in wanted for topic in topics))
        if self._pattern is None:
            self._follow()
        return all(self._metadata.topic(topic) is not None for topic in self._group_topics)

    def watch_sizes(self) -> None:
        """From now on the group's topics have `changed` when they have other sizes than now."""
        self._counts = self._sizes(self._group_topics)

    def share_out(self, protocol: str, members: Iterable[JoinedMember]) -> list[Assignment]:
        """Everybody's assignment."""
        wishes = {}
        for member in members:
            said = read_subscription(member.metadata)
            owned = said.owned if protocol in REMEMBERING else ()
            wishes[member.member_id] = Wish(said.topics, owned, said.generation, member.group_instance_id)
        self.watch_sizes()
        shares = ASSIGNORS[protocol](self._counts, wishes)
        return [Assignment(member, pack_assignment(share)) for member, share in shares.items()]


def wanted_from(topics: Any, pattern: str | None) -> Any:
    """What `subscribe(topics, pattern=...)` means; KafkaError if it is both or neither, or the pattern cannot be
    read."""
    if (pattern is None) == (not topics):
        raise KafkaError(Error.INVALID_REQUEST, "subscribe to topics by name, or to a pattern: name one of the two")
    if pattern is None:
        return topics
    try:
        return re.compile(pattern)
    except re.error as reason:
        raise KafkaError(
            Error.INVALID_REGULAR_EXPRESSION,
            f"the pattern {pattern!r} cannot be read ({reason}): write for instance 'flights.*'",
        ) from None
