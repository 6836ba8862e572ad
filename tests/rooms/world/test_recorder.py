"""The flight recorder: numbers, causes, sentences, digest, levels, listeners."""

from typing import NamedTuple

import pytest
from village import village

from minikafka.world.event import Recorded
from minikafka.world.happenings import LinkCut, MachineCrashed, MessageDelivered, MessageSent
from minikafka.world.kernel import Kernel
from minikafka.world.recorder import LEVELS, BadEvent, Recorder


class Counted(NamedTuple):
    """A number was said."""

    number: int

    def sentence(self):
        """It."""
        return f"said {self.number}"


class Held(NamedTuple):
    """Something was held."""

    thing: object

    def sentence(self):
        """It."""
        return f"held {self.thing}"


def recorder(keep="everything"):
    return Recorder(Kernel(), keep)


def test_events_are_numbered_and_stamped_with_time_place_and_cause():
    book = recorder()
    assert book.record("here", Counted(5)) == 1
    book.kernel.run_until(70)
    book.kernel.cause = 1
    assert book.record("there", Counted(6)) == 2
    assert book.trace == [(1, 0, "here", 0, "Counted", Counted(5)), (2, 70, "there", 1, "Counted", Counted(6))]
    assert isinstance(book.trace[1], Recorded) and book.trace[1].sentence() == "said 6"


@pytest.mark.parametrize("count", [0, 1, 15, 16, 511, 512, 513, 2_000])
def test_the_trace_is_whole_whenever_it_is_read(count):
    book = recorder()
    for number in range(count):
        book.record("here", Counted(number))
        if number % 100 == 7:
            assert len(book.trace) == number + 1
    assert [entry.event.number for entry in book.trace] == list(range(count))
    assert book.trace is book.trace


def test_the_digest_does_not_depend_on_the_level_on_when_it_is_asked_for_or_on_listeners():
    def tell(book, peek=0):
        for number in range(3_000):
            if peek and number % peek == 0:
                book.digest(), book.trace
            book.record("here", Counted(number) if number % 3 else LinkCut("a", "b"))
        return book.digest()

    expected = tell(recorder())
    assert [tell(recorder(keep)) for keep in LEVELS] == [expected] * 3
    assert [tell(recorder(), peek) for peek in (1, 7, 512, 600)] == [expected] * 4
    listened = recorder()
    heard = []
    listened.listen(heard.append, [Counted])
    listened.listen(heard.append)
    assert tell(listened) == expected and len(heard) == 5_000


def test_the_digest_covers_time_place_cause_and_every_field():
    def digest(time=0, place="p", cause=0, number=1):
        book = recorder()
        book.kernel.now, book.kernel.cause = time, cause
        book.record(place, Counted(number))
        return book.digest()

    digests = [digest(), digest(time=1), digest(place="q"), digest(cause=9), digest(number=2), recorder().digest()]
    assert len(set(digests)) == len(digests)
    assert digest() == digest()


def test_because_walks_back_to_what_started_it():
    world = village()
    world.chatter(count=1)
    world.run_for("1s")
    last = list(world.recorder.events(MessageDelivered))[-1]
    chain = world.recorder.because(last.seq)
    assert [entry.sentence() for entry in chain] == [
        'a sent "open" to b (0 B)',
        'b sent "open" to a (0 B)',
        "a opened connection 1 to b",
        'a sent "question 0" to b (1 B)',
        'b received "question 0" from a',
        'b sent "echo of 0" to a (1 B)',
        'a received "echo of 0" from b',
    ]
    assert chain[0].cause == 0 and all(
        later.cause == earlier.seq for earlier, later in zip(chain, chain[1:], strict=False)
    )
    assert world.recorder.because(10**9) == [] and world.recorder.find(0) is None


def test_every_cause_is_an_earlier_event():
    world = village(jitter="3ms")
    world.chatter(count=30)
    world.faults.at("100ms", "crash", "b")
    world.faults.at("150ms", "start", "b")
    world.run_for("2s")
    trace = world.recorder.trace
    assert all(0 <= entry.cause < entry.seq for entry in trace)
    reset = next(entry for entry in trace if entry.kind == "MessageSent" and entry.event.label == "reset")
    assert [entry.kind for entry in world.recorder.because(reset.seq)] == [
        "FaultPlanned",
        "MachineCrashed",
        "MessageSent",
    ]


def test_levels_keep_less_and_change_nothing():
    told = {}
    for keep in LEVELS:
        world = village(keep=keep, jitter="1ms")
        world.chatter(count=20)
        world.run_for("100ms")
        world.faults.crash("b")
        world.run_for("1s")
        told[keep] = world
    everything, domain, nothing = (told[keep].recorder for keep in LEVELS)
    assert everything.digest() == domain.digest() == nothing.digest()
    assert everything.recorded == domain.recorded == nothing.recorded == len(everything.trace)
    assert domain.trace == [entry for entry in everything.trace if not getattr(entry.event, "TRAFFIC", False)]
    assert [entry.kind for entry in domain.trace][-1] == "MachineCrashed"
    assert nothing.trace == [] and nothing.because(3) == []


def test_events_can_be_picked_by_kind_and_time():
    world = village()
    world.chatter(count=5)
    world.run_for("1s")
    book = world.recorder
    assert [e.seq for e in book.events(MessageSent)] == [e.seq for e in book.events("MessageSent")]
    early = list(book.events(MessageSent, MessageDelivered, until=30_000))
    assert early and all(e.time <= 30_000 and e.kind in ("MessageSent", "MessageDelivered") for e in early)
    assert list(book.events(until=10**9)) == book.trace


def test_a_fold_carries_a_picture_to_a_moment():
    world = village()
    world.run_for("1s")
    world.faults.crash("b")
    world.run_for("1s")
    world.faults.start("b")

    def up(state, entry):
        change = {"MachineStarted": True, "MachineCrashed": False}.get(entry.kind)
        return state if change is None else {**state, entry.place: change}

    assert world.recorder.fold({}, up) == dict.fromkeys(("a", "a2", "b", "b2"), True)
    assert world.recorder.fold({}, up, until=1_500_000)["b"] is False
    assert world.recorder.fold({}, up, until=999_999)["b"] is True


def test_listeners_hear_their_kinds_from_then_on():
    book, cuts, all_of_them = recorder(), [], []
    book.record("x", Counted(1))
    book.listen(cuts.append, [LinkCut, MachineCrashed])
    book.listen(all_of_them.append)
    book.record("x", Counted(2))
    book.record("x", LinkCut("a", "b"))
    assert [entry.kind for entry in cuts] == ["LinkCut"]
    assert [entry.kind for entry in all_of_them] == ["Counted", "LinkCut"]
    assert cuts[0] == book.trace[2]


def test_what_is_no_event_is_refused_and_nothing_is_recorded():
    book = recorder()
    for thing in ("crash", 5, ("a", "b"), LinkCut):
        with pytest.raises(BadEvent, match="is not an event: write a NamedTuple with a method `sentence`"):
            book.record("x", thing)
    assert (book.recorded, book.trace) == (0, [])


def test_two_event_classes_of_one_name_are_refused():
    class LinkCut(NamedTuple):
        """An impostor."""

        where: str

        def sentence(self):
            """It."""
            return "?"

    from minikafka.world import happenings

    book = recorder()
    book.record("x", happenings.LinkCut("a", "b"))
    with pytest.raises(
        BadEvent, match=r"two event classes are called LinkCut \(minikafka.world.happenings, test_recorder\)"
    ):
        book.record("x", LinkCut("a"))
    assert book.recorded == 1


def test_an_event_that_cannot_be_packed_is_named():
    book = recorder()
    book.record("x", Counted(1))
    book.record("x", Held({1, 2}))
    with pytest.raises(
        BadEvent, match=r"event 2 cannot be packed .*Held\(thing=\{1, 2\}\); use plain values and tuples"
    ):
        book.digest()


def test_an_unknown_level_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="keep='some' is not a level.*'everything', 'domain events', 'digest only'"):
        recorder("some")


def test_memory_is_bounded_at_the_lowest_level():
    book = recorder("digest only")
    for number in range(5_000):
        book.record("x", Counted(number))
    assert len(book._fresh) <= 512 and book._kept == [] and book._read == []
