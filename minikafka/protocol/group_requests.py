"""What members ask of their group's coordinator, and administrators of anybody's.

Promises     each request names its answer (`Response`); a group id of "" and a member id of "" mean: none.
Stands for   FindCoordinator, JoinGroup, SyncGroup, Heartbeat, LeaveGroup, OffsetCommit, OffsetFetch, DescribeGroups,
             ListGroups, DeleteGroups and OffsetDelete, in their latest classic forms.
Left out     KIP-848 (ConsumerGroupHeartbeat), authorized operations.
Differs      partitions stand in one flat list of rows instead of under their topics.
"""

from __future__ import annotations

from typing import NamedTuple

GROUP = 0
"""The key type of FindCoordinator for a consumer group."""

NO_GENERATION = -1
"""The generation of somebody who is no member."""


class Coordinator(NamedTuple):
    """Who coordinates the group `key`, or why nobody can be named."""

    key: str
    node_id: int
    address: str
    error: int
    message: str | None


class FindCoordinatorResponse(NamedTuple):
    """One answer for each key."""

    coordinators: list
    NESTED = {"coordinators": Coordinator}


class FindCoordinatorRequest(NamedTuple):
    """Which brokers coordinate these groups?"""

    key_type: int
    keys: list
    API = 10
    Response = FindCoordinatorResponse


class Protocol(NamedTuple):
    """A way to assign that a member knows, and what it tells the leader for it (bytes)."""

    name: str
    metadata: bytes


class JoinedMember(NamedTuple):
    """A member as the group's leader gets to know it."""

    member_id: str
    group_instance_id: str | None
    metadata: bytes


class JoinGroupResponse(NamedTuple):
    """The new generation. Only the leader gets the list of members; `skip_assignment`: it shall not assign anew."""

    error: int
    generation: int
    protocol_type: str | None
    protocol: str | None
    leader: str
    skip_assignment: bool
    member_id: str
    members: list
    NESTED = {"members": JoinedMember}


class JoinGroupRequest(NamedTuple):
    """Let me into the group, or into its next generation; times in ms."""

    group_id: str
    session_timeout_ms: int
    rebalance_timeout_ms: int
    member_id: str
    group_instance_id: str | None
    protocol_type: str
    protocols: list
    client_id: str
    reason: str | None
    API = 11
    NESTED = {"protocols": Protocol}
    Response = JoinGroupResponse


class Assignment(NamedTuple):
    """What one member is to do (bytes)."""

    member_id: str
    assignment: bytes


class SyncGroupResponse(NamedTuple):
    """What the asking member is to do."""

    error: int
    protocol_type: str | None
    protocol: str | None
    assignment: bytes


class SyncGroupRequest(NamedTuple):
    """What am I to do? The leader brings everybody's assignment, the others none."""

    group_id: str
    generation: int
    member_id: str
    group_instance_id: str | None
    protocol_type: str | None
    protocol: str | None
    assignments: list
    API = 14
    NESTED = {"assignments": Assignment}
    Response = SyncGroupResponse


class HeartbeatResponse(NamedTuple):
    """NONE, or what the member has to do (REBALANCE_IN_PROGRESS: join again)."""

    error: int


class HeartbeatRequest(NamedTuple):
    """I am still here."""

    group_id: str
    generation: int
    member_id: str
    group_instance_id: str | None
    API = 12
    Response = HeartbeatResponse


class LeavingMember(NamedTuple):
    """Who leaves: a member id, or for a static member its instance id."""

    member_id: str
    group_instance_id: str | None
    reason: str | None


class LeftMember(NamedTuple):
    """Gone, or why not."""

    member_id: str
    group_instance_id: str | None
    error: int


class LeaveGroupResponse(NamedTuple):
    """One answer for each member, unless an error holds for all."""

    error: int
    members: list
    NESTED = {"members": LeftMember}


class LeaveGroupRequest(NamedTuple):
    """These members leave."""

    group_id: str
    members: list
    API = 13
    NESTED = {"members": LeavingMember}
    Response = LeaveGroupResponse


class OffsetToCommit(NamedTuple):
    """The next offset to read, the leader epoch of the record before it (-1: not known), and a note."""

    topic: str
    partition: int
    offset: int
    leader_epoch: int
    metadata: str


class CommittedPartition(NamedTuple):
    """NONE once the commit is replicated."""

    topic: str
    partition: int
    error: int


class OffsetCommitResponse(NamedTuple):
    """One answer for each partition."""

    partitions: list
    NESTED = {"partitions": CommittedPartition}


class OffsetCommitRequest(NamedTuple):
    """Remember how far the group has come. Generation -1 and member "" come from somebody outside."""

    group_id: str
    generation: int
    member_id: str
    group_instance_id: str | None
    partitions: list
    API = 8
    NESTED = {"partitions": OffsetToCommit}
    Response = OffsetCommitResponse


class OffsetPartition(NamedTuple):
    """A partition by name."""

    topic: str
    partition: int


class FetchedOffset(NamedTuple):
    """The committed offset; -1, -1 and "" if there is none."""

    topic: str
    partition: int
    offset: int
    leader_epoch: int
    metadata: str
    error: int


class OffsetFetchResponse(NamedTuple):
    """One answer for each partition, unless an error holds for all."""

    error: int
    partitions: list
    NESTED = {"partitions": FetchedOffset}


class OffsetFetchRequest(NamedTuple):
    """How far has the group come in these partitions (None: in all it ever committed)? With `require_stable` an offset
    that an open transaction may change is not told (UNSTABLE_OFFSET_COMMIT)."""

    group_id: str
    partitions: list | None
    require_stable: bool = True
    TAGGED = 1
    API = 9
    NESTED = {"partitions": OffsetPartition}
    Response = OffsetFetchResponse


class DescribedMember(NamedTuple):
    """A member: who it is, what it asked for and what it got."""

    member_id: str
    group_instance_id: str | None
    client_id: str
    client_host: str
    metadata: bytes
    assignment: bytes


class DescribedGroup(NamedTuple):
    """A group; `protocol` is "" unless it is stable."""

    error: int
    group_id: str
    state: str
    protocol_type: str
    protocol: str
    members: list
    NESTED = {"members": DescribedMember}


class DescribeGroupsResponse(NamedTuple):
    """One answer for each group."""

    groups: list
    NESTED = {"groups": DescribedGroup}


class DescribeGroupsRequest(NamedTuple):
    """Who is in these groups, and who has what?"""

    groups: list
    API = 15
    Response = DescribeGroupsResponse


class ListedGroup(NamedTuple):
    """A group of this coordinator."""

    group_id: str
    protocol_type: str
    state: str


class ListGroupsResponse(NamedTuple):
    """The groups that the answering broker coordinates."""

    error: int
    groups: list
    NESTED = {"groups": ListedGroup}


GROUP_STATES = ("Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead")
"""What a group can be."""


class ListGroupsRequest(NamedTuple):
    """Which groups do you coordinate? Only those in one of these states, unless the list is empty."""

    states: list
    API = 16
    Response = ListGroupsResponse


class DeletedGroup(NamedTuple):
    """Gone, or why not."""

    group_id: str
    error: int


class DeleteGroupsResponse(NamedTuple):
    """One answer for each group."""

    results: list
    NESTED = {"results": DeletedGroup}


class DeleteGroupsRequest(NamedTuple):
    """Forget these groups and all they have committed."""

    groups: list
    API = 42
    Response = DeleteGroupsResponse


class OffsetDeleteResponse(NamedTuple):
    """One answer for each partition, unless an error holds for all."""

    error: int
    partitions: list
    NESTED = {"partitions": CommittedPartition}


class OffsetDeleteRequest(NamedTuple):
    """Forget what the group has committed for these partitions."""

    group_id: str
    partitions: list
    API = 47
    NESTED = {"partitions": OffsetPartition}
    Response = OffsetDeleteResponse
