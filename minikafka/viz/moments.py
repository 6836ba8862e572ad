"""Moments: the steps in which a trace is told.

Promises     every event is in exactly one moment; the events of a moment happened at one instant and all follow from
             its first; the
             headline is the most telling of them, the first one is its cause.
Stands for   nothing in Kafka: a frame of the film.
Left out     -
Differs      `ROUTINE` events are no reason to stop, but where they follow from something that is, they are told with
             it: "the high
             watermark rose" is routine, and still the best sentence about the fetch that made it rise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikafka.world.event import Recorded

GROUPS = ("fault", "leadership", "isr", "loss", "refusal", "quorum", "group", "client", "commit", "write", "message",
          "broker", "other")  # fmt: skip
"""What events are about."""

_OF_KIND = {
    "fault": """MachineCrashed PowerLost MachineFroze MachineThawed MachineStopped LinkCut LinkHealed LinkHeld
        LinkReleased LinkChanged FirewallChanged FaultPlanned FaultWithoutEffect FileDamaged""",
    "leadership": "LeaderElected PartitionWentOffline BecameLeader BecameFollower WentOffline ControllerStarted",
    "isr": """IsrRecorded IsrChangeAsked IsrChanged IsrChangeDropped AlterPartitionRefused ObserversAssigned
        ObserverPromoted ObserverDemoted PromotionAwaited""",
    "loss": """LogTruncated LogRestarted LogRecovered ReplicaDiverged TruncationDetected SegmentsDeleted LogStartMoved
        LogDeleted ReplicaRemoved CompactionStarted SegmentsCompacted LogCompacted CompactionGivenUp
        CompactionFinished""",
    "refusal": """ProduceRefused FetchRefused FollowingFailed RegistrationRefused RegistrationGivenUp
        ConnectionRefused GroupRequestRefused AuthenticationFailed AuthorizationDenied""",
    "quorum": """BecameProspective BecameCandidate VoteGranted VoteRefused BecameQuorumLeader BecameQuorumFollower
        BecameUnattached QuorumLeaderResigned ControllerRenounced MetadataCommitted MetadataCommitLearned
        MetadataTruncated MetadataRead""",
    "group": """GroupsLoading GroupsLoaded GroupsGivenUp MemberJoined MemberReplaced MemberRemoved RebalanceBegan
        GenerationBegan AssignmentStored OffsetsWritten OffsetsCommitted OffsetsForgotten OffsetsTold GroupDeleted
        CoordinatorFound PartitionsAssigned PartitionsRevoked PartitionsLost CommitAcknowledged CommitFailed""",
    "client": """BatchAcknowledged BatchRetried BatchFailed BatchSplit RecordsPolled PositionReset ProducerIdAssigned
        BatchSent DuplicateBatchSeen NearReplicaPreferred NearReplicaLeft""",
    "commit": "HighWatermarkAdvanced HighWatermarkLearned",
    "write": "BatchAppended TransactionOpened TransactionEnded",
    "message": "MessageSent MessageDelivered MessageLost MessageStuck ConnectionOpened ConnectionClosed",
    "broker": """MachineStarted BrokerRegistered BrokerFenced BrokerUnfenced BrokerShuttingDown BrokerStarted
        BrokerShutDown TopicCreated TopicDeleted SettingChanged""",
}
GROUP_OF = {kind: group for group, kinds in _OF_KIND.items() for kind in kinds.split()}

_TELLING = {
    group: number
    for number, group in enumerate(
        ("fault", "leadership", "isr", "loss", "refusal", "quorum", "group", "commit", "client", "broker", "other",
         "write", "message")  # fmt: skip
    )
}
_RANK = {
    "ReplicaDiverged": 4,
    "OffsetsWritten": 11,
    "OffsetsTold": 11,
    "BatchSent": 11,
    "HighWatermarkLearned": 12,
    "ConnectionOpened": 14,
    "ConnectionClosed": 11,
    "ConnectionRefused": 11,
    "MessageSent": 13,
    "MetadataCommitLearned": 11,
    "MetadataCommitted": 11,
    "MetadataRead": 11,
    "SegmentsCompacted": 11,
}
"""Kinds that tell more or less than the rest of their group."""


class Moment(NamedTuple):
    """Events `first` up to `last` (indices, inclusive). `quiet`: nothing in it is worth a stop."""

    first: int
    last: int
    headline: int
    quiet: bool


def group_of(kind: str) -> str:
    """What an event of this kind is about; a kind that nobody has put in a group is `other`."""
    return GROUP_OF.get(kind, "other")


def moments_of(trace: Sequence[Recorded]) -> list[Moment]:
    """Cut a trace into moments."""
    found: list[Moment] = []
    first = 0
    for index, entry in enumerate(trace):
        if index and not _follows(trace[first], entry):
            found.append(_moment(trace, first, index - 1))
            first = index
    if trace:
        found.append(_moment(trace, first, len(trace) - 1))
    return found


def _follows(root: Recorded, entry: Recorded) -> bool:
    if entry.time != root.time:
        return False
    return entry.cause >= root.seq or (entry.cause == root.cause and entry.place == root.place)


def _moment(trace: Sequence[Recorded], first: int, last: int) -> Moment:
    headline, best, quiet = first, 99, True
    for index in range(first, last + 1):
        entry = trace[index]
        kind = entry.kind
        rank = _RANK.get(kind)
        if rank is None:
            rank = _TELLING[GROUP_OF.get(kind, "other")]
        if rank < best:
            headline, best = index, rank
        if quiet and not entry.routine:
            quiet = False
    return Moment(first, last, headline, quiet)
