"""Followers that are read from: storms find nothing with today's rules, and find the mistake at once."""

import pytest
from catching import all_go_well, first_to_show, plain
from near_mutants import NEAR_MUTANTS

from minikafka.storm.storm import run


def test_nothing_breaks_where_followers_are_read_from():
    all_go_well(plain(range(20), near=True))


@pytest.mark.parametrize("mutant", NEAR_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_storm_catches_it(mutant, caught):
    assert first_to_show(mutant, range(5), caught, near=True).broken == "consumers read only what is committed"


def test_an_option_that_does_not_exist():
    with pytest.raises(ValueError, match="far: not an option of a storm; take some of groups, near"):
        run(1, far=True)
