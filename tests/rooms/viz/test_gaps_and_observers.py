"""On the strips: what compaction has taken, and who only observes."""

import pytest
from watched import compacted, observed

from minikafka.log.gaps import gaps_in
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.records import rows_of
from minikafka.viz.scene import Scene
from minikafka.viz.stage import Stage

GATES = TopicPartition("gates", 0)
@pytest.fixture(scope="module")
def swept():
    return compacted()


def missing(log):
    """The offsets below the log's end of which there is no record."""
    there = [header.base_offset + row[0] for segment in log.segments for header in segment.headers
             for row in rows_of(segment.content(), header)]  # fmt: skip
    return [offset for offset in range(log.log_start_offset, log.log_end_offset) if offset not in there]


def test_gaps_are_what_is_not_in_the_log(swept):
    scene = Scene(swept)
    state = scene.state_at(len(scene.moments) - 1)
    for handle in swept.clusters["primary"].brokers.values():
        log = handle.broker.partitions[GATES].log
        gaps = state["replica", handle.name, GATES]["gaps"]
        assert [offset for first, last in gaps for offset in range(first, last + 1)] == missing(log) != []
        for segment in log.segments:
            assert all(first <= last for first, last in gaps_in(segment, segment.next_offset))


def test_a_gap_is_a_hole_in_the_picture(swept):
    assert Stage(swept).svg().count('stroke-dasharray="1 3"') > 4
    assert any(entry.kind == "SegmentsCompacted" and entry.event.gone for entry in swept.recorder.trace)


def test_an_observer_is_called_one():
    stage = Stage(observed())
    (observer,) = [row for row in stage.table().rows if row[2] == "observer"]
    assert observer[0] == "primary/b3" and observer[-1] == "out of sync"
    assert "◇ observer e0" in stage.svg()
