"""An administrator of consumer groups: who is there, how far they are, and setting them back or forward.

Promises     offsets are set only while nobody could overwrite them: a group that is at work is refused, by its state
             before anything is looked up, and by its coordinator should it begin to work meanwhile.
Stands for   kafka-consumer-groups, and Admin: listConsumerGroups, describeConsumerGroups, listConsumerGroupOffsets,
             alterConsumerGroupOffsets, deleteConsumerGroupOffsets, deleteConsumerGroups.
Left out     removing members, exporting and importing of resets.
Differs      the real tool's refusal by state is a sentence without an error code; here it is NON_EMPTY_GROUP. The
             coordinator's is UNKNOWN_MEMBER_ID for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from minikafka.client.coordinator_lookup import CoordinatorFinder, require_name, worst
from minikafka.protocol import group_requests as api
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.errors import Error, KafkaError, TimeoutException
from minikafka.protocol.member_metadata import read_assignment, read_subscription
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.offset_reset import BY_DURATION, is_understood, timestamp_for
from minikafka.world.quantities import counted

ENDS = ("earliest", "latest")
EMPTY = "Empty"


class MemberDescription(NamedTuple):
    """A member; `partitions` is what it was assigned, `topics` what it wants."""

    member_id: str
    instance_id: str | None
    client_id: str
    host: str
    topics: tuple[str, ...]
    partitions: tuple[TopicPartition, ...]


class GroupDescription(NamedTuple):
    """A group as its coordinator knows it; `coordinator` is that broker's address."""

    group_id: str
    state: str
    protocol: str
    coordinator: str
    members: tuple[MemberDescription, ...]


class GroupAdmin:
    """Mixed into `Admin`, which has `machine`, `name`, `metadata`, `_backoff`, `_timeout`, `_patience` and
    `list_offsets`."""

    _coordinator_was = ""

    def _finder(self, group_id: str) -> CoordinatorFinder:
        require_name("group id", group_id, Error.INVALID_GROUP_ID)
        return CoordinatorFinder(self.machine, self.metadata, self._backoff, self._timeout, group_id, "")

    async def _ask_coordinator(self, group_id: str, what: str, request: Any, error_of: Callable[[Any], Error]) -> Any:
        finder = self._finder(group_id)
        try:
            answer = await finder.ask(
                lambda: request, self.machine.now + self._patience, error_of, f"{what} {group_id}"
            )
            self._coordinator_was = (await finder.node()).address
        finally:
            finder.forget()
        error = error_of(answer)
        if error:
            raise KafkaError(error, f"{what} {group_id} was refused: {_remedy(error)}")
        return answer

    # -- looking ------------------------------------------------------------------------------------------------

    async def list_groups(self, states: Iterable[str] = ()) -> dict[str, str]:
        """The groups of all brokers with their states, sorted; only those in one of these states, if any is named."""
        wanted, deadline = list(states), self.machine.now + self._patience
        for state in wanted:
            if state not in api.GROUP_STATES:
                known = ", ".join(api.GROUP_STATES)
                raise KafkaError(Error.INVALID_REQUEST, f"{state!r} is no state of a group: name some of {known}")
        brokers = (await self.describe_cluster()).brokers
        found: dict[str, str] = {}
        for broker in brokers:
            request = api.ListGroupsRequest(wanted)
            answer = await self._ask_broker(broker.address, request, deadline)
            found.update((row.group_id, row.state) for row in answer.groups)
        return dict(sorted(found.items()))

    async def _ask_broker(self, address: str, request: Any, deadline: int) -> Any:
        failures, last = 0, "it did not answer"
        while self.machine.now < deadline:
            try:
                answer = await self.metadata.nodes.at(address).ask(request, self._timeout)
                if not Error(answer.error).retriable:
                    return answer
                last = Error(answer.error).meaning
            except NETWORK_TROUBLE as trouble:
                last = str(trouble)
            failures += 1
            await self.machine.sleep(self._backoff.after(failures))
        raise TimeoutException(f"{address} did not list what it coordinates in time: {last}")

    async def describe_group(self, group_id: str) -> GroupDescription:
        """A group with its members. GROUP_ID_NOT_FOUND if there is none."""
        request = api.DescribeGroupsRequest([group_id])
        answer = await self._ask_coordinator(group_id, "describing group", request, lambda told: worst(told.groups))
        [group] = answer.groups
        members = tuple(map(_member, group.members))
        return GroupDescription(group_id, group.state, group.protocol, self._coordinator_was, members)

    async def list_group_offsets(self, group_id: str) -> dict[TopicPartition, int]:
        """What the group has committed, sorted by partition."""
        request = api.OffsetFetchRequest(group_id, None)
        answer = await self._ask_coordinator(group_id, "asking for offsets of", request,
                                             lambda told: Error(told.error) or worst(told.partitions))  # fmt: skip
        return dict(sorted((TopicPartition(*row[:2]), row.offset) for row in answer.partitions))

    # -- changing -----------------------------------------------------------------------------------------------

    async def alter_group_offsets(self, group_id: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit these offsets from outside. UNKNOWN_MEMBER_ID while the group has members; nothing is changed then.
        UNKNOWN_TOPIC_OR_PARTITION names those that do not exist; the others are set."""
        for partition, offset in offsets.items():
            if isinstance(offset, bool) or not isinstance(offset, int) or offset < 0:
                raise KafkaError(
                    Error.INVALID_REQUEST, f"offset {offset!r} for {partition!s}: name a whole number from 0"
                )
        rows = [api.OffsetToCommit(*partition, offset, -1, "") for partition, offset in offsets.items()]
        request = api.OffsetCommitRequest(group_id, api.NO_GENERATION, "", None, rows)
        answer = await self._ask_coordinator(group_id, "setting offsets of group", request,
                                             lambda told: worst(_existing(told.partitions)))  # fmt: skip
        _require_existing(f"setting offsets of group {group_id}", answer.partitions)

    async def reset_group_offsets(self, group_id: str, partitions: Iterable[TopicPartition] | None = None,
                                  to: str | int | None = None, shift: int | None = None
                                  ) -> dict[TopicPartition, int]:  # fmt: skip
        """Move an idle group to "earliest", "latest", a time (ms), so far back ("by_duration:PT30M"), or by so many
        records; the new offsets. NON_EMPTY_GROUP while it has members.

        Without partitions: all for which it has committed. What would lie outside the log is moved to its nearer end.
        """
        _check_target(to, shift)
        await self._require_idle(group_id)
        committed = await self.list_group_offsets(group_id)
        chosen = list(committed) if partitions is None else [TopicPartition(*one) for one in partitions]
        first, last = [await self.list_offsets(dict.fromkeys(chosen, end)) for end in ENDS]
        if shift is not None:
            wanted = _shifted(group_id, committed, chosen, shift)
        elif to in ENDS:
            wanted = {one: (first if to == "earliest" else last)[one].offset for one in chosen}
        else:
            time = timestamp_for(to, self.machine.now) if isinstance(to, str) else to
            found = await self.list_offsets(dict.fromkeys(chosen, time))
            wanted = {one: found[one].offset if found[one].offset >= 0 else last[one].offset for one in chosen}
        offsets = {one: min(max(offset, first[one].offset), last[one].offset) for one, offset in wanted.items()}
        if offsets:
            await self.alter_group_offsets(group_id, offsets)
        return offsets

    async def _require_idle(self, group_id: str) -> None:
        """NON_EMPTY_GROUP unless the group has no members, or is not there at all."""
        try:
            group = await self.describe_group(group_id)
        except KafkaError as refusal:
            if refusal.error != Error.GROUP_ID_NOT_FOUND:
                raise
            return
        if group.state != EMPTY:
            raise KafkaError(
                Error.NON_EMPTY_GROUP,
                f"the offsets of group {group_id} can only be reset while it is inactive, and it is {group.state} with "
                f"{counted(len(group.members), 'member')}: stop them first",
            )

    async def delete_group_offsets(self, group_id: str, partitions: Iterable[TopicPartition]) -> None:
        """Forget what the group has committed for these. GROUP_SUBSCRIBED_TO_TOPIC, GROUP_ID_NOT_FOUND;
        UNKNOWN_TOPIC_OR_PARTITION names those that do not exist."""
        request = api.OffsetDeleteRequest(group_id, [api.OffsetPartition(*one) for one in partitions])

        def error_of(answer: Any) -> Error:
            return Error(answer.error) or worst(_existing(answer.partitions))

        answer = await self._ask_coordinator(group_id, "forgetting offsets of group", request, error_of)
        _require_existing(f"forgetting offsets of group {group_id}", answer.partitions)

    async def delete_group(self, group_id: str) -> None:
        """Forget the group with all it has committed. NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND."""
        request = api.DeleteGroupsRequest([group_id])
        await self._ask_coordinator(group_id, "deleting group", request, lambda told: worst(told.results))


def _member(row: api.DescribedMember) -> MemberDescription:
    topics: tuple[str, ...] = ()
    partitions: tuple[TopicPartition, ...] = ()
    try:
        topics = read_subscription(row.metadata).topics
        partitions = read_assignment(row.assignment)
    except KafkaError:
        pass  # members of other kinds of groups speak a language of their own
    return MemberDescription(row.member_id, row.group_instance_id, row.client_id, row.client_host, topics, partitions)


def _existing(rows: Iterable[Any]) -> list[Any]:
    """The rows of partitions that there are: to ask again for the others would change nothing."""
    return [row for row in rows if row.error != Error.UNKNOWN_TOPIC_OR_PARTITION]


def _require_existing(what: str, rows: Iterable[Any]) -> None:
    unknown = [str(TopicPartition(*row[:2])) for row in rows if row.error == Error.UNKNOWN_TOPIC_OR_PARTITION]
    if unknown:
        raise KafkaError(
            Error.UNKNOWN_TOPIC_OR_PARTITION,
            f"{what} left out what does not exist: {', '.join(unknown)}; check the topic and the number",
        )


def _remedy(error: Error) -> str:
    remedies = {
        Error.UNKNOWN_MEMBER_ID: "it has members, and only they may commit; stop them first",
        Error.NON_EMPTY_GROUP: "it still has members; stop them first",
        Error.GROUP_SUBSCRIBED_TO_TOPIC: "its members read that topic; stop them first",
    }
    return remedies.get(error, error.meaning)


def _check_target(to: str | int | None, shift: int | None) -> None:
    """INVALID_REQUEST unless exactly one of the two says where to go, in words that are understood."""
    if (to is None) == (shift is None):
        raise KafkaError(
            Error.INVALID_REQUEST, "reset_group_offsets takes either `to` or `shift`: name one of the two"
        )
    if shift is not None and (isinstance(shift, bool) or not isinstance(shift, int)):
        raise KafkaError(
            Error.INVALID_REQUEST, f"shift={shift!r} is not possible: name a whole number of records, -5 goes back"
        )
    if isinstance(to, str) and (to == "none" or not is_understood(to)):
        raise KafkaError(
            Error.INVALID_REQUEST,
            f"to={to!r} is not understood: write {', '.join(ENDS)}, {BY_DURATION}PT30M, or a time in ms",
        )


def _shifted(
    group_id: str, committed: Mapping[TopicPartition, int], chosen: Iterable[TopicPartition], shift: int
) -> dict[TopicPartition, int]:
    """The committed offsets of these partitions, moved; INVALID_REQUEST if there is none for one of them."""
    missing = [str(one) for one in chosen if one not in committed]
    if missing:
        raise KafkaError(
            Error.INVALID_REQUEST, f"{group_id} has committed nothing for {', '.join(missing)}: nothing to shift"
        )
    return {one: committed[one] + shift for one in chosen}
