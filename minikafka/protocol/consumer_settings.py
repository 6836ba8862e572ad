"""The settings of a consumer.

Promises     names, types and defaults are those of Kafka 4.3.
Stands for   org.apache.kafka.clients.consumer.ConsumerConfig.
Left out     group.protocol=consumer.
Differs      nothing.
"""

from __future__ import annotations

from minikafka.protocol.client_settings import API_TIMEOUT, COMMON
from minikafka.protocol.group_settings import GROUP_MEMBER, GROUP_MEMBER_RULES
from minikafka.protocol.offset_reset import require_understood
from minikafka.protocol.settings import BOOLEAN, CHOICE, INT, STRING, Setting, Table

CONSUMER = Table("consumer", [
    *COMMON,
    API_TIMEOUT,
    *GROUP_MEMBER,
    Setting("auto.offset.reset", STRING, "latest",
            "Where to read when there is no position, or the position is not in the log: latest, earliest, none, or "
            "so far back as by_duration:PT30M says.", "positions"),
    Setting("max.poll.records", INT, 500,
            "poll() returns at most so many records.", "consumer", 1),
    Setting("fetch.min.bytes", INT, 1,
            "A fetch waits at the broker for at least this many bytes.", "fetching", 0),
    Setting("fetch.max.wait.ms", INT, 500,
            "A fetch is answered after so long even with less.", "fetching", 0),
    Setting("fetch.max.bytes", INT, 50 * 1024**2,
            "A fetch returns about so many bytes at most.", "fetching", 0),
    Setting("max.partition.fetch.bytes", INT, 1024**2,
            "A fetch returns about so many bytes of one partition at most.", "fetching", 0),
    Setting("isolation.level", CHOICE, "read_uncommitted",
            "Whether records of open transactions are seen.", "fetching",
            choices=("read_uncommitted", "read_committed")),
    Setting("client.rack", STRING, "",
            "Where the consumer stands: it may read from a replica in this rack (KIP-392).", "fetching"),
    Setting("check.crcs", BOOLEAN, True,
            "The CRC of every batch is checked on arrival.", "fetching"),
], rules=(*GROUP_MEMBER_RULES, require_understood))
"""Every setting a consumer can have."""
