"""Controllers at the front door: where they stand, what is told of them, forced recovery."""

import pytest

from minikafka import World
from minikafka.protocol.errors import ConfigException, KafkaError


@pytest.fixture
def stretched():
    """Two brokers in two sites, two controllers in one and one in the other."""
    world = World(seed=7)
    east, west = world.region("east", zones=2), world.region("west", zones=1)
    world.connect(east, west, latency="10ms")
    return world.cluster("p", brokers=2, region=[east, west], controllers=3, controllers_at=["east", "west"])


def test_one_controller_is_as_ever():
    cluster = World(seed=1).cluster("p")
    assert list(cluster.controllers) == [1]
    assert cluster.controller_machine.name == cluster.active_controller.name == "p/controller"
    assert cluster.image is cluster.active_controller.controller.image
    with pytest.raises(ConfigException, match="no controller of a quorum"):
        cluster.force_standalone(1)


def test_places(stretched):
    assert {one.name: one.machine.zone.name for one in stretched.controllers.values()} == {
        "p/c1": "east-a", "p/c2": "east-b", "p/c3": "west-a"}  # fmt: skip
    assert sorted(one.role for one in stretched.controllers.values()) == ["follower", "follower", "leader"]
    assert stretched.controller_machine is stretched.active_controller.machine


@pytest.mark.parametrize("controllers", [0, -1, 8, True, "3"])
def test_numbers_that_make_no_quorum(controllers):
    world = World(seed=1)
    with pytest.raises(ConfigException, match="3 \\(one may fail\\) or 5"):
        world.cluster("p", controllers=controllers)
    assert "p" not in world.clusters


def test_shutting_the_leader_down_hands_over(stretched):
    first = stretched.active_controller
    first.shut_down()
    assert (first.controller, first.role) == (None, "down")
    stretched.world.run_for("2s")
    assert stretched.active_controller not in (None, first)


def test_the_best_that_is_known_while_nobody_decides(stretched):
    known = stretched.image
    for one in stretched.controllers.values():
        one.machine.crash()
    with pytest.raises(KafkaError, match="p/c1 and p/c2 and p/c3 is down"):
        _ = stretched.image
    stretched.controllers[2].machine.start()
    stretched.world.run_for("5s")
    assert stretched.active_controller is None
    assert stretched.image.offset <= known.offset
    with pytest.raises(KafkaError, match="p/c1 is down, p/c2 is [a-z]+, p/c3 is down"):
        stretched.describe_quorum()


def test_describe_quorum(stretched):
    stretched.world.run_for("3s")
    leader = stretched.active_controller
    assert f"LeaderId:              {leader.id}\n" in stretched.describe_quorum("status")
    table = stretched.describe_quorum("replication").splitlines()
    assert table[0].split() == ["Node", "LogEndOffset", "Lag", "LastFetch", "LastCaughtUp", "Status"]
    assert [line.split()[-1] for line in table[1:]] == ["Leader", "Follower", "Follower", "Observer", "Observer"]
    with pytest.raises(ConfigException, match="the status or the replication"):
        stretched.describe_quorum("lag")


def test_metadata_lag_is_seen(stretched):
    world = stretched.world
    for controller in stretched.controllers.values():
        world.faults.hold(controller.machine, stretched.brokers[2].machine)
    stretched.create_topic("flights", assignment=[[1]])
    stretched.world.run_for("100ms")
    table = {line.split()[0]: line.split() for line in stretched.describe_quorum("replication").splitlines()[1:]}
    assert int(table["b1"][2]) <= 1 and int(table["b2"][2]) >= 2


def test_force_standalone_and_back_to_three(stretched):
    world = stretched.world
    stretched.create_topic("flights", assignment=[[1, 2]])
    world.run_for("1s")
    for number in (1, 2):
        stretched.controllers[number].machine.power_off()
    world.run_for("6s")
    assert stretched.active_controller is None
    stretched.force_standalone(3)
    assert stretched.active_controller is stretched.controllers[3]
    assert "flights" in stretched.image.topics
    world.run_for("5s")
    stretched.create_topic("weather", assignment=[[2, 1]])
    for number in (1, 2):
        stretched.add_controller(number)
    with pytest.raises(ConfigException, match="p/c2 is a voter already"):
        stretched.add_controller(2)
    stretched.controllers[3].machine.crash()
    world.run_for("6s")
    assert stretched.active_controller.id in (1, 2)
    assert sorted(stretched.image.topics) == ["flights", "weather"]


def test_nobody_can_be_added_while_nobody_decides(stretched):
    for number in (1, 2):
        stretched.controllers[number].machine.crash()
    stretched.world.run_for("6s")
    with pytest.raises(KafkaError, match="nobody could be joined"):
        stretched.add_controller(1)
    assert stretched.controllers[1].machine.disk.exists("quorum-state")


def test_old_voters_that_come_back_are_another_quorum(stretched):
    """The danger of it: two controllers decide, and each is right by its own book."""
    for number in (1, 2):
        stretched.controllers[number].machine.crash()
    stretched.force_standalone(3)
    for number in (1, 2):
        stretched.controllers[number].machine.start()
    stretched.world.run_for("10s")
    active = [one.id for one in stretched.controllers.values() if one.controller.active]
    assert len(active) == 2 and 3 in active
