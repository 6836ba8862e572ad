"""The controllers' quorum in the scene: roles, epochs, what is committed, what the brokers have read."""

import pytest

from minikafka.viz.scene import Scene
from minikafka.viz.stage import Stage


def state(world, time):
    scene = Scene(world)
    return scene.state_at(scene.moment_at(time))


def voters(state):
    return {name[1]: values for name, values in state.items() if name[0] == "voter"}


@pytest.mark.parametrize("time", ["1500ms", "3s", "6s", "7s", "10s", "12s", "15s", "19s", "23s"])
def test_the_scene_is_what_the_controllers_are(quorum, time):
    then = quorum.rewind(time)
    found = voters(state(then, then.now))
    assert len(found) == 3
    for place, told in found.items():
        process = then.network.machines[place].process
        if told["role"] is None:
            assert process is None
            continue
        voter = process.voter
        assert (told["role"], told["epoch"]) == (voter.role, voter.epoch)
        assert told["high_watermark"] in (None, voter.log.high_watermark)
        if told["role"] == "follower":
            assert told["leader"] == voter.leader
    for place, broker in then.clusters["primary"].brokers.items():
        applied = state(then, then.now)["metadata", broker.name]["applied"]
        assert applied == broker.broker.image.offset, place


def test_a_lonely_leader_resigns_and_another_follows(quorum):
    def leading(time):
        found = voters(state(quorum, time)).items()
        return [(place, told["epoch"]) for place, told in found if told["role"] == "leader"]

    (first,), (second,), (third,) = leading(2_000_000), leading(10_000_000), leading(20_000_000)
    assert len({first[0], second[0], third[0]}) == 3 and first[1] < second[1] < third[1]
    roles = {told["role"] for told in voters(state(quorum, 6_000_000)).values()}
    assert "resigned" in roles or "leader" in roles


def test_the_stage_has_a_table_of_the_quorum(quorum, watched):
    stage = Stage(quorum)
    table = stage.quorum("19s")
    assert [row[0] for row in table.rows] == ["primary/c1", "primary/c2", "primary/c3"]
    assert sorted(row[1] for row in table.rows) == ["down", "follower", "leader"]
    assert "The controllers&#x27; quorum at" in stage.html()
    assert Stage(watched).quorum() is None and "quorum" not in Stage(watched).html()
    assert len(stage.payload()) < 150_000
