"""Which settings go together, and what is switched off in silence."""

import pytest

from minikafka.client.producer_rules import producer_config
from minikafka.protocol.errors import ConfigException

IDEMPOTENCE = "enable.idempotence"


def test_the_defaults_are_safe():
    config = producer_config({})
    assert (config["acks"], config[IDEMPOTENCE], config["max.in.flight.requests.per.connection"]) == ("all", True, 5)


@pytest.mark.parametrize("overrides", [{"acks": "1"}, {"acks": "0"}, {"retries": 0}])
def test_idempotence_goes_off_in_silence_where_nobody_asked_for_it(overrides):
    assert producer_config(overrides)[IDEMPOTENCE] is False


@pytest.mark.parametrize(
    ("overrides", "remedy"),
    [
        ({"acks": "1", IDEMPOTENCE: True}, "acks=1 cannot be combined with enable.idempotence=True: set acks=all"),
        ({"acks": "0", IDEMPOTENCE: "true"}, "set acks=all"),
        ({"retries": 0, IDEMPOTENCE: True}, "set retries to 1 or more"),
        ({"max.in.flight.requests.per.connection": 6}, "set it to at most 5"),
        ({"max.in.flight.requests.per.connection": 6, IDEMPOTENCE: True}, "set it to at most 5"),
        ({"linger.ms": 1000, "delivery.timeout.ms": 30_000}, "set it to at least 31000"),
        ({"acks": "2"}, "choose one of all, -1, 0, 1"),
        ({"lingr.ms": 5}, "did you mean linger.ms?"),
        ({"batch.size": "big"}, "write a whole number"),
        ({"buffer.memory": -1}, "use at least 0"),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_remedy(overrides, remedy):
    with pytest.raises(ConfigException, match="INVALID_CONFIG") as refused:
        producer_config(overrides)
    assert remedy in str(refused.value)


def test_six_in_flight_are_fine_without_idempotence():
    config = producer_config({IDEMPOTENCE: False, "max.in.flight.requests.per.connection": 6})
    assert config["max.in.flight.requests.per.connection"] == 6


def test_a_delivery_timeout_that_nobody_set_grows_with_linger():
    assert producer_config({"linger.ms": 100_000})["delivery.timeout.ms"] == 130_000
