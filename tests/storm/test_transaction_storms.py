"""Storms with transactional copiers: exactly once, whatever happens to coordinators, leaders and copiers."""

from __future__ import annotations

from catching import all_go_well, plain

from minikafka.deploy.kafka_world import World
from minikafka.storm.setting import build, roll_setting
from minikafka.storm.storm import calm, put_away, run, strike
from minikafka.world.chance import Chance


def test_every_record_is_copied_exactly_once():
    all_go_well(plain(range(6), transactions=True))


def test_copiers_copy_and_abort_and_are_struck():
    built = build(World(seed=5), roll_setting(Chance(5).stream("storm setting"))._replace(transactions=True))
    strike(built, ())
    built.world.run_for("15s")
    assert calm(built, ()) == []
    [copiers] = built.members
    rows = list(copiers.copies())
    assert copiers.lives > 2 and all(sorted(copied) == list(range(committed)) for _, committed, copied in rows)
    assert sum(committed for _, committed, _ in rows) > 100
    told = [entry.event.committed for entry in built.world.recorder.events("TransactionCompleted")]
    assert told.count(True) > 10 and told.count(False) > 3
    put_away(built.world)


def test_without_being_asked_for_there_are_none():
    assert not run(4, transactions=False, faults=()).setting.transactions
