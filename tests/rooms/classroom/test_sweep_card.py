"""A bar for long work: it counts what is done, and changes nothing of it."""

import pytest

from minikafka.classroom import sweep_card
from minikafka.classroom.sweep_card import Sweep, one_by_one


@pytest.fixture
def bars(monkeypatch):
    """Every bar that is begun, as if this were a notebook without a screen."""
    begun = []
    monkeypatch.setattr(Sweep, "begin", lambda self, show: begun.append(self) or self)
    return begun


def test_a_thing_counts_as_done_when_the_next_is_asked_for(bars):
    done = []
    for _ in one_by_one("drills", ["a", "b", "c"]):
        done.append(bars[0].done)
    assert done == [0, 1, 2] and bars[0].done == 3
    assert bars[0].text() == "Work: 3 drills" and bars[0].html() == "<p>Work: 3 drills</p>"


def test_what_has_no_length_needs_a_total(bars):
    assert list(one_by_one("drills", iter("ab"), 2)) == ["a", "b"] and bars[0].told["total"] == 2
    with pytest.raises(TypeError):
        list(one_by_one("drills", iter("ab")))


def test_outside_of_a_notebook_nothing_is_shown(capsys):
    assert not sweep_card.in_notebook()
    assert list(one_by_one("drills", "ab")) == ["a", "b"] and capsys.readouterr().out == ""
    assert Sweep("10 storms", 10).text() == "Seeds: 10 storms"
