"""Facts as record batches: the shape in which the metadata log holds and sends them.

Promises     one decision is one batch; the n-th fact of a batch has the batch's base offset plus n.
Stands for   the record serde of the metadata log (MetadataRecordSerde, BatchAccumulator).
Left out     control records, compression.
Differs      a batch is never split, however many facts a decision has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from minikafka.metadata.facts import pack_facts, unpack_facts
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.record_batch import check_crc, headers_of
from minikafka.protocol.records import build_batch, records_of


def batch_of(facts: Iterable[NamedTuple], now: int) -> bytes:
    """One batch with these facts, its offsets not yet given; `now` in µs."""
    return build_batch([(now // 1000, None, value, None) for value in pack_facts(facts)])


def apply_batches(image: ClusterImage, data: bytes) -> ClusterImage:
    """The image after the batches in `data` too; a batch already applied is skipped. CORRUPT_MESSAGE if damaged."""
    for header in headers_of(data):
        if header.last_offset <= image.offset:
            continue
        check_crc(data, header)
        records = records_of(data, header)
        first = records[0].offset
        assert first == image.offset + 1, f"after offset {image.offset} comes {first}: facts are missing"
        image = image.apply(unpack_facts(record.value for record in records), header.last_offset)
    return image
