"""What a client knows of the cluster, and how it gets newer and never older."""

import pytest
from scripted import FLIGHTS, MS, SILENCE, Scripted

from minikafka.client.bootstrap import Leader, Metadata
from minikafka.protocol.client_requests import MetadataRequest
from minikafka.protocol.consumer_settings import CONSUMER
from minikafka.protocol.errors import Error
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.settings import Config


@pytest.fixture
def know():
    def know(scripted, **settings):
        names = {name.replace("_", "."): value for name, value in settings.items()}
        return Metadata(scripted.client, scripted.bootstrap, Config(CONSUMER, names), "test", lambda: None)

    return know


def test_nothing_is_known_before_it_is_wanted(know, scripted):
    metadata = know(scripted)
    scripted.world.run_for("10s")
    assert metadata.leader(FLIGHTS) is None and scripted.heard == []
    metadata.want("flights")
    scripted.world.run_for("10ms")
    assert metadata.leader(FLIGHTS) == Leader(1, 0)
    assert metadata.node_of(FLIGHTS).address == "b1"
    assert metadata.leader(TopicPartition("flights", 5)) is None


def test_an_older_epoch_is_not_believed(know, scripted):
    metadata = know(scripted)
    scripted.leaders[FLIGHTS] = (2, 5)
    metadata.want("flights")
    scripted.world.run_for("1s")
    scripted.leaders[FLIGHTS] = (1, 4)
    metadata.request_update()
    scripted.world.run_for("1s")
    assert metadata.leader(FLIGHTS) == Leader(2, 5)
    scripted.leaders[FLIGHTS] = (1, 6)
    metadata.request_update()
    scripted.world.run_for("1s")
    assert metadata.leader(FLIGHTS) == Leader(1, 6)


def test_a_topic_made_anew_starts_from_epoch_0(know, scripted):
    metadata = know(scripted)
    scripted.leaders[FLIGHTS] = (2, 5)
    metadata.want("flights")
    scripted.world.run_for("1s")
    scripted.topics["flights"], scripted.leaders[FLIGHTS] = "another id", (1, 0)
    metadata.request_update()
    scripted.world.run_for("1s")
    assert metadata.leader(FLIGHTS) == Leader(1, 0)


def test_a_broker_that_does_not_know_the_topic_takes_the_leader_away_but_not_the_epoch(know, scripted):
    metadata = know(scripted)
    scripted.leaders[FLIGHTS] = (2, 5)
    metadata.want("flights")
    scripted.world.run_for("1s")
    topic_id = scripted.topics.pop("flights")
    metadata.request_update()
    scripted.world.run_for("1s")
    assert metadata.leader(FLIGHTS) is None
    assert metadata.topic("flights").error == Error.UNKNOWN_TOPIC_OR_PARTITION
    assert metadata.topic("flights").partitions == 0
    scripted.topics["flights"], scripted.leaders[FLIGHTS] = topic_id, (1, 4)
    metadata.request_update()
    scripted.world.run_for("1s")
    assert metadata.leader(FLIGHTS) is None


def test_a_hint_counts_if_it_is_newer_and_names_a_known_broker(know, scripted):
    metadata = know(scripted)
    metadata.want("flights")
    scripted.world.run_for("1s")
    assert not metadata.hint(FLIGHTS, 9, 3)
    assert not metadata.hint(FLIGHTS, 2, 0)
    assert not metadata.hint(TopicPartition("flights", 7), 2, 3)
    assert metadata.hint(FLIGHTS, 2, 3)
    assert metadata.leader(FLIGHTS) == Leader(2, 3)


def test_while_nothing_changes_the_rests_grow(know, scripted):
    metadata = know(scripted)
    metadata.want("nowhere")
    asked_at = []
    for _ in range(1000):
        scripted.world.run_for("10ms")
        metadata.request_update()
        while len(asked_at) < len(scripted.heard):
            asked_at.append(scripted.world.now // MS)
    assert 10 <= len(asked_at) <= 18
    assert asked_at[-1] - asked_at[-2] >= 790


def test_brokers_that_do_not_answer_are_left_for_others(know):
    scripted = Scripted(brokers=3)
    for broker in ("b1", "b2"):
        scripted.world.faults.crash(broker)
    metadata = know(scripted)
    metadata.want("flights")
    scripted.world.run_for("2s")
    assert metadata.topic("flights").partitions == 1


def test_silence_costs_a_request_timeout(know):
    scripted = Scripted(brokers=1)
    scripted.next_answers(MetadataRequest, SILENCE)
    metadata = know(scripted, request_timeout_ms=2000)
    metadata.want("flights")
    scripted.world.run_for("1900ms")
    assert metadata.topic("flights") is None
    scripted.world.run_for("1s")
    assert metadata.leader(FLIGHTS) == Leader(1, 0)


def test_forgotten_topics_are_not_asked_for(know, scripted):
    scripted.add("arrivals", 1)
    metadata = know(scripted)
    metadata.want("flights", "arrivals")
    scripted.world.run_for("1s")
    metadata.want_only(["arrivals"])
    metadata.request_update()
    scripted.world.run_for("1s")
    assert scripted.asked(MetadataRequest)[-1].topics == ("arrivals",)
    assert metadata.leader(FLIGHTS) is None


def test_the_least_loaded_broker_is_connected_and_idle(know, scripted):
    metadata = know(scripted)
    nodes = metadata.nodes
    scripted.next_answers(MetadataRequest, SILENCE)
    stuck = scripted.client.spawn(nodes.at("b1").ask(MetadataRequest([]), 60_000_000))
    scripted.finish(nodes.at("b2").ask(MetadataRequest([]), 1_000_000))
    assert [nodes.least_loaded().address for _ in range(5)] == ["b2"] * 5
    scripted.world.faults.crash("b2")
    scripted.world.run_for("10ms")
    assert nodes.least_loaded().address == "b1"
    stuck.cancel()
