"""Observers in storms over two regions: each mistake is found, and by which law."""

import pytest
from catching import first_to_show
from observer_mutants import (
    OBSERVER_MUTANTS,
    a_lagging_observer_is_promoted,
    all_observers_are_promoted,
    an_observer_is_elected_like_a_follower,
    answers_before_it_is_committed,
    commits_wait_for_observers,
    the_leader_promotes_by_itself,
)

CAUGHT_BY = {
    commits_wait_for_observers: "nobody waits for an observer",
    a_lagging_observer_is_promoted: "newcomers hold all that counts",
    all_observers_are_promoted: "observers are in sync only when needed",
    the_leader_promotes_by_itself: "promotions are recorded first",
    an_observer_is_elected_like_a_follower: "leader is in the isr",
}


@pytest.mark.parametrize("mutant", OBSERVER_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_storm_catches_it(mutant, caught):
    result = first_to_show(mutant, range(8), caught, observers=True, quorum=False)
    assert result.broken == CAUGHT_BY[mutant], result.sentence


def test_a_storm_over_three_sites_catches_a_promotion_that_no_majority_knows(caught):
    """With one controller it would be no mistake."""
    result = first_to_show(answers_before_it_is_committed, range(4, 12), caught, observers=True, quorum=True)
    assert result.broken == "promotions are recorded first", result.sentence
