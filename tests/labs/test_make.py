"""The Make parts: right answers hold, and each known wrong one is told what is wrong with it.

Five typical wrong functions, and more, for each lab. In 00, 01 and 03 to 07 they are put in the place of ours and
come back as a counter-example; in 08 drills refute them; in 09 a region is lost while they decide; in 02 no law has
anything to say (replication keeps what it is given), so cases judge alone.
"""

import sys

import pytest
from house import ROOT

from minikafka.broker import produce
from minikafka.broker.partition import Partition
from minikafka.classroom.acks_trial import check_acked
from minikafka.classroom.check import check
from minikafka.classroom.commit_scenes import SCENES as COMMITS
from minikafka.classroom.exercises import lab_00, lab_02, lab_05, lab_06, lab_07, lab_08, lab_09
from minikafka.classroom.high_watermark_trial import check_advance_high_watermark
from minikafka.classroom.on_trial import trial
from minikafka.classroom.progress_book import Book
from minikafka.classroom.promotion_trial import check_wanted_in_sync
from minikafka.classroom.recovery_trial import check_cut_point, sound_size
from minikafka.classroom.site_loss_trial import check_after_loss
from minikafka.classroom.vote_scenes import SCENES as VOTES
from minikafka.log import partition_log, recovery
from minikafka.metadata import observer_policy
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.record_batch import check_crc, read_header
from minikafka.viz.branches import Refused

sys.path.insert(0, str(ROOT / "labs"))
from old_days import SCENES  # noqa: E402
from one_page_laws import instead, sweep  # noqa: E402

OURS = {
    "cut_point": (partition_log, "load_log", recovery.load_log),
    "advance_high_watermark": (Partition, "advance_high_watermark", Partition.advance_high_watermark),
    "acked": (produce, "acked", produce.acked),
}
CHECKS = {
    "cut_point": check_cut_point,
    "advance_high_watermark": check_advance_high_watermark,
    "acked": check_acked,
}


def the_slowest_in_sync(book):
    if book.under_min_isr:
        return book.high_watermark
    return max(book.high_watermark, min([book.log_end, *(book.ends[broker] for broker in book.in_sync)]))


def committed_by_a_leader(waiting):
    if not waiting.is_leader:
        return Error.NOT_LEADER_OR_FOLLOWER
    if waiting.high_watermark < waiting.end:
        return None
    return Error.NONE if len(waiting.in_sync) >= waiting.min_isr else Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND


def believes_headers(data):
    position = 0
    while position < len(data):
        position += read_header(data, position).size
    return position


def looks_at_headers_only(data):
    position = 0
    try:
        while position < len(data):
            position += read_header(data, position).size
    except KafkaError:
        pass
    return position


def drops_the_last_batch(data):
    position = before = 0
    while position < sound_size(data):
        before, position = position, position + read_header(data, position).size
    return before


def goes_on_behind_the_damage(data):
    position = 0
    while position < len(data):
        try:
            header = read_header(data, position)
            check_crc(data, header)
            position += header.size
        except KafkaError:
            position += 1
    return position


def majority(book):
    ends = sorted([book.log_end, *book.ends.values()])
    return max(book.high_watermark, ends[len(ends) // 2])


def all_replicas(book):
    return book.high_watermark if book.under_min_isr else max(
        book.high_watermark, min([book.log_end, *book.ends.values()]))


def no_minimum(book):
    return max(book.high_watermark, min([book.log_end, *(book.ends[broker] for broker in book.in_sync)]))


def counts_to_the_minimum(waiting):
    holders = 1 + sum(end >= waiting.end for end in waiting.ends.values())
    return Error.NONE if holders >= waiting.min_isr else None


def waits_for_all(waiting):
    return Error.NONE if all(end >= waiting.end for end in waiting.ends.values()) else None


def half_of_those_in_sync(waiting):
    if not waiting.is_leader:
        return Error.NOT_LEADER_OR_FOLLOWER
    holders = 1 + sum(end >= waiting.end for end in waiting.ends.values())
    return Error.NONE if 2 * holders > len(waiting.in_sync) else None


def is_off_by_one(waiting):
    if not waiting.is_leader:
        return Error.NOT_LEADER_OR_FOLLOWER
    return Error.NONE if waiting.high_watermark >= waiting.end - 1 else None


def never_asks_who_leads(waiting):
    return Error.NONE if waiting.high_watermark >= waiting.end else None


RIGHT = {
    "cut_point": sound_size,
    "advance_high_watermark": the_slowest_in_sync,
    "acked": committed_by_a_leader,
}
WRONG = [
    ("cut_point", believes_headers, "raised KafkaError: CORRUPT_MESSAGE"),
    ("cut_point", looks_at_headers_only, "whole batches with a right CRC"),
    ("cut_point", lambda data: 0, "sound batches are thrown away"),
    ("cut_point", len, "whole batches with a right CRC"),
    ("cut_point", lambda data: len(data) + 1, "may stay"),
    ("cut_point", drops_the_last_batch, "sound batches are thrown away"),
    ("cut_point", goes_on_behind_the_damage, "whole batches with a right CRC"),
    ("advance_high_watermark", majority, "acknowledged with acks=all, and then lost"),
    ("advance_high_watermark", lambda book: book.log_end, "acknowledged with acks=all, and then lost"),
    ("advance_high_watermark", all_replicas, "nothing goes on"),
    ("advance_high_watermark", no_minimum, "high watermark stands still under min isr"),
    ("advance_high_watermark", lambda book: min(book.ends.values()), "-1 stands for a replica that has not asked"),
    ("advance_high_watermark", lambda book: max(0, min(book.ends.values())), "never falls"),
    ("advance_high_watermark", lambda book: book.log_end + 1, "nothing beyond can be committed"),
    ("advance_high_watermark", lambda book: book.high_watermark, "nothing goes on"),
    ("acked", counts_to_the_minimum, "acknowledged with acks=all, and then lost"),
    ("acked", waits_for_all, "a follower dies"),
    ("acked", lambda waiting: Error.NONE, "acknowledged with acks=all, and then lost"),
    ("acked", half_of_those_in_sync, "acknowledged with acks=all, and then lost"),
    ("acked", is_off_by_one, "acknowledged with acks=all, and then lost"),
    ("acked", never_asks_who_leads, "replaced without knowing it"),
    ("acked", lambda waiting: Error.REQUEST_TIMED_OUT, "has to be None"),
]
SLIPS = [
    (lambda it: None, "answered None"),
    (lambda it: "often", "answered 'often'"),
    (lambda it: 1 / 0, "raised ZeroDivisionError: division by zero"),
    (lambda one, two: 0, "takes 2 arguments, and will be called with 1 argument"),
    (7, "7 is not a function"),
]


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_one_holds(name):
    verdict = CHECKS[name](RIGHT[name])
    assert verdict.passed and "no law broken, nothing lost" in str(verdict)


@pytest.mark.parametrize(("name", "version", "told"), WRONG)
def test_a_known_wrong_one_gets_its_message(name, version, told):
    verdict = CHECKS[name](version)
    assert not verdict.passed
    assert told in str(verdict) and "Traceback" not in str(verdict)
    stage, found = verdict.stage(), verdict.counter_example
    assert (stage is not None) == (bool(found.story) or name == "cut_point")
    if stage is not None:
        assert stage.options["start"] == found.moment > 0 and not stage.options["live"]
        with pytest.raises(Refused, match="your function in place"):
            stage.intervene("crash", "primary/b1", at=found.moment)
    if "A law is broken" in str(verdict):
        assert "The law says: " in str(verdict)


@pytest.mark.parametrize("name", CHECKS)
def test_five_wrong_functions_are_known(name):
    assert len([version for known, version, _ in WRONG if known == name]) >= 5


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize(("version", "told"), SLIPS)
def test_a_slip_gets_a_sentence(name, version, told):
    if name == "acked" and told == "answered None":
        told = "nothing goes on"  # None is an answer here: wait on
    verdict = CHECKS[name](version)
    assert not verdict.passed and told in str(verdict)


@pytest.mark.parametrize("name", OURS)
def test_ours_is_back_afterwards(name):
    holder, attribute, ours = OURS[name]
    CHECKS[name](lambda it: 1 / 0)
    assert getattr(holder, attribute) is ours


LOSES_NOTHING = "No record is lost by this"  # the order of the ISR in place of the list's
ONLY_SLOWER = "It can be done in one"  # one step back for each round trip
REFUSES_TOO_MUCH = ("Then nobody could ever move a group", "So nothing is lost", "The right ones are refused")
ELECTIONS = [wrong for wrong in lab_00.ELECT.wrong if LOSES_NOTHING not in wrong.message]
CUTS = [wrong for wrong in lab_05.CUT.wrong if ONLY_SLOWER not in wrong.message]

COMMIT_RULES = [wrong for wrong in lab_06.MAY_COMMIT.wrong if not wrong.message.startswith(REFUSES_TOO_MUCH)]
VOTES_TOO_SELDOM = ("A candidate that has not got", "“Somebody better than me.”", "If somebody leads in this epoch")
VOTE_RULES = [wrong for wrong in lab_07.GRANT_VOTE.wrong if not wrong.message.startswith(VOTES_TOO_SELDOM)]


def test_nearly_every_known_wrong_function_breaks_something():
    assert len(ELECTIONS) == len(lab_00.ELECT.wrong) - 1 >= 5
    assert len(CUTS) == len(lab_05.CUT.wrong) - 1 >= 5
    assert len(COMMIT_RULES) == len(lab_06.MAY_COMMIT.wrong) - 3 >= 5
    assert len(VOTE_RULES) == len(lab_07.GRANT_VOTE.wrong) - 3 >= 5


@pytest.mark.parametrize("wrong", ELECTIONS, ids=lambda wrong: wrong.message[:40])
def test_a_wrong_election_breaks_a_law_of_the_page(wrong):
    with instead(elect=wrong.answer):
        told = sweep(range(60))
    assert told.startswith("Not yet. A counter-example, with seed ")
    assert "law broken, " in told or "everybody is back, and yet" in told


@pytest.mark.parametrize("wrong", CUTS, ids=lambda wrong: wrong.message[:40])
def test_a_wrong_cut_comes_back_as_a_story_with_a_stage(wrong):
    verdict = trial("truncation", wrong.answer, seeds=2, scenes=SCENES, show=False)
    assert not verdict and verdict.counter_example.story and verdict.stage() is not None
    assert "a law is broken: “" in verdict.sentence or "something is wrong in the end" in verdict.sentence


@pytest.mark.parametrize("wrong", COMMIT_RULES, ids=lambda wrong: wrong.message[:40])
def test_a_wrong_commit_rule_comes_back_as_a_story_with_a_stage(wrong):
    verdict = trial("commit", as_a_learner_writes_it(wrong.answer), seeds=1, scenes=COMMITS, show=False)
    assert not verdict and "a law is broken: “only the present generation commits”" in verdict.sentence
    assert verdict.counter_example.story and verdict.stage() is not None
    assert "__consumer_offsets" not in verdict.counter_example.picture


def test_the_right_commit_rule_holds_in_scenes_and_in_storms():
    assert trial("commit", lab_06.may_commit, seeds=2, scenes=COMMITS, show=False)
    assert trial("commit", lab_06.may_commit, seeds=2, show=False)


@pytest.mark.parametrize("wrong", lab_08.AFTER_LOSS.wrong, ids=lambda wrong: wrong.message[:40])
def test_a_wrong_rule_of_a_lost_site_is_refuted_by_a_drill(wrong):
    verdict = check_after_loss(wrong.answer)
    assert not verdict.passed and "The west was lost" in str(verdict).replace("bad lines the", "bad lines. The")


def test_the_right_rule_of_a_lost_site_says_what_the_drills_say():
    assert check_after_loss(lab_08.after_loss).passed


PROMOTIONS = {
    "_always_the_minimum": "With under-replicated and min.insync.replicas=1, 15 s after b3 was lost, one observer",
    "_always_all": "observers are in sync only when needed",
    "_turned_round": "observers are in sync only when needed",
    "_as_much_as_possible": "observers are in sync only when needed",
    "_observers_without_being_asked": "of which 0 are wanted at most",
    "_never_for_a_leader": "both observers should be in sync; the ISR is [4], and b4 leads",
    "_one_more": "observers are in sync only when needed",
}


@pytest.mark.parametrize("wrong", lab_09.WANTED.wrong, ids=lambda wrong: wrong.answer.__name__)
def test_a_wrong_rule_of_promotion_comes_back_as_a_story_with_a_stage(wrong):
    verdict = check_wanted_in_sync(wrong.answer)
    assert not verdict.passed and PROMOTIONS[wrong.answer.__name__] in str(verdict)
    assert verdict.counter_example.story and verdict.stage() is not None
    assert wrong.message in str(check("09/wanted", wrong.answer, Book("memory")))


@pytest.mark.parametrize(
    ("version", "told"),
    [
        (lambda policy, minimum, sync, leads: 0, "15 s after b2 was lost, one observer should be in sync"),
        (lambda policy, minimum, sync, leads: 99, "observers are in sync only when needed"),
        (lambda policy, minimum, sync, leads: None, "it has to return how many should be in sync"),
        (lambda policy, minimum, sync, leads: True, "it has to be a whole number, 0 or more"),
        (lambda policy, minimum, sync, leads: 1 / 0, "raised ZeroDivisionError: division by zero"),
        (lambda policy: 0, "takes 1 argument, and will be called with 4 arguments"),
        (7, "7 is not a function"),
    ],
)
def test_a_slip_in_the_rule_of_promotion_gets_a_sentence(version, told):
    ours = observer_policy.wanted_in_sync
    verdict = check_wanted_in_sync(version)
    assert not verdict.passed and told in str(verdict) and "Traceback" not in str(verdict)
    assert observer_policy.wanted_in_sync is ours


def test_the_right_rule_of_promotion_holds():
    assert check_wanted_in_sync(lab_09.wanted_in_sync).passed


def as_a_learner_writes_it(function):
    """The same with a branch, so that `return None` alone is not taken for a blank."""
    return lambda who, generation, members, present, state: function(who, generation, members, present, state)


@pytest.mark.parametrize("wrong", VOTE_RULES, ids=lambda wrong: wrong.message[:40])
def test_a_wrong_vote_comes_back_as_a_story_with_a_stage(wrong):
    verdict = trial("vote", wrong.answer, seeds=2, scenes=VOTES, show=False)
    assert not verdict and "a law is broken: “" in verdict.sentence
    assert verdict.counter_example.story and verdict.stage() is not None


def test_the_right_vote_holds_in_its_scenes():
    assert trial("vote", lab_07.grant_vote, seeds=2, scenes=VOTES, show=False)


@pytest.mark.parametrize("wrong", lab_02.PLACE.wrong, ids=lambda wrong: wrong.message[:40])
def test_a_wrong_partitioner_gets_its_message_and_breaks_no_law(wrong):
    verdict = check("02/place", wrong.answer, Book("memory"))
    assert not verdict.passed and wrong.message in str(verdict)
    assert trial("partitioner", wrong.answer, seeds=1, show=False)
