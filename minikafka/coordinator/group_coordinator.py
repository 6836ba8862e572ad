"""The group coordinator of a broker: requests in, answers out.

Promises     every request is answered: by a decision (see `joining`, `syncing`, `presence`, `commit_rules`,
             `group_queries`), or with the error that sends the client to another coordinator. A commit is confirmed
             when it is replicated.
Stands for   GroupCoordinatorService.
Left out     KIP-848, metrics.
Differs      requests are decided one at a time for the whole broker; Kafka does so for each partition of
             __consumer_offsets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minikafka.coordinator import (
    commit_rules,
    group_queries,
    joining,
    presence,
    rebalance,
    syncing,
    transactional_commits,
)
from minikafka.coordinator.offset_expiry import expired
from minikafka.coordinator.offset_records import Change, OffsetChange
from minikafka.coordinator.shard import CoordinatorLog, Shard
from minikafka.coordinator.shards import Reader, Shards, forgetting
from minikafka.events.groups import (
    GroupDeleted,
    GroupRequestRefused,
    OffsetsCommitted,
    OffsetsForgotten,
    OffsetsTold,
    OffsetsWritten,
)
from minikafka.protocol import group_requests as api
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.transaction_requests import TxnOffsetCommitRequest, TxnOffsetCommitResponse

NO_OFFSET = (-1, -1, "")


class GroupCoordinator:
    """`exists(topic, partition)` tells whether there is such a partition to commit for."""

    def __init__(
        self, machine: Any, config: Mapping, log: CoordinatorLog, read: Reader, exists: Callable[[str, int], bool]
    ):
        self.machine = machine
        self.config = config
        self.shards = Shards(machine, config, log, read)
        self._exists = exists

    def handlers(self) -> dict[type, Callable]:
        """Which request goes where. FindCoordinator is answered by every broker; TxnOffsetCommit comes by way of
        `broker/verification.py`."""
        return {
            api.JoinGroupRequest: self.join_group,
            api.SyncGroupRequest: self.sync_group,
            api.HeartbeatRequest: self.heartbeat,
            api.LeaveGroupRequest: self.leave_group,
            api.OffsetCommitRequest: self.commit_offsets,
            api.OffsetFetchRequest: self.fetch_offsets,
            api.DescribeGroupsRequest: self.describe_groups,
            api.ListGroupsRequest: self.list_groups,
            api.DeleteGroupsRequest: self.delete_groups,
            api.OffsetDeleteRequest: self.delete_offsets,
        }

    def _refused(self, refusal: KafkaError, group_id: str, request: str, member: str) -> Error:
        self.machine.record(
            GroupRequestRefused(str(group_id), request, str(member), refusal.error.name, refusal.sentence)
        )
        return refusal.error

    # -- members ------------------------------------------------------------------------------------------------

    async def join_group(self, request: api.JoinGroupRequest, caller: str) -> api.JoinGroupResponse:
        """JoinGroup; the answer comes when the generation begins."""
        try:
            shard = self.shards.of(request.group_id)
            self._check_session(request.session_timeout_ms)
            reply = self.machine.future()
            joining.join(shard, request, caller, reply)
        except KafkaError as refusal:
            error = self._refused(refusal, request.group_id, "join", request.member_id or request.client_id)
            return rebalance.refused_join(error, request.member_id)
        return await reply

    def _check_session(self, timeout: int) -> None:
        least, most = self.config["group.min.session.timeout.ms"], self.config["group.max.session.timeout.ms"]
        if not least <= timeout <= most:
            raise KafkaError(
                Error.INVALID_SESSION_TIMEOUT,
                f"session.timeout.ms={timeout} is not possible here: choose one from {least} to {most}",
            )

    async def sync_group(self, request: api.SyncGroupRequest, caller: str) -> api.SyncGroupResponse:
        """SyncGroup; the answer comes when the assignment is replicated."""
        try:
            reply = self.machine.future()
            syncing.sync(self.shards.of(request.group_id), request, reply)
        except KafkaError as refusal:
            return rebalance.refused_sync(self._refused(refusal, request.group_id, "sync", request.member_id))
        return await reply

    async def heartbeat(self, request: api.HeartbeatRequest, caller: str) -> api.HeartbeatResponse:
        """Heartbeat."""
        try:
            return api.HeartbeatResponse(presence.heartbeat(self.shards.of(request.group_id), request))
        except KafkaError as refusal:
            return api.HeartbeatResponse(self._refused(refusal, request.group_id, "heartbeat", request.member_id))

    async def leave_group(self, request: api.LeaveGroupRequest, caller: str) -> api.LeaveGroupResponse:
        """LeaveGroup."""
        try:
            rows = presence.leave(self.shards.of(request.group_id), request.group_id, request.members)
        except KafkaError as refusal:
            who = ", ".join(row.member_id for row in request.members)
            return api.LeaveGroupResponse(self._refused(refusal, request.group_id, "leave", who), [])
        for row in rows:
            if row.error:
                why = KafkaError(Error(row.error), Error(row.error).meaning)
                self._refused(why, request.group_id, "leave", row.member_id or row.group_instance_id)
        return api.LeaveGroupResponse(Error.NONE, rows)

    # -- offsets ------------------------------------------------------------------------------------------------

    async def commit_offsets(self, request: api.OffsetCommitRequest, caller: str) -> api.OffsetCommitResponse:
        """OffsetCommit; confirmed when it is replicated."""
        errors = {commit_rules.partition_of(row): Error.NONE for row in request.partitions}
        try:
            shard = self.shards.of(request.group_id)
            group = shard.group(request.group_id)
            commit_rules.require_right_to_commit(group, request)
            if group is not None and request.member_id in group.members:
                rebalance.expect(shard, group, group.members[request.member_id])
            good = []
            for row in request.partitions:
                error = self.check_row(row)
                errors[commit_rules.partition_of(row)] = error
                good += [] if error else [row]
            error = await self._commit(shard, request, good) if good else Error.NONE
        except KafkaError as refusal:
            good, error = request.partitions, self._refused(refusal, request.group_id, "commit", request.member_id)
        errors.update((commit_rules.partition_of(row), error) for row in good)
        return api.OffsetCommitResponse([api.CommittedPartition(*which, code) for which, code in errors.items()])

    def check_row(self, row: api.OffsetToCommit) -> Error:
        """NONE, or why this one cannot be committed."""
        return commit_rules.check_row(row, self.config, self._exists(row.topic, row.partition))

    async def commit_in_transaction(self, request: TxnOffsetCommitRequest, caller: str) -> TxnOffsetCommitResponse:
        """TxnOffsetCommit; pending until the transaction's marker."""
        try:
            return TxnOffsetCommitResponse(await transactional_commits.commit_in_transaction(self, request))
        except KafkaError as refusal:
            return self.refuse_transactional(request, refusal)

    def refuse_transactional(self, request: TxnOffsetCommitRequest, refusal: KafkaError) -> TxnOffsetCommitResponse:
        """The answer when nothing is committed: the same error for every partition."""
        error = self._refused(refusal, request.group_id, "commit in a transaction", request.member_id)
        rows = [api.CommittedPartition(*commit_rules.partition_of(row), error) for row in request.partitions]
        return TxnOffsetCommitResponse(rows)

    async def _commit(self, shard: Shard, request: api.OffsetCommitRequest, rows: list[api.OffsetToCommit]) -> Error:
        changes = commit_rules.changes_of(request.group_id, rows, self.machine.now // 1000)
        written = shard.append(changes)
        offsets = tuple((commit_rules.partition_of(row), row.offset) for row in rows)
        what = (request.group_id, request.member_id, request.generation, offsets, written.end_offset)
        shard.record(OffsetsWritten(*what))
        shard.apply_all(changes, written)
        error = await shard.committed(written)
        if not error:
            shard.record(OffsetsCommitted(*what))
        return error

    async def fetch_offsets(self, request: api.OffsetFetchRequest, caller: str) -> api.OffsetFetchResponse:
        """OffsetFetch: the committed offsets that are replicated; all of the group's if no partition is named."""
        try:
            shard = self.shards.of(request.group_id)
        except KafkaError as refusal:
            return api.OffsetFetchResponse(self._refused(refusal, request.group_id, "offset fetch", caller), [])
        high_watermark = shard.log.high_watermark(shard.partition)
        asked = request.partitions
        wanted = (
            shard.offsets.partitions(request.group_id) if asked is None else [TopicPartition(*row) for row in asked]
        )
        rows = []
        for partition in wanted:
            if request.require_stable and shard.pending.unstable(request.group_id, partition, high_watermark):
                rows.append(api.FetchedOffset(*partition, *NO_OFFSET, Error.UNSTABLE_OFFSET_COMMIT))
                continue
            stored = shard.offsets.committed(request.group_id, partition, high_watermark)
            if stored is not None or asked is not None:
                found = NO_OFFSET if stored is None else stored[:3]
                rows.append(api.FetchedOffset(*partition, *found, Error.NONE))
        told = tuple((TopicPartition(*row[:2]), row.offset) for row in rows if not row.error)
        shard.record(OffsetsTold(request.group_id, shard.partition, shard.leader_epoch, told))
        return api.OffsetFetchResponse(Error.NONE, rows)

    # -- administration -----------------------------------------------------------------------------------------

    async def describe_groups(self, request: api.DescribeGroupsRequest, caller: str) -> api.DescribeGroupsResponse:
        """DescribeGroups."""
        found = []
        for group_id in request.groups:
            try:
                found.append(group_queries.described(self.shards.of(group_id), group_id))
            except KafkaError as refusal:
                found.append(group_queries.undescribed(group_id, refusal.error))
        return api.DescribeGroupsResponse(found)

    async def list_groups(self, request: api.ListGroupsRequest, caller: str) -> api.ListGroupsResponse:
        """ListGroups: those of this broker."""
        active = self.shards.active()
        error = Error.NONE if len(active) == len(self.shards.led) else Error.COORDINATOR_LOAD_IN_PROGRESS
        return api.ListGroupsResponse(
            error, [row for shard in active for row in group_queries.listed(shard, request.states)]
        )

    async def delete_groups(self, request: api.DeleteGroupsRequest, caller: str) -> api.DeleteGroupsResponse:
        """DeleteGroups."""
        results = []
        for group_id in request.groups:
            try:
                shard = self.shards.of(group_id)
                error = await self._forget(shard, group_id, group_queries.deletion(shard, group_id), "it was deleted")
            except KafkaError as refusal:
                error = self._refused(refusal, group_id, "delete", caller)
            results.append(api.DeletedGroup(group_id, error))
        return api.DeleteGroupsResponse(results)

    async def delete_offsets(self, request: api.OffsetDeleteRequest, caller: str) -> api.OffsetDeleteResponse:
        """OffsetDelete."""
        try:
            shard = self.shards.of(request.group_id)
            changes, answers = group_queries.offset_deletion(shard, request, self._exists)
            error = await self._forget(shard, request.group_id, changes, "an administrator wanted it")
        except KafkaError as refusal:
            return api.OffsetDeleteResponse(self._refused(refusal, request.group_id, "offset delete", caller), [])
        return api.OffsetDeleteResponse(error, answers)

    async def _forget(self, shard: Shard, group_id: str, changes: list[Change], why: str) -> Error:
        """Write down that these are gone, and let it be true; NONE when it is replicated."""
        if not changes:
            return Error.NONE
        written = shard.append(changes)
        partitions = tuple(change.partition for change in changes if isinstance(change, OffsetChange))
        if partitions:
            shard.record(OffsetsForgotten(group_id, partitions, why))
        shard.apply_all(changes, written)
        if len(partitions) < len(changes):
            shard.record(GroupDeleted(group_id, why))
        return await shard.committed(written)

    # -- from time to time --------------------------------------------------------------------------------------

    def forget_topics(self, gone: list[str]) -> None:
        """Topics were deleted: what was committed for them goes too. If another coordinator takes office before that is
        replicated, it does not know that it should: what it reads stays until it expires, or somebody forgets it."""
        for shard, group_id, partitions in self.shards.forget_topics(gone):
            self._forget_quietly(shard, group_id, list(forgetting(group_id, partitions)), "the topic was deleted")

    def expire_offsets(self) -> None:
        """Forget the offsets and groups that `offset_expiry` names."""
        for shard in self.shards.active():
            for group_id in list(shard.groups):
                changes = expired(shard, group_id, self.machine.now)
                self._forget_quietly(shard, group_id, changes, "nobody has used it for offsets.retention.minutes")

    def _forget_quietly(self, shard: Shard, group_id: str, changes: list[Change], why: str) -> None:
        """As `_forget`, but nobody waits for it; what cannot be written now is tried at the next look."""

        async def forget() -> None:
            try:
                await self._forget(shard, group_id, changes, why)
            except KafkaError as refusal:
                self._refused(refusal, group_id, "expiry", "")

        if changes:
            self.machine.spawn(forget(), f"forgetting offsets of {group_id}")
