"""Epochs are compared before anything is believed."""

import pytest

from minikafka.broker import fencing
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition

FLIGHTS = TopicPartition("flights", 0)


@pytest.mark.parametrize(("own", "given", "error"), [
    (3, 3, None),
    (3, -1, None),
    (3, 2, Error.FENCED_LEADER_EPOCH),
    (3, 4, Error.UNKNOWN_LEADER_EPOCH),
])
def test_leader_epochs(own, given, error):
    if error is None:
        fencing.check_leader_epoch(FLIGHTS, own, given)
        return
    with pytest.raises(KafkaError) as refusal:
        fencing.check_leader_epoch(FLIGHTS, own, given)
    assert refusal.value.error == error
    assert "flights-0" in str(refusal.value)


def test_broker_epochs():
    fencing.check_broker_epoch(FLIGHTS, 2, 10, 10)
    fencing.check_broker_epoch(FLIGHTS, 2, -1, 10)
    fencing.check_broker_epoch(FLIGHTS, 2, 11, 10)
    with pytest.raises(KafkaError) as refusal:
        fencing.check_broker_epoch(FLIGHTS, 2, 9, 10)
    assert refusal.value.error == Error.NOT_LEADER_OR_FOLLOWER


def test_who_leads_instead():
    assert "broker 2 does, since epoch 5" in str(fencing.not_leader(FLIGHTS, 1, 2, 5))
    assert "nobody does, since epoch 5" in str(fencing.not_leader(FLIGHTS, 1, -1, 5))
