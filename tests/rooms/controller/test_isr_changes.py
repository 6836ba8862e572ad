"""AlterPartition: the rules in Kafka's order, each with its code, and nothing changed by a refusal."""

import pytest
from governed import Governed

from minikafka.controller import isr_changes
from minikafka.metadata.facts import RECOVERED, RECOVERING
from minikafka.protocol.cluster_requests import AlterPartitionRequest
from minikafka.protocol.errors import Error


@pytest.fixture
def cluster():
    """flights-0 on 0, 1, 2 led by 0 at leader epoch 0; broker 3 holds nothing."""
    cluster = Governed(min_insync_replicas=2).start(0, 1, 2, 3)
    cluster.create(assignment=[[0, 1, 2]])
    return cluster


def test_a_shrink_is_recorded_and_answered(cluster):
    row = cluster.alter([0, 1])
    assert (row.error, row.leader, row.leader_epoch, row.isr, row.partition_epoch) == (0, 0, 0, [0, 1], 1)
    assert cluster.state() == (0, 0, [0, 1], [])
    assert cluster.events[-1].sentence() == "recorded for flights-0: ISR [0, 1] (AlterPartition, partition epoch 1)"


def test_shrinking_below_min_isr_fills_the_elr_and_expanding_empties_it(cluster):
    cluster.alter([0, 1])
    cluster.alter([0])
    assert cluster.state() == (0, 0, [0], [1])
    cluster.alter([0, 2])
    assert cluster.state() == (0, 0, [0, 2], [])


def test_the_same_isr_again_is_taken_and_changes_nothing(cluster):
    row = cluster.alter([0, 1, 2])
    assert (row.error, row.partition_epoch) == (Error.NONE, 0)
    assert cluster[0].partition_epoch == 0


def test_a_second_change_from_the_same_epoch_is_refused(cluster):
    cluster.alter([0, 1])
    row = cluster.alter([0, 2], partition_epoch=0)
    assert row.error == Error.INVALID_UPDATE_VERSION
    assert cluster.state() == (0, 0, [0, 1], [])


REFUSALS = [
    ("topic is gone", {"topic_id": "nobody"}, Error.UNKNOWN_TOPIC_ID),
    ("partition is unknown", {"partition": 7}, Error.UNKNOWN_TOPIC_OR_PARTITION),
    ("newer leader epoch than ours", {"leader_epoch": 1}, Error.NOT_CONTROLLER),
    ("newer partition epoch than ours", {"partition_epoch": 1}, Error.NOT_CONTROLLER),
    ("newer partition epoch, older leader epoch", {"partition_epoch": 1, "leader_epoch": -1}, Error.NOT_CONTROLLER),
    ("older leader epoch", {"leader_epoch": -1}, Error.FENCED_LEADER_EPOCH),
    ("older partition epoch", {"partition_epoch": -1}, Error.INVALID_UPDATE_VERSION),
    ("recovering with company", {"leader_recovery_state": RECOVERING}, Error.INVALID_REQUEST),
]


@pytest.mark.parametrize("changed, error", [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_a_wish_that_does_not_fit_is_refused(cluster, changed, error):
    before = cluster.image
    row = cluster.alter([0, 1], **changed)
    assert (row.error, row.leader, row.isr) == (error, -1, [])
    assert cluster.image is before
    assert error.name in cluster.events[-1].sentence()


@pytest.mark.parametrize("isr", [[0, 3], [0, 0, 1], [1, 2], []], ids=["no replica", "twice", "no leader", "empty"])
def test_an_impossible_isr_is_refused(cluster, isr):
    before = cluster.image
    assert cluster.alter(isr).error == Error.INVALID_REQUEST
    assert cluster.image is before


def test_only_the_leader_may_ask(cluster):
    before = cluster.image
    assert cluster.alter([0, 1], broker=1).error == Error.INVALID_REQUEST
    assert cluster.image is before


def test_the_old_leader_is_fenced_after_an_election(cluster):
    cluster.fence(0)
    cluster.heartbeat(0)
    assert cluster.alter([0, 1], broker=0, leader_epoch=0).error == Error.FENCED_LEADER_EPOCH


def test_an_earlier_incarnation_is_refused_as_a_whole(cluster):
    before = cluster.image
    request = AlterPartitionRequest(0, cluster.image.brokers[0].epoch - 1, [])
    decision = isr_changes.alter_partition(cluster.image, request, cluster.config)
    assert (decision.response.error, decision.response.partitions) == (Error.STALE_BROKER_EPOCH, [])
    decision = isr_changes.alter_partition(cluster.image, request._replace(broker_id=9), cluster.config)
    assert decision.response.error == Error.STALE_BROKER_EPOCH
    assert (decision.facts, cluster.image) == ((), before)


def test_members_that_may_not_lead_may_not_join(cluster):
    cluster.fence(2)
    assert cluster[0].isr == (0, 1)
    assert cluster.alter([0, 1, 2]).error == Error.INELIGIBLE_REPLICA
    assert "broker 2 is fenced" in cluster.events[-1].why
    cluster.heartbeat(2)
    assert cluster.alter([0, 1, 2]).error == Error.NONE
    cluster.create("other", assignment=[[2]])
    cluster.heartbeat(2, want_shut_down=True)
    assert cluster.alter([0, 1, 2]).error == Error.INELIGIBLE_REPLICA
    assert "broker 2 is shutting down" in cluster.events[-1].why


def test_a_member_seen_before_its_restart_may_not_join(cluster):
    seen = cluster.image.brokers[2].epoch
    cluster.restart(2, "second")
    assert cluster.alter([0, 1, 2], epochs={2: seen}).error == Error.INELIGIBLE_REPLICA
    assert "restarted" in cluster.events[-1].why
    assert cluster.alter([0, 1, 2], epochs={2: cluster.image.brokers[2].epoch}).error == Error.NONE


def test_recovered_does_not_go_back_to_recovering(cluster):
    cluster.alter([0])
    assert cluster.alter([0], leader_recovery_state=RECOVERING).error == Error.INVALID_REQUEST
    assert cluster[0].leader_recovery_state == RECOVERED


def test_an_unclean_leader_leaves_recovering_with_its_first_change():
    cluster = Governed(min_insync_replicas=1, unclean_leader_election_enable=True).start(0, 1)
    cluster.create(assignment=[[0, 1]])
    cluster.alter([0])
    cluster.fence(0)
    assert cluster[0].leader_recovery_state == RECOVERING
    assert cluster.alter([1], leader_recovery_state=RECOVERING).error == Error.NONE
    assert cluster.alter([1], leader_recovery_state=RECOVERED).leader_recovery_state == RECOVERED
    assert cluster[0].leader_recovery_state == RECOVERED


def test_good_and_bad_wishes_of_one_request_are_answered_each(cluster):
    cluster.create("more", assignment=[[0, 1]])
    topics = cluster.image.topics
    members = cluster.image.brokers[0]
    wishes = []
    for topic, epoch in ((topics["flights"], 3), (topics["more"], 0)):
        wishes.append(
            isr_changes.AlterPartitionPartition(topic.id, 0, 0, [isr_changes.IsrMember(0, -1)], RECOVERED, epoch)
        )
    response = cluster.settle(
        isr_changes.alter_partition(cluster.image, AlterPartitionRequest(0, members.epoch, wishes), cluster.config)
    )
    assert [row.error for row in response.partitions] == [Error.NOT_CONTROLLER, Error.NONE]
    assert cluster.image.topics["more"].partitions[0].isr == (0,)
    assert cluster.state() == (0, 0, [0, 1, 2], [])
