"""How partitions are shared out: the published examples, balance, and that what need not move stays."""

import random

import pytest

from minikafka.client.assignors import ASSIGNORS, COOPERATIVE, EAGER, rebalance_protocol
from minikafka.client.range_assignor import Wish, in_order
from minikafka.protocol.names import TopicPartition

TWO = {"t0": 3, "t1": 3}
BOTH = ("t0", "t1")


def short(shares):
    return {member: [f"{one.topic}p{one.partition}" for one in share] for member, share in shares.items()}


def test_range_gives_neighbours():
    shares = ASSIGNORS["range"](TWO, {"A": Wish(BOTH), "B": Wish(BOTH)})
    assert short(shares) == {"A": ["t0p0", "t0p1", "t1p0", "t1p1"], "B": ["t0p2", "t1p2"]}


def test_round_robin_deals_out():
    shares = ASSIGNORS["roundrobin"](TWO, {"A": Wish(BOTH), "B": Wish(BOTH)})
    assert short(shares) == {"A": ["t0p0", "t0p2", "t1p1"], "B": ["t0p1", "t1p0", "t1p2"]}


def test_round_robin_passes_over_who_does_not_want_it():
    shares = ASSIGNORS["roundrobin"]({"t0": 2, "t1": 2}, {"A": Wish(("t0",)), "B": Wish(BOTH)})
    assert short(shares) == {"A": ["t0p0"], "B": ["t0p1", "t1p0", "t1p1"]}


def test_static_members_come_first():
    members = {
        "x": Wish(BOTH),
        "a": Wish(BOTH),
        "z": Wish(BOTH, instance_id="seat-2"),
        "y": Wish(BOTH, instance_id="seat-1"),
    }
    assert in_order(members) == ["y", "z", "a", "x"]


def owned(shares, generation=1):
    return {member: Wish(BOTH, tuple(share), generation) for member, share in shares.items()}


def test_sticky_moves_only_what_must_move():
    before = ASSIGNORS["sticky"](TWO, {"A": Wish(BOTH), "B": Wish(BOTH)})
    after = ASSIGNORS["sticky"](TWO, {**owned(before), "C": Wish(BOTH)})
    assert [len(after[member]) for member in "ABC"] == [2, 2, 2]
    assert all(one in before[member] for member in "AB" for one in after[member])
    without = ASSIGNORS["sticky"](TWO, owned({"A": after["A"], "C": after["C"]}))
    assert all(one in without[member] for member in "AC" for one in after[member])


def test_cooperative_withholds_what_another_still_has():
    before = ASSIGNORS["cooperative-sticky"](TWO, {"A": Wish(BOTH), "B": Wish(BOTH)})
    first = ASSIGNORS["cooperative-sticky"](TWO, {**owned(before), "C": Wish(BOTH)})
    assert [len(first[member]) for member in "ABC"] == [2, 2, 0]
    second = ASSIGNORS["cooperative-sticky"](TWO, owned(first, 2))
    assert [len(second[member]) for member in "ABC"] == [2, 2, 2]
    assert all(one in second[member] for member in "AB" for one in first[member])


def test_of_two_claims_the_newer_generation_counts_and_of_equal_ones_neither():
    one = TopicPartition("t0", 0)
    newer = ASSIGNORS["sticky"]({"t0": 1}, {"A": Wish(("t0",), (one,), 1), "B": Wish(("t0",), (one,), 2)})
    assert short(newer) == {"A": [], "B": ["t0p0"]}
    topics = {"t0": 2}
    equal = ASSIGNORS["sticky"](topics, {"A": Wish(("t0",), (one,), 2), "B": Wish(("t0",), (one,), 2)})
    assert sorted(len(share) for share in equal.values()) == [1, 1]


@pytest.mark.parametrize("name", ASSIGNORS)
def test_whatever_comes_everything_is_assigned_once_to_somebody_who_wants_it(name):
    dice = random.Random(7)
    for _ in range(300):
        topics = {f"t{number}": dice.randrange(1, 6) for number in range(dice.randrange(1, 4))}
        members = {
            f"m{number}": Wish(tuple(topic for topic in topics if dice.random() < 0.7))
            for number in range(dice.randrange(1, 6))
        }
        shares = ASSIGNORS[name](topics, members)
        given = [one for share in shares.values() for one in share]
        wanted = [
            TopicPartition(topic, number)
            for topic, count in topics.items()
            for number in range(count)
            if any(topic in wish.topics for wish in members.values())
        ]
        assert sorted(given) == sorted(wanted)
        assert all(one.topic in members[member].topics for member, share in shares.items() for one in share)
        if "sticky" in name:
            for share in shares.values():
                for one in share:
                    least = min(len(shares[other]) for other in members if one.topic in members[other].topics)
                    assert len(share) <= least + 1
            again = {
                member: wish._replace(owned=tuple(shares[member]), generation=3) for member, wish in members.items()
            }
            assert ASSIGNORS[name](topics, again) == shares


def test_eager_unless_all_can_do_better():
    assert rebalance_protocol(["range", "cooperative-sticky"]) == EAGER
    assert rebalance_protocol(["cooperative-sticky"]) == COOPERATIVE
