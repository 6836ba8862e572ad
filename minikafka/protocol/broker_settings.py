"""The settings of a broker and of the controller: one table, as both are started from the same server.properties.

Promises     names, types and defaults are those of Kafka 4.3.
Stands for   kafka.server.KafkaConfig and the classes in org.apache.kafka.server.config.
Left out     threads, quotas; the *.hours and *.minutes twins of the *.ms settings.
Differs      the settings that a topic falls back to have the bounds of the topic's own.
"""

from __future__ import annotations

from minikafka.protocol.group_settings import GROUP_COORDINATOR, sessions_are_possible
from minikafka.protocol.placement_constraints import readable
from minikafka.protocol.quorum_settings import QUORUM
from minikafka.protocol.security_settings import (
    BROKER_SECURITY,
    mechanisms_can_be_checked,
    super_users_are_principals,
)
from minikafka.protocol.settings import BOOLEAN, CHOICE, INT, LONG, STRING, Config, Setting, Table
from minikafka.protocol.topic_settings import TOPIC, TWINS
from minikafka.protocol.transaction_settings import TRANSACTION_COORDINATOR

LEADER_SELECTOR = "org.apache.kafka.common.replica.LeaderSelector"
RACK_AWARE_SELECTOR = "org.apache.kafka.common.replica.RackAwareReplicaSelector"

_LIFE = [
    Setting("broker.rack", STRING, None,
            "Where the broker stands; replicas of a partition are spread over racks.", "broker"),
    Setting("broker.heartbeat.interval.ms", INT, 2000,
            "How often a broker tells the controller that it lives.", "broker", 1),
    Setting("broker.session.timeout.ms", INT, 9000,
            "A broker that was silent for so long is fenced.", "controller", 1),
    Setting("initial.broker.registration.timeout.ms", INT, 60_000,
            "A broker that could not register for so long gives up.", "broker", 1),
    Setting("controlled.shutdown.enable", BOOLEAN, True,
            "A broker that stops hands over its leaderships first.", "broker"),
]

_REPLICATION = [
    Setting("replica.fetch.wait.max.ms", INT, 500,
            "A follower's fetch is answered after so long even without news.", "follower", 0),
    Setting("replica.fetch.min.bytes", INT, 1,
            "A follower's fetch waits for at least this many bytes.", "follower", 0),
    Setting("replica.fetch.max.bytes", INT, 1024**2,
            "A follower asks for so many bytes of one partition.", "follower", 0),
    Setting("replica.fetch.response.max.bytes", INT, 10 * 1024**2,
            "A follower asks for so many bytes in all.", "follower", 0),
    Setting("replica.fetch.backoff.ms", INT, 1000,
            "A follower rests so long after an error.", "follower", 0),
    Setting("replica.socket.timeout.ms", INT, 30_000,
            "A follower waits so long for its leader's answer.", "follower", 1),
    Setting("replica.lag.time.max.ms", LONG, 30_000,
            "A follower that was not caught up for so long leaves the ISR.", "isr_keeper", 1),
    Setting("replica.high.watermark.checkpoint.interval.ms", LONG, 5000,
            "How often the high watermarks are written to disk.", "broker", 1),
    Setting("fetch.max.bytes", INT, 55 * 1024**2,
            "The broker puts no more than this into one answer to a fetch.", "fetch", 1024),
    Setting("replica.selector.class", CHOICE, None,
            "How the leader chooses the replica that a consumer with a client.rack reads from; none: always itself.",
            "broker", choices=(LEADER_SELECTOR, RACK_AWARE_SELECTOR)),
    Setting("max.incremental.fetch.session.cache.slots", INT, 1000,
            "So many fetch sessions are kept; further readers send full fetches.", "fetch_session", 0),
]

_STORAGE = [
    Setting("log.flush.offset.checkpoint.interval.ms", INT, 60_000,
            "How often the recovery points are written to disk.", "broker", 1),
    Setting("log.flush.start.offset.checkpoint.interval.ms", INT, 60_000,
            "How often the log start offsets are written to disk.", "broker", 1),
    Setting("log.retention.check.interval.ms", LONG, 300_000,
            "How often old segments are looked for.", "broker", 1),
    Setting("log.cleaner.backoff.ms", LONG, 15_000,
            "When nothing is to be compacted, the cleaner looks again after so long.", "log_cleaner", 1),
    Setting("log.initial.task.delay.ms", LONG, 30_000,
            "The tasks of the log begin so long after the start.", "broker", 0),
    Setting("producer.id.expiration.ms", INT, 86_400_000,
            "A producer id that has not written for so long is forgotten.", "broker", 1),
]

_TOPICS = [
    Setting("num.partitions", INT, 1,
            "Partitions of a topic whose creator names no number.", "topic_admin", 1),
    Setting("default.replication.factor", INT, 1,
            "Replicas of a partition whose creator names no number.", "topic_admin", 1),
    Setting("delete.topic.enable", BOOLEAN, True,
            "Topics may be deleted.", "topic_admin"),
    Setting("auto.leader.rebalance.enable", BOOLEAN, True,
            "Leadership returns to the preferred replicas by itself.", "controller"),
    Setting("leader.imbalance.check.interval.seconds", LONG, 300,
            "How often the controller looks for leaders that are not the preferred replica.", "controller", 1),
]

_PLACEMENT = [
    Setting("confluent.log.placement.constraints", STRING, "",
            "The placement of topics that are made without a placement, a replication factor or an assignment.",
            "topic_admin"),
    Setting("confluent.offsets.topic.placement.constraints", STRING, "",
            "The placement of __consumer_offsets.", "offsets_topic"),
    Setting("inter.broker.protocol.version", STRING, "4.1",
            "From 3.3 on a rack may have sync replicas and observers of the same partition.", "constrained_placement"),
]

_TOPIC_FALLBACKS = [TOPIC[name]._replace(name=twin) for name, twin in TWINS.items()]


DYNAMIC = (*TWINS.values(), "producer.id.expiration.ms", "log.cleaner.backoff.ms")
"""What may be set while a broker runs, for it alone or for all."""


def _a_fetch_ends_before(limit: str, why: str) -> object:
    def rule(config: Config) -> str | None:
        wait = config["replica.fetch.wait.max.ms"]
        if wait <= config[limit]:
            return None
        return (f"replica.fetch.wait.max.ms={wait} is not possible with {limit}={config[limit]}, {why}; "
                f"set replica.fetch.wait.max.ms to at most {config[limit]}")
    return rule


_ALL = [*_LIFE, *QUORUM, *_REPLICATION, *_STORAGE, *_TOPICS, *_PLACEMENT, *GROUP_COORDINATOR, *BROKER_SECURITY,
        *TRANSACTION_COORDINATOR, *_TOPIC_FALLBACKS]  # fmt: skip

BROKER = Table("broker", _ALL, rules=(
    _a_fetch_ends_before("replica.socket.timeout.ms", "or idle fetches would time out"),
    _a_fetch_ends_before("replica.lag.time.max.ms", "or the ISR would shrink while nothing happens"),
    sessions_are_possible,
    readable("confluent.log.placement.constraints"),
    readable("confluent.offsets.topic.placement.constraints"),
    readable("confluent.transaction.state.log.placement.constraints"),
    mechanisms_can_be_checked,
    super_users_are_principals,
))
"""Every setting a server can have."""

CONTROLLER = BROKER
"""The controller reads the same table; `read_by` says which role uses a setting."""
