"""Cuts, holds and the firewall."""

import pytest

from minikafka.world.barriers import CUT, HOLD, Barriers
from minikafka.world.places import Place, Region


@pytest.fixture
def at():
    east, west = Region("east", 2), Region("west", 1)
    machines = {"a": Place("a", east.zones[0]), "a2": Place("a2", east.zones[1]), "b": Place("b", west.zones[0])}
    return {"east": east, "west": west, "zone": east.zones[0], **machines}


def test_a_barrier_stands_one_way_for_everything_inside(at):
    barriers = Barriers()
    assert barriers.put(CUT, at["east"], at["west"])
    assert barriers.blocks(at["a"], at["b"]) and barriers.blocks(at["a2"], at["b"])
    assert not barriers.blocks(at["b"], at["a"]) and not barriers.blocks(at["a"], at["a2"])


def test_putting_twice_and_taking_twice_says_so(at):
    barriers = Barriers()
    assert barriers.put(CUT, at["a"], at["b"]) and not barriers.put(CUT, at["a"], at["b"])
    assert barriers.take(CUT, at["a"], at["b"]) and not barriers.take(CUT, at["a"], at["b"])
    assert not barriers.blocks(at["a"], at["b"])


def test_a_cut_and_a_hold_are_two_barriers(at):
    barriers = Barriers()
    barriers.put(CUT, at["east"], at["west"])
    barriers.put(HOLD, at["a"], at["b"])
    assert barriers.standing() == [(CUT, at["east"], at["west"]), (HOLD, at["a"], at["b"])]
    assert not barriers.take(HOLD, at["east"], at["west"])
    barriers.take(CUT, at["east"], at["west"])
    assert barriers.blocks(at["a"], at["b"]) and not barriers.blocks(at["a2"], at["b"])


def test_nothing_stands_between_a_machine_and_itself(at):
    barriers = Barriers()
    barriers.put(CUT, at["east"], at["east"])
    barriers.rule(at["east"], at["east"], False)
    assert barriers.blocks(at["a"], at["a2"]) and not barriers.blocks(at["a"], at["a"])
    assert not barriers.may_open(at["a"], at["a2"]) and barriers.may_open(at["a"], at["a"])


def test_the_latest_firewall_rule_that_fits_counts(at):
    barriers = Barriers()
    assert barriers.may_open(at["a"], at["b"])
    barriers.rule(at["east"], at["west"], False)
    assert not barriers.may_open(at["a"], at["b"]) and barriers.may_open(at["b"], at["a"])
    barriers.rule(at["zone"], at["b"], True)
    assert barriers.may_open(at["a"], at["b"]) and not barriers.may_open(at["a2"], at["b"])
    barriers.rule(at["east"], at["west"], False)
    assert not barriers.may_open(at["a"], at["b"])


def test_rules_that_are_said_again_do_not_pile_up(at):
    barriers = Barriers()
    for turn in range(100):
        barriers.rule(at["east"], at["west"], bool(turn % 2))
    assert len(barriers._firewall) == 1 and barriers.may_open(at["a"], at["b"])
