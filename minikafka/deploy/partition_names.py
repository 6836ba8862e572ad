"""How partitions are written at the front door.

Promises     "flights-0", ("flights", 0) and TopicPartition("flights", 0) mean the same; anything else gets a sentence.
Stands for   -
Left out     -
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition


def partition_named(written: Any) -> TopicPartition:
    """A partition from "flights-0", ("flights", 0) or a TopicPartition."""
    if isinstance(written, str):
        topic, dash, number = written.rpartition("-")
        if dash and topic and number.isdigit():
            return TopicPartition(topic, int(number))
    elif isinstance(written, list | tuple) and len(written) == 2 and isinstance(written[1], int):
        return TopicPartition(*written)
    raise KafkaError(
        Error.UNKNOWN_TOPIC_OR_PARTITION, f'{written!r} does not name a partition: write "flights-0" or ("flights", 0)'
    )
