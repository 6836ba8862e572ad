"""Elections that are asked for, and those the clock asks for."""

import pytest
from governed import Governed

from minikafka.controller import leader_changes
from minikafka.events.governance import LeaderElected
from minikafka.protocol.admin_requests import PREFERRED, UNCLEAN, ElectionPartition
from minikafka.protocol.errors import Error

FLIGHTS = [ElectionPartition("flights", 0)]


@pytest.fixture
def cluster():
    """flights-0 on 0, 1, 2, led by 1 since 0 was fenced; 0 is back but not in the ISR."""
    cluster = Governed(min_insync_replicas=2).start(0, 1, 2)
    cluster.create(assignment=[[0, 1, 2]])
    cluster.fence(0)
    cluster.heartbeat(0)
    return cluster


def test_a_preferred_election_gives_the_partition_back(cluster):
    cluster.alter([0, 1, 2])
    (row,) = cluster.elect(PREFERRED, FLIGHTS)
    assert (row.error, row.message) == (Error.NONE, None)
    assert cluster.state() == (0, 2, [0, 1, 2], [])
    assert cluster.events[-1] == LeaderElected(
        ("flights", 0), 0, 2, (0, 1, 2), (), 3, clean=True, reason="preferred leader election"
    )


def test_an_unclean_election_takes_who_is_there():
    cluster = Governed(min_insync_replicas=1).start(0, 1)
    cluster.create(assignment=[[0, 1]])
    cluster.alter([0])
    cluster.fence(0)
    assert cluster.state() == (-1, 1, [], [0])
    (row,) = cluster.elect(UNCLEAN, FLIGHTS)
    assert row.error == Error.NONE
    assert cluster.state() == (1, 2, [1], [])
    assert not cluster.events[-1].clean


@pytest.mark.parametrize(
    "kind, which, error, part",
    [
        (PREFERRED, ("flights", 0), Error.PREFERRED_LEADER_NOT_AVAILABLE, "wait until it has caught up"),
        (UNCLEAN, ("flights", 0), Error.ELECTION_NOT_NEEDED, "has a leader (1)"),
        (PREFERRED, ("flights", 1), Error.UNKNOWN_TOPIC_OR_PARTITION, "flights-1 does not exist"),
        (PREFERRED, ("nothing", 0), Error.UNKNOWN_TOPIC_OR_PARTITION, "nothing-0 does not exist"),
        (7, ("flights", 0), Error.INVALID_REQUEST, "use 0 (preferred) or 1 (unclean)"),
    ],
)
def test_an_election_that_is_not_possible_is_refused(cluster, kind, which, error, part):
    before = cluster.image
    (row,) = cluster.elect(kind, [ElectionPartition(*which)])
    assert (row.error, row.topic, row.partition) == (error, *which)
    assert part in row.message
    assert cluster.image is before


def test_a_preferred_leader_needs_no_election(cluster):
    cluster.create("other", assignment=[[0, 1]])
    (row,) = cluster.elect(PREFERRED, [ElectionPartition("other", 0)])
    assert row.error == Error.ELECTION_NOT_NEEDED


def test_an_unclean_election_needs_a_live_replica():
    cluster = Governed().start(0, 1)
    cluster.create(assignment=[[0]])
    cluster.fence(0)
    (row,) = cluster.elect(UNCLEAN, FLIGHTS)
    assert row.error == Error.ELIGIBLE_LEADERS_NOT_AVAILABLE


def test_all_partitions_leaves_out_those_that_need_no_election(cluster):
    cluster.create("other", assignment=[[0, 1], [1, 0]])
    assert [(row.topic, row.error) for row in cluster.elect(PREFERRED, None)] == [
        ("flights", Error.PREFERRED_LEADER_NOT_AVAILABLE)
    ]
    cluster.alter([0, 1, 2])
    assert [(row.topic, row.error) for row in cluster.elect(PREFERRED, None)] == [("flights", Error.NONE)]


def test_a_partition_named_twice_is_elected_once(cluster):
    cluster.alter([0, 1, 2])
    assert [row.error for row in cluster.elect(PREFERRED, FLIGHTS * 2)] == [Error.NONE, Error.NONE]
    assert cluster[0].leader_epoch == 2


def test_the_leader_balance_moves_what_can_be_moved(cluster):
    cluster.create("other", assignment=[[0, 1], [1, 0]])
    assert leader_changes.preferred_leaders(cluster.image, cluster.config).facts == ()
    cluster.alter([0, 1, 2])
    cluster.settle(leader_changes.preferred_leaders(cluster.image, cluster.config))
    assert cluster.state()[0] == 0


def test_unclean_leader_election_enable_is_a_matter_of_each_topic():
    cluster = Governed(min_insync_replicas=1).start(0, 1)
    cluster.create(assignment=[[0, 1]], unclean_leader_election_enable="true")
    cluster.create("safe", assignment=[[0, 1]])
    cluster.alter([0])
    cluster.alter([0], topic="safe")
    cluster.fence(0)
    assert cluster.state() == (1, 1, [1], [])
    assert cluster.image.topics["safe"].partitions[0].leader == -1
    assert leader_changes.unclean_leaders(cluster.image, cluster.config).facts == ()


def test_the_check_for_unclean_leaders_elects_where_it_may():
    cluster = Governed().start(0, 1)
    cluster.create(assignment=[[0, 1]])
    cluster.alter([0])
    cluster.fence(0)
    assert cluster.state() == (-1, 1, [], [0])
    eager = cluster.config.with_({"unclean.leader.election.enable": True})
    cluster.settle(leader_changes.unclean_leaders(cluster.image, eager))
    assert cluster.state() == (1, 2, [1], [])


def test_min_insync_replicas_of_the_topic_decides_about_the_elr():
    cluster = Governed(min_insync_replicas=1).start(0, 1, 2)
    cluster.create(assignment=[[0, 1, 2]], min_insync_replicas=3)
    cluster.alter([0, 1])
    assert cluster.state() == (0, 0, [0, 1], [2])
