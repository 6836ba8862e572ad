"""Names and defaults of settings, beside those of Apache Kafka 4.3.1 (`defaults.json`: what its ConfigDefs say)."""

import json
from pathlib import Path

import pytest

from minikafka.protocol.admin_settings import ADMIN
from minikafka.protocol.broker_settings import BROKER
from minikafka.protocol.consumer_settings import CONSUMER
from minikafka.protocol.producer_settings import PRODUCER
from minikafka.protocol.topic_settings import TOPIC

TABLES = {"admin": ADMIN, "broker": BROKER, "consumer": CONSUMER, "producer": PRODUCER, "topic": TOPIC}
KAFKA = json.loads((Path(__file__).parent / "defaults.json").read_text(encoding="utf-8"))
NOT_IN_KAFKA = {
    "sasl.username": "librdkafka's name; in Java a part of sasl.jaas.config",
    "sasl.password": "librdkafka's name; in Java a part of sasl.jaas.config",
    "super.users": "the authorizer's own",
    "allow.everyone.if.no.acl.found": "the authorizer's own",
    "inter.broker.protocol.version": "Confluent's placement rules speak of it; Kafka 4 has metadata.version",
    "confluent.placement.constraints": "Confluent's",
    "confluent.log.placement.constraints": "Confluent's",
    "confluent.offsets.topic.placement.constraints": "Confluent's",
    "confluent.transaction.state.log.placement.constraints": "Confluent's",
}
OUR_OWN = {
    "log.roll.ms": "in Kafka the default is log.roll.hours, as long",
    "log.retention.ms": "in Kafka the default is log.retention.hours, as long",
    "partition.assignment.strategy": "by their names, where Kafka has classes",
}


@pytest.mark.parametrize("table", TABLES)
def test_every_setting_has_kafkas_name_and_default(table):
    for name in TABLES[table]:
        if name in NOT_IN_KAFKA:
            assert name not in KAFKA[table]
            continue
        ours, kafkas = TABLES[table][name].default, KAFKA[table][name]
        if isinstance(kafkas, list):
            ours, kafkas = ",".join([ours] if isinstance(ours, str) else ours), ",".join(kafkas)
        same = str(ours) == str(kafkas) or (ours in (None, "") and kafkas in (None, ""))
        assert same == (name not in OUR_OWN), name
