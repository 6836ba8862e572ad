"""The settings of a topic, and where each comes from when the topic does not say.

Promises     `topic_config` gives every setting a value: the topic's own, else the broker's twin, else Kafka's default.
Stands for   org.apache.kafka.common.config.TopicConfig, LogConfig and ServerTopicConfigSynonyms.
Left out     compression, tiered storage, throttled replicas, jitter.
Differs      segment.bytes may be as small as 14 (as in Kafka 4.0; 4.1 wants 1 MiB), so that a lab can watch a roll.
"""

from __future__ import annotations

from collections.abc import Mapping

from minikafka.protocol.placement_constraints import readable
from minikafka.protocol.settings import (
    BOOLEAN,
    CHOICE,
    DOUBLE,
    INT,
    LIST,
    LONG,
    LONG_MAX,
    STRING,
    Config,
    Setting,
    Table,
)

WEEK_MS = 7 * 24 * 3600 * 1000


def _lags_fit(config: Config) -> str | None:
    least, most = config["min.compaction.lag.ms"], config["max.compaction.lag.ms"]
    if least <= most:
        return None
    return (f"min.compaction.lag.ms={least} is not possible with max.compaction.lag.ms={most}, as records would have "
            f"to be compacted before they may; set it to at most {most}")


TOPIC = Table("topic", [
    Setting("segment.bytes", INT, 1024**3,
            "A segment is closed before it would grow larger than this.", "log_config", 14),
    Setting("segment.ms", LONG, WEEK_MS,
            "A segment is closed when its records span more time than this.", "log_config", 1),
    Setting("segment.index.bytes", INT, 10 * 1024**2,
            "The room for a segment's offset index; when it is full, the segment is closed.", "log_config", 4),
    Setting("index.interval.bytes", INT, 4096,
            "An index entry is written each time this many bytes were appended.", "log_config", 0),
    Setting("retention.ms", LONG, WEEK_MS,
            "Whole segments older than this are deleted; -1 keeps them for ever.", "log_config", -1),
    Setting("retention.bytes", LONG, -1,
            "The oldest segments go when one partition is larger; -1 sets no limit.", "log_config", -1),
    Setting("max.message.bytes", INT, 1024**2 + 12,
            "The largest batch a leader takes, header included.", "log_config", 0),
    Setting("message.timestamp.type", CHOICE, "CreateTime",
            "Who stamps a record: its producer or the leader.", "log_config",
            choices=("CreateTime", "LogAppendTime")),
    Setting("message.timestamp.before.max.ms", LONG, LONG_MAX,
            "How far a producer's timestamp may lie in the past.", "log_config", 0),
    Setting("message.timestamp.after.max.ms", LONG, 3600_000,
            "How far a producer's timestamp may lie in the future.", "log_config", 0),
    Setting("cleanup.policy", LIST, "delete",
            "What happens to old records: delete, compact, or both.", "log_config", choices=("delete", "compact")),
    Setting("min.cleanable.dirty.ratio", DOUBLE, 0.5,
            "A log is compacted when more than this part of it is new since the last time.", "log_config", 0, 1),
    Setting("delete.retention.ms", LONG, 86_400_000,
            "A compaction keeps tombstones so long after the first one has seen them.", "log_config", 0),
    Setting("min.compaction.lag.ms", LONG, 0,
            "Records are not compacted before they are so old.", "log_config", 0),
    Setting("max.compaction.lag.ms", LONG, LONG_MAX,
            "Records that have waited so long are compacted whatever the ratio.", "log_config", 1),
    Setting("min.insync.replicas", INT, 1,
            "With fewer replicas in sync, acks=all is refused.", "partition", 1),
    Setting("unclean.leader.election.enable", BOOLEAN, False,
            "A replica that was not in sync may lead if no other is left, at the price of records.", "leader_changes"),
    Setting("flush.messages", LONG, LONG_MAX,
            "The log is flushed to disk after this many records.", "log_config", 1),
    Setting("confluent.placement.constraints", STRING, "",
            "Which racks get how many replicas and observers (JSON), and when observers are promoted.",
            "constrained_placement"),
], rules=(_lags_fit, readable("confluent.placement.constraints")))
"""Every setting a topic can have."""

TWINS = {
    "segment.bytes": "log.segment.bytes",
    "segment.ms": "log.roll.ms",
    "segment.index.bytes": "log.index.size.max.bytes",
    "index.interval.bytes": "log.index.interval.bytes",
    "retention.ms": "log.retention.ms",
    "retention.bytes": "log.retention.bytes",
    "max.message.bytes": "message.max.bytes",
    "message.timestamp.type": "log.message.timestamp.type",
    "message.timestamp.before.max.ms": "log.message.timestamp.before.max.ms",
    "message.timestamp.after.max.ms": "log.message.timestamp.after.max.ms",
    "cleanup.policy": "log.cleanup.policy",
    "min.cleanable.dirty.ratio": "log.cleaner.min.cleanable.ratio",
    "delete.retention.ms": "log.cleaner.delete.retention.ms",
    "min.compaction.lag.ms": "log.cleaner.min.compaction.lag.ms",
    "max.compaction.lag.ms": "log.cleaner.max.compaction.lag.ms",
    "min.insync.replicas": "min.insync.replicas",
    "unclean.leader.election.enable": "unclean.leader.election.enable",
    "flush.messages": "log.flush.interval.messages",
}
"""A topic's setting -> the broker's setting it falls back to."""


def topic_config(broker_config: Mapping, overrides: Mapping | None = None) -> Config:
    """The settings of one topic on a broker (or controller) with this config; wrong overrides: ConfigException."""
    fallbacks = {name: broker_config[twin] for name, twin in TWINS.items() if twin in broker_config}
    return Config(TOPIC, overrides, fallbacks)
