"""The settings of the controller quorum.

Promises     names, types and defaults are those of Kafka 4.3.
Stands for   org.apache.kafka.raft.QuorumConfig.
Left out     controller.quorum.append.linger.ms and metadata.max.idle.interval.ms: a fact is written and flushed at
             once, and an idle log stays as it is. Auto-join, snapshots.
Differs      who the voters are and where they stand (controller.quorum.voters, controller.quorum.bootstrap.servers) is
             not written in a file: the cluster tells its machines when it is built.
"""

from __future__ import annotations

from minikafka.protocol.settings import INT, Setting

QUORUM = [
    Setting("controller.quorum.election.timeout.ms", INT, 1000,
            "A voter that knows no leader, or stands for election, waits so long, and up to twice as long by chance.",
            "quorum_voter", 1),
    Setting("controller.quorum.fetch.timeout.ms", INT, 2000,
            "A voter that could not fetch for so long seeks another leader; a leader from whom no majority has fetched "
            "for one and a half times as long resigns.", "quorum_voter", 1),
    Setting("controller.quorum.election.backoff.max.ms", INT, 1000,
            "A candidate that has lost rests, by chance, at most so long before it stands again.", "quorum_voter", 1),
    Setting("controller.quorum.request.timeout.ms", INT, 2000,
            "How long a broker or a controller waits for an answer of a controller.", "broker", 1),
]  # fmt: skip
"""What a controller reads about its quorum."""
