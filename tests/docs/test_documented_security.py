"""What Kafka's documents and its authorizer say of authentication and access rules, a sentence each."""

import pytest
from scene import Scene

from minikafka.events.security import AuthorizationDenied
from minikafka.metadata.facts import KINDS
from minikafka.protocol.access_rules import CLUSTER_NAME, Operation, PatternType, Permission, ResourceType
from minikafka.protocol.broker_settings import BROKER
from minikafka.protocol.consumer_settings import CONSUMER
from minikafka.protocol.errors import Error, KafkaError

GUARDED = {"authorizer__class__name": "StandardAuthorizer", "offsets__topic__num__partitions": 1,
           "group__initial__rebalance__delay__ms": 0}  # fmt: skip
NAMED = {**GUARDED, "listeners": "SASL_PLAINTEXT", "sasl__enabled__mechanisms": "SCRAM-SHA-256"}
ALICE = {"sasl__username": "alice", "sasl__password": "wonderland"}
ANYBODY = "User:ANONYMOUS"


def guarded(**config):
    """A cluster with an authorizer, and the topic flights."""
    scene = Scene(**{**GUARDED, **config})
    scene.topic()
    return scene


def send(scene, **config):
    """The error with which a record to flights-0 fails, None if it is acknowledged."""
    producer = scene.producer(**{"enable__idempotence": False, "max__block__ms": 500, **config})
    [receipt] = scene.send(producer, "x")
    return receipt.error and receipt.error.error


def read(scene, **config):
    """The error of a poll, or the values that were read."""
    consumer = scene.consumer(**{"auto__offset__reset": "earliest", **config})
    try:
        return [record.value for record in consumer.poll("2s")]
    except KafkaError as refused:
        return refused.error


# -- the decision -----------------------------------------------------------------------------------------------------


def test_the_default_authorizer_is_none_and_everything_is_allowed():
    """Security, Authorization and ACLs: authorizer.class.name is empty by default."""
    assert (BROKER["authorizer.class.name"].default, BROKER["super.users"].default) == ("", "")
    scene = Scene()
    scene.topic()
    assert send(scene) is None


def test_what_no_acl_speaks_of_is_for_super_users_alone():
    """Security: without ACLs nobody but super users is allowed (allow.everyone.if.no.acl.found=false)."""
    assert BROKER["allow.everyone.if.no.acl.found"].default is False
    assert send(guarded()) == Error.TOPIC_AUTHORIZATION_FAILED
    assert send(guarded(allow__everyone__if__no__acl__found=True)) is None


def test_one_rule_for_anybody_closes_the_resource_for_all_others():
    """StandardAuthorizerData: noResourceAcls holds only where no ACL at all covers the resource."""
    scene = guarded(allow__everyone__if__no__acl__found=True)
    scene.cluster.add_acl("User:bob", "DELETE", "topic:flights")
    assert send(scene) == Error.TOPIC_AUTHORIZATION_FAILED


def test_deny_wins_over_allow():
    """KIP-11: Deny ACLs take precedence over allow ACLs, whatever their patterns."""
    scene = guarded()
    scene.cluster.add_acl(ANYBODY, "WRITE", "topic:flights")
    assert send(scene) is None
    scene.cluster.add_acl("User:*", "WRITE", "topic:fl", permission="DENY", pattern="PREFIXED")
    assert send(scene) == Error.TOPIC_AUTHORIZATION_FAILED


def test_describe_is_implied_by_read_write_delete_and_alter():
    """StandardAuthorizerData.IMPLIES_DESCRIBE. In DENY rules nothing is implied."""
    for operation in ("READ", "WRITE", "DELETE", "ALTER"):
        scene = guarded()
        scene.cluster.add_acl(ANYBODY, operation, "topic:flights")
        reader = scene.consumer()
        assert scene.world.finish(reader.consumer.end_offsets(reader.consumer.assignment))
    scene.cluster.add_acl(ANYBODY, "READ", "topic:flights", permission="DENY")
    assert scene.world.finish(reader.consumer.end_offsets(reader.consumer.assignment))
    scene.cluster.add_acl(ANYBODY, "ALL", "topic:flights", permission="DENY")
    with pytest.raises(KafkaError) as refused:
        scene.world.finish(reader.consumer.end_offsets(reader.consumer.assignment))
    assert refused.value.error == Error.TOPIC_AUTHORIZATION_FAILED


def test_prefixed_rules_are_plain_beginnings_and_the_literal_asterisk_is_everything():
    """KIP-290."""
    scene = guarded()
    scene.cluster.add_acl(ANYBODY, "WRITE", "topic:light", pattern="PREFIXED")
    assert send(scene) == Error.TOPIC_AUTHORIZATION_FAILED
    scene.cluster.add_acl(ANYBODY, "WRITE", "topic:f", pattern="PREFIXED")
    assert send(scene) is None
    scene.cluster.remove_acl()
    scene.cluster.add_acl(ANYBODY, "WRITE", "topic:*")
    assert send(scene) is None


def test_a_rule_may_be_for_one_host():
    """KIP-11: a principal is allowed or denied an operation from a host."""
    scene = guarded()
    scene.cluster.add_acl(ANYBODY, "WRITE", "topic:flights", host="primary/p1")
    assert send(scene) is None  # p1
    assert send(scene) == Error.TOPIC_AUTHORIZATION_FAILED  # p2


def test_the_numbers_of_the_protocol():
    """AclOperation, AclPermissionType, ResourceType and PatternType; keys of the metadata records."""
    assert [(one.name, one.value) for one in ResourceType][1:] == [
        ("TOPIC", 2), ("GROUP", 3), ("CLUSTER", 4), ("TRANSACTIONAL_ID", 5), ("USER", 7)]  # fmt: skip
    assert (Operation.ALL, Operation.CLUSTER_ACTION, Operation.TWO_PHASE_COMMIT) == (2, 9, 15)
    assert (Permission.DENY, Permission.ALLOW, PatternType.LITERAL, PatternType.PREFIXED) == (2, 3, 3, 4)
    assert CLUSTER_NAME == "kafka-cluster"
    names = {11: "UserScramCredentialRecord", 18: "AccessControlEntryRecord", 19: "RemoveAccessControlEntryRecord"}
    assert {key: KINDS[key].__name__ for key in names} == names


# -- requests ---------------------------------------------------------------------------------------------------------


def test_a_topic_that_one_may_not_describe_might_as_well_not_be_there():
    """KafkaApis: without DESCRIBE the answer is TOPIC_AUTHORIZATION_FAILED, whether there is such a topic or not."""
    scene = guarded()
    stranger = scene.cluster.consumer("stranger")
    for topic in ("flights-0", "nothing-0"):
        stranger.assign(topic)
        with pytest.raises(KafkaError) as refused:
            stranger.poll("1s")
        assert refused.value.error == Error.TOPIC_AUTHORIZATION_FAILED


def test_metadata_of_all_topics_leaves_out_what_one_may_not_describe():
    """KafkaApis.handleTopicMetadataRequest: filtered without an error, and without a line in the audit log."""
    scene = guarded()
    scene.cluster.create_topic("crews")
    scene.cluster.add_acl(ANYBODY, "DESCRIBE", "topic:crews")
    watcher = scene.cluster.consumer("watcher", group="g")
    scene.cluster.add_acl(ANYBODY, "READ", "group:g")
    before = len(list(scene.world.recorder.events(AuthorizationDenied)))
    watcher.subscribe(pattern=".*")
    with pytest.raises(KafkaError):
        for _ in range(3):
            watcher.poll("2s")
    assert [str(tp) for tp in watcher.consumer.assignment] == ["crews-0"]
    denied = [entry.event for entry in scene.world.recorder.events(AuthorizationDenied)][before:]
    assert not any(event.resource == "flights" for event in denied)


def test_an_idempotent_producer_needs_idempotent_write_or_write_on_any_topic():
    """KIP-679: since 3.0 WRITE on some topic is enough."""
    scene = guarded()
    scene.cluster.add_acl(ANYBODY, "DESCRIBE", "topic:flights")
    assert send(scene, enable__idempotence=True) == Error.CLUSTER_AUTHORIZATION_FAILED
    scene.cluster.add_acl(ANYBODY, "WRITE", "topic:other")
    assert send(scene, enable__idempotence=True) == Error.TOPIC_AUTHORIZATION_FAILED
    scene.cluster.add_acl(ANYBODY, "WRITE", "topic:flights")
    assert send(scene, enable__idempotence=True) is None


def test_consuming_in_a_group_takes_read_on_the_group_and_on_the_topic():
    """Security, Protocol and operations: JoinGroup, OffsetCommit and Fetch."""
    scene = guarded()
    member = scene.cluster.consumer("m", group="g", config={"auto.offset.reset": "earliest"})
    scene.cluster.add_acl(ANYBODY, ["READ", "WRITE"], "topic:flights")
    scene.fill("a")
    member.subscribe("flights")
    with pytest.raises(KafkaError) as refused:
        member.poll("2s")
    assert refused.value.error == Error.GROUP_AUTHORIZATION_FAILED
    scene.cluster.add_acl(ANYBODY, "READ", "group:g")
    assert [record.value for record in member.poll("10s")] == [b"a"]
    member.commit()


def test_followers_fetch_with_cluster_action_and_brokers_have_it():
    """Security: super.users must name the brokers, or they need ClusterAction; a refused follower hears
    TOPIC_AUTHORIZATION_FAILED for each partition (KafkaApis.handleFetchRequest)."""
    scene = guarded()
    scene.cluster.add_acl("User:*", "ALL", "cluster", permission="DENY")
    scene.cluster.add_acl(ANYBODY, "WRITE", "topic:flights")
    scene.fill("a", "b")
    assert all(view.log.log_end_offset == 2 for view in scene.cluster.replicas("flights-0").values())


def test_the_acl_apis_without_an_authorizer_answer_security_disabled():
    """AclApis: SECURITY_DISABLED."""
    scene = Scene()
    with pytest.raises(KafkaError) as refused:
        scene.cluster.add_acl("User:a", "READ", "topic:t")
    assert refused.value.error == Error.SECURITY_DISABLED


def test_acls_are_metadata_and_outlive_every_restart():
    """KIP-801: rules are records of the metadata log."""
    scene = guarded()
    scene.cluster.add_acl(ANYBODY, "WRITE", "topic:flights")
    rules = scene.cluster.acls()
    for place in ("controller", "b1", "b2", "b3"):
        scene.world.faults.crash(f"primary/{place}")
    for place in ("controller", "b1", "b2", "b3"):
        scene.world.faults.start(f"primary/{place}")
    scene.world.run_for("40s")
    assert scene.cluster.acls() == rules
    assert send(scene) is None


# -- authentication ---------------------------------------------------------------------------------------------------


def test_a_plaintext_listener_knows_only_anonymous():
    """Security: the principal of an unauthenticated connection is User:ANONYMOUS."""
    scene = guarded()
    send(scene)
    principals = {entry.event.principal for entry in scene.world.recorder.events(AuthorizationDenied)}
    assert principals == {ANYBODY}


def test_the_mechanism_by_default_is_gssapi_on_both_sides():
    """sasl.mechanism, sasl.enabled.mechanisms; security.protocol and listeners are PLAINTEXT."""
    assert (CONSUMER["sasl.mechanism"].default, CONSUMER["security.protocol"].default) == ("GSSAPI", "PLAINTEXT")
    assert BROKER["sasl.enabled.mechanisms"].default == ("GSSAPI",)
    assert BROKER["listeners"].default == "PLAINTEXT://:9092"
    assert BROKER["connection.failed.authentication.delay.ms"].default == 100


def test_authentication_failures_are_not_retriable():
    """SaslAuthenticationException is an AuthenticationException, which is an ApiException and not retriable."""
    scene = Scene(**NAMED)
    scene.topic()
    scene.cluster.create_user("alice", "wonderland")
    assert send(scene, **{**ALICE, "sasl__password": "x"}) == Error.SASL_AUTHENTICATION_FAILED
    assert read(scene, **{**ALICE, "sasl__password": "x"}) == Error.SASL_AUTHENTICATION_FAILED
    assert not Error.SASL_AUTHENTICATION_FAILED.retriable


def test_the_principal_is_the_name_and_its_rights_are_its_rules():
    """Security: the principal of a SASL connection is User:<name>."""
    scene = Scene(**NAMED)
    scene.topic()
    scene.cluster.create_user("alice", "wonderland")
    scene.cluster.add_acl("User:alice", ["READ", "WRITE"], "topic:flights")
    assert send(scene, **ALICE) is None
    assert read(scene, **ALICE) == [b"x"]
