"""Random adversity: whatever is done to a world can be done again, to any moment, and leaves nothing behind."""

from collections import Counter

import pytest
from test_connection import assert_causes, no_leftovers
from village import village

from minikafka.world import happenings
from minikafka.world.happenings import MessageDelivered
from minikafka.world.machine import MOVES
from minikafka.world.trace_file import vocabulary_of

NAMES = ("a", "a2", "b", "b2")
PLACES = ("east", "west", "east-a", "west-a", *NAMES)


def adversity(seed, turns=80):
    """A village to which things happen at random, some of them planned."""
    world = village(seed, latency="10ms", jitter="4ms", loss=0.03, bandwidth="5Mbps", pause=2_000)
    dice = world.chance.stream("adversity")
    doings = (talk, talk, talk, machines, up_again, cut_or_hold, go_on, go_on, slow, firewall, whole_places)
    for _ in range(turns):
        dice.choice(doings)(world, dice)
        world.run_for(dice.randrange(60_000))
    return world


def talk(world, dice):
    opener = dice.choice(NAMES)
    if world.place(opener).up:
        world.chatter(opener, dice.choice(("b", "b2")), dice.randrange(1_000, 30_000), 30)


def machines(world, dice):
    verb, name = dice.choice(("crash", "power_off", "freeze", "thaw", "stop")), dice.choice(NAMES)
    if dice.random() < 0.4:
        world.faults.at(world.now + dice.randrange(100_000), verb, name)
    elif (world.place(name).state, verb) in MOVES:
        getattr(world.faults, verb)(name)


def up_again(world, dice):
    for name in NAMES:
        verb = {"frozen": "thaw", "running": None}.get(world.place(name).state, "start")
        if verb:
            getattr(world.faults, verb)(name)


def cut_or_hold(world, dice):
    getattr(world.faults, dice.choice(("cut", "cut_oneway", "hold")))(*dice.sample(PLACES, 2))


def go_on(world, dice):
    for kind, source, target in world.network.barriers.standing():
        (world.faults.heal_oneway if kind == "cut" else world.faults.release)(source, target)


def slow(world, dice):
    one, other = dice.sample(PLACES, 2)
    if dice.random() < 0.5:
        world.faults.slow(one, other, latency=dice.randrange(100, 80_000), loss=dice.choice((0, 0.2)))
    else:
        world.faults.restore_speed(one, other)


def firewall(world, dice):
    world.faults.deny("east", "west")
    world.run_for(dice.randrange(30_000))
    world.faults.allow("east", "west")


def whole_places(world, dice):
    getattr(world.faults, dice.choice(("lose", "restore", "restore")))(dice.choice(("east-b", "west-a")))


def peace(world):
    """Take every fault back and let everything settle."""
    go_on(world, None)
    up_again(world, None)
    world.run_for("2min")
    for name in NAMES:
        if world.place(name).up:
            world.faults.crash(name)
    world.run_for("2min")


def test_adversity_is_adverse():
    seen = Counter(entry.kind for seed in range(12) for entry in adversity(seed).recorder.trace)
    rare = {kind: count for kind, count in seen.items() if count < 5}
    assert not rare and set(vocabulary_of(happenings)) <= set(seen), seen


@pytest.mark.parametrize("seed", range(12))
def test_whatever_was_done_can_be_done_again_to_any_moment(seed):
    world = adversity(seed)
    assert world.fork().recorder.digest() == world.recorder.digest()
    dice = world.chance.stream("moments")
    for _ in range(3):
        moment = dice.randrange(world.now)
        before = world.rewind(moment)
        assert before.recorder.trace == [entry for entry in world.recorder.trace if entry.time <= moment]
    again = type(world).from_scenario(world.scenario())
    again.run_until(world.now)
    assert again.recorder.digest() == world.recorder.digest()


@pytest.mark.parametrize("seed", range(12))
def test_when_peace_comes_nothing_is_left_behind(seed):
    world = adversity(seed)
    peace(world)
    assert no_leftovers(world)
    assert [task for name in NAMES for task in world.place(name)._tasks if not task.done] == []
    assert world.kernel.next_time() is None
    assert_causes(world)
    numbers = {}
    for event in (entry.event for entry in world.recorder.events(MessageDelivered)):
        key = (event.connection, event.reply)
        assert event.number > numbers.get(key, -1), "in order, and never twice"
        numbers[key] = event.number
