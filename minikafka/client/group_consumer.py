"""The calls of a consumer that have to do with its group: subscribe, commit, committed.

Promises     with a group.id a consumer starts where its group has committed; who subscribes shares the topics with
             the other members, who assigns by hand only commits in the group's name.
Stands for   the group's half of org.apache.kafka.clients.consumer.KafkaConsumer.
Left out     commitAsync's callback (await the task), enforceRebalance, pausing.
Differs      `commit` starts a commit and returns its task; `commit_sync` awaits it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from minikafka.client.coordinator_lookup import CoordinatorFinder
from minikafka.client.group_metadata import ConsumerGroupMetadata
from minikafka.client.heartbeats import Heartbeats
from minikafka.client.interceptors import Interceptors
from minikafka.client.membership import Membership
from minikafka.client.offset_commits import Identity, OffsetCommits
from minikafka.client.rebalance_listener import RebalanceListener
from minikafka.client.subscription import TopicSubscription, wanted_from
from minikafka.protocol.errors import ConfigException, Error, KafkaError
from minikafka.protocol.group_requests import FetchedOffset, OffsetToCommit
from minikafka.protocol.names import TopicPartition

LEAVE_WITHIN = 30_000_000
"""µs that close() takes at most (the default of KafkaConsumer.close())."""


class GroupSide:
    """Everything of a consumer that knows of its group."""

    def __init__(self, machine: Any, config: Mapping, metadata: Any, positions: Any, backoff: Any, name: str,
                 news: Callable, interceptors: Interceptors):  # fmt: skip
        timeout = config.us("request.timeout.ms")
        self.finder = CoordinatorFinder(machine, metadata, backoff, timeout, config["group.id"], name)
        identity = Identity(config["group.instance.id"])
        self.commits = OffsetCommits(machine, config, self.finder, positions, name, identity, interceptors)
        self.subscription = TopicSubscription(metadata, config)
        self.membership = Membership(machine, config, self.finder, positions, backoff, self.commits, self.subscription,
                                     name, news)  # fmt: skip
        self.heartbeats = Heartbeats(machine, config, self.finder, self.membership)
        self._news = news

    async def look_after(self) -> None:
        """What each poll does for the group, before it looks for records."""
        self.commits.auto_commit()
        if self.subscription.wants_anything:
            await self.membership.look_after()
        self.commits.look_after(self._news)

    @property
    def holds_back(self) -> bool:
        """Whether nothing may be handed out at present."""
        return self.subscription.wants_anything and self.membership.holds_back

    async def leave(self, within: int) -> None:
        """Commit what was handed out, give everything back, and say goodbye."""
        await self.commits.commit_before_change(within)
        await self.membership.give_everything_back()
        self.heartbeats.stop()
        await self.membership.leave("the consumer was closed", within)
        self.finder.forget()


class GroupCalls:
    """Mixed into `Consumer`, which has `machine`, `name`, `config`, `metadata`, `_positions` and `_group`."""

    _group: GroupSide | None

    def _group_side(self, verb: str) -> GroupSide:
        self._require_open(verb)
        if self._group is None:
            raise KafkaError(Error.INVALID_GROUP_ID, f"{self.name} belongs to no group and cannot {verb}: set group.id")
        return self._group

    def subscribe(
        self, topics: Iterable[str] = (), listener: RebalanceListener | None = None, pattern: str | None = None
    ) -> None:
        """Read these topics (or all that match `pattern`) together with the other members of the group, from the
        next poll on."""
        group = self._group_side("subscribe")
        if group.commits.identity.manages_itself and self._positions.assigned:
            raise KafkaError(
                Error.INVALID_REQUEST,
                "this consumer has partitions assigned by hand: unsubscribe() before you subscribe",
            )
        group.subscription.want(wanted_from(topics, pattern))
        group.commits.identity.manages_itself = False
        group.membership.listener = listener or RebalanceListener()
        group.heartbeats.start()

    async def unsubscribe(self) -> None:
        """Leave the group, and have nothing assigned any more."""
        group = self._group_side("unsubscribe")
        if group.subscription.wants_anything:
            group.subscription.want_nothing()
            await group.membership.give_everything_back()
            group.heartbeats.stop()
            await group.membership.leave("the consumer has unsubscribed", LEAVE_WITHIN)
        self._positions.assign([])
        group.commits.identity.manages_itself = True

    @property
    def subscription(self) -> tuple[str, ...]:
        """The topics that are subscribed to."""
        return self._group.subscription.topics if self._group is not None else ()

    @property
    def member_id(self) -> str:
        """The id under which the group knows this consumer; "" while it is no member."""
        return self._group.commits.identity.member_id if self._group is not None else ""

    @property
    def generation(self) -> int:
        """The group's generation that this member belongs to, -1 while it is no member."""
        return self._group.commits.identity.generation if self._group is not None else -1

    async def commit_sync(self, offsets: Mapping[TopicPartition, int] | None = None) -> None:
        """Commit these offsets (each the next one to read), or all positions; returns when it is replicated.

        CommitFailedException if the group has moved on without this member; REBALANCE_IN_PROGRESS: poll, then commit
        again.
        """
        commits = self._group_side("commit").commits
        await commits.commit(commits.consumed() if offsets is None else offset_rows(offsets))

    def commit(self, offsets: Mapping[TopicPartition, int] | None = None) -> Any:
        """Begin to commit, and go on meanwhile; returns the task. It is tried once: tried again it might take back what
        a newer commit has said. A failure is recorded."""
        commits = self._group_side("commit").commits
        rows = commits.consumed() if offsets is None else offset_rows(offsets)
        return self.machine.spawn(commits.commit_quietly(rows, once=True), "commit")

    def group_metadata(self) -> ConsumerGroupMetadata:
        """Who this consumer is in its group now, for a producer that commits in its name."""
        commits = self._group_side("tell who it is").commits
        who = commits.identity
        return ConsumerGroupMetadata(commits.finder.group_id, who.generation, who.member_id, who.instance_id)

    def consumed(self) -> dict[TopicPartition, OffsetToCommit]:
        """Where the next poll goes on, in each partition with a known position."""
        return self._group_side("tell what it has consumed").commits.consumed()

    async def committed(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, FetchedOffset | None]:
        """What the group has committed for each partition; None where it has not."""
        return await self._group_side("ask for commits").commits.committed(list(partitions))


def check_group_config(config: Any) -> None:
    """ConfigException for what makes no sense without a group."""
    if config["group.id"] is not None:
        return
    if config.is_set("enable.auto.commit") and config["enable.auto.commit"]:
        raise ConfigException("enable.auto.commit=True is not possible without group.id; name the group")
    if config["group.instance.id"] is not None:
        raise ConfigException("group.instance.id is not possible without group.id; name the group")


def offset_rows(offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, OffsetToCommit]:
    """Offsets as they are committed; INVALID_REQUEST for what cannot be one."""
    for partition, offset in offsets.items():
        if isinstance(offset, bool) or not isinstance(offset, int) or offset < 0:
            raise KafkaError(
                Error.INVALID_REQUEST,
                f"offset {offset!r} for {partition!s} cannot be committed: name the next offset to read, from 0",
            )
    return {TopicPartition(*one): OffsetToCommit(*one, offset, -1, "") for one, offset in offsets.items()}
