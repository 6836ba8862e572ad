"""Every event of the world says itself in one plain sentence with its numbers."""

import pytest

from minikafka.world import disk, happenings
from minikafka.world.happenings import (
    ConnectionClosed,
    ConnectionOpened,
    ConnectionRefused,
    FaultPlanned,
    FaultWithoutEffect,
    FirewallChanged,
    LinkChanged,
    LinkCut,
    LinkHealed,
    LinkHeld,
    LinkReleased,
    MachineCrashed,
    MachineFroze,
    MachineStarted,
    MachineStopped,
    MachineThawed,
    MessageDelivered,
    MessageLost,
    MessageSent,
    MessageStuck,
    PowerLost,
)
from minikafka.world.trace_file import vocabulary_of

SENTENCES = [
    (MessageSent(1, 0, "a", "b", "a question", 2_048, 500, False, False), 'a sent "a question" to b (2 KB)'),
    (MessageDelivered(1, 0, "a", "b", "a question", 3, False, False), 'b received "a question" from a'),
    (MessageLost(1, 0, "a", "b", "a question", "b has no power"), '"a question" from a to b was lost: b has no power'),
    (MessageStuck(1, 0, "a", "b", "a question"), '"a question" from a to b is stuck on the way'),
    (ConnectionOpened(4, "a", "b"), "a opened connection 4 to b"),
    (ConnectionRefused("a", "b", "nobody is listening there"), "a could not connect to b: nobody is listening there"),
    (
        ConnectionClosed(4, "a", "b", "closed by the opener"),
        "connection 4 from a to b was closed: closed by the opener",
    ),
    (MachineStarted(2), "started (life 2)"),
    (MachineCrashed(2), "crashed; what was written is still in the page cache"),
    (MachineStopped(2), "stopped in good order"),
    (PowerLost(2), "lost power"),
    (MachineFroze(), "froze"),
    (MachineThawed(1_500_000), "went on after standing still for 1.500 s"),
    (LinkCut("east", "west"), "nothing passes from east to west any more"),
    (LinkHealed("east", "west", 1), "east reaches west again; 1 message stuck till now"),
    (LinkHeld("east", "west"), "messages from east to west are held back"),
    (LinkReleased("east", "west", 3), "released what was held back from east to west: 3 messages"),
    (
        LinkChanged("east", "west", 35_000, 250, 200_000_000, 0.01),
        "from east to west it now takes 35 ms (+ up to 250 µs), 200,000,000 bits/s, 1.0% sent again",
    ),
    (
        LinkChanged("east", "west", 35_000, 0, 0, 0.0),
        "from east to west it now takes 35 ms (+ up to 0 µs), no bandwidth limit, 0.0% sent again",
    ),
    (FirewallChanged("east", "west", False), "east may not open connections to west"),
    (FirewallChanged("east", "west", True), "east may open connections to west"),
    (FaultPlanned(5_000_000, "crash b"), "planned for 5.000 s: crash b"),
    (FaultWithoutEffect("crash b", "b is down"), "crash b changed nothing: b is down"),
]


@pytest.mark.parametrize(("event", "sentence"), SENTENCES)
def test_an_event_says_itself(event, sentence):
    assert event.sentence() == sentence


def test_no_event_is_without_its_sentence_here():
    tried = {type(event).__name__ for event, _ in SENTENCES}
    assert sorted(vocabulary_of(happenings)) == sorted(tried)


def test_the_disk_events_say_themselves():
    assert disk.ByteDamaged("x/0.log", 7).sentence() == "the byte at position 7 of x/0.log was damaged"
    assert (
        disk.UnflushedBytesLost(2, 100, 1)
        .sentence()
        .startswith("the power loss forgot 100 unflushed bytes of 2 file(s)")
    )
