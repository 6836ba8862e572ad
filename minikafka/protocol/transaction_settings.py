"""The settings of transactions: on the broker that coordinates or leads, and in the producer.

Promises     names, types and defaults are those of Kafka 4.3.
Stands for   TransactionLogConfig, TransactionStateManagerConfig, and the transactional part of ProducerConfig.
Left out     transaction.state.log.load.buffer.size, transaction.two.phase.commit.enable.
Differs      a small cluster gets as many replicas of __transaction_state as it has brokers; Kafka would wait for more.
"""

from __future__ import annotations

from minikafka.protocol.settings import BOOLEAN, INT, STRING, Setting

TRANSACTION_COORDINATOR = [
    Setting("transaction.state.log.num.partitions", INT, 50,
            "Partitions of __transaction_state.", "transactions_topic", 1),
    Setting("transaction.state.log.replication.factor", INT, 3,
            "Replicas of __transaction_state.", "transactions_topic", 1),
    Setting("transaction.state.log.min.isr", INT, 2,
            "min.insync.replicas of __transaction_state.", "transactions_topic", 1),
    Setting("transaction.state.log.segment.bytes", INT, 100 * 1024**2,
            "segment.bytes of __transaction_state.", "transactions_topic", 14),
    Setting("confluent.transaction.state.log.placement.constraints", STRING, "",
            "The placement of __transaction_state.", "transactions_topic"),
    Setting("transaction.max.timeout.ms", INT, 900_000,
            "No producer may keep a transaction open for longer.", "transaction_rules", 1),
    Setting("transactional.id.expiration.ms", INT, 7 * 24 * 3600 * 1000,
            "A transactional id that nobody has used for so long is forgotten.", "transaction_coordinator", 1),
    Setting("transaction.abort.timed.out.transaction.cleanup.interval.ms", INT, 10_000,
            "How often the coordinator looks for transactions that were open for too long.", "broker", 1),
    Setting("transaction.remove.expired.transaction.cleanup.interval.ms", INT, 3_600_000,
            "How often the coordinator looks for transactional ids that nobody uses.", "broker", 1),
    Setting("transaction.partition.verification.enable", BOOLEAN, True,
            "A leader asks the coordinator before it takes the first batch of a transaction.", "transactions_topic"),
    Setting("request.timeout.ms", INT, 30_000,
            "How long a coordinator waits for its record to be replicated, and for another broker's answer.",
            "transaction_shard", 1),
]

TRANSACTIONAL_PRODUCER = [
    Setting("transactional.id", STRING, None,
            "The name under which a producer's transactions are known, also after it has started anew.", "producer"),
    Setting("transaction.timeout.ms", INT, 60_000,
            "A transaction that is open for longer is aborted.", "transaction_manager", 1),
]
