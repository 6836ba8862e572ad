"""What Kafka's documents say of transactions, a sentence each."""

import pytest

from minikafka.client.producer_rules import producer_config
from minikafka.coordinator import transaction_rules as rules
from minikafka.coordinator import transaction_state as states
from minikafka.coordinator.group_partition import partition_for
from minikafka.coordinator.transaction_state import Transaction
from minikafka.protocol.broker_settings import BROKER
from minikafka.protocol.consumer_settings import CONSUMER
from minikafka.protocol.errors import ConfigException, Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.settings import Config

F0 = TopicPartition("flights", 0)
ONGOING = Transaction("booking", 7, 3, 60_000, states.ONGOING, (F0,), 0, 0)


def test_a_transaction_lasts_a_minute_at_most_and_no_broker_allows_more_than_a_quarter_of_an_hour():
    """Producer configs, transaction.timeout.ms; broker configs, transaction.max.timeout.ms."""
    assert producer_config({})["transaction.timeout.ms"] == 60_000
    assert Config(BROKER)["transaction.max.timeout.ms"] == 900_000
    with pytest.raises(KafkaError) as refused:
        rules.check_new("booking", 900_001, Config(BROKER))
    assert refused.value.error == Error.INVALID_TRANSACTION_TIMEOUT


def test_the_log_of_transactions():
    """Broker configs, transaction.state.log.*: 50 partitions, three replicas, two of them in sync."""
    config = Config(BROKER)
    assert config["transaction.state.log.num.partitions"] == 50
    assert config["transaction.state.log.replication.factor"] == 3
    assert config["transaction.state.log.min.isr"] == 2
    assert config["transactional.id.expiration.ms"] == 7 * 24 * 3600 * 1000
    assert config["transaction.abort.timed.out.transaction.cleanup.interval.ms"] == 10_000
    assert config["transaction.partition.verification.enable"] is True


def test_the_coordinator_follows_from_the_name():
    """KIP-98: the transactional id is hashed to a partition of the transaction log."""
    assert partition_for("booking", 50) == partition_for("booking", 50) in range(50)


def test_a_transactional_id_needs_idempotence():
    """Producer configs, transactional.id: it implies enable.idempotence."""
    assert producer_config({"transactional.id": "booking"})["enable.idempotence"] is True
    with pytest.raises(ConfigException):
        producer_config({"transactional.id": "booking", "enable.idempotence": False})


def test_by_default_consumers_read_uncommitted_records():
    """Consumer configs, isolation.level."""
    assert Config(CONSUMER)["isolation.level"] == "read_uncommitted"


def test_the_epoch_rises_with_every_end():
    """KIP-890, part 2: EndTxn returns a new epoch."""
    for commit in (True, False):
        assert rules.ended(ONGOING, "booking", (7, 3), commit, -1, 1).identity == (7, 4)


def test_a_repeated_end_is_recognised_and_another_outcome_is_not():
    """KIP-890: a retry is known by the last epoch; the opposite outcome is INVALID_TXN_STATE."""
    done = rules.completed(rules.ended(ONGOING, "booking", (7, 3), True, -1, 1), 2)
    assert rules.ended(done, "booking", (7, 3), True, -1, 3) is None
    with pytest.raises(KafkaError) as refused:
        rules.ended(done, "booking", (7, 3), False, -1, 3)
    assert refused.value.error == Error.INVALID_TXN_STATE


def test_the_old_instance_is_fenced():
    """KIP-98: after initTransactions of a new producer the old one gets PRODUCER_FENCED."""
    after = rules.initialised(ONGOING, "booking", 60_000, -1, 1)
    with pytest.raises(KafkaError) as refused:
        rules.with_partitions(after, "booking", (7, 3), [F0], 2)
    assert refused.value.error == Error.PRODUCER_FENCED
