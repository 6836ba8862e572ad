"""Placement, with the vectors of Kafka's own StripedReplicaPlacerTest among them."""

from random import Random

import pytest

from minikafka.controller.placement import UsableBroker, place_replicas
from minikafka.protocol.errors import Error, KafkaError


class NoChance(Random):
    """Dice that always show zero, so that every offset is 0."""

    def randrange(self, *_):
        return 0


def brokers(text):
    """`a:0,1f b:2` is rack a with broker 0 and fenced broker 1, rack b with broker 2; `:0` has no rack."""
    found = []
    for rack in text.split():
        name, ids = rack.split(":")
        found += [UsableBroker(int(i.rstrip("f")), name, i.endswith("f")) for i in ids.split(",")]
    return found


VECTORS = [
    (":0,1,2", 3, [(0, 1, 2), (1, 2, 0), (2, 0, 1)]),
    (":0,1,2,3,4", 3, [(0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 0), (4, 0, 1)]),
    ("a:0 b:1 c:2", 3, [(0, 1, 2), (1, 2, 0), (2, 0, 1)]),
    ("a:0 b:1 c:2", 2, [(0, 1), (1, 2), (2, 0)]),
    ("a:0,1,2 b:3,4,5 c:6,7,8", 3, [(0, 3, 6), (4, 7, 1), (8, 2, 5), (0, 3, 6), (4, 7, 1), (8, 2, 5)]),
    ("a:0,1 b:2,3", 3, [(0, 2, 1), (3, 1, 2), (0, 2, 1), (3, 1, 2)]),
    ("a:0,1 b:2,3", 4, [(0, 2, 1, 3), (3, 1, 2, 0), (0, 2, 1, 3), (3, 1, 2, 0)]),
    ("a:0,1f b:2,3 c:4f", 3, [(0, 2, 4), (3, 4, 0), (0, 4, 2)]),
]


@pytest.mark.parametrize("racks, factor, expected", VECTORS)
def test_replicas_are_striped_as_in_kafka(racks, factor, expected):
    assert place_replicas(brokers(racks), len(expected), factor, NoChance()) == expected


def test_the_order_in_which_brokers_are_named_does_not_matter():
    some = brokers("b:3,2 a:1,0")
    assert place_replicas(some, 4, 3, NoChance()) == place_replicas(brokers("a:0,1 b:2,3"), 4, 3, NoChance())


@pytest.mark.parametrize("seed", range(20))
def test_no_list_names_a_broker_or_a_rack_twice_and_every_leader_is_unfenced(seed):
    some = brokers("a:0,1,2f b:3,4 c:5,6,7")
    racks = {broker.id: broker.rack for broker in some}
    for replicas in place_replicas(some, 70, 3, Random(seed)):
        assert len({racks[replica] for replica in replicas}) == 3
        assert replicas[0] != 2


@pytest.mark.parametrize("seed", range(20))
def test_with_equal_racks_every_broker_leads_and_holds_equally_many(seed):
    lists = place_replicas(brokers("a:0,1 b:2,3 c:4,5"), 60, 3, Random(seed))
    assert [sum(replicas[0] == broker for replicas in lists) for broker in range(6)] == [10] * 6
    assert [sum(broker in replicas for replicas in lists) for broker in range(6)] == [30] * 6


def test_after_a_round_the_lists_are_shuffled():
    lists = place_replicas(brokers(":0,1,2,3,4"), 50, 3, Random(1))
    assert len(set(lists)) > 5


def test_same_dice_same_placement():
    some = brokers("a:0,1 b:2,3")
    assert place_replicas(some, 30, 2, Random(7)) == place_replicas(some, 30, 2, Random(7))


@pytest.mark.parametrize(
    "racks, factor, part",
    [
        (":0,1,2", 0, "at least 1"),
        (":0,1,2", -3, "at least 1"),
        (":0,1,2", 4, "only 3 broker(s) are registered"),
        (":0f,1f", 1, "all brokers are fenced"),
    ],
)
def test_impossible_factors_are_refused(racks, factor, part):
    with pytest.raises(KafkaError) as refused:
        place_replicas(brokers(racks), 1, factor, NoChance())
    assert refused.value.error == Error.INVALID_REPLICATION_FACTOR
    assert part in str(refused.value)
    assert f"{factor} time(s)" in str(refused.value)


def test_one_unfenced_broker_leads_everything_without_an_endless_loop():
    lists = place_replicas(brokers("a:0 b:1f c:2f"), 10, 2, NoChance())
    assert [replicas[0] for replicas in lists] == [0] * 10
