"""What was promised to a workload, held against what is there."""

from minikafka import Departures, World
from minikafka.deploy.account import account, committed_keys


def started(**more):
    world = World(seed=7)
    primary = world.cluster("primary", config={"broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500})
    primary.create_topic("flights", assignment=[[1, 2, 3]], config={"min.insync.replicas": 1, "segment.bytes": 1000})
    return world, primary, world.start(Departures(primary, rate=100, limit=20, **more))


def test_every_record_is_in_one_line():
    world, primary, workload = started()
    world.run_for("100ms")
    part = account(workload)
    assert len(part.sent) == len(part.acknowledged) + len(part.failed) + len(part.under_way) < 20
    world.run_for("2s")
    whole = account(workload)
    assert len(whole.sent) == len(whole.acknowledged) == 20
    assert not (whole.failed or whole.under_way or whole.lost or whole.duplicated)
    assert committed_keys(primary, "flights") == whole.sent


def test_lost_records_are_named():
    world, primary, workload = started(acks=1)
    world.run_for("100ms")
    for follower in ("primary/b2", "primary/b3"):
        world.faults.hold("primary/b1", follower)
    world.run_for("30ms")
    world.faults.crash("primary/b1")
    world.run_for("20s")
    found = account(workload)
    assert found.lost and all(key in found.acknowledged for key in found.lost)
    assert f"LOST: acknowledged, and not there {len(found.lost):>5}   {found.lost[0]}" in str(found)


def test_duplicates_are_named():
    config = {"enable.idempotence": False, "request.timeout.ms": 500, "delivery.timeout.ms": 20_000}
    world, primary, workload = started(config=config)
    world.run_for("100ms")
    producer = workload.handle.machine
    world.faults.hold("primary/b1", producer)
    world.run_for("600ms")
    world.faults.release("primary/b1", producer)
    world.run_for("20s")
    found = account(workload)
    assert found.duplicated and not found.lost
    assert "there twice" in str(found)


def test_while_nobody_leads_nothing_can_be_read():
    world, primary, workload = started()
    world.run_for("1s")
    for broker in (1, 2, 3):
        world.faults.crash(f"primary/b{broker}")
    world.run_for("10s")
    found = account(workload)
    assert found.lost == found.acknowledged and len(str(found).splitlines()) == 6
