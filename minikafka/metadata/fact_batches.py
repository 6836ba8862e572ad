"""Facts as record batches: the shape in which the metadata log holds and sends them.

Promises     one decision is one batch; the n-th fact of a batch has the batch's base offset plus n.
Stands for   the record serde of the metadata log (MetadataRecordSerde, BatchAccumulator).
Left out     compression; control records but for the one that begins a leader's epoch.
Differs      a batch is never split, however many facts a decision has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgpack

from minikafka.metadata.facts import pack_facts, unpack_facts
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.record_batch import CONTROL, check_crc, headers_of
from minikafka.protocol.records import build_batch, records_of


def batch_of(facts: Iterable[NamedTuple], now: int) -> bytes:
    """One batch with these facts, its offsets not yet given; `now` in µs."""
    return build_batch([(now // 1000, None, value, None) for value in pack_facts(facts)])


def leader_change(leader: int, now: int) -> bytes:
    """The control batch with which a leader's epoch begins; it says nothing about the cluster. `now` in µs."""
    return build_batch([(now // 1000, None, msgpack.packb(("LeaderChange", leader)), None)], attributes=CONTROL)


class CommittedFacts(NamedTuple):
    """One batch of the metadata log: its facts, the offset of its last record, the epoch of the leader who wrote it."""

    facts: list
    offset: int
    epoch: int


def facts_after(offset: int, data: bytes) -> Iterator[CommittedFacts]:
    """The batches in `data` that end after `offset`. CORRUPT_MESSAGE if one is damaged."""
    for header in headers_of(data):
        if header.last_offset <= offset:
            continue
        check_crc(data, header)
        records = records_of(data, header)
        first = records[0].offset
        assert first == offset + 1, f"after offset {offset} comes {first}: facts are missing"
        values = [] if header.is_control else [record.value for record in records]
        yield CommittedFacts(unpack_facts(values), header.last_offset, header.leader_epoch)
        offset = header.last_offset


def apply_batches(image: ClusterImage, data: bytes) -> ClusterImage:
    """The image after the batches in `data` too; a batch already applied is skipped. CORRUPT_MESSAGE if damaged."""
    for batch in facts_after(image.offset, data):
        image = image.apply(batch.facts, batch.offset)
    return image
