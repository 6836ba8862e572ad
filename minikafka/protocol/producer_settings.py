"""The settings of a producer.

Promises     names, types and defaults are those of Kafka 4.3.
Stands for   org.apache.kafka.clients.producer.ProducerConfig.
Left out     compression, partitioner.class; interceptors are given as objects (`client/interceptors.py`).
Differs      which settings go together (acks and idempotence, the timeouts) is checked by the producer itself.
"""

from __future__ import annotations

from minikafka.protocol.client_settings import COMMON
from minikafka.protocol.settings import BOOLEAN, CHOICE, INT, INT_MAX, LONG, Setting, Table
from minikafka.protocol.transaction_settings import TRANSACTIONAL_PRODUCER

PRODUCER = Table("producer", [
    *COMMON,
    *TRANSACTIONAL_PRODUCER,
    Setting("acks", CHOICE, "all",
            "Who must have a record before it counts as written: nobody (0), the leader (1), all.", "sender",
            choices={"all": "all", "-1": "all", "0": "0", "1": "1"}),
    Setting("enable.idempotence", BOOLEAN, True,
            "The broker recognises a batch that was sent twice, and keeps the order.", "producer"),
    Setting("max.in.flight.requests.per.connection", INT, 5,
            "So many requests may wait for their answers on one connection.", "sender", 1),
    Setting("retries", INT, INT_MAX,
            "How often a batch is sent again after an error that may pass.", "sender", 0),
    Setting("delivery.timeout.ms", INT, 120_000,
            "A record that is not acknowledged so long after send() has failed.", "accumulator", 0),
    Setting("linger.ms", LONG, 5,
            "A batch waits so long for more records.", "accumulator", 0),
    Setting("batch.size", INT, 16_384,
            "A batch of this many bytes is full.", "accumulator", 0),
    Setting("buffer.memory", LONG, 33_554_432,
            "So many bytes may wait in the producer to be sent.", "accumulator", 0),
    Setting("max.request.size", INT, 1_048_576,
            "The largest record, and the largest request, in bytes.", "producer", 0),
    Setting("max.block.ms", LONG, 60_000,
            "send() waits at most so long for metadata or for memory.", "producer", 0),
    Setting("partitioner.adaptive.partitioning.enable", BOOLEAN, True,
            "Records without a key go more often to brokers that are quick.", "topic_lane"),
    Setting("partitioner.availability.timeout.ms", LONG, 0,
            "A broker that takes no batch for so long gets no records without a key; 0 switches this off.",
            "topic_lane", 0),
    Setting("partitioner.ignore.keys", BOOLEAN, False,
            "The key has no say in the choice of the partition.", "topic_lane"),
])
"""Every setting a producer can have."""
