"""Control records: what brokers write into a log between the records of clients.

Promises     a marker takes one offset, in a batch of its own that names the producer and its epoch; what was packed
             comes out equal.
Stands for   org.apache.kafka.common.record.ControlRecordType and EndTransactionMarker.
Left out     the records of a Raft quorum's snapshots.
Differs      -
"""

from __future__ import annotations

from struct import Struct
from struct import error as StructError
from typing import NamedTuple

from minikafka.protocol.errors import KafkaError
from minikafka.protocol.record_batch import CONTROL, TRANSACTIONAL, BatchHeader
from minikafka.protocol.records import build_batch, rows_of

ABORT, COMMIT = 0, 1
TYPES = {ABORT: "ABORT", COMMIT: "COMMIT", 2: "LEADER_CHANGE", 3: "SNAPSHOT_HEADER", 4: "SNAPSHOT_FOOTER",
         5: "KRAFT_VERSION", 6: "KRAFT_VOTERS"}  # fmt: skip
"""The type in a control record's key."""

VERSION = 0
_KEY = Struct(">hh")  # version, type
_VALUE = Struct(">hi")  # version, coordinator epoch


class Marker(NamedTuple):
    """The end of a transaction: committed or aborted, as the coordinator of that epoch said."""

    committed: bool
    coordinator_epoch: int

    @property
    def outcome(self) -> str:
        """COMMIT or ABORT."""
        return TYPES[COMMIT if self.committed else ABORT]


def marker_batch(producer_id: int, producer_epoch: int, marker: Marker, timestamp: int) -> bytes:
    """The control batch that says so; `timestamp` in ms."""
    key = _KEY.pack(VERSION, COMMIT if marker.committed else ABORT)
    value = _VALUE.pack(VERSION, marker.coordinator_epoch)
    return build_batch([(timestamp, key, value, None)], producer_id=producer_id, producer_epoch=producer_epoch,
                       attributes=CONTROL | TRANSACTIONAL)  # fmt: skip


def control_type(key: bytes | None) -> int:
    """The type in a control record's key, -1 if it is none."""
    return _KEY.unpack_from(key)[1] if key is not None and len(key) >= _KEY.size else -1


def marker_of(data: bytes, header: BatchHeader) -> Marker | None:
    """The end of a transaction that this control batch tells; None if it is about something else."""
    try:
        [(_, _, key, value, _)] = rows_of(data, header)
        kind = control_type(key)
        return Marker(kind == COMMIT, _VALUE.unpack_from(value)[1]) if kind in (ABORT, COMMIT) else None
    except (KafkaError, ValueError, TypeError, StructError):
        return None
