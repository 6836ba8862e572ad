"""What an administrator of groups, controllers, access rules and transactions cannot mean: the right error, a sentence
that names the thing, the value and the remedy, and nothing is changed."""

import re

import pytest

from minikafka.coordinator.group import DEAD, MOVES
from minikafka.deploy.kafka_world import World
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import GROUP_STATES
from minikafka.protocol.names import TopicPartition

CONFIG = {"authorizer.class.name": "StandardAuthorizer", "offsets.topic.num.partitions": 1,
          "group.initial.rebalance.delay.ms": 0, "transaction.state.log.num.partitions": 1}  # fmt: skip
READ = {"auto.offset.reset": "earliest", "enable.auto.commit": False}
ONE, NOWHERE = TopicPartition("flights", 0), TopicPartition("nowhere", 0)


class Office:
    """Three controllers, a group at work, one that is idle, a transaction that is open, a rule and a user."""

    def __init__(self):
        self.world = World(seed=3)
        self.cluster = cluster = self.world.cluster("primary", brokers=3, controllers=3, config=CONFIG)
        cluster.create_topic("flights", partitions=2, replication_factor=3)
        for resource in ("topic:*", "group:*", "transactional_id:*"):
            cluster.add_acl("User:*", "ALL", resource)
        cluster.create_user("alice", "wonderland")
        self.clerk = cluster.consumer("clerk", group="crew", config=READ)
        self.clerk.subscribe("flights")
        self.clerk.keep_reading()
        self.world.run_for("5s")
        self.producer = cluster.producer("p", transactional_id="booking")
        self.producer.begin()
        self.producer.send("flights", "x", partition=0)
        self.producer.flush()
        idle = cluster.consumer("idle", group="idle", config=READ)
        idle.assign("flights-0")
        idle.commit({"flights-0": 1})
        idle.close()

    def ask(self, coroutine):
        return self.world.finish(coroutine)

    def state(self):
        """All that somebody could have changed, as far as time does not change it."""
        image, cluster = self.cluster.image, self.cluster
        groups = {name: (state, self.ask(cluster.admin.list_group_offsets(name)))
                  for name, state in cluster.groups().items()}  # fmt: skip
        voters = [handle.controller.voter.voters for handle in cluster.controllers.values()]
        return (image.access_rules, image.credentials, image.topics, groups, voters,
                cluster.open_transactions("flights-0"))  # fmt: skip


@pytest.fixture(scope="module")
def office():
    return Office()


def of_admin(verb, *arguments, **named):
    return lambda office: office.ask(getattr(office.cluster.admin, verb)(*arguments, **named))


def of_cluster(verb, *arguments, **named):
    return lambda office: getattr(office.cluster, verb)(*arguments, **named)


def acl(principal="User:a", operation="READ", resource="topic:flights", **named):
    return of_cluster("add_acl", principal, operation, resource, **named)


INVALID, NO_GROUP = Error.INVALID_REQUEST, Error.INVALID_GROUP_ID

GROUPS = [
    (of_admin("list_groups", ["Sleeping"]), INVALID, "'Sleeping' is no state of a group: name some of Empty,"),
    *((of_cluster("describe_group", name), NO_GROUP, "as text, in quotes") for name in ("", 7, None)),
    *((of_cluster("delete_group", name), NO_GROUP, "as text, in quotes") for name in ("", 7, None, ["crew"])),
    (of_cluster("reset_offsets", 7, to="earliest"), NO_GROUP, "group id 7"),
    (of_admin("list_group_offsets", 7), NO_GROUP, "group id 7"),
    (of_cluster("describe_group", "nobody"), Error.GROUP_ID_NOT_FOUND, "group nobody"),
    (of_cluster("delete_group", "nobody"), Error.GROUP_ID_NOT_FOUND, "group nobody"),
    (of_cluster("delete_group", "crew"), Error.NON_EMPTY_GROUP, "stop them first"),
    (of_cluster("reset_offsets", "crew", to="earliest"), Error.NON_EMPTY_GROUP, "Stable with 1 member"),
    (of_cluster("reset_offsets", "idle"), INVALID, "`to` or `shift`"),
    (of_cluster("reset_offsets", "idle", to="latest", shift=1), INVALID, "`to` or `shift`"),
    *((of_cluster("reset_offsets", "idle", to=when), INVALID, "not understood")
      for when in ("yesterday", "none", 1.5, -5, True)),
    *((of_cluster("reset_offsets", "idle", shift=shift), INVALID, "whole number of records")
      for shift in ("1", 1.5, True)),
    (of_cluster("reset_offsets", "idle", ["flights-1"], shift=1), INVALID, "nothing for flights-1"),
    (of_cluster("reset_offsets", "idle", ["flights"], to="latest"), Error.UNKNOWN_TOPIC_OR_PARTITION, "'flights'"),
    *((of_admin("alter_group_offsets", "idle", {ONE: offset}), INVALID, "flights-0: name a whole number")
      for offset in (-1, "4", 1.5, True, None)),
    (of_admin("alter_group_offsets", "idle", {NOWHERE: 4}), Error.UNKNOWN_TOPIC_OR_PARTITION, "nowhere-0; check"),
    (of_admin("alter_group_offsets", "crew", {ONE: 4}), Error.UNKNOWN_MEMBER_ID, "stop them first"),
    (of_admin("delete_group_offsets", "idle", [NOWHERE]), Error.UNKNOWN_TOPIC_OR_PARTITION, "nowhere-0; check"),
    (of_admin("delete_group_offsets", "crew", [ONE]), Error.GROUP_SUBSCRIBED_TO_TOPIC, "its members read"),
    (of_admin("delete_group_offsets", "nobody", [ONE]), Error.GROUP_ID_NOT_FOUND, "group nobody"),
    *((lambda office, offset=offset: office.clerk.commit({"flights-0": offset}), INVALID, "flights-0 cannot be")
      for offset in (-4, "4", 1.5)),
]  # fmt: skip

ACCESS = [
    *((acl(principal=who), INVALID, "such as User:alice") for who in ("alice", "", 5, None)),
    *((acl(operation=what), INVALID, "operation 'LOOK'|operation 4|operation ANY") for what in ("LOOK", [4], "ANY")),
    (acl(operation=[]), INVALID, "no operation is named for topic:flights"),
    (acl(resource="table:flights"), INVALID, "'table' is unknown"),
    (acl(resource="topic:"), INVALID, r"name the TOPIC|name '' is not possible"),
    (acl(operation="WRITE", resource="group:g"), INVALID, "WRITE on GROUP"),
    (acl(operation="ALTER", resource="cluster:other"), INVALID, "kafka-cluster"),
    *((acl(permission=word), INVALID, "permission") for word in ("PERHAPS", "ANY", 3)),
    *((acl(pattern=word), INVALID, "pattern type") for word in ("SUFFIX", "MATCH", 3)),
    *((acl(host=host), INVALID, "a machine's name") for host in ("", 4, None)),
    (of_cluster("remove_acl", "User:*", "LOOK"), INVALID, "'LOOK' is unknown"),
    (of_cluster("remove_acl", resource="flights"), INVALID, "'flights' is unknown"),
    (of_cluster("delete_user", "nobody"), Error.RESOURCE_NOT_FOUND, "'nobody' has no password"),
    (of_cluster("delete_user", "alice", "PLAIN"), Error.UNSUPPORTED_SASL_MECHANISM, "'PLAIN' keeps no password"),
]

CONTROLLERS = [
    *((of_cluster("force_standalone", number), Error.INVALID_CONFIG, "no controller of a quorum: primary has")
      for number in (9, 0, "c1", [1], None)),
    *((of_cluster("add_controller", number), Error.INVALID_CONFIG, "no controller of a quorum")
      for number in (9, "c4")),
    (of_cluster("add_controller", 2), Error.INVALID_CONFIG, "a voter already"),
    *((of_cluster("describe_quorum", what), Error.INVALID_CONFIG, "the status or the replication")
      for what in ("votes", ["status"], None)),
    (of_cluster("alter_config", None, {"controller.quorum.election.timeout.ms": 5}), INVALID, "restart it"),
]  # fmt: skip

TRANSACTIONS = [
    *((of_admin("describe_transaction", name), INVALID, "transactional id .* as text") for name in ("", 7, None)),
    (of_admin("describe_transaction", "nobody"), Error.TRANSACTIONAL_ID_NOT_FOUND, "nobody is not known: check"),
    *((of_cluster("abort_hanging", "flights-0", number), Error.INVALID_TXN_STATE, "no transaction open in flights-0")
      for number in (999, -1, "x", None)),
    (of_cluster("abort_hanging", 4, 0), Error.UNKNOWN_TOPIC_OR_PARTITION, "does not name a partition: write"),
    (lambda office: office.producer.begin(), Error.INVALID_TXN_STATE, "commit_transaction\\(\\) or abort"),
    *((lambda office, offset=offset: office.producer.send_offsets(office.clerk, {"flights-0": offset}), INVALID,
       "flights-0 cannot be committed: name the next") for offset in (-1, "1", True)),
]  # fmt: skip


@pytest.mark.parametrize("call, error, words", [*GROUPS, *ACCESS, *CONTROLLERS, *TRANSACTIONS])
def test_it_is_refused_and_nothing_is_changed(office, call, error, words):
    before = office.state()
    with pytest.raises(KafkaError) as refused:
        call(office)
    assert refused.value.error == error, refused.value
    assert re.search(words, refused.value.sentence), refused.value.sentence
    assert office.state() == before


def test_what_does_not_exist_harms_no_offset_beside_it():
    """As in Kafka, where each partition has an answer of its own."""
    office = Office()
    for verb, what, left in (("alter_group_offsets", {ONE: 0, NOWHERE: 4}, {ONE: 0}),
                             ("delete_group_offsets", [ONE, NOWHERE], {})):  # fmt: skip
        with pytest.raises(KafkaError, match="nowhere-0") as refused:
            of_admin(verb, "idle", what)(office)
        assert refused.value.error == Error.UNKNOWN_TOPIC_OR_PARTITION
        assert office.ask(office.cluster.admin.list_group_offsets("idle")) == left


def test_the_states_by_name_are_those_of_a_group():
    assert sorted(GROUP_STATES) == sorted({state for state, _ in MOVES} | {DEAD})
