"""The error codes are Kafka's, and so is what may be concluded from them."""

import pytest

from minikafka.protocol.errors import (
    ConfigException,
    CorruptRecordException,
    Error,
    KafkaError,
    LogTruncationException,
    NoOffsetForPartitionException,
    OffsetOutOfRangeException,
    RecordTooLargeException,
    TimeoutException,
    exception_for,
)
from minikafka.protocol.names import TopicPartition


@pytest.mark.parametrize("code, name", [
    (-1, "UNKNOWN_SERVER_ERROR"), (0, "NONE"), (1, "OFFSET_OUT_OF_RANGE"), (6, "NOT_LEADER_OR_FOLLOWER"),
    (7, "REQUEST_TIMED_OUT"), (19, "NOT_ENOUGH_REPLICAS"), (20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND"),
    (40, "INVALID_CONFIG"), (45, "OUT_OF_ORDER_SEQUENCE_NUMBER"), (74, "FENCED_LEADER_EPOCH"),
    (75, "UNKNOWN_LEADER_EPOCH"), (77, "STALE_BROKER_EPOCH"), (95, "INVALID_UPDATE_VERSION"),
    (101, "DUPLICATE_BROKER_REGISTRATION"), (107, "INELIGIBLE_REPLICA"), (128, "INVALID_REGULAR_EXPRESSION"),
])
def test_codes_have_kafkas_numbers_and_names(code, name):
    assert Error(code).name == name
    assert Error[name] == code


def test_every_code_says_what_it_means():
    meanings = [error.meaning for error in Error]
    assert all(meanings)
    assert len(dict.fromkeys(meanings)) == len(meanings)


def test_the_codes_that_refresh_metadata_are_kafkas_invalid_metadata_exceptions():
    assert [error.value for error in Error if error.refreshes_metadata] == [
        3, 5, 6, 9, 13, 56, 72, 74, 80, 83, 84, 100, 103]


def test_what_may_be_tried_again():
    assert [error.value for error in Error if error.retriable and not error.refreshes_metadata] == [
        2, 7, 14, 15, 16, 19, 20, 41, 51, 70, 71, 75, 78, 88, 89, 106]


@pytest.mark.parametrize("error", [
    Error.UNKNOWN_SERVER_ERROR, Error.NOT_LEADER_OR_FOLLOWER, Error.REQUEST_TIMED_OUT, Error.NETWORK_EXCEPTION,
    Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND, Error.KAFKA_STORAGE_ERROR, Error.NOT_CONTROLLER,
    Error.UNKNOWN_TOPIC_OR_PARTITION, Error.DUPLICATE_SEQUENCE_NUMBER, Error.NEW_LEADER_ELECTED,
])
def test_after_these_the_record_may_be_there(error):
    assert not error.definite


@pytest.mark.parametrize("error", [
    Error.NOT_ENOUGH_REPLICAS, Error.MESSAGE_TOO_LARGE, Error.CORRUPT_MESSAGE, Error.INVALID_REQUIRED_ACKS,
    Error.INVALID_RECORD, Error.INVALID_TIMESTAMP, Error.OUT_OF_ORDER_SEQUENCE_NUMBER, Error.LEADER_NOT_AVAILABLE,
    Error.STALE_BROKER_EPOCH, Error.INVALID_CONFIG,
])
def test_after_these_the_request_has_changed_nothing(error):
    assert error.definite


def test_an_error_says_its_name_code_and_sentence():
    error = KafkaError(Error.NOT_ENOUGH_REPLICAS, "1 replica of flights-0 is in sync, 2 are wanted")
    assert str(error) == "NOT_ENOUGH_REPLICAS [19]: 1 replica of flights-0 is in sync, 2 are wanted"
    assert (error.error, error.retriable, error.definite) == (Error.NOT_ENOUGH_REPLICAS, True, True)


def test_without_a_sentence_the_meaning_stands_in():
    assert Error.REQUEST_TIMED_OUT.meaning in str(KafkaError(7))


def test_who_knows_better_may_say_that_nothing_happened():
    assert not TimeoutException("no answer").definite
    assert TimeoutException("the batch was never sent", definite=True).definite


@pytest.mark.parametrize("code, kind", [
    (1, OffsetOutOfRangeException), (2, CorruptRecordException), (7, TimeoutException), (10, RecordTooLargeException),
    (40, ConfigException), (19, KafkaError),
])
def test_a_code_from_a_response_becomes_its_exception(code, kind):
    error = exception_for(code, "why")
    assert type(error) is kind
    assert error.error == code
    assert error.sentence == "why"


def test_consumer_exceptions_carry_what_the_application_needs():
    tp = TopicPartition("flights", 0)
    lost = LogTruncationException("cut", {tp: 9}, {tp: 5})
    assert isinstance(lost, OffsetOutOfRangeException)
    assert (lost.offsets, lost.divergent_offsets) == ({tp: 9}, {tp: 5})
    assert NoOffsetForPartitionException("none", (tp,)).partitions == (tp,)


def test_a_number_that_is_no_code_is_refused():
    with pytest.raises(ValueError, match="999"):
        KafkaError(999, "what is this?")
