"""Regions, zones, machines."""

import pytest

from minikafka.world.places import Place, Region


def test_a_region_has_named_zones_and_knows_what_lies_in_it():
    east, west = Region("east", 3), Region("west", 1)
    assert [zone.name for zone in east.zones] == ["east-a", "east-b", "east-c"]
    machine = Place("m", east.zones[1])
    assert (
        east.contains(machine) and east.zones[1].contains(machine) and machine.contains(machine) and east.contains(east)
    )
    assert not east.zones[0].contains(machine) and not west.contains(machine) and not machine.contains(east)
    assert machine.region is east and east.zones[2].region is east and east.region is east
    assert (repr(machine), machine.door) == ("m", "place:m")


def test_many_zones_are_numbered():
    assert [zone.name for zone in Region("big", 27).zones][:2] == ["big-1", "big-2"]


def test_a_place_that_is_nowhere_is_an_error_with_a_sentence():
    with pytest.raises(AssertionError, match="lost is outermost and not a region"):
        _ = Place("lost").region
