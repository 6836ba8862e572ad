"""Where to go without a position: the values of auto.offset.reset, and the times they stand for.

Promises     "earliest", "latest", "none" and "by_duration:PT30M" are understood, anything else is refused; a duration
             is written as ISO 8601 has it, and counts back from the moment of the reset.
Stands for   org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy (KIP-1106), java.time.Duration.parse.
Left out     signs within a duration.
Differs      counts from the beginning of the world at most: there was nothing before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from minikafka.protocol.client_requests import EARLIEST_TIMESTAMP, LATEST_TIMESTAMP

WORDS = ("latest", "earliest", "none")
BY_DURATION = "by_duration:"
TIMESTAMPS = {"earliest": EARLIEST_TIMESTAMP, "latest": LATEST_TIMESTAMP}

ISO_8601 = re.compile(
    r"P(?=[\dT])(?:(?P<days>\d+)D)?(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)
SECONDS = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def duration_ms(text: str) -> int | None:
    """A duration such as PT10S, PT1H30M or P2D in ms; None if it is none."""
    found = ISO_8601.fullmatch(text)
    if found is None:
        return None
    return int(sum(float(value) * 1000 * SECONDS[unit] for unit, value in found.groupdict().items() if value))


def is_understood(policy: str) -> bool:
    """Whether this is a value of auto.offset.reset."""
    return policy in WORDS or (
        policy.startswith(BY_DURATION) and duration_ms(policy.removeprefix(BY_DURATION)) is not None
    )


def require_understood(config: Mapping) -> str | None:
    """The rule of the table of settings: what is wrong with auto.offset.reset; None if nothing is."""
    policy = config["auto.offset.reset"]
    if is_understood(policy):
        return None
    return (
        f"auto.offset.reset={policy!r} is not possible; choose one of {', '.join(WORDS)}, or write how far back, as in "
        f"{BY_DURATION}PT30M"
    )


def timestamp_for(policy: str, now: int) -> int:
    """What to ask the leader for: one of its special times, or a time in ms. `now` in µs."""
    if policy in TIMESTAMPS:
        return TIMESTAMPS[policy]
    return max(0, now // 1000 - (duration_ms(policy.removeprefix(BY_DURATION)) or 0))
