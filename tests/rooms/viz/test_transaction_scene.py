"""How far a log is stable, in the scene."""

import pytest
import watched

from minikafka.protocol.names import TopicPartition
from minikafka.viz.scene import Scene

FLIGHTS = TopicPartition("flights", 0)


@pytest.fixture(scope="module")
def booked():
    return watched.booked()


@pytest.mark.parametrize("time", range(200_000, 6_000_001, 400_000))
def test_the_scene_is_what_the_logs_are(booked, time):
    then = booked.rewind(min(time, booked.now))
    scene = Scene(then)
    state = scene.state_at(len(scene.moments) - 1)
    for handle in then.clusters["primary"].brokers.values():
        partition = handle.broker.partitions.get(FLIGHTS)
        if partition is not None:
            told, log = state["replica", handle.name, FLIGHTS], partition.log
            stable = told.get("stable")
            assert (told["high_watermark"] if stable is None else stable) == log.last_stable_offset


def test_it_differs_for_a_while(booked):
    changes = [change.value for change in Scene(booked).fold.changes if change.field == "stable"]
    assert 0 in changes and changes[-1] is None
