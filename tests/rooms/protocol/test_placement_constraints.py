"""Placement constraints: what can be read, and the sentence for each rule that is broken."""

import json

import pytest

from minikafka.protocol.errors import ConfigException, Error
from minikafka.protocol.placement_constraints import (
    LEADER_IS_OBSERVER,
    POLICIES,
    UNDER_MIN_ISR,
    RackCount,
    constraints_from,
    written,
)
from minikafka.protocol.settings import Config
from minikafka.protocol.topic_settings import TOPIC


def at(rack, count):
    return {"count": count, "constraints": {"rack": rack}}


WEST = [at("west", 2)]


def read(**fields):
    return constraints_from(json.dumps({"version": 2, "replicas": WEST, **fields}))


def test_what_the_documentation_shows():
    found = read(observers=[at("east", 2)], observerPromotionPolicy="under-min-isr")
    assert found == (2, (RackCount("west", 2),), (RackCount("east", 2),), UNDER_MIN_ISR)
    assert (found.sync_count, found.total, found.racks) == (2, 4, ["west", "east"])
    both = read(replicas=[at("ny", 2), at("boston", 2)], observers=[at("ny", 1), at("boston", 1)])
    assert [both.wanted_in(rack) for rack in ("ny", "boston", "paris")] == [3, 3, 0]


def test_observers_may_be_left_out():
    assert read().observers == read(observers=[]).observers == ()


@pytest.mark.parametrize("policy", POLICIES)
def test_policies_of_version_2(policy):
    assert read(observerPromotionPolicy=policy).policy == policy


def test_version_2_promotes_under_min_isr_unless_it_says_otherwise():
    assert read().policy == UNDER_MIN_ISR


@pytest.mark.parametrize("policy", [*POLICIES, "anything"])
def test_in_version_1_a_policy_is_read_past(policy):
    assert read(version=1, observerPromotionPolicy=policy).policy == LEADER_IS_OBSERVER


REFUSED = [
    ("not json", "it is no JSON .*; write"),
    ("[]", r"\[\] is no JSON object"),
    ({"version": 3}, "version=3 is not known; write 1, or 2"),
    ({"version": True}, "version=True is not known"),
    ({"version": None}, "version=None is not known"),
    ({"replica": []}, "'replica' is no field of it; known are version, replicas, observers, observerPromotionPolicy"),
    ({"replicas": []}, "replicas is empty; a partition needs at least one replica that is no observer"),
    ({"replicas": "west"}, "replicas='west' is no list"),
    ({"observers": {"west": 1}}, "observers=.* is no list"),
    ({"replicas": ["west"]}, "'west' in replicas is not a count with constraints; write"),
    ({"replicas": [{"count": 2}]}, "in replicas is not a count with constraints"),
    ({"replicas": [{"count": 2, "constraints": {"zone": "a"}}]}, "the constraints .*'zone'.* in replicas name no rack"),
    ({"replicas": [at("west", 0)]}, "count=0 for the rack 'west' in replicas is not possible; use at least 1"),
    ({"observers": [at("east", "2")]}, "count='2' for the rack 'east' in observers is not possible"),
    ({"replicas": [at("west", True)]}, "count=True for the rack 'west'"),
    ({"replicas": [at("west", 2), at("west", 1)]},
     "the rack 'west' stands twice in replicas, with counts 2 and 1; name it once, with 3"),
    ({"observers": [at("east", 1), at("east", 1)]}, "the rack 'east' stands twice in observers, with counts 1 and 1"),
    ({"observerPromotionPolicy": "always"}, "observerPromotionPolicy='always' is not known; choose one of under-min"),
]


@pytest.mark.parametrize(("what", "sentence"), REFUSED, ids=[sentence[:40] for _, sentence in REFUSED])
def test_every_rule_has_a_sentence(what, sentence):
    text = what if isinstance(what, str) else json.dumps({"version": 2, "replicas": WEST, **what})
    with pytest.raises(ConfigException, match=sentence) as refused:
        constraints_from(text)
    assert refused.value.error == Error.INVALID_CONFIG
    with pytest.raises(ConfigException, match=sentence):
        Config(TOPIC, {"confluent.placement.constraints": text})


def test_without_replicas():
    with pytest.raises(ConfigException, match='it has no replicas; say where they go: "replicas":'):
        constraints_from('{"version": 1}')


def test_a_dict_is_written_as_json():
    made = {"version": 2, "replicas": WEST}
    assert constraints_from(written(made)) == read() == constraints_from(written(written(made)))
