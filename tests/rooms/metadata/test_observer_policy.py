"""How many should be in sync, and who is too many."""

import pytest

from minikafka.metadata.observer_policy import missing, policy_of, too_many, wanted_in_sync

OBSERVERS = (3, 4)


@pytest.mark.parametrize(
    ("policy", "min_isr", "sync", "observer_leads", "wanted"),
    [
        ("under-min-isr", 2, 3, False, 2),
        ("under-min-isr", 1, 2, True, 1),
        ("under-replicated", 1, 3, False, 3),
        ("leader-is-observer", 2, 2, False, 0),
        ("leader-is-observer", 1, 2, True, 2),
        ("leader-is-observer", 3, 2, True, 3),
    ],
)
def test_what_each_policy_wants(policy, min_isr, sync, observer_leads, wanted):
    assert wanted_in_sync(policy, min_isr, sync, observer_leads) == wanted


def test_the_policy_of_a_topic():
    assert policy_of("") == policy_of(None) == "leader-is-observer"
    assert policy_of('{"version":2,"replicas":[{"count":1,"constraints":{"rack":"a"}}]}') == "under-min-isr"


@pytest.mark.parametrize(("isr", "wanted", "short"), [((1,), 2, 1), ((1, 2), 2, 0), ((1, 2, 4), 2, 0), ((2,), 0, 0)])
def test_no_more_are_promoted_than_are_missing(isr, wanted, short):
    assert missing(isr, wanted) == short


@pytest.mark.parametrize(
    ("isr", "leader", "wanted", "leaving"),
    [
        ((2, 4), 2, 2, ()),
        ((2, 4, 1), 2, 2, (4,)),
        ((2, 4, 3, 1), 2, 2, (4, 3)),
        ((2, 4, 3, 1), 2, 3, (3,)),
        ((4, 3, 1, 2), 4, 2, (3,)),
        ((4, 3), 4, 2, ()),
        ((4, 1, 2), 4, 0, ()),
        ((1, 2), 1, 2, ()),
    ],
    ids=["needed", "one too many", "both", "the last to come", "the leader stays", "nobody else", "alone", "none"],
)
def test_who_leaves(isr, leader, wanted, leaving):
    assert too_many(isr, OBSERVERS, leader, wanted) == leaving
