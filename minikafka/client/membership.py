"""A consumer's place in its group: joining, leading, giving back and taking over partitions.

Promises     partitions are given back (and the listener told) before the group can give them to others, unless the
             group has done so already; what is new is handed out only after the listener has heard of it. A rebalance
             that a poll began goes on between polls; its result counts from the next poll on.
Stands for   AbstractCoordinator and ConsumerCoordinator.
Left out     KIP-848's reconciler.
Differs      the network's part runs in a task of its own instead of within poll and the heartbeat thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from minikafka.client import rebalance_listener
from minikafka.client.assignors import EAGER, rebalance_protocol
from minikafka.client.backoff import Backoff
from minikafka.client.coordinator_lookup import GONE, CoordinatorFinder
from minikafka.client.offset_commits import Identity, OffsetCommits
from minikafka.client.positions import Positions
from minikafka.client.rebalance_listener import RebalanceListener
from minikafka.client.subscription import TopicSubscription
from minikafka.events.groups import PartitionsAssigned, PartitionsLost, PartitionsRevoked
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.errors import Error, KafkaError, exception_for
from minikafka.protocol.group_requests import (
    JoinGroupRequest,
    JoinGroupResponse,
    LeaveGroupRequest,
    LeavingMember,
    SyncGroupRequest,
)
from minikafka.protocol.member_metadata import CONSUMER, read_assignment
from minikafka.protocol.names import TopicPartition

JOIN_LAPSE = 5_000_000
"""µs that a join may take longer than the rebalance timeout (JOIN_GROUP_TIMEOUT_LAPSE)."""


class Membership:
    """`identity` tells who this member is; `subscription` what it wants; `listener` hears of changes."""

    def __init__(self, machine: Any, config: Mapping, finder: CoordinatorFinder, positions: Positions, backoff: Backoff,
                 commits: OffsetCommits, subscription: TopicSubscription, name: str, news: Callable):  # fmt: skip
        self.machine = machine
        self.finder = finder
        self.positions = positions
        self.commits = commits
        self.subscription = subscription
        self.identity: Identity = commits.identity
        self.listener = RebalanceListener()
        self.name = name
        self.session = config["session.timeout.ms"]
        self.poll_interval = config["max.poll.interval.ms"]
        self.eager = rebalance_protocol(subscription.strategies) == EAGER
        self.polled_at = machine.now
        self.wants_to_join = False
        self.why = ""
        self._timeout = config.us("request.timeout.ms")
        self._backoff = backoff
        self._news = news
        self._last: list[TopicPartition] = []
        self._joining: Any = None
        self._assigned: tuple[TopicPartition, ...] | None = None
        self._trouble: KafkaError | None = None
        self._lost, self._lost_generation = "", -1
        commits.outdated = self.disowned

    # -- within a poll ------------------------------------------------------------------------------------------

    async def look_after(self) -> None:
        """Called by each poll: begin to join if need be, take over what a finished join has brought; raises what
        ended it."""
        self.polled_at = self.machine.now
        if self.joins:
            return
        if self._trouble is not None:
            trouble, self._trouble = self._trouble, None
            raise trouble
        if self._assigned is not None:
            assigned, self._assigned = self._assigned, None
            await self._take_over(assigned)
        self.subscription.refresh()
        if self.identity.generation >= 0 and self.subscription.changed and not self.wants_to_join:
            self.want_to_join("the subscription or the topics have changed")
        if self.wants_to_join or self._lost or self.identity.generation < 0:
            if self.subscription.topics:
                self._joining = self.machine.spawn(self._rejoin(), "join")

    @property
    def holds_back(self) -> bool:
        """Whether nothing may be handed out at present: an eager member has given everything back, or is about to."""
        return self.eager and (self.joins or self._assigned is not None)

    @property
    def joins(self) -> bool:
        """Whether a join is under way: then the coordinator knows that this member lives."""
        return self._joining is not None and not self._joining.done

    def rebalances(self) -> None:
        """The group wants everybody to join again."""
        if not self.joins:
            self.want_to_join("the group is rebalancing")
            self._news(None)

    def want_to_join(self, why: str) -> None:
        """The next poll begins to join."""
        self.wants_to_join, self.why = True, why

    def disowned(self, error: Error, generation: int) -> None:
        """The coordinator does not know this member (any more) in that generation."""
        if generation != self.identity.generation or generation < 0:
            return
        self._lost, self._lost_generation = error.meaning, generation
        self.identity.generation = -1
        if error == Error.FENCED_INSTANCE_ID:
            self._trouble = KafkaError(
                error,
                f"{self.name} is fenced: another process has taken the group.instance.id "
                f"{self.identity.instance_id!r}; give each process one of its own",
            )
        if error != Error.ILLEGAL_GENERATION:
            self.identity.member_id = ""
        self.want_to_join(error.meaning)
        self._news(None)

    def refused(self, error: Error, generation: int) -> None:
        """The coordinator does not let this member go on: the next poll raises, the one after that tries anew."""
        if generation == self.identity.generation:
            self._trouble = exception_for(error, f"{self.name} in group {self.finder.group_id}: {error.meaning}")
            self.identity.generation = -1
            self.want_to_join(error.meaning)
            self._news(None)

    # -- joining ------------------------------------------------------------------------------------------------

    async def _rejoin(self) -> None:
        """Prepare, then ask until there is an assignment or an error that will not pass."""
        try:
            await self._prepare()
            self.wants_to_join = False
            failures = 0
            while not await self._join():
                await self._forfeit()
                self.wants_to_join = False
                failures += 1
                await self.machine.sleep(self._backoff.after(failures))
        except KafkaError as trouble:
            self._trouble = trouble
            self.wants_to_join = True
        self._news(None)

    async def _prepare(self) -> None:
        """Commit, and give back what must be given back before the others can have it."""
        if await self._forfeit():
            return
        await self.commits.commit_before_change(self.poll_interval * 1000)
        if await self._forfeit():  # the commit has told
            return
        mine = list(self.positions.assigned)
        if self.eager:
            await self._give_back(mine)
        else:
            gone = [partition for partition in mine if partition.topic not in self.subscription.topics]
            await self._give_back(gone)

    async def _join(self) -> bool:
        """One attempt; True when there is an assignment. Nothing comes of it if meanwhile the group has disowned this
        member: it must not name as its own, nor commit, what others read by now."""
        node = await self.finder.node()
        if self._lost:
            return False
        who = self.identity
        owned = list(self.positions.assigned)
        protocols = self.subscription.protocols(owned, self._last, who.generation)
        request = JoinGroupRequest(self.finder.group_id, self.session, self.poll_interval, who.member_id,
                                   who.instance_id, CONSUMER, protocols, self.name, self.why or None)  # fmt: skip
        within = max(self._timeout, self.poll_interval * 1000 + JOIN_LAPSE)
        try:
            joined = await node.ask(request, within)
            if joined.error:
                return self._not_joined(Error(joined.error), joined.member_id, node)
            self.why = ""
            assignments = await self._lead(joined) if joined.leader == joined.member_id else []
            sync = SyncGroupRequest(self.finder.group_id, joined.generation, joined.member_id, who.instance_id,
                                    joined.protocol_type, joined.protocol, assignments)  # fmt: skip
            synced = await node.ask(sync, within)
        except NETWORK_TROUBLE:
            self.finder.forget_node(node)
            return False
        if synced.error:
            return self._not_joined(Error(synced.error), joined.member_id, node)
        who.member_id = joined.member_id
        if self._lost:
            return False
        who.generation = joined.generation
        self._assigned = read_assignment(synced.assignment)
        return True

    def _not_joined(self, error: Error, member_id: str, node: Any) -> bool:
        """Note what follows from the error, and answer that there is no assignment. KafkaError if it will not pass."""
        who = self.identity
        if error == Error.MEMBER_ID_REQUIRED:
            who.member_id = member_id
        elif error in (Error.UNKNOWN_MEMBER_ID, Error.ILLEGAL_GENERATION):
            self._lost, self._lost_generation = error.meaning, who.generation
            who.generation = -1
            who.member_id = "" if error == Error.UNKNOWN_MEMBER_ID else who.member_id
        elif error == Error.REBALANCE_IN_PROGRESS:
            who.member_id = member_id
        elif error in GONE:
            self.finder.forget_node(node)
        elif not error.retriable:
            who.generation = -1
            raise exception_for(error, f"{self.name} cannot join group {self.finder.group_id}: {error.meaning}")
        return False

    async def _lead(self, joined: JoinGroupResponse) -> list:
        """The leader's work, once all topics are known: share out everything; a static leader that has come back only
        watches the topics from now on."""
        give_up = self.machine.now + self._timeout
        while not self.subscription.learn_of(joined.members) and self.machine.now < give_up:
            await self.machine.sleep(self._backoff.after(0))
        if joined.skip_assignment:
            self.subscription.watch_sizes()
            return []
        return self.subscription.share_out(joined.protocol, joined.members)

    # -- partitions change hands --------------------------------------------------------------------------------

    async def _take_over(self, assigned: Iterable[TopicPartition]) -> None:
        """Adopt an assignment; a cooperative member that has to give something back joins again after that."""
        assigned = list(assigned)
        mine = list(self.positions.assigned)
        revoked = [partition for partition in mine if partition not in assigned]
        added = [partition for partition in assigned if partition not in mine]
        if revoked:
            await self.commits.commit_before_change(self.poll_interval * 1000)
            await self._give_back(revoked)
            if not self.eager:
                self.want_to_join("partitions were given back, and are free for others now")
        self.positions.assign([*self.positions.assigned, *added])
        self._last = assigned
        who = self.identity
        self.machine.record(
            PartitionsAssigned(self.finder.group_id, who.generation, who.member_id, tuple(added),
                               tuple(sorted(self.positions.assigned)), self.name)
        )  # fmt: skip
        await rebalance_listener.call(self.listener.on_partitions_assigned, added)

    async def _give_back(self, partitions: list[TopicPartition]) -> None:
        if partitions:
            await rebalance_listener.call(self.listener.on_partitions_revoked, partitions)
            self._drop(partitions)
            event = PartitionsRevoked(self.finder.group_id, self.identity.generation, tuple(partitions), self.name)
            self.machine.record(event)

    async def _forfeit(self) -> bool:
        """Whether the group has disowned this member; then whatever it held is lost: others may read it already."""
        why, self._lost = self._lost, ""
        partitions = list(self.positions.assigned)
        if why and partitions:
            await rebalance_listener.call(self.listener.on_partitions_lost, partitions)
            self._drop(partitions)
            event = PartitionsLost(self.finder.group_id, self._lost_generation, tuple(partitions), why, self.name)
            self.machine.record(event)
        return bool(why)

    def _drop(self, partitions: list[TopicPartition]) -> None:
        self.positions.assign(partition for partition in list(self.positions.assigned) if partition not in partitions)

    # -- leaving ------------------------------------------------------------------------------------------------

    async def leave(self, why: str, within: int) -> None:
        """Say goodbye (a static member does not: it may come back), and be no member any more."""
        who = self.identity
        if self.joins:
            self._joining.cancel()
            self.finder.forget()  # a new connection: on the old one the goodbye would wait behind the join
        member_id, who.generation, who.member_id = who.member_id, -1, ""
        if member_id and who.instance_id is None:
            request = LeaveGroupRequest(self.finder.group_id, [LeavingMember(member_id, None, why)])
            try:
                node = await self.finder.node(self.machine.now + within)
                await node.ask(request, within)
            except (KafkaError, *NETWORK_TROUBLE):
                pass

    async def give_everything_back(self) -> None:
        """Before leaving: the listener hears that nothing is assigned any more."""
        await self._give_back(list(self.positions.assigned))

    def too_late(self) -> None:
        """It has not polled for max.poll.interval.ms and has left: others have its partitions."""
        self._lost, self._lost_generation = "it has not polled for max.poll.interval.ms", self.identity.generation
        self.want_to_join(self._lost)
