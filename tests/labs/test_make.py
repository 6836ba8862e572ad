"""The Make parts of labs 01, 03 and 04: right answers hold, and each known wrong one is told what is wrong with it."""

import pytest

from minikafka.broker import produce
from minikafka.broker.partition import Partition
from minikafka.classroom.acks_trial import check_acked
from minikafka.classroom.high_watermark_trial import check_advance_high_watermark
from minikafka.classroom.recovery_trial import check_cut_point, sound_size
from minikafka.log import partition_log, recovery
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.record_batch import read_header

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
