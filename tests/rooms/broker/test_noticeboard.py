"""Everybody who watches is told, in order."""

from minikafka.broker.noticeboard import APPENDED, COMMITTED, Noticeboard


class Reader:
    def __init__(self, name, heard, board=None):
        self.name, self.heard, self.board = name, heard, board

    def noticed(self, key, news):
        self.heard.append((self.name, key, news))
        if self.board is not None:
            self.board.remove(self)


def test_watchers_are_told_in_order_until_they_leave():
    heard, board = [], Noticeboard(("flights", 0))
    once, always = Reader("once", heard, board), Reader("always", heard)
    board.add(once)
    board.add(always)
    board.add(once)
    board.post(APPENDED)
    board.post(COMMITTED)
    key = ("flights", 0)
    assert heard == [("once", key, APPENDED), ("always", key, APPENDED), ("always", key, COMMITTED)]


def test_leaving_twice_is_leaving():
    board = Noticeboard(("flights", 0))
    board.remove("nobody")
    assert board.watchers == {}
