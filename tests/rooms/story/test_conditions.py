"""What a story can wait for: each comes true, and stops the story in that very instant."""

import pytest
from playing import play, say

from minikafka.story.conditions import CONDITIONS

MEMBER = ["consumer g group=crew", "subscribe g flights", "keep_reading g"]
SEATS = ["create_topic seats assignment=1,2,3 cleanup.policy=compact segment.bytes=150 max.compaction.lag.ms=90000",
         "run 10ms", "send p seats a key=k", "flush p", "send p seats b key=k", "flush p"]  # fmt: skip
WAYS = [
    (["producer t transactional.id=booking", "begin t"], "transaction booking Empty"),
    (SEATS, "cleaning b1 seats-0"),
    (SEATS, "half_cleaned b2 seats-0"),
    (SEATS, "cleaned b3 seats-0 1"),
    (MEMBER, "stable crew 1"),
    (MEMBER, "group_state crew PreparingRebalance"),
    (MEMBER, "generation crew 1"),
    (MEMBER, "coordinator crew b2"),
    (MEMBER, "assigned g 1"),
    (["crash b1"], "leader flights-0 b2"),
    (["crash b1", "crash b2", "crash b3"], "leader flights-0 none"),
    (["crash b1"], "epoch flights-0 1"),
    (["crash b3"], "isr flights-0 1,2"),
    (["crash b3"], "isr flights-0 2,1"),
    (["crash b1"], "role flights-0 b2 leader"),
    (["crash b1"], "role flights-0 b3 follower 1"),
    (["send p flights m1 partition=0"], "end flights-0 b2 1"),
    (["send p flights m1 partition=0"], "hw flights-0 b3 1"),
    (["send p flights m1 m2 partition=0"], "acked p 2"),
    (["send p flights m1 partition=0"], "settled p"),
    (["crash b3"], "not alive b3"),
    (["stop b3"], "state b3 down"),
    ([], 'sent b2 "fetch"'),
    (["crash b3"], "event BrokerFenced"),
    (["send p flights m1 partition=0"], "event BatchAppended b3"),
    ([], "active controller"),
    (["crash controller"], "active none"),
    ([], "quorum_role controller leader"),
]


@pytest.mark.parametrize(("before", "condition"), WAYS)
def test_it_comes_true(before, condition):
    outputs, _ = play("events none", *before, f"until {condition}", f"until {condition}")
    assert outputs[-2] == []


def test_every_condition_is_tried():
    tried = {condition.removeprefix("not ").split()[0] for _, condition in WAYS}
    assert tried == set(CONDITIONS)


def test_the_story_goes_on_in_the_very_instant():
    _, teller = play("events none", "send p flights m1 partition=0", "until end flights-0 b1 1")
    logs = [teller.world.clusters["primary"].broker(n).broker.store.logs for n in (1, 2, 3)]
    assert [next(iter(log.values())).log_end_offset for log in logs] == [1, 0, 0]


def test_looking_changes_nothing():
    watched = ["until not isr flights-0 1,2,3", "digest"]
    _, one = play("events none", "crash b3", *watched)
    _, other = play("events none", "crash b3", f"run {one.world.now - 30_000}us", "digest")
    assert one.world.now - other.world.now < 1_000_000 and one.seen["BrokerFenced"] == 1


def test_what_happened_before_does_not_count():
    told = say("crash b3", "until event MachineCrashed within=1s")
    assert told.endswith("error: event MachineCrashed: not within 1s")


def test_a_role_of_somebody_who_is_down_is_not_met():
    assert say("crash b2", "until role flights-0 b2 follower within=1s").endswith("not within 1s")


def test_a_workload_is_settled_only_when_all_of_it_was_sent():
    _, teller = play("flights d rate=10 limit=5", "until settled d")
    assert teller.named["d"].done and len(teller.named["d"].acknowledged) == 5
