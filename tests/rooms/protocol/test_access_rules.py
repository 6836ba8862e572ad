"""Rules and filters: what they cover, what they find, and what is no rule at all."""

import pytest

from minikafka.protocol.access_rules import (
    EVERY_RULE,
    AccessRule,
    Operation,
    PatternType,
    Permission,
    ResourceType,
    check_rule,
)
from minikafka.protocol.access_words import filter_from, resource_from, rule_from
from minikafka.protocol.errors import ConfigException, Error, KafkaError
from minikafka.protocol.principals import check_principal, check_user_name, parse_super_users

READ = rule_from("User:alice", "read", "topic:flights")
PREFIX = rule_from("User:alice", "WRITE", "topic:fl", "deny", "prefixed")
ALL_TOPICS = rule_from("User:*", "DESCRIBE", "topic:*")


def test_kafkas_numbers():
    assert tuple(READ) == (2, 3, "flights", "User:alice", "*", 3, 3)
    assert (PREFIX.pattern_type, PREFIX.permission) == (4, 2)
    assert (ResourceType.TRANSACTIONAL_ID, Operation.IDEMPOTENT_WRITE, PatternType.MATCH) == (5, 12, 2)


@pytest.mark.parametrize(("rule", "covered"), [
    (READ, {"flights"}), (PREFIX, {"flights", "flights.late", "fl"}), (ALL_TOPICS, {"flights", "crews", "flights.late",
                                                                                   "fl"}),
])  # fmt: skip
def test_what_a_rule_covers(rule, covered):
    names = {"flights", "flights.late", "crews", "fl"}
    assert {name for name in names if rule.covers(ResourceType.TOPIC, name)} == covered
    assert not any(rule.covers(ResourceType.GROUP, name) for name in names)


def test_a_filter_finds_what_it_says():
    rules = [READ, PREFIX, ALL_TOPICS]
    assert [rule for rule in rules if rule.found_by(EVERY_RULE)] == rules
    assert [rule for rule in rules if rule.found_by(filter_from(principal="User:alice"))] == [READ, PREFIX]
    assert [rule for rule in rules if rule.found_by(filter_from(permission="DENY"))] == [PREFIX]
    assert [rule for rule in rules if rule.found_by(filter_from(resource="topic:flights"))] == [READ]
    assert [rule for rule in rules if rule.found_by(filter_from(resource="topic:flights", pattern="MATCH"))] == rules
    assert [rule for rule in rules if rule.found_by(filter_from(resource="topic:fl", pattern="any"))] == [PREFIX]
    assert [rule for rule in rules if rule.found_by(filter_from(resource="topic:", pattern="prefixed"))] == [PREFIX]
    assert not READ.found_by(filter_from(host="primary/c"))


@pytest.mark.parametrize(("changed", "says"), [
    ({"resource_type": 99}, "one of TOPIC, GROUP"),
    ({"resource_type": ResourceType.ANY}, "resource type ANY"),
    ({"operation": 99}, "possible are ALL, READ"),
    ({"operation": Operation.ANY}, "operation ANY on TOPIC"),
    ({"operation": Operation.CLUSTER_ACTION}, "CLUSTER_ACTION on TOPIC"),
    ({"permission": Permission.ANY}, "ALLOW or DENY"),
    ({"pattern_type": PatternType.MATCH}, "LITERAL or PREFIXED"),
    ({"pattern_type": 77}, "pattern type 77"),
    ({"principal": "alice"}, "User:alice"),
    ({"principal": "User:"}, "type and name"),
    ({"principal": "Group:pilots"}, "no principals of the type Group"),
    ({"principal": "User:al*"}, "a . stands alone"),
    ({"principal": None}, "type and name"),
    ({"resource_name": ""}, "name the TOPIC"),
    ({"resource_name": None}, "name the TOPIC"),
    ({"resource_name": "fl*"}, "write 'fl' with pattern PREFIXED"),
    ({"resource_name": "*s"}, "name each resource"),
    ({"resource_name": "fl*", "pattern_type": PatternType.PREFIXED}, "leave the \\* out"),
    ({"resource_type": ResourceType.CLUSTER, "operation": Operation.ALTER}, "kafka-cluster"),
    ({"host": "primary/*"}, "every host"),
    ({"host": ""}, "every host"),
])  # fmt: skip
def test_what_is_no_rule_is_refused_with_a_remedy(changed, says):
    with pytest.raises(KafkaError, match=says) as refused:
        check_rule(READ._replace(**changed))
    assert refused.value.error == Error.INVALID_REQUEST


@pytest.mark.parametrize(("call", "says"), [
    (lambda: rule_from("User:a", "FLY", "topic:t"), "write one of ANY, ALL, READ"),
    (lambda: rule_from("User:a", "READ", "river:t"), "resource type 'river'"),
    (lambda: rule_from("User:a", "READ", "topic"), r"topic:NAME, or topic:\*"),
    (lambda: rule_from("User:a", "READ", ""), "write topic:flights or cluster"),
    (lambda: rule_from("User:a", "READ", "topic:t", permission="maybe"), "permission 'maybe'"),
    (lambda: rule_from("User:a", "READ", "topic:t", pattern="regex"), "pattern type 'regex'"),
    (lambda: filter_from(principal="alice"), "User:alice"),
    (lambda: filter_from(operation=3), "operation 3"),
])  # fmt: skip
def test_unknown_words_are_refused_with_those_that_there_are(call, says):
    with pytest.raises(KafkaError, match=says):
        call()


def test_the_cluster_needs_no_name():
    assert resource_from("cluster") == (ResourceType.CLUSTER, "kafka-cluster")
    assert resource_from("transactional-id:tx") == (ResourceType.TRANSACTIONAL_ID, "tx")
    assert rule_from("User:a", "ALTER", "cluster").sentence() == "User:a may ALTER the cluster"


def test_a_rule_says_itself():
    assert READ.sentence() == "User:alice may READ TOPIC flights"
    assert PREFIX.sentence() == "User:alice may not WRITE TOPIC fl… (prefixed)"
    assert ALL_TOPICS._replace(operation=2, host="h").sentence() == "User:* may do anything to every TOPIC from h"


def test_principals():
    assert check_principal("User:CN=primary/b1") == "User:CN=primary/b1"
    assert parse_super_users(" User:a ; User:b;") == ("User:a", "User:b")
    for bad in ("alice", "User:*", "Group:g"):
        with pytest.raises(ConfigException, match="super.users"):
            parse_super_users(bad)
    for bad in ("", "a=b", "a,b", "*", " a", "a:b", None, 7):
        with pytest.raises(KafkaError) as refused:
            check_user_name(bad)
        assert refused.value.error == Error.UNACCEPTABLE_CREDENTIAL


def test_a_rule_travels_as_a_row():
    assert AccessRule(*READ) == READ
