"""The judgments about groups find nothing where all is well, and name what is not: each with what is right beside
what is wrong."""

from __future__ import annotations

import pytest
from group_lies import a_group
from small_world import TP, SmallWorld

from minikafka.coordinator.group_partition import OFFSETS_TOPIC, partition_for
from minikafka.events.clients import PositionReset, RecordsPolled
from minikafka.events.groups import OffsetsCommitted, OffsetsTold, OffsetsWritten, PartitionsAssigned
from minikafka.laws import group_judgments as judgments
from minikafka.laws.group_laws import NoPartitionHasTwoOwnersInAGeneration
from minikafka.protocol.names import TopicPartition


@pytest.fixture
def small():
    """A small world in which a group has a coordinator; the tales below are of another group, "tale"."""
    small = SmallWorld(NoPartitionHasTwoOwnersInAGeneration())
    small.coordinator = a_group(small)
    small.ends = 100
    return small


def takes(small, client, generation=1):
    small.tell(f"primary/{client}", PartitionsAssigned("tale", generation, client, (TP,), (TP,), client))


def begins(small, client, at, why="group tale has committed it"):
    small.tell(f"primary/{client}", PositionReset(TP, -1, at, why, client))


def reads(small, client, first, last):
    small.tell(f"primary/{client}", RecordsPolled(TP, first, last, last - first + 1, 5, client))


def commits(small, client, offset, generation=1):
    small.ends += 1
    what = ("tale", client, generation, ((TP, offset),), small.ends)
    small.tell(small.coordinator, OffsetsWritten(*what), OffsetsCommitted(*what))


def said(small, judgment):
    return [(finding.anomaly, finding.where) for finding in small.world.judge(judgment)]


def everything(small):
    return [finding.anomaly for finding in small.world.judge(*judgments.GROUP_JUDGMENTS)]


def a_good_tale(small):
    takes(small, "a")
    reads(small, "a", 0, 2)
    commits(small, "a", 3)
    takes(small, "b", 2)
    begins(small, "b", 3)
    reads(small, "b", 3, 4)
    commits(small, "b", 5, 2)


def test_all_is_well(small):
    a_good_tale(small)
    assert everything(small) == []


def test_what_was_not_committed_may_be_read_again_by_the_next_owner(small):
    takes(small, "a")
    reads(small, "a", 0, 4)
    commits(small, "a", 3)
    takes(small, "b", 2)
    begins(small, "b", 3)
    reads(small, "b", 3, 4)
    assert everything(small) == []


def test_lost(small):
    takes(small, "a")
    reads(small, "a", 0, 1)
    reads(small, "a", 3, 3)
    commits(small, "a", 5)
    assert said(small, judgments.group_lost) == [("lost", "flights-0"), ("lost", "flights-0")]


def test_an_offset_without_a_record_is_nobodys_loss(small):
    """As where a transaction was marked as committed, or a record was compacted away."""
    takes(small, "a")
    reads(small, "a", 0, 4)
    reads(small, "a", 8, 9)
    commits(small, "a", 10)
    assert everything(small) == []


def test_nothing_is_lost_above_what_is_committed(small):
    takes(small, "a")
    reads(small, "a", 0, 1)
    commits(small, "a", 2)
    assert said(small, judgments.group_lost) == []


def test_duplicated(small):
    takes(small, "a")
    reads(small, "a", 0, 3)
    reads(small, "a", 2, 4)
    assert said(small, judgments.group_duplicated) == [("duplicated", "flights-0")]


def test_read_again_after_a_seek_is_not_duplicated(small):
    takes(small, "a")
    reads(small, "a", 0, 3)
    small.tell("primary/a", PositionReset(TP, 4, 0, "asked to seek there", "a"))
    reads(small, "a", 0, 3)
    assert everything(small) == []


def test_reordered(small):
    takes(small, "a")
    reads(small, "a", 0, 0)
    reads(small, "a", 3, 4)
    takes(small, "b", 2)
    reads(small, "b", 1, 2)
    assert said(small, judgments.group_reordered) == [("reordered", "flights-0")]


def test_whoever_takes_up_after_a_seek_is_not_out_of_order(small):
    takes(small, "a")
    reads(small, "a", 0, 2)
    commits(small, "a", 2)
    small.tell("primary/a", PositionReset(TP, 3, 30, "asked to seek there", "a"))
    reads(small, "a", 30, 31)
    takes(small, "b", 2)
    begins(small, "b", 2)
    reads(small, "b", 2, 4)
    assert everything(small) == []


def test_nothing_is_held_against_a_group_whose_commits_may_be_lost(small):
    takes(small, "a")
    reads(small, "a", 3, 4)
    takes(small, "b", 2)
    reads(small, "b", 0, 2)
    assert said(small, judgments.group_reordered) == [("reordered", "flights-0")]
    small.sight.history(small.coordinator, TopicPartition(OFFSETS_TOPIC, partition_for("tale", 50))).give_up("a lie")
    assert said(small, judgments.group_reordered) == []


def test_who_begins_at_the_end_loses_nothing(small):
    """auto.offset.reset=latest: what came before is not read, by order."""
    takes(small, "a")
    begins(small, "a", 2, "latest, because its group has committed nothing")
    reads(small, "a", 2, 2)
    takes(small, "b", 2)
    begins(small, "b", 4, "latest, because its group has committed nothing")
    reads(small, "b", 4, 4)
    commits(small, "b", 5, 2)
    assert everything(small) == []


def test_skipped(small):
    takes(small, "a")
    reads(small, "a", 0, 1)
    commits(small, "a", 2)
    takes(small, "b", 2)
    begins(small, "b", 4)
    assert said(small, judgments.group_skipped) == [("skipped", "flights-0")]
    assert said(small, judgments.group_rewound) == []


def test_whoever_begins_at_a_commit_whose_answer_is_not_there_yet_skips_nothing(small):
    takes(small, "a")
    reads(small, "a", 0, 3)
    commits(small, "a", 2)
    small.tell(small.coordinator, OffsetsWritten("tale", "a", 1, ((TP, 4),), small.ends + 1))
    takes(small, "b", 2)
    begins(small, "b", 4)
    reads(small, "b", 4, 4)
    assert everything(small) == []


def test_rewound_by_a_new_owner(small):
    takes(small, "a")
    reads(small, "a", 0, 3)
    commits(small, "a", 4)
    takes(small, "b", 2)
    begins(small, "b", 1)
    assert said(small, judgments.group_rewound) == [("rewound", "flights-0")]
    assert said(small, judgments.group_skipped) == []


@pytest.mark.parametrize("told, findings", [(1, []), (0, ["rewound"])])
def test_an_answer_may_be_overtaken_by_a_commit(small, told, findings):
    """Whoever was frozen while it came begins where it says (storm 1755); so does who asks a coordinator that has not
    heard yet that it was replaced (storm 1633)."""
    takes(small, "a")
    reads(small, "a", 0, 3)
    commits(small, "a", 1)
    small.tell(small.coordinator, OffsetsTold("tale", 0, 0, ((TP, told),)))
    commits(small, "a", 4)
    takes(small, "b", 2)
    begins(small, "b", 1)
    assert [anomaly for anomaly, _ in said(small, judgments.group_rewound)] == findings


def test_where_the_log_was_cut_a_new_owner_may_begin_below(small):
    takes(small, "a")
    reads(small, "a", 0, 3)
    commits(small, "a", 4)
    small.sight.history("primary/b1", TP).give_up("for this test")
    takes(small, "b", 2)
    begins(small, "b", 1)
    assert said(small, judgments.group_rewound) == []


def test_rewound_by_a_zombie(small):
    a_good_tale(small)
    commits(small, "a", 4, 1)
    assert said(small, judgments.group_rewound) == [("rewound", "flights-0")]


def test_a_commit_from_outside_rewinds_by_right(small):
    a_good_tale(small)
    commits(small, "", 1, -1)
    takes(small, "c", 3)
    begins(small, "c", 1)
    reads(small, "c", 1, 4)
    commits(small, "c", 5, 3)
    assert everything(small) == []


def test_a_group_comes_to_rest(small):
    assert small.world.judge(judgments.groups_come_to_rest) == []
    newcomer = small.cluster.consumer("c2", group="crew")
    newcomer.subscribe("flights")
    newcomer.poll("500ms")  # it has joined, and waits for c1, which does not poll
    [found] = small.world.judge(judgments.groups_come_to_rest)
    assert (found.anomaly, found.where) == ("stuck", "crew") and "PreparingRebalance" in found.sentence


def test_a_partition_that_nobody_reads(small):
    number = int(small.coordinator[-1])
    for shard in small.broker(number).offsets_topic.groups.shards.active():
        for group in shard.groups.values():
            for member in group.members.values():
                member.assignment = b""
    [found] = small.world.judge(judgments.groups_come_to_rest)
    assert "nobody reads flights-0" in found.sentence
