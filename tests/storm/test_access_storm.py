"""Storms in which clients log in, and somebody forbids and allows: no law is broken, and all come to rest."""

from catching import all_go_well, plain

from minikafka.deploy.kafka_world import World
from minikafka.events.security import AccessRulesApplied, Authenticated, AuthorizationDenied
from minikafka.storm.setting import build, roll_setting
from minikafka.storm.storm import calm, put_away, run, strike
from minikafka.world.chance import Chance

LATE = 252
"""In this storm a command that got no answer is carried out after the one that takes it back."""


def test_nothing_breaks_while_rules_come_and_go():
    all_go_well(plain((*range(16), LATE), access=True))


def test_clients_are_refused_for_a_while_and_then_allowed():
    world = World(seed=5)
    built = build(world, roll_setting(Chance(5).stream("storm setting"))._replace(groups=True, access=True))
    strike(built, ())
    world.run_for("15s")
    assert calm(built, ()) == []
    denied = {entry.event.principal for entry in world.recorder.events(AuthorizationDenied)}
    known = {entry.event.principal for entry in world.recorder.events(Authenticated)}
    assert len(denied) >= 3 and denied <= known
    assert len(list(world.recorder.events(AccessRulesApplied))) > 20
    put_away(world)


def test_other_storms_are_not_moved_by_it():
    assert run(4, access=False).schedule == run(4, access=True).schedule
