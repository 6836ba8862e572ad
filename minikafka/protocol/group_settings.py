"""The settings of consumer groups: on the broker that coordinates, and in the consumer that is a member.

Promises     names, types and defaults are those of Kafka 4.3.
Stands for   GroupCoordinatorConfig, and the group's part of ConsumerConfig.
Left out     KIP-848, share and streams groups; offsets.topic.compression.codec, offsets.load.buffer.size.
Differs      a small cluster gets as many replicas of __consumer_offsets as it has brokers; Kafka would wait for more.
"""

from __future__ import annotations

from minikafka.protocol.settings import BOOLEAN, INT, LIST, LONG, STRING, Config, Setting

GROUP_COORDINATOR = [
    Setting(
        "group.min.session.timeout.ms", INT, 6000, "A member may not ask for a shorter session.", "group_coordinator", 1
    ),
    Setting(
        "group.max.session.timeout.ms",
        INT,
        1_800_000,
        "A member may not ask for a longer session.",
        "group_coordinator",
        1,
    ),
    Setting(
        "group.initial.rebalance.delay.ms",
        INT,
        3000,
        "An empty group waits so long for more members before its first generation.",
        "group_coordinator",
        0,
    ),
    Setting("group.max.size", INT, 2**31 - 1, "A group takes no more members than this.", "group_coordinator", 1),
    Setting(
        "offsets.topic.num.partitions",
        INT,
        50,
        "Partitions of __consumer_offsets; must not change once it exists.",
        "offsets_topic",
        1,
    ),
    Setting("offsets.topic.replication.factor", INT, 3, "Replicas of __consumer_offsets.", "offsets_topic", 1),
    Setting(
        "offsets.topic.segment.bytes",
        INT,
        100 * 1024**2,
        "Segment size of __consumer_offsets, kept small so that it is compacted and loaded fast.",
        "offsets_topic",
        1,
    ),
    Setting(
        "offsets.retention.minutes",
        INT,
        7 * 24 * 60,
        "Offsets of a group without members are kept so long.",
        "group_coordinator",
        1,
    ),
    Setting(
        "offsets.retention.check.interval.ms",
        LONG,
        600_000,
        "How often expired offsets are looked for.",
        "group_coordinator",
        1,
    ),
    Setting(
        "offset.metadata.max.bytes",
        INT,
        4096,
        "The note beside a committed offset may be so long.",
        "group_coordinator",
        0,
    ),
    Setting(
        "offsets.commit.timeout.ms",
        INT,
        5000,
        "A commit that is not replicated within this time gets COORDINATOR_NOT_AVAILABLE.",
        "group_coordinator",
        1,
    ),
]
"""In every server's table."""

COOPERATIVE_STICKY = "cooperative-sticky"
ASSIGNORS = ("range", "roundrobin", "sticky", COOPERATIVE_STICKY)
"""The names of the assignors, as they travel."""

GROUP_MEMBER = [
    Setting(
        "group.id",
        STRING,
        None,
        "The group that the consumer belongs to; needed to subscribe and to commit.",
        "consumer",
    ),
    Setting(
        "group.instance.id",
        STRING,
        None,
        "Makes the consumer a static member, which may restart without a rebalance.",
        "membership",
    ),
    Setting(
        "session.timeout.ms",
        INT,
        45_000,
        "The coordinator removes a member that it has not heard for so long.",
        "membership",
        1,
    ),
    Setting(
        "heartbeat.interval.ms", INT, 3000, "How often a member tells the coordinator that it lives.", "heartbeats", 1
    ),
    Setting(
        "max.poll.interval.ms",
        INT,
        300_000,
        "A member that does not poll for so long leaves; a rebalance waits so long for everybody.",
        "membership",
        1,
    ),
    Setting(
        "partition.assignment.strategy",
        LIST,
        ("range", "cooperative-sticky"),
        "How partitions are shared out, the preferred way first.",
        "subscription",
        choices=ASSIGNORS,
    ),
    Setting(
        "enable.auto.commit",
        BOOLEAN,
        True,
        "Positions are committed from time to time while the consumer polls.",
        "offset_commits",
    ),
    Setting("auto.commit.interval.ms", INT, 5000, "How often.", "offset_commits", 0),
    Setting("exclude.internal.topics", BOOLEAN, True, "A pattern does not match Kafka's own topics.", "subscription"),
]
"""In the consumer's table."""


def a_session_outlasts_its_heartbeats(config: Config) -> str | None:
    """A member must have a chance to be heard."""
    beat, session = config["heartbeat.interval.ms"], config["session.timeout.ms"]
    if beat < session:
        return None
    return (
        f"heartbeat.interval.ms={beat} is not possible with session.timeout.ms={session}: a member would be "
        f"given up between two heartbeats; use about a third, {max(1, session // 3)}"
    )


def a_group_is_named_or_not(config: Config) -> str | None:
    """An empty name is no name."""
    for name in ("group.id", "group.instance.id"):
        if config[name] == "":
            return f"{name}='' is not possible; leave it out, or write a name"
    return None


GROUP_MEMBER_RULES = (a_session_outlasts_its_heartbeats, a_group_is_named_or_not)
"""What must go together in a consumer's settings."""


def sessions_are_possible(config: Config) -> str | None:
    """The shortest session is not longer than the longest."""
    least, most = config["group.min.session.timeout.ms"], config["group.max.session.timeout.ms"]
    if least <= most:
        return None
    return (
        f"group.min.session.timeout.ms={least} is not possible with group.max.session.timeout.ms={most}; "
        "set the minimum below the maximum"
    )
