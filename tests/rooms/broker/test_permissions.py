"""Every request at the front desk: what it needs, what who lacks it hears, and that nothing else is changed.

Each case is a request of somebody who may do nothing, the error he hears, and the one rule with which he does not hear
it any more."""

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.events.security import AuthorizationDenied
from minikafka.protocol import admin_requests as admin
from minikafka.protocol import client_requests as client
from minikafka.protocol import cluster_requests as cluster
from minikafka.protocol import config_requests as config
from minikafka.protocol import group_requests as group
from minikafka.protocol import partition_requests as partition
from minikafka.protocol import placement_requests as placement
from minikafka.protocol import quorum_requests as quorum
from minikafka.protocol import security_requests as security
from minikafka.protocol import transaction_requests as txn
from minikafka.protocol.access_rules import EVERY_RULE
from minikafka.protocol.access_words import rule_from
from minikafka.protocol.channel import Channel
from minikafka.protocol.errors import Error
from minikafka.protocol.records import build_batch
from minikafka.protocol.whole_refusals import whole_error
from minikafka.world.network import Disconnected

GUARDED = {"authorizer.class.name": "StandardAuthorizer", "offsets.topic.num.partitions": 1,
           "offsets.topic.replication.factor": 1}  # fmt: skip
BATCH = build_batch([(0, None, b"x", None)])
T, G, C = Error.TOPIC_AUTHORIZATION_FAILED, Error.GROUP_AUTHORIZATION_FAILED, Error.CLUSTER_AUTHORIZATION_FAILED
X = Error.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
SESSION = (0, -1)
FETCH = client.FetchRequest(-1, -1, 0, 1, 1 << 20, 0, *SESSION,
                            [client.FetchPartition("flights", 0, "", -1, 0, -1, -1, 1 << 20)], [], "")  # fmt: skip
JOIN = group.JoinGroupRequest("crew", 10_000, 10_000, "", None, "consumer", [group.Protocol("range", b"")], "me", None)
RULE = rule_from("User:bob", "READ", "topic:flights")
TX = ("tx", 1, 0)
ONE = txn.TransactionPartition("flights", 0)
OFFSET = group.OffsetToCommit("flights", 0, 1, -1, "")
TX_COMMIT = txn.TxnOffsetCommitRequest("tx", "crew", 1, 0, -1, "", None, [OFFSET])
NAMED_BATCH = client.ProduceRequest(1, 1000, [client.ProducePartition("flights", 0, BATCH)], "tx")


class Desk:
    """One broker with the topics flights and crews, and somebody whom nobody knows."""

    def __init__(self):
        self.world = World(seed=6)
        self.cluster = self.world.cluster("primary", brokers=1, config=GUARDED)
        for topic in ("flights", "crews"):
            self.cluster.create_topic(topic)
        warm = self.cluster.consumer("warm", group="g")
        self.cluster.add_acl("User:ANONYMOUS", "READ", "group:g")
        warm.subscribe("nothing")
        try:
            warm.poll("2s")
        except Exception:
            pass
        warm.close()
        self.cluster.remove_acl()
        machine = self.world.machine("primary/guest", self.world.place("home-a"))
        machine.start()
        self.channels = {place: Channel(machine, f"primary/{place}") for place in ("b1", "controller")}

    def ask(self, request, place="b1"):
        """The answer to somebody whom nobody knows."""
        return self.world.finish(self.channels[place].ask(request, 5_000_000))

    def denied(self):
        """What was refused last: (operation, resource type, resource)."""
        last = list(self.world.recorder.events(AuthorizationDenied))[-1].event
        return last.operation, last.resource_type, last.resource


@pytest.fixture(scope="module")
def desk():
    return Desk()


CASES = [
    (client.ProduceRequest(1, 1000, [client.ProducePartition("flights", 0, BATCH)]), T, "WRITE topic:flights"),
    (FETCH, T, "READ topic:flights"),
    (FETCH._replace(replica_id=7), T, "CLUSTER_ACTION cluster"),
    (client.ListOffsetsRequest(-1, 0, [client.ListOffsetsPartition("flights", 0, -1, -1)]), T,
     "DESCRIBE topic:flights"),
    (client.OffsetForLeaderEpochRequest(-1, [client.EpochPartition("flights", 0, -1, 0)]), T, "DESCRIBE topic:flights"),
    (client.OffsetForLeaderEpochRequest(-1, [client.EpochPartition("flights", 0, -1, 0)]), T, "CLUSTER_ACTION cluster"),
    (client.MetadataRequest(["flights"]), T, "DESCRIBE topic:flights"),
    (client.InitProducerIdRequest(None), C, "IDEMPOTENT_WRITE cluster"),
    (client.InitProducerIdRequest(None), C, "WRITE topic:crews"),
    (admin.CreateTopicsRequest([admin.CreatableTopic("new", 1, 1, [], [])], 1000, True), T, "CREATE topic:new"),
    (admin.CreateTopicsRequest([admin.CreatableTopic("new", 1, 1, [], [])], 1000, True), T, "CREATE cluster"),
    (admin.DeleteTopicsRequest(["nothing"], 1000), T, "DELETE topic:nothing"),
    (admin.DeleteRecordsRequest([admin.DeleteRecordsPartition("flights", 0, 0)], 1000), T, "DELETE topic:flights"),
    (admin.ElectLeadersRequest(0, [admin.ElectionPartition("flights", 0)]), C, "ALTER cluster"),
    (placement.ApplyPlacementRequest(["flights"]), C, "ALTER cluster"),
    (partition.CreatePartitionsRequest([partition.GrowingTopic("flights", 2, None)], 1000, True), T,
     "ALTER topic:flights"),
    (partition.AlterPartitionReassignmentsRequest([partition.Reassignment("flights", 0, None)], 1000), C,
     "ALTER cluster"),
    (partition.ListPartitionReassignmentsRequest(1000), C, "DESCRIBE cluster"),
    (config.DescribeConfigsRequest([config.DescribeConfigsResource(2, "flights", None)]), T,
     "DESCRIBE_CONFIGS topic:flights"),
    (config.DescribeConfigsRequest([config.DescribeConfigsResource(4, "1", None)]), C, "DESCRIBE_CONFIGS cluster"),
    (config.IncrementalAlterConfigsRequest([config.AlterConfigsResource(2, "flights", [])], True), T,
     "ALTER_CONFIGS topic:flights"),
    (config.IncrementalAlterConfigsRequest([config.AlterConfigsResource(4, "1", [])], True), C,
     "ALTER_CONFIGS cluster"),
    (group.FindCoordinatorRequest(0, ["crew"]), G, "DESCRIBE group:crew"),
    (group.FindCoordinatorRequest(1, ["tx"]), X, "DESCRIBE transactional_id:tx"),
    (JOIN, G, "READ group:crew"),
    (group.SyncGroupRequest("crew", 1, "m", None, "consumer", "range", []), G, "READ group:crew"),
    (group.HeartbeatRequest("crew", 1, "m", None), G, "READ group:crew"),
    (group.LeaveGroupRequest("crew", [group.LeavingMember("m", None, None)]), G, "READ group:crew"),
    (group.OffsetFetchRequest("crew", []), G, "DESCRIBE group:crew"),
    (group.DescribeGroupsRequest(["crew"]), G, "DESCRIBE group:crew"),
    (group.DeleteGroupsRequest(["crew"]), G, "DELETE group:crew"),
    (group.OffsetDeleteRequest("crew", []), G, "DELETE group:crew"),
    (NAMED_BATCH, X, "WRITE transactional_id:tx"),
    (client.InitProducerIdRequest("tx"), X, "WRITE transactional_id:tx"),
    (txn.AddPartitionsToTxnRequest(*TX, [ONE], False), X, "WRITE transactional_id:tx"),
    (txn.AddOffsetsToTxnRequest(*TX, "crew"), X, "WRITE transactional_id:tx"),
    (txn.EndTxnRequest(*TX, True), X, "WRITE transactional_id:tx"),
    (TX_COMMIT, X, "WRITE transactional_id:tx"),
    (txn.DescribeProducersRequest([ONE]), T, "READ topic:flights"),
    (txn.DescribeTransactionsRequest(["tx"]), X, "DESCRIBE transactional_id:tx"),
    (security.DescribeAclsRequest(*EVERY_RULE), C, "DESCRIBE cluster"),
    (security.CreateAclsRequest([RULE]), C, "ALTER cluster"),
    (security.DeleteAclsRequest([RULE]), C, "ALTER cluster"),
    (security.DescribeUserScramCredentialsRequest(None), C, "DESCRIBE cluster"),
    (security.AlterUserScramCredentialsRequest([security.ScramDeletion("bob", "SCRAM-SHA-256")], []), C,
     "ALTER cluster"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "error", "right"), CASES, ids=lambda one: type(one).__name__
                         if hasattr(one, "API") else str(one))  # fmt: skip
def test_what_it_needs(desk, request_, error, right):
    image = desk.cluster.image
    assert whole_error(desk.ask(request_)) == error
    assert desk.cluster.image is image, "a refused request has changed something"
    operation, resource = right.split()
    if not (type(request_) in (client.OffsetForLeaderEpochRequest, admin.CreateTopicsRequest)
            or "IDEMPOTENT" in right or right == "WRITE topic:crews"):  # fmt: skip
        kind, _, name = resource.upper().partition(":")
        assert desk.denied()[:2] == (operation, kind)
    desk.cluster.add_acl("User:ANONYMOUS", operation, resource)
    try:
        assert whole_error(desk.ask(request_)) != error
    finally:
        desk.cluster.remove_acl("User:ANONYMOUS")
        desk.cluster.remove_acl("User:bob")


IN_TURN = [
    (NAMED_BATCH, [(X, "WRITE transactional_id:tx"), (T, "WRITE topic:flights")]),
    (txn.AddPartitionsToTxnRequest(*TX, [ONE], False), [(X, "WRITE transactional_id:tx"), (T, "WRITE topic:flights")]),
    (txn.AddOffsetsToTxnRequest(*TX, "crew"), [(X, "WRITE transactional_id:tx"), (G, "READ group:crew")]),
    (TX_COMMIT, [(X, "WRITE transactional_id:tx"), (G, "READ group:crew"), (T, "READ topic:flights")]),
    (group.OffsetCommitRequest("crew", -1, "", None, [OFFSET]), [(G, "READ group:crew"), (T, "READ topic:flights")]),
    (group.OffsetDeleteRequest("crew", [group.OffsetPartition("flights", 0)]),
     [(G, "DELETE group:crew"), (T, "READ topic:flights")]),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "steps"), IN_TURN, ids=lambda one: type(one).__name__)
def test_rights_are_asked_for_one_after_the_other(desk, request_, steps):
    try:
        for error, right in steps:
            assert whole_error(desk.ask(request_)) == error
            desk.cluster.add_acl("User:ANONYMOUS", *right.split())
        assert whole_error(desk.ask(request_)) not in (X, T, G, C)
    finally:
        desk.cluster.remove_acl("User:ANONYMOUS")


def test_of_several_topics_none_is_added_to_a_transaction_if_one_may_not_be_written(desk):
    desk.cluster.add_acl("User:ANONYMOUS", "WRITE", "transactional_id:tx")
    desk.cluster.add_acl("User:ANONYMOUS", "WRITE", "topic:crews")
    rows = [txn.TransactionPartition("crews", 0), ONE]
    answer = desk.ask(txn.AddPartitionsToTxnRequest(*TX, rows, False))
    assert [row.error for row in answer.partitions] == [Error.OPERATION_NOT_ATTEMPTED, T]
    desk.cluster.remove_acl("User:ANONYMOUS")


def test_markers_are_written_by_servers_and_administrators(desk):
    marker = txn.WriteTxnMarkersRequest([txn.TxnMarker(1, 0, False, [ONE], 0, 2)])

    def hears():
        [written] = desk.ask(marker).markers
        return [Error(row.error) for row in written.partitions]

    for right in ("ALTER", "CLUSTER_ACTION"):
        assert hears() == [C]
        desk.cluster.add_acl("User:ANONYMOUS", right, "cluster")
        assert hears() != [C]
        desk.cluster.remove_acl("User:ANONYMOUS")


STRANGERS = [
    cluster.BrokerRegistrationRequest(9, "i", "a", "", -1),
    cluster.BrokerHeartbeatRequest(1, 1, 0, False, True),
    cluster.AlterPartitionRequest(1, 1, []),
    cluster.AllocateProducerIdsRequest(1, 1),
    cluster.FetchMetadataRequest(1, 1, 0, 0),
    quorum.VoteRequest(9, "d", 99, 9, 9, False),
    quorum.BeginQuorumEpochRequest(9, 99),
    quorum.EndQuorumEpochRequest(9, 99, []),
    quorum.FetchQuorumRequest(9, 99, 0, 0, 0, 0),
    admin.CreateTopicsRequest([admin.CreatableTopic("new", 1, 1, [], [])], 1000, False),
    admin.DeleteTopicsRequest(["flights"], 1000),
    security.CreateAclsRequest([RULE]),
]


@pytest.mark.parametrize("request_", STRANGERS, ids=lambda one: type(one).__name__)
def test_strangers_get_nothing_from_the_controller(desk, request_):
    image = desk.cluster.image
    assert whole_error(desk.ask(request_, "controller")) == C
    assert desk.cluster.image is image
    assert desk.denied() == ("CLUSTER_ACTION", "CLUSTER", "kafka-cluster")


def test_a_request_passes_in_part_and_the_answers_keep_their_order(desk):
    desk.cluster.add_acl("User:ANONYMOUS", "DESCRIBE", "topic:crews")
    rows = [client.ListOffsetsPartition(topic, 0, -1, -1) for topic in ("flights", "crews", "nothing")]
    answers = desk.ask(client.ListOffsetsRequest(-1, 0, rows)).partitions
    assert [(row.topic, row.error) for row in answers] == [("flights", T), ("crews", 0), ("nothing", T)]
    metadata = desk.ask(client.MetadataRequest(["nothing", "crews", "flights"]))
    assert [(row.topic, row.error) for row in metadata.topics] == [("nothing", T), ("crews", 0), ("flights", T)]
    assert [broker.broker_id for broker in metadata.brokers] == [1]
    desk.cluster.remove_acl()


def test_whoever_asks_for_all_hears_of_what_he_may_know_and_no_word_of_the_rest(desk):
    desk.cluster.add_acl("User:ANONYMOUS", "DESCRIBE", "topic:crews")
    before = len(list(desk.world.recorder.events(AuthorizationDenied)))
    assert [row.topic for row in desk.ask(client.MetadataRequest(None)).topics] == ["crews"]
    assert desk.ask(group.ListGroupsRequest([])).groups == ()
    assert len(list(desk.world.recorder.events(AuthorizationDenied))) == before
    desk.cluster.remove_acl()


def test_who_may_describe_a_transactional_id_sees_it_in_the_list(desk):
    for name in ("booking", "billing"):
        desk.cluster.add_acl("User:ANONYMOUS", "WRITE", f"transactional_id:{name}")
        desk.cluster.producer(name, transactional_id=name).begin()
    desk.cluster.remove_acl()
    everything = txn.ListTransactionsRequest([], [])
    assert desk.ask(everything).transactions == ()
    desk.cluster.add_acl("User:ANONYMOUS", "DESCRIBE", "transactional_id:booking")
    assert [row.transactional_id for row in desk.ask(everything).transactions] == ["booking"]
    desk.cluster.remove_acl()


def test_a_commit_needs_the_group_and_each_topic(desk):
    rows = [group.OffsetToCommit(topic, 0, 1, -1, "") for topic in ("crews", "flights")]
    commit = group.OffsetCommitRequest("crew", -1, "", None, rows)
    assert [row.error for row in desk.ask(commit).partitions] == [G, G]
    desk.cluster.add_acl("User:ANONYMOUS", "READ", "group:crew")
    assert [row.error for row in desk.ask(commit).partitions] == [T, T]
    desk.cluster.add_acl("User:ANONYMOUS", "READ", "topic:flights")
    assert [row.error for row in desk.ask(commit).partitions] == [T, 0]
    fetched = desk.ask(group.OffsetFetchRequest("crew", [group.OffsetPartition(t, 0) for t in ("crews", "flights")]))
    assert [(row.topic, row.error, row.offset) for row in fetched.partitions] == [("crews", T, -1), ("flights", 0, 1)]
    assert [row.topic for row in desk.ask(group.OffsetFetchRequest("crew", None)).partitions] == ["flights"]
    desk.cluster.remove_acl()


def test_acks_0_and_no_right_ends_the_connection(desk):
    with pytest.raises(Disconnected):
        desk.ask(client.ProduceRequest(0, 1000, [client.ProducePartition("flights", 0, BATCH)]))


def test_who_is_a_stranger_cannot_be_a_follower(desk):
    """A fetch with a broker's id from somebody who has no certificate of the cluster."""
    answer = desk.ask(FETCH._replace(replica_id=1, replica_epoch=1))
    assert [row.error for row in answer.partitions] == [T]
    assert answer.partitions[0].records == b""
