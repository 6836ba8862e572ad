"""The published tutorial, cell by cell: what our run gives, and where it differs."""

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.laws.all_laws import all_laws
from minikafka.patterns.published_tutorial import NOBODY, PUBLISHED, STEPS, TOPICS, Cell, Tutorial, differences, table


@pytest.fixture(scope="module")
def tutorial():
    world = World(seed=7)
    world.law(*all_laws(world))
    tutorial = Tutorial(world)
    assert [tutorial.do_next() for _ in STEPS] == list(STEPS)
    return tutorial


def test_every_cell_is_as_published(tutorial):
    assert differences(tutorial.seen) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_other_dice_too_but_for_choices_that_no_document_explains(seed):
    """Which of two caught-up observers comes first may change with the dice of the network; nothing else may."""
    seen = Tutorial(World(seed=seed)).do_all()
    for topic, cells in seen.items():
        for ours, theirs in zip(cells, PUBLISHED[topic], strict=True):
            assert (ours.leader < 0) == (theirs.leader < 0)
            assert theirs.isr is None or len(ours.isr) == len(theirs.isr)
            assert (ours.leader in (1, 2)) == (theirs.leader in (1, 2))
    assert differences(seen) == []


def test_the_table_is_complete():
    assert list(PUBLISHED) == [topic.name for topic in TOPICS]
    assert all(len(cells) == len(STEPS) for cells in PUBLISHED.values())


def test_a_difference_is_told_beside_what_was_published():
    seen = {"single-region": [Cell(1, (1, 2)), Cell(2, (2,)), Cell(-1, (2,))]}
    assert differences(seen) == ["single-region, steady: 1 / 1,2 here, 2 / 1,2 published"]
    assert table(seen).startswith("single-region   1 / 1,2") and str(NOBODY) == "none / the last member"
