"""minikafka: a complete, readable mini-Kafka that can be run, broken and replayed.

    from minikafka import World

    world = World(seed=7)
    primary = world.cluster("primary", brokers=3)
    primary.create_topic("flights", partitions=1, replication_factor=3)
"""

from minikafka.deploy.kafka_world import World
from minikafka.deploy.workload import Arrivals, Departures
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition

__all__ = ["Arrivals", "Departures", "Error", "KafkaError", "TopicPartition", "World"]
