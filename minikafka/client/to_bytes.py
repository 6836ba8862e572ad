"""What a learner hands over, as the bytes that travel.

Promises     bytes stay as they are, text becomes UTF-8, None stays None (a tombstone, where a topic is compacted).
Stands for   ByteArraySerializer and StringSerializer.
Left out     other serializers, schemas.
Differs      anything else is refused with the remedy; Kafka throws a SerializationException.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minikafka.client.producer_batch import HEADER_OVERHEAD
from minikafka.protocol.errors import Error, KafkaError


def as_bytes(given: Any, what: str) -> bytes | None:
    """The bytes for a key or a value; INVALID_RECORD for what is neither bytes nor text nor None."""
    if given is None or type(given) is bytes:
        return given
    if isinstance(given, str):
        return given.encode()
    if isinstance(given, (bytes, bytearray, memoryview)):
        return bytes(given)
    raise KafkaError(
        Error.INVALID_RECORD,
        f"the {what} {_shown(given)} is of type {type(given).__name__}: give bytes or text, "
        f"for instance json.dumps(...)",
    )


def as_headers(given: Any) -> tuple[list | None, int]:
    """Headers as (name, bytes or None) pairs, and how many bytes they count; None if there are none."""
    if not given:
        return None, 0
    pairs = []
    try:
        for name, value in given.items() if isinstance(given, Mapping) else given:
            pairs.append((_name(name), as_bytes(value, f"header {name}")))
    except (TypeError, ValueError):
        raise KafkaError(
            Error.INVALID_RECORD,
            f"the headers {_shown(given)} are no dict and no (name, value) pairs: "
            f"write for instance {{'source': b'radar'}}",
        ) from None
    return pairs, sum(len(name) * 2 + len(value or b"") + HEADER_OVERHEAD for name, value in pairs)


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise KafkaError(Error.INVALID_RECORD, f"the header name {_shown(name)} is no text: write it in quotes")
    return name


def _shown(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 40 else text[:37] + "..."
