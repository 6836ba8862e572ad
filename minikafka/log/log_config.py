"""A topic's settings as the log uses them: plain attributes, because every append asks for them.

Promises     the values are those of the `Config` it was made from.
Stands for   org.apache.kafka.storage.internals.log.LogConfig.
Left out     compression, jitter.
Differs      nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.protocol.settings import LONG_MAX, Config


class LogConfig(NamedTuple):
    """Times in ms, sizes in bytes, as in Kafka."""

    segment_bytes: int
    segment_ms: int
    index_bytes: int
    index_interval: int
    retention_ms: int
    retention_bytes: int
    max_message_bytes: int
    log_append_time: bool
    before_max_ms: int
    after_max_ms: int
    delete: bool
    compact: bool
    flush_messages: int
    dirty_ratio: float
    delete_retention_ms: int
    min_lag_ms: int
    max_lag_ms: int

    @classmethod
    def of(cls, config: Config) -> LogConfig:
        """Read them once."""
        policy = config["cleanup.policy"]
        longest = config["max.compaction.lag.ms"] if "compact" in policy else LONG_MAX
        return cls(
            segment_bytes=config["segment.bytes"],
            segment_ms=min(config["segment.ms"], longest),
            index_bytes=config["segment.index.bytes"],
            index_interval=config["index.interval.bytes"],
            retention_ms=config["retention.ms"],
            retention_bytes=config["retention.bytes"],
            max_message_bytes=config["max.message.bytes"],
            log_append_time=config["message.timestamp.type"] == "LogAppendTime",
            before_max_ms=min(config["message.timestamp.before.max.ms"], LONG_MAX),
            after_max_ms=min(config["message.timestamp.after.max.ms"], LONG_MAX),
            delete="delete" in policy,
            compact="compact" in policy,
            flush_messages=config["flush.messages"],
            dirty_ratio=config["min.cleanable.dirty.ratio"],
            delete_retention_ms=config["delete.retention.ms"],
            min_lag_ms=config["min.compaction.lag.ms"],
            max_lag_ms=config["max.compaction.lag.ms"],
        )
