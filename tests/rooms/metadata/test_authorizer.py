"""The decision: deny over allow, implied operations, prefixes, super users, and what holds where nobody has said
anything. Held against a second, slower reading of the documentation on thousands of rolled cases."""

import random

import pytest

from minikafka.laws.access_ledger import rules_allow
from minikafka.metadata.authorizer import Asker, Authorizer
from minikafka.protocol.access_rules import OPERATIONS, Operation, ResourceType
from minikafka.protocol.access_words import rule_from

TOPIC, ALICE = ResourceType.TOPIC, Asker("User:alice", "primary/a")
AUTHORIZER = Authorizer(("User:root",))


def decide(operation, *rules, asker=ALICE, name="flights", authorizer=AUTHORIZER):
    return authorizer.decide(rules, asker, Operation[operation], TOPIC, name).allowed


def alice(operation, resource="topic:flights", *more, **named):
    return rule_from("User:alice", operation, resource, *more, **named)


def test_without_a_rule_nothing_is_allowed_unless_the_setting_says_so():
    assert not decide("READ")
    open_one = Authorizer((), True)
    assert decide("READ", authorizer=open_one)
    assert not decide("READ", rule_from("User:bob", "WRITE", "topic:flights"), authorizer=open_one)
    assert decide("READ", rule_from("User:bob", "WRITE", "topic:crews"), authorizer=open_one)


def test_a_deny_is_stronger_than_any_allow():
    wide = rule_from("User:*", "ALL", "topic:*")
    assert decide("READ", wide)
    assert not decide("READ", wide, alice("READ", "topic:fl", "DENY", "PREFIXED"))
    assert not decide("READ", alice("READ"), rule_from("User:*", "ALL", "topic:*", "DENY"))


@pytest.mark.parametrize("operation", ["READ", "WRITE", "DELETE", "ALTER", "DESCRIBE"])
def test_an_allow_implies_describe_and_a_deny_does_not(operation):
    assert decide("DESCRIBE", alice(operation))
    deny = alice(operation, "topic:flights", "DENY")
    assert decide("DESCRIBE", deny, alice("DESCRIBE")) == (operation != "DESCRIBE")


def test_alter_configs_implies_describe_configs_and_no_more():
    assert decide("DESCRIBE_CONFIGS", alice("ALTER_CONFIGS"))
    assert not decide("DESCRIBE", alice("ALTER_CONFIGS"))
    assert not decide("DESCRIBE", alice("CREATE"))


def test_a_deny_of_all_forbids_describing():
    assert not decide("DESCRIBE", alice("ALL", "topic:flights", "DENY"), alice("READ"))


def test_hosts():
    here = alice("READ", host="primary/a")
    assert decide("READ", here)
    assert not decide("READ", here, asker=Asker("User:alice", "primary/b"))
    assert decide("READ", alice("READ", host="*"))


def test_super_users_are_not_stopped_by_anything():
    root = Asker("User:root", "anywhere")
    assert decide("WRITE", rule_from("User:root", "ALL", "topic:*", "DENY"), asker=root)
    assert AUTHORIZER.decide((), root, Operation.WRITE, TOPIC, "flights").why == "a super user"


def test_verdicts_say_upon_what_they_stand():
    deny = alice("WRITE", "topic:fl", "DENY", "PREFIXED")
    assert AUTHORIZER.decide([deny], ALICE, Operation.WRITE, TOPIC, "flights").why == (
        "rule: User:alice may not WRITE TOPIC fl… (prefixed)")  # fmt: skip
    assert AUTHORIZER.decide([deny], ALICE, Operation.READ, TOPIC, "flights").why == "no rule for User:alice allows it"
    assert AUTHORIZER.decide([deny], ALICE, Operation.READ, TOPIC, "crews").why == "no rule speaks of it"


@pytest.mark.parametrize(("rules", "somewhere"), [
    ((), False),
    ((alice("WRITE"),), True),
    ((alice("READ"),), False),
    ((alice("WRITE"), alice("WRITE", "topic:*", "DENY")), False),
    ((alice("WRITE"), alice("WRITE", "topic:flights", "DENY")), False),
    ((alice("WRITE"), alice("WRITE", "topic:crews", "DENY")), True),
    ((alice("WRITE", "topic:fli", pattern="PREFIXED"), alice("ALL", "topic:fl", "DENY", "PREFIXED")), False),
    ((alice("WRITE", "topic:fl", pattern="PREFIXED"), alice("ALL", "topic:fli", "DENY", "PREFIXED")), True),
    ((rule_from("User:bob", "WRITE", "topic:flights"),), False),
])  # fmt: skip
def test_whether_there_is_any_topic_to_write_to(rules, somewhere):
    assert AUTHORIZER.decide_any(rules, ALICE, Operation.WRITE, TOPIC).allowed == somewhere


def test_super_users_and_open_clusters_may_write_somewhere():
    assert AUTHORIZER.decide_any((), Asker("User:root", "x"), Operation.WRITE, TOPIC).allowed
    assert Authorizer((), True).decide_any((), ALICE, Operation.WRITE, TOPIC).allowed


def test_it_decides_as_the_laws_do():
    """Two readings of the same paragraph, on 4,000 rolled sets of rules."""
    dice = random.Random(5)
    names, who, hosts = ("flights", "fl", "crews", "f"), ("User:alice", "User:bob", "User:*"), ("*", "h1", "h2")
    operations = ("ALL", *(one.name for one in OPERATIONS[TOPIC]))

    def rolled():
        pattern = dice.choice(("LITERAL", "PREFIXED"))
        name = dice.choice(names if pattern == "PREFIXED" else (*names, "*"))
        return rule_from(dice.choice(who), dice.choice(operations), f"topic:{name}", dice.choice(("ALLOW", "DENY")),
                         pattern, dice.choice(hosts))  # fmt: skip

    allowed = 0
    for _ in range(4000):
        rules = [rolled() for _ in range(dice.randrange(6))]
        asker, silent = Asker(dice.choice(who[:2]), dice.choice(hosts[1:])), dice.random() < 0.3
        operation, name = dice.choice(OPERATIONS[TOPIC]), dice.choice(names)
        found = Authorizer((), silent).decide(rules, asker, operation, TOPIC, name).allowed
        assert found == rules_allow(rules, silent, *asker, operation, TOPIC, name), rules
        allowed += found
    assert 500 < allowed < 3500
