"""A learner's rule on trial: what holds, what breaks a law, and what every slip is told."""

import sys
import time

import pytest

from minikafka.broker import high_watermark
from minikafka.classroom.on_trial import trial
from minikafka.classroom.swappables import SWAPPABLES, Unknown, swappable
from minikafka.protocol.errors import Error


def right(log_end, ends):
    return min([log_end, *ends.values()])


def leader_alone(log_end, ends):
    return log_end


def fastest(log_end, ends):
    return max([log_end, *ends.values()])


def majority(log_end, ends):
    return sorted([log_end, *ends.values()])[(len(ends) + 1) // 2]


def one_short(log_end, ends):
    return max(0, min([log_end, *ends.values()]) - 1)


def never(log_end, ends):
    return 0


def test_a_right_rule_holds_and_ours_is_back():
    ours = high_watermark.next_high_watermark
    verdict = trial("high watermark", right, seeds=3)
    assert verdict and verdict.sentence == "3 storms, no law broken, nothing lost."
    assert high_watermark.next_high_watermark is ours and sys.gettrace() is None


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (leader_alone, "in sync replicas have what is committed"),
        (fastest, "in sync replicas have what is committed"),
        (majority, "in sync replicas have what is committed"),
        (one_short, "stuck"),
        (never, "stuck"),
    ],
)
def test_a_wrong_rule_comes_back_as_a_story(function, told):
    verdict = trial("high watermark", function)
    assert verdict.stage() is not None
    found = verdict.counter_example
    assert not verdict and told in verdict.sentence and function.__name__ in verdict.sentence
    assert found.story and "flights-0" in found.picture and found.world.now == found.moment
    assert (found.law.endswith("ISR that a leader counts with has the leader's records below its high watermark.")
            if "committed" in told else found.law == "")  # fmt: skip
    assert repr(trial("high watermark", function)) == repr(verdict)


def raises(log_end, ends):
    return log_end // 0


def loops(log_end, ends):
    while True:
        pass


def swallows_and_loops(log_end, ends):
    while True:
        try:
            while True:
                log_end += 1
        except Exception:
            pass


def nonsense(log_end, ends):
    return "all of them"


def nothing(log_end, ends):
    print("thinking")


def beyond(log_end, ends):
    return log_end + 1


def changes(log_end, ends):
    ends.clear()
    return log_end


def calls_itself(log_end, ends):
    return calls_itself(log_end, ends)


def leaves(log_end, ends):
    raise SystemExit


CALLS = [0]


def moody(log_end, ends):
    CALLS[0] += 1
    return -CALLS[0]


def clock(log_end, ends):
    return int(time.time())


def helped_clock(log_end, ends):
    return clock(log_end, ends)


def dice(log_end, ends):
    from random import randint

    return randint(0, log_end)


def counts_calls(log_end, ends):
    global CALLS
    CALLS = [1]
    return log_end


def opens(log_end, ends):
    return len(open("x").read())


def blank(log_end, ends): ...


def todo(log_end, ends):
    """Write it here."""
    raise NotImplementedError


async def waits(log_end, ends):
    return log_end


def other_signature(replicas):
    return 0


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (raises, "raised ZeroDivisionError: integer division or modulo by zero, in its line 2: `return log_end // 0`"),
        (loops, "did not come to an end"),
        (swallows_and_loops, "did not come to an end"),
        (nonsense, "answered 'all of them': expected an offset"),
        (nothing, "answered None: expected an offset"),
        (beyond, "nothing beyond its end can be committed"),
        (changes, "changes things"),
        (calls_itself, "calls itself without end"),
        (leaves, "raised SystemExit"),
        (moody, "two answers"),
        (clock, "it reaches for the clock"),
        (helped_clock, "`clock` (line 2) uses `time`"),
        (dice, "imports `random`: it reaches for dice of its own"),
        (counts_calls, "keeps something in the global `CALLS`"),
        (opens, "reaches for files"),
        (blank, "still blank: say how far a partition is committed"),
        (todo, "still blank"),
        (waits, "plain function"),
        (other_signature, "write `def other_signature(log_end, ends):`"),
        (41, "41 is not a function"),
    ],
)
def test_a_slip_is_told_in_a_sentence(function, told, capsys):
    ours = high_watermark.next_high_watermark
    verdict = trial("high watermark", function)
    assert not verdict and told in verdict.sentence, verdict.sentence
    assert "Traceback" not in repr(verdict) and capsys.readouterr().out == ""
    assert high_watermark.next_high_watermark is ours and sys.gettrace() is None


@pytest.mark.parametrize("rule", SWAPPABLES, ids=lambda rule: rule.name)
def test_every_rule_can_be_swapped_and_ours_passes(rule):
    if rule.asks:
        pytest.skip("asked in another way than ours")
    assert trial(rule.name, _copy_of(rule), seeds=2).passed


def _copy_of(rule):
    """Ours, as a learner would have copied it."""
    parameters = ", ".join(rule.parameters)
    scope = {"ours": rule.ours}
    exec(f"def copied({parameters}): return ours({parameters})", scope)
    return scope["copied"]


def lookup(entries, base_offset, offset):
    return max([entry for entry in entries if entry[0] <= offset], default=(base_offset, 0))


def acks_at_once(partition, required_offset):
    return Error.NONE if partition else None


def first_replica(now, isr, elr, terms):
    return now.replicas[0]


def any_alive(now, isr, elr, terms):
    return next((replica for replica in now.replicas if terms.alive(replica)), -1)


def joins_at_once(replica, high_watermark, leader_epoch_start):
    return replica.broker_id > 0


def steps_down(partition, required_offset):
    partition.leader = -1


def commits(partition, required_offset):
    partition.cut_to(0)


@pytest.mark.parametrize(
    ("rule", "function"),
    [("ack condition", acks_at_once), ("choose leader", first_replica), ("choose leader", any_alive),
     ("expansion", joins_at_once), ("ack condition", steps_down), ("ack condition", commits)],
)  # fmt: skip
def test_wrong_rules_are_found(rule, function):
    assert not trial(rule, function, seeds=20)


def caught_up(log_end, last_caught_up, leader_end, now, longest_lag):
    return log_end == leader_end or now - last_caught_up <= longest_lag


def epoch_end(entries, log_end, epoch):
    if epoch < 0 or not entries or epoch > entries[-1].epoch:
        return -1, -1
    ends = [*(entry.start for entry in entries[1:]), log_end]
    known = [(entry.epoch, end) for entry, end in zip(entries, ends, strict=True) if entry.epoch <= epoch]
    return known[-1] if known else (epoch, entries[0].start)


SIMPLER = [("index lookup", lookup), ("caught up", caught_up), ("epoch end", epoch_end)]


@pytest.mark.parametrize(("rule", "function"), SIMPLER)
def test_right_rules_asked_in_a_simpler_way_hold(rule, function):
    assert trial(rule, function, seeds=3)


def test_an_unknown_rule_names_its_neighbour():
    with pytest.raises(Unknown, match="did you mean 'high watermark'"):
        trial("high watermrk", right)
    assert swappable(high_watermark.may_advance).name == "may advance"


def test_an_authors_scene_is_played():
    def scene(world, seed):
        cluster = world.cluster("primary", brokers=3)
        cluster.create_topic("flights", partitions=1, replication_factor=3)
        producer = cluster.producer("p", acks="all")
        producer.send("flights", b"UA1545")
        world.run_for("1s")

    assert trial("high watermark", right, seeds=1, scenes=[scene]).sentence == "1 scene, no law broken, nothing lost."
    assert "in sync replicas" in trial("high watermark", leader_alone, seeds=1, scenes=[scene]).sentence
