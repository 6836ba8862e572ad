"""What an event is, packed and made again."""

from typing import NamedTuple, Optional

import msgpack

from minikafka.world.event import Recorded, revive
from minikafka.world.happenings import ConnectionOpened, LinkCut, MachineFroze, MessageSent


class Where(NamedTuple):
    topic: str
    partition: int


class Moved(NamedTuple):
    """Something moved."""

    partition: Where
    was: Where | None
    will_be: Optional[Where]  # noqa: UP045
    replicas: tuple[int, ...]

    def sentence(self):
        """Where it was."""
        return f"moved from {self.was} to {self.partition}"


def test_an_event_comes_back_equal_with_the_named_tuples_in_it():
    for was in (Where("t", 0), None):
        event = Moved(Where("t", 1), was, was, (1, 2, 3))
        again = revive(Moved, msgpack.unpackb(msgpack.packb(event), use_list=False))
        assert again == event and type(again) is Moved
        assert type(again.partition) is Where and type(again.was) is type(was) and type(again.will_be) is type(was)
        assert again.sentence() == event.sentence()


def test_an_event_cannot_be_changed():
    import pytest

    with pytest.raises(AttributeError):
        LinkCut("a", "b").source = "c"


def test_routine_is_a_mark_of_the_class_or_of_the_event():
    def recorded(event):
        return Recorded(1, 0, "x", 0, type(event).__name__, event)

    sent = MessageSent(1, 0, "a", "b", "fetch", 10, 99, False, True)
    assert recorded(sent).routine and not recorded(sent._replace(routine=False)).routine
    assert recorded(ConnectionOpened(1, "a", "b")).routine
    assert not recorded(MachineFroze()).routine
