"""Numbers over time, as the recorder tells them."""

import pytest
from quiet_morning import quiet
from watched import died_leader

from minikafka.viz import readings


def test_marks_end_where_the_logs_do():
    world, primary, _ = quiet()
    found = readings.marks(world, "flights-0")
    for broker, view in primary.replicas("flights-0").items():
        last = found[f"primary/b{broker}"][-1]
        assert last[1:] == (view.log.log_start_offset, view.log.high_watermark, view.log.log_end_offset)
        times = [mark.time for mark in found[f"primary/b{broker}"]]
        assert times == sorted(set(times))


def test_a_new_log_has_the_high_watermark_0_and_a_dead_broker_has_none():
    world, primary, _ = quiet()
    assert readings.marks(world, "flights-0")["primary/b1"][0].high_watermark == 0
    world.faults.crash(primary.broker(2))
    assert readings.marks(world, "flights-0")["primary/b2"][-1][1:] == (None, None, None)


def test_in_sync_counts_the_recorded_isr():
    world, primary, _ = quiet()
    world.faults.crash(primary.broker(3))
    world.run_for("15s")
    assert [members for _, members in readings.in_sync(world, "flights-0")] == [3, 2]


def test_at_risk_goes_up_with_an_append_and_down_with_a_commit():
    world, _, _ = quiet()
    counts = [records for _, records in readings.at_risk(world, "flights-0")]
    assert counts[0] == 0 and counts[-1] == 0 and max(counts) >= 1


def test_latencies_are_of_the_named_client_and_in_its_order():
    world, primary, day = quiet()
    other = primary.producer("gate", config={"linger.ms": 0})
    other.send("flights", "UA1")
    other.flush()
    assert len(readings.latencies(world)) == len(readings.latencies(world, day)) + 1
    assert len(readings.latencies(world, "gate")) == 1
    assert all(1_000 < latency < 10_000 for latency in readings.latencies(world))
    assert readings.latencies(world, "nobody") == []


def test_bytes_per_link_are_those_of_the_networks_meters(stretched):
    regions = {machine.region.name: machine.region for machine in stretched.network.machines.values()}
    meters = stretched.network.ways.bytes_between
    carried = readings.bytes_per_link(stretched)
    assert len(carried) == 7 and carried == {link: meters(*map(regions.get, link)) for link in carried}
    first, rest = (readings.bytes_per_link(stretched, *span) for span in ((0, 30_000_000), (30_000_001,)))
    assert {link: first.get(link, 0) + rest.get(link, 0) for link in carried} == carried


def test_bytes_between_zones(stretched):
    zones = readings.bytes_per_link(stretched, between="zone")
    assert ("us-east-a", "us-west-a") in zones
    assert sum(zones.values()) == sum(readings.bytes_per_link(stretched).values())


@pytest.mark.parametrize("how, words", [({"between": "rack"}, "'rack' is not a kind of place"), ({}, "keep=")])
def test_bytes_that_cannot_be_counted_are_a_sentence(stretched, how, words):
    with pytest.raises(ValueError, match=words):
        readings.bytes_per_link(stretched if how else died_leader(keep="domain events"), **how)
