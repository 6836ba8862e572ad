"""Committing and asking: Kafka's order of errors, failover by reading the log, expiry, administration."""

import pytest
from desk import Desk, PlainLog

from minikafka.coordinator.offset_records import (
    GroupChange,
    OffsetChange,
    StoredOffset,
    batch_of,
    change_of,
)
from minikafka.protocol import group_requests as api
from minikafka.protocol.errors import CorruptRecordException, Error
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import headers_of
from minikafka.protocol.records import records_of

P = TopicPartition("flights", 0)


@pytest.fixture
def desk():
    return Desk()


def test_a_member_commits_and_the_group_is_told(desk):
    [one] = desk.stable()
    assert desk.commit(100, one, 1) == Error.NONE
    assert desk.committed() == 100
    assert desk.commit(60, one, 1) == Error.NONE  # a commit may go back: nobody holds it against the log
    assert desk.committed() == 60


def test_who_may_commit_in_which_state(desk):
    assert desk.commit(5, group="new") == Error.NONE  # no group: a simple one comes into being
    assert desk.commit(5, "x", 3, group="unheard of") == Error.GROUP_ID_NOT_FOUND
    assert desk.group("unheard of") is None
    [one] = desk.stable()
    assert desk.commit(5) == Error.UNKNOWN_MEMBER_ID  # from outside, while there are members
    assert desk.commit(5, one, -1) == Error.ILLEGAL_GENERATION
    assert desk.commit(5, "nobody", 1) == Error.UNKNOWN_MEMBER_ID
    assert desk.commit(5, one, 1, instance="alpha") == Error.UNKNOWN_MEMBER_ID
    two = desk.id()
    desk.join(two)
    desk.run("10ms")
    assert desk.group().state == "PreparingRebalance" and desk.commit(7, one, 1) == Error.NONE
    desk.join(one)
    desk.run("10ms")
    assert desk.group().state == "CompletingRebalance"
    assert desk.commit(8, one, 2) == Error.REBALANCE_IN_PROGRESS
    assert desk.commit(8, one, 1) == Error.ILLEGAL_GENERATION
    assert desk.committed() == 7
    desk.leave(one, two)
    assert desk.commit(60) == Error.NONE and desk.committed() == 60  # empty: accepted, and it rewinds the group
    assert desk.commit(5, "nobody", 4) == Error.UNKNOWN_MEMBER_ID


def test_rows_are_refused_one_by_one(desk):
    assert desk.commit(5, topic="unheard of") == Error.UNKNOWN_TOPIC_OR_PARTITION
    assert desk.commit(5, note="x" * 4097) == Error.OFFSET_METADATA_TOO_LARGE
    assert desk.commit(5, note="x" * 4096) == Error.NONE
    assert Desk(**{"offset.metadata.max.bytes": 3}).commit(5, note="four") == Error.OFFSET_METADATA_TOO_LARGE


def test_nobody_is_told_of_a_commit_before_it_is_replicated(desk):
    desk.commit(5)
    desk.log.holds = True
    task = desk.commit(9, wait=False)
    desk.run("100ms")
    assert not task.done and desk.committed() == 5
    desk.log.release()
    desk.run("10ms")
    assert task.value.partitions[0].error == Error.NONE and desk.committed() == 9


def test_a_commit_that_is_not_replicated_in_time_is_open():
    desk = Desk(**{"offsets.commit.timeout.ms": 2000})
    desk.log.holds = True
    task = desk.commit(9, wait=False)
    desk.run("1900ms")
    assert not task.done
    desk.run("200ms")
    assert task.value.partitions[0].error == Error.COORDINATOR_NOT_AVAILABLE


@pytest.mark.parametrize(
    ("trouble", "seen"),
    [
        (Error.NOT_ENOUGH_REPLICAS, Error.COORDINATOR_NOT_AVAILABLE),
        (Error.NOT_LEADER_OR_FOLLOWER, Error.NOT_COORDINATOR),
        (Error.MESSAGE_TOO_LARGE, Error.UNKNOWN_SERVER_ERROR),
    ],
)
def test_what_the_log_refuses(desk, trouble, seen):
    desk.log.refuses = trouble
    assert desk.commit(9) == seen
    desk.log.refuses = None
    assert desk.committed() == -1 and desk.log.records == []


# -- another coordinator
# ------------------------------------------------------------------------------------------------


def test_another_coordinator_reads_everything_from_the_log(desk):
    one, two = desk.stable(2)
    desk.commit(100, one, 1)
    heir = Desk(log=desk.log)
    group = heir.group()
    assert (group.state, group.generation, group.leader, list(group.members)) == ("Stable", 1, one, [one, two])
    assert heir.committed() == 100
    assert heir.beat(two) == Error.NONE and heir.beat(two, 2) == Error.ILLEGAL_GENERATION
    heir.run("11s")  # the sessions began anew, and end
    assert heir.group().state != "Stable"


def test_while_it_reads_it_says_so_and_afterwards_what_is_replicated(desk):
    desk.commit(5)
    log = PlainLog(None)
    log.records, log.replicated = desk.log.records, 0
    heir = Desk(log=log)
    assert heir.commit(9) == Error.COORDINATOR_LOAD_IN_PROGRESS
    described = heir.ask(heir.coordinator.describe_groups(api.DescribeGroupsRequest(["g"]), "c")).groups[0]
    assert described.error == Error.COORDINATOR_LOAD_IN_PROGRESS
    log.release()
    heir.run("10ms")
    assert heir.committed() == 5


def test_who_waits_is_sent_elsewhere_when_the_coordinator_changes(desk):
    member = desk.id()
    task = desk.join(member)
    desk.run("10ms")
    desk.coordinator.shards.follow({}, 1)
    desk.run("10ms")
    assert task.value.error == Error.NOT_COORDINATOR


def test_a_commit_under_way_when_the_coordinator_changes(desk):
    desk.log.holds = True
    task = desk.commit(9, wait=False)
    desk.run("10ms")
    desk.coordinator.shards.follow({}, 1)
    desk.log.release()
    desk.run("10ms")
    assert task.value.partitions[0].error == Error.NOT_COORDINATOR


# -- expiry and administration
# ------------------------------------------------------------------------------------------


def expire(desk):
    desk.coordinator.expire_offsets()
    desk.run("10ms")


def test_offsets_of_an_empty_group_go_after_their_time():
    desk = Desk(**{"offsets.retention.minutes": 10})
    [one] = desk.stable(session=1_000_000)
    desk.commit(5, one, 1)
    desk.run("15min")
    expire(desk)
    assert desk.committed() == 5  # at work, and subscribed
    desk.leave(one)
    desk.run("9min")
    expire(desk)
    assert desk.committed() == 5
    desk.run("2min")
    expire(desk)
    assert desk.committed() == -1 and desk.group() is None
    assert Desk(log=desk.log).group() is None


def test_a_group_at_work_forgets_topics_that_it_reads_no_more():
    desk = Desk(**{"offsets.retention.minutes": 10})
    [one] = desk.stable(session=1_000_000, topics=("arrivals",))
    desk.commit(5, one, 1)
    desk.run("11min")
    expire(desk)
    assert desk.committed() == -1 and desk.group().state == "Stable"


def test_a_simple_group_is_gone_with_its_last_offset():
    desk = Desk(**{"offsets.retention.minutes": 10})
    desk.commit(5)
    desk.run("11min")
    expire(desk)
    assert desk.committed() == -1 and desk.group() is None


def test_a_deleted_topic_takes_its_offsets_along(desk):
    desk.commit(5)
    desk.coordinator.forget_topics(["flights"])
    desk.run("10ms")
    assert desk.committed() == -1


def test_groups_are_listed_described_and_deleted(desk):
    [one] = desk.stable()
    desk.commit(5, group="simple")
    listed = desk.ask(desk.coordinator.list_groups(api.ListGroupsRequest([]), "c")).groups
    assert {(row.group_id, row.state) for row in listed} == {("g", "Stable"), ("simple", "Empty")}
    listed = desk.ask(desk.coordinator.list_groups(api.ListGroupsRequest(["Stable"]), "c")).groups
    assert [row.group_id for row in listed] == ["g"]
    described = desk.ask(desk.coordinator.describe_groups(api.DescribeGroupsRequest(["g", "none"]), "c")).groups
    assert [(row.error, row.state, len(row.members)) for row in described] == [
        (Error.NONE, "Stable", 1),
        (Error.GROUP_ID_NOT_FOUND, "Dead", 0),
    ]
    deleted = desk.ask(desk.coordinator.delete_groups(api.DeleteGroupsRequest(["g", "simple", "none"]), "c")).results
    assert [row.error for row in deleted] == [Error.NON_EMPTY_GROUP, Error.NONE, Error.GROUP_ID_NOT_FOUND]
    assert desk.group("simple") is None and desk.beat(one) == Error.NONE


def test_offsets_of_topics_that_are_read_are_not_deleted(desk):
    [one] = desk.stable()
    desk.commit(5, one, 1)

    def delete(group="g", topic="flights"):
        request = api.OffsetDeleteRequest(group, [api.OffsetPartition(topic, 0)])
        answer = desk.ask(desk.coordinator.delete_offsets(request, "c"))
        return answer.error or answer.partitions[0].error

    assert delete() == Error.GROUP_SUBSCRIBED_TO_TOPIC and desk.committed() == 5
    assert delete(topic="other") == Error.UNKNOWN_TOPIC_OR_PARTITION
    assert delete(group="none") == Error.GROUP_ID_NOT_FOUND
    desk.leave(one)
    assert delete() == Error.NONE and desk.committed() == -1


# -- records
# ------------------------------------------------------------------------------------------------------------


def read_back(change):
    batch = batch_of([change], 5_000)
    [header] = headers_of(batch)
    return change_of(records_of(batch, header)[0])


def test_records_come_out_as_they_went_in(desk):
    desk.stable(2)
    stored = change_of(desk.log.records[-1])
    for change in (
        OffsetChange("g", P, StoredOffset(5, 1, "note", 7)),
        OffsetChange("g", P, None),
        stored,
        GroupChange("g", None),
    ):
        assert read_back(change) == change


def test_foreign_records_are_refused(desk):
    record = records_of(batch := batch_of([OffsetChange("g", P, None)], 0), next(iter(headers_of(batch))))[0]
    with pytest.raises(CorruptRecordException):
        change_of(record._replace(key=b"\xc1"))
