"""Consumer groups in the scene: who coordinates, who belongs, who reads what, what is committed."""

import pytest
from test_scene import group_differences

from minikafka.protocol.names import TopicPartition
from minikafka.viz.group_scene import NO_COORDINATOR
from minikafka.viz.scene import Scene
from minikafka.viz.stage import Stage

GROUP = ("group", "primary", "billing")


def state(world, time=None):
    scene = Scene(world)
    return scene.state_at(scene.moment_at(world.now if time is None else time))


@pytest.mark.parametrize("time", ["1s", "5s", "8500ms", "12s", "17s", "19s", "30s", "38s"])
def test_the_scene_is_what_the_coordinator_has(shared, time):
    then = shared.rewind(time)
    assert group_differences(state(then), then) == []


def test_members_share_the_partitions(shared):
    alone, both = state(shared, 6_000_000)[GROUP], state(shared, 17_000_000)[GROUP]
    assert (alone["state"], alone["generation"], len(alone["members"])) == ("Stable", 1, 1)
    assert (both["state"], both["generation"], both["protocol"]) == ("Stable", 2, "range")
    shares = [(client, given) for _, _, client, given in both["members"]]
    assert shares == [("primary/c1", ("flights-0", "flights-1")), ("primary/c2", ("flights-2", "flights-3"))]
    assert both["leader"] == both["members"][0][0]


def test_a_group_without_coordinator_says_so_and_is_taken_over(shared):
    before, between, after = (state(shared, time)[GROUP] for time in (17_000_000, 19_000_000, 38_000_000))
    assert (between["state"], between["coordinator"]) == (NO_COORDINATOR, "")
    assert between["members"] == before["members"] == after["members"]
    assert after["state"] == "Stable" and after["coordinator"] not in ("", before["coordinator"])


def test_what_is_given_back_is_not_read_any_more(shared):
    then = state(shared, 17_000_000)
    given_back = ("position", "primary/c1", TopicPartition("flights", 2))
    assert then[given_back]["position"] is None
    assert then["position", "primary/c2", TopicPartition("flights", 2)]["position"] == 6
    assert then["client", "primary/c2"]["owned"] == ("flights-2", "flights-3")


def test_committed_positions_are_things(shared):
    committed = {str(name[3]): values["offset"] for name, values in state(shared).items() if name[0] == "committed"}
    assert committed == {"flights-0": 12, "flights-1": 6, "flights-2": 6, "flights-3": 0}


def test_the_stage_has_a_table_of_each_group(shared):
    stage = Stage(shared)
    (early,), (late,) = stage.groups("6s"), stage.groups()
    assert "Stable, generation 1, 1 member" in early.caption and "generation 2, 2 members" in late.caption
    assert late.rows[2] == ["flights-2", "6", "6", "primary/c2"]
    assert "Group billing" in stage.html() and "__consumer_offsets" not in stage.html()
    assert len(stage.payload()) < 150_000
