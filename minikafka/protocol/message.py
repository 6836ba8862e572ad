"""Messages and their bytes.

Promises     what was encoded comes out equal, with tuples for lists: what has arrived does not change any more. Bytes
             that are no message raise CORRUPT_MESSAGE (no msgpack) or INVALID_REQUEST (not of this protocol).
Stands for   Kafka's generated message classes and ApiKeys.
Left out     versions, correlation ids (a connection keeps its order), a check of each field's type.
Differs      msgpack instead of Kafka's own binary layout; sizes are near Kafka's, not equal.

A request travels as [api key, [fields]], a response as [fields]: the one who asked knows what it asked. The last
`TAGGED` fields of a class, which have defaults, travel only if one of them says something else (KIP-482).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgpack

from minikafka.protocol import (
    admin_requests,
    client_requests,
    cluster_requests,
    config_requests,
    group_requests,
    partition_requests,
    placement_requests,
    quorum_requests,
    security_requests,
    transaction_requests,
)
from minikafka.protocol.errors import CorruptRecordException, Error, KafkaError

_pack = msgpack.Packer(autoreset=True).pack
_new = tuple.__new__

FAMILIES = (
    client_requests, cluster_requests, admin_requests, config_requests, group_requests, quorum_requests,
    security_requests, partition_requests, placement_requests, transaction_requests,
)  # fmt: skip

REQUESTS: dict[int, type] = {
    kind.API: kind
    for family in FAMILIES
    for kind in vars(family).values()
    if hasattr(kind, "API")
}
"""Every request by its API key."""


def encode(request: Any) -> bytes:
    """The bytes of a request; INVALID_REQUEST if it is none, or holds a value that cannot travel."""
    try:
        kind = type(request)
        return _OPENINGS[kind] + _pack(request if kind not in _SHORTENERS else _SHORTENERS[kind](request))
    except KeyError:
        raise KafkaError(Error.INVALID_REQUEST, f"{type(request).__name__} is no request; "
                         "send one of the classes in protocol/*_requests.py that have an API key") from None
    except (TypeError, ValueError, OverflowError) as reason:
        raise _cannot_travel(request, reason) from None


def encode_response(response: Any) -> bytes:
    """The bytes of a response; INVALID_REQUEST if it holds a value that cannot travel."""
    try:
        kind = type(response)
        return _pack(response if kind not in _SHORTENERS else _SHORTENERS[kind](response))
    except (TypeError, ValueError, OverflowError) as reason:
        raise _cannot_travel(response, reason) from None


def decode_request(payload: bytes) -> Any:
    """The request in these bytes; CORRUPT_MESSAGE or INVALID_REQUEST if there is none."""
    parts = _unpack(payload)
    if parts.__class__ is not tuple or len(parts) != 2:
        raise KafkaError(Error.INVALID_REQUEST, f"a request is a pair [api key, fields], not {_short(parts)}; "
                         "build it with encode()")
    api, fields = parts
    build = _BUILDERS.get(api) if api.__class__ is int else None
    if build is None:
        raise KafkaError(Error.INVALID_REQUEST, f"no request has the API key {_short(api)}; "
                         f"known are {', '.join(map(str, sorted(REQUESTS)))}")
    return build(fields)


def decode_response(request_class: type, payload: bytes) -> Any:
    """The answer to a request of this class; CORRUPT_MESSAGE or INVALID_REQUEST if the bytes are none."""
    return _ANSWERS[request_class](_unpack(payload))


def _unpack(payload: bytes) -> Any:
    try:
        return msgpack.unpackb(payload, use_list=False)
    except (ValueError, TypeError, msgpack.UnpackException) as reason:
        raise CorruptRecordException(f"{len(payload)} bytes are no whole msgpack value ({reason}); "
                                     "send exactly what encode() returned") from None


def _builder(kind: type) -> Callable[[Any], Any]:
    """A function that makes a `kind` of unpacked fields, rows included."""
    count, defaults = len(kind._fields), _defaults(kind)
    rows_at = [(kind._fields.index(name), _builder(row)) for name, row in getattr(kind, "NESTED", {}).items()]

    def build(fields: Any) -> Any:
        if fields.__class__ is not tuple or len(fields) != count:
            fields = _completed(kind, fields, defaults)
        return _new(kind, fields)

    def build_with_rows(fields: Any) -> Any:
        if fields.__class__ is not tuple or len(fields) != count:
            fields = _completed(kind, fields, defaults)
        built = fields
        for index, build_row in rows_at:
            rows = fields[index]
            if rows:
                if rows.__class__ is not tuple:
                    raise _mismatch(kind, rows)
                if built is fields:
                    built = list(fields)
                built[index] = tuple([build_row(row) for row in rows])
        return _new(kind, built)

    return build_with_rows if rows_at else build


def _defaults(kind: type) -> tuple:
    """What its tagged fields say when they do not travel."""
    tagged = getattr(kind, "TAGGED", 0)
    return tuple(kind._field_defaults.values())[-tagged:] if tagged else ()


def _completed(kind: type, fields: Any, defaults: tuple) -> tuple:
    """The fields with those that have not travelled; INVALID_REQUEST if others are missing."""
    missing = len(kind._fields) - len(fields) if fields.__class__ is tuple else -1
    if not 0 < missing <= len(defaults):
        raise _mismatch(kind, fields)
    return fields + defaults[-missing:]


def _shortener(kind: type) -> Callable[[Any], tuple] | None:
    """A function that leaves out what does not travel, in a `kind` and in its rows; None if everything does."""
    defaults, nested = _defaults(kind), getattr(kind, "NESTED", {})
    always = len(kind._fields) - len(defaults)
    rows_at = [(kind._fields.index(name), _shortener(row)) for name, row in nested.items()]
    rows_at = [(index, shorten_row) for index, shorten_row in rows_at if shorten_row is not None]

    def shorten(message: Any) -> tuple:
        if defaults and message[always:] == defaults:
            message = message[:always]
        for index, shorten_row in rows_at:
            rows = message[index]
            if rows:
                message = (*message[:index], [shorten_row(row) for row in rows], *message[index + 1 :])
        return message

    return shorten if defaults or rows_at else None


_SHORTENERS: dict[type, Callable[[Any], tuple]] = {
    kind: shorten
    for request in REQUESTS.values()
    for kind in (request, request.Response)
    if (shorten := _shortener(kind)) is not None
}
_OPENINGS = {kind: b"\x92" + _pack(api) for api, kind in REQUESTS.items()}
_BUILDERS = {api: _builder(kind) for api, kind in REQUESTS.items()}
_ANSWERS = {kind: _builder(kind.Response) for kind in REQUESTS.values()}


def _mismatch(kind: type, found: Any) -> KafkaError:
    return KafkaError(Error.INVALID_REQUEST, f"{_short(found)} is no {kind.__name__}, whose fields are "
                      f"{', '.join(kind._fields)}; both sides must know the same class")


def _cannot_travel(message: Any, reason: Exception) -> KafkaError:
    return KafkaError(Error.INVALID_REQUEST, f"{type(message).__name__} holds a value that cannot travel ({reason}); "
                      "use None, bool, int (64 bits), float, str, bytes, list and tuple")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
