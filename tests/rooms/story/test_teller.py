"""The teller: commands in turn, mistakes told, laws told, rules of the past for one world."""

import pytest
from playing import SCENE, play, say

from minikafka.events.replication import BecameLeader
from minikafka.story.teller import StoryError, Teller
from minikafka.world.laws import Law

RULES = """
from contextlib import contextmanager
from minikafka.broker import reconciliation

@contextmanager
def cut_nothing():
    today = reconciliation.truncation_for
    reconciliation.truncation_for = lambda *_: reconciliation.Truncation(1 << 40, True)
    try:
        yield
    finally:
        reconciliation.truncation_for = today

RULES = {"cut_nothing": cut_nothing}
"""


def test_a_command_that_there_is_not_is_told_and_the_story_goes_on():
    outputs, _ = play("explode b1", "receipts p")
    assert outputs[0][0].startswith("error: 'explode' is not a command: take one of world, region,")
    assert outputs[1] == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "error: '' is not a command"),
        ("crash", "error: "),
        ("crash b9", "error: 'b9' is not a place of this world"),
        ("thaw b1", "error: primary/b1 is running and cannot thaw"),
        ("run tomorrow", "error: time 'tomorrow' is not understood"),
        ("run", "error: run takes 1 words (TIME) and got 0"),
        ("send p flights", "error: send takes a producer, a topic and values"),
        ("send nobody flights m1", "error: there is no producer 'nobody': the story has made p"),
        ("show trains-0", "error: "),
        ("show flights", "error: UNKNOWN_TOPIC_OR_PARTITION"),
        ("dump b2", "error: dump takes 2 words (BROKER PARTITION) and got 1"),
        ("until leader flights-0", "error: 'leader flights-0' has too few or too many words"),
        ("until rain", "error: 'rain' cannot be waited for: take one of leader,"),
        ("until acked p 1 within=10ms", "error: acked p 1: not within 10ms"),
        ("elect sideways flights-0", "error: INVALID_REQUEST"),
        ("meanwhile crash b1", "error: 'crash b1' cannot be done meanwhile: only poll"),
        ("old_rule none_such", "error: old rules stand in a file old_rules.py beside the story, and there is none"),
        ("events loud", "error: events takes some, all, none, only"),
        ("events none BatchSent", "error: events takes"),
        ("because Thunder", "error: no Thunder has happened"),
        ("topic flights assignment=1,2,3", "error: TOPIC_ALREADY_EXISTS"),
        ("producer q acks=many", "error: INVALID_CONFIG"),
        ("send p flights 'm1", "error: No closing quotation"),
        ("at 1us crash b1", "error: '1us' is in the past"),
        ("follower:flights-0", "error: "),
        ("crash follower:flights-0:3", "error: flights-0 has 2 followers"),
        ("damage b1 flights-0/nothing.log 0", "error: there is no file flights-0/nothing.log"),
    ],
)
def test_a_mistake_gets_a_sentence(line, sentence):
    outputs, teller = play(line, "send p flights m1 partition=0", "flush p", "receipts p")
    assert outputs[0][-1].startswith(sentence)
    assert outputs[-1] == ["m1: acknowledged at offset 0"] and not teller.broken


def test_without_a_cluster_a_story_says_how_to_begin():
    assert say("show flights-0", scene="") == "error: there is no cluster yet: begin with `> cluster primary brokers=3`"


def test_the_scene_is_set_in_silence_and_the_rest_is_told():
    outputs, _ = play("crash b3", scene="> world seed=7\n> cluster primary brokers=3\n")
    [[told]] = outputs
    assert told.startswith("T+0.0") and told.endswith(" s  b3: crashed; what was written is still in the page cache")


def test_events_that_happened_are_counted_over_all_worlds():
    _, teller = play("crash b3", "world seed=8", "cluster primary brokers=1")
    assert teller.seen["MachineCrashed"] == 1
    assert len(teller.digests) == 2


def test_a_broken_law_is_told_where_it_breaks_and_the_story_goes_on():
    class NobodyEverLeads(Law):
        """There are no leaders."""

        KINDS = (BecameLeader,)

        def check(self, entries):
            return f"{entries[0].place} leads"

    outputs, teller = play("run 1ms")
    law = NobodyEverLeads()
    teller._only_told(law)
    teller.world.law(law)
    assert teller._carry_out("elect preferred flights-0") == []
    told = teller._carry_out("shut_down b1")
    [broken] = [index for index, line in enumerate(told) if line.startswith("LAW BROKEN")]
    assert told[broken] == "LAW BROKEN  nobody ever leads: b2 leads"
    assert "b2: became leader" in told[broken - 1]
    assert teller.broken == ["nobody ever leads"]
    assert any("b1: stopped in good order" in line for line in told[broken:])


def test_an_old_rule_holds_until_the_next_world(tmp_path):
    (tmp_path / "old_rules.py").write_text(RULES)
    crime = [
        "events none", "send p flights m0 partition=0", "flush p", "send p flights m1 partition=0",
        "until end flights-0 b1 2", "crash b1", "until role flights-0 b2 leader", "flush p", "start b1",
        "until alive b1", "run 5s", "show flights-0",
    ]  # fmt: skip
    scene = SCENE.replace("> cluster", "> old_rule cut_nothing\n> cluster")
    outputs, _ = play(*crime, *SCENE.replace("> ", "").splitlines(), *crime, scene=scene, folder=tmp_path)
    before, today = outputs[len(crime) - 1], outputs[-1]
    assert before != today and today[1].startswith("b1 follower e1  |m0/e0 |m1/e1 ")


def test_an_old_rule_that_there_is_not_is_named(tmp_path):
    (tmp_path / "old_rules.py").write_text(RULES)
    told = say("old_rule gravity", folder=tmp_path)
    assert told == "error: 'gravity' is not an old rule: old_rules.py has cut_nothing"


def test_rules_of_the_past_end_with_the_story(tmp_path):
    from minikafka.broker import reconciliation

    today = reconciliation.truncation_for
    (tmp_path / "old_rules.py").write_text(RULES)
    play("old_rule cut_nothing", folder=tmp_path)
    assert reconciliation.truncation_for is today


def test_a_story_error_is_a_value_error():
    assert issubclass(StoryError, ValueError)
    assert Teller({}).the_world().seed == 0
