"""Rules and users at the controller: decided row by row, recorded whole, nothing for what gets an error."""

import random

from minikafka.controller.access_admin import alter_users, create_acls, delete_acls
from minikafka.metadata.facts import pack_facts, unpack_facts
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.access_rules import EVERY_RULE
from minikafka.protocol.access_words import filter_from, rule_from
from minikafka.protocol.errors import Error
from minikafka.protocol.security_requests import (
    AlterUserScramCredentialsRequest,
    CreateAclsRequest,
    DeleteAclsRequest,
    ScramDeletion,
    ScramUpsertion,
)

SHA = "SCRAM-SHA-256"
READ, WRITE = rule_from("User:a", "READ", "topic:t"), rule_from("User:a", "WRITE", "topic:t")
DICE = random.Random(1)


def applied(decision, image):
    """The image after a decision, its facts packed and unpacked on the way."""
    facts = unpack_facts(pack_facts(decision.facts))
    return image.apply(facts, image.offset + len(facts))


def with_rules(*rules):
    return applied(create_acls(ClusterImage(), CreateAclsRequest(list(rules)), DICE), ClusterImage())


def test_rules_are_added_once():
    decision = create_acls(ClusterImage(), CreateAclsRequest([READ, WRITE, READ]), DICE)
    assert [row.error for row in decision.response.results] == [Error.NONE] * 3
    assert len(decision.facts) == 2
    image = applied(decision, ClusterImage())
    assert sorted(image.access_rules.values()) == [READ, WRITE]
    assert not create_acls(image, CreateAclsRequest([READ]), DICE).facts


def test_a_bad_rule_harms_no_good_one():
    bad = READ._replace(principal="nobody")
    decision = create_acls(ClusterImage(), CreateAclsRequest([bad, WRITE]), DICE)
    first, second = decision.response.results
    assert (first.error, second.error) == (Error.INVALID_REQUEST, Error.NONE)
    assert "User:alice" in first.message
    assert list(applied(decision, ClusterImage()).access_rules.values()) == [WRITE]


def test_filters_remove_what_they_mean():
    image = with_rules(READ, WRITE)
    decision = delete_acls(image, DeleteAclsRequest([filter_from(operation="READ"), EVERY_RULE, filter_from("User:b")]))
    found = [list(row.rules) for row in decision.response.results]
    assert found == [[READ], [READ, WRITE], []]
    assert len(decision.facts) == 2
    assert applied(decision, image).access_rules == {}


def alter(image, deletions=(), upsertions=()):
    return alter_users(image, AlterUserScramCredentialsRequest(list(deletions), list(upsertions)))


def test_users():
    made = alter(ClusterImage(), upsertions=[ScramUpsertion("a", SHA, 4096, b"salt", b"salted")])
    image = applied(made, ClusterImage())
    assert list(image.credentials) == [("a", SHA)]
    assert b"salted" not in b"".join(pack_facts(made.facts))
    gone = alter(image, [ScramDeletion("a", SHA)])
    assert applied(gone, image).credentials == {}


def test_impossible_users():
    rows = [
        (ScramUpsertion("", SHA, 4096, b"s", b"p"), Error.UNACCEPTABLE_CREDENTIAL),
        (ScramUpsertion("CN=primary/b1", SHA, 4096, b"s", b"p"), Error.UNACCEPTABLE_CREDENTIAL),
        (ScramUpsertion("a", "PLAIN", 4096, b"s", b"p"), Error.UNSUPPORTED_SASL_MECHANISM),
        (ScramUpsertion("b", SHA, 1, b"s", b"p"), Error.UNACCEPTABLE_CREDENTIAL),
        (ScramUpsertion("c", SHA, 4096, b"", b"p"), Error.UNACCEPTABLE_CREDENTIAL),
        (ScramUpsertion("d", SHA, 4096, b"s", b""), Error.UNACCEPTABLE_CREDENTIAL),
        (ScramDeletion("e", SHA), Error.RESOURCE_NOT_FOUND),
    ]
    for row, error in rows:
        found = alter(ClusterImage(), **{"deletions" if isinstance(row, ScramDeletion) else "upsertions": [row]})
        assert found.response.results[0].error == error
        assert found.response.results[0].message and not found.facts


def test_a_user_is_named_once():
    twice = [ScramUpsertion("a", SHA, 4096, b"s", b"p"), ScramUpsertion("a", "SCRAM-SHA-512", 4096, b"s", b"p")]
    decision = alter(ClusterImage(), upsertions=twice)
    assert [row.error for row in decision.response.results] == [Error.DUPLICATE_RESOURCE]
    assert not decision.facts
