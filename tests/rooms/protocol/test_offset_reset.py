"""The values of auto.offset.reset."""

import pytest

from minikafka.protocol.client_requests import EARLIEST_TIMESTAMP, LATEST_TIMESTAMP
from minikafka.protocol.consumer_settings import CONSUMER
from minikafka.protocol.errors import ConfigException
from minikafka.protocol.offset_reset import duration_ms, timestamp_for
from minikafka.protocol.settings import Config


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("PT10S", 10_000),
        ("PT1H30M", 5_400_000),
        ("P2D", 172_800_000),
        ("P1DT0.25S", 86_400_250),
        ("pt5m", 300_000),
        ("PT0S", 0),
    ],
)
def test_durations(text, ms):
    assert duration_ms(text) == ms


@pytest.mark.parametrize("text", ["", "P", "PT", "10s", "P1Y", "PT1S ", "-PT1S", "PT-1S", "P1DT", "1D"])
def test_what_is_no_duration(text):
    assert duration_ms(text) is None


@pytest.mark.parametrize("policy", ["latest", "earliest", "none", "by_duration:PT10S"])
def test_what_is_understood(policy):
    assert Config(CONSUMER, {"auto.offset.reset": policy})["auto.offset.reset"] == policy


@pytest.mark.parametrize("policy", ["", "Latest", "by_duration", "by_duration:", "by_duration:-PT1S", "by_duration:5s"])
def test_what_is_refused(policy):
    with pytest.raises(ConfigException, match="auto.offset.reset=.* is not possible; choose one of latest, earliest"):
        Config(CONSUMER, {"auto.offset.reset": policy})


def test_times_to_ask_for():
    assert timestamp_for("earliest", 60_000_000) == EARLIEST_TIMESTAMP
    assert timestamp_for("latest", 60_000_000) == LATEST_TIMESTAMP
    assert timestamp_for("by_duration:PT10S", 60_000_000) == 50_000
    assert timestamp_for("by_duration:PT2M", 60_000_000) == 0
