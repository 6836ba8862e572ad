"""Waiting for a condition."""

from lone_broker import LoneBroker

from minikafka.broker import purgatory
from minikafka.broker.noticeboard import APPENDED, COMMITTED, Noticeboard


class Waiting:
    """Someone who waits at most a second for `met`, and heeds COMMITTED."""

    def __init__(self, met=False):
        self.broker = LoneBroker()
        self.board = Noticeboard(("flights", 0))
        self.met = met
        self.looks = 0
        self.task = self.broker.start(
            purgatory.until(self.broker.machine, self.condition, [self.board], COMMITTED, 1_000_000)
        )

    def condition(self):
        self.looks += 1
        return self.met


def test_what_holds_already_is_not_waited_for():
    waiting = Waiting(met=True)
    assert waiting.task.value is True
    assert waiting.board.watchers == {}


def test_it_goes_on_in_the_instant_of_the_news():
    waiting = Waiting()
    waiting.broker.pass_time(300_000)
    waiting.met = True
    waiting.board.post(COMMITTED)
    waiting.broker.pass_time(0)
    assert waiting.task.value is True
    assert waiting.board.watchers == {}


def test_other_news_is_not_looked_at():
    waiting = Waiting()
    waiting.board.post(APPENDED)
    assert waiting.looks == 1


def test_the_time_runs_out():
    waiting = Waiting()
    waiting.broker.pass_time(999_999)
    assert not waiting.task.done
    waiting.broker.pass_time(1)
    assert waiting.task.value is False
    assert waiting.board.watchers == {}


def test_no_time_at_all():
    broker = LoneBroker()
    assert broker.finish(purgatory.until(broker.machine, lambda: False, [], COMMITTED, 0)) is False
