"""Where a consumer stands, and how it may move."""

import pytest

from minikafka.client.bootstrap import Leader
from minikafka.client.positions import AWAITING_RESET, FETCHING, MOVES, VALIDATING, Position, Positions
from minikafka.client.truncation import settle, was_cut
from minikafka.events.clients import PositionReset, TruncationDetected
from minikafka.protocol.client_requests import EpochEnd
from minikafka.protocol.errors import Error, InvalidTopicException, KafkaError, LogTruncationException
from minikafka.protocol.names import TopicPartition

P = TopicPartition("flights", 0)
OTHER = TopicPartition("flights", 1)


@pytest.fixture
def positions():
    made = Positions("earliest")
    made.assign([P])
    return made


def standing(positions, offset=10, epoch=1, leader=1):
    """The partition's state after it has read up to `offset` from a leader of epoch `leader`."""
    state = positions.of(P)
    state.move(Position(offset, epoch, Leader(1, leader)), "offset found")
    return state


def test_a_new_partition_waits_for_a_reset_by_policy(positions):
    state = positions.of(P)
    assert (state.state, state.reset_to, state.position) == (AWAITING_RESET, "earliest", None)
    assert positions.in_state(AWAITING_RESET, now=0) == [P]


def test_what_stays_assigned_keeps_its_position(positions):
    standing(positions)
    positions.assign([OTHER, P])
    assert positions.of(P).position.offset == 10
    positions.assign([OTHER])
    positions.assign([P])
    assert positions.of(P).position is None


def test_a_new_leader_means_a_check_where_the_epoch_is_known(positions):
    state = standing(positions)
    state.meet_leader(Leader(1, 1))
    assert state.state == FETCHING
    state.meet_leader(Leader(2, 2))
    assert state.state == VALIDATING
    assert state.position == Position(10, 1, Leader(2, 2))


def test_a_seek_without_an_epoch_is_not_checked(positions):
    positions.seek(P, 5, epoch=-1)
    state = positions.of(P)
    state.meet_leader(Leader(2, 2))
    assert (state.state, state.position.offset) == (FETCHING, 5)
    positions.seek(P, 5, epoch=1)
    state.meet_leader(Leader(2, 2))
    assert state.state == VALIDATING


def test_rests_and_questions_keep_a_partition_out(positions):
    state = standing(positions)
    positions.rest_after_failure(P, until=100)
    assert positions.in_state(FETCHING, now=99) == []
    assert positions.next_rest_end(now=99) == 100
    assert positions.in_state(FETCHING, now=100) == [P]
    state.asking = True
    assert positions.in_state(FETCHING, now=100) == []


def test_no_move_that_is_not_in_the_table():
    positions = Positions("earliest")
    positions.assign([P])
    with pytest.raises(KeyError):
        positions.of(P).move(Position(0, 0, None), "log was cut")
    assert sorted(dict.fromkeys(MOVES.values())) == [AWAITING_RESET, FETCHING, VALIDATING]


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        ([5], Error.INVALID_REQUEST, "write TopicPartition('flights', 0)"),
        (["flights-0"], Error.INVALID_REQUEST, "is no partition"),
        ([TopicPartition("flights", -1)], Error.INVALID_REQUEST, "partitions count from 0"),
        ([TopicPartition("flights", True)], Error.INVALID_REQUEST, "partitions count from 0"),
        ([TopicPartition("a b", 0)], Error.INVALID_TOPIC_EXCEPTION, "contains ' '"),
    ],
)
def test_what_cannot_be_assigned_is_refused_and_changes_nothing(positions, bad, error, words):
    standing(positions)
    with pytest.raises((KafkaError, InvalidTopicException)) as refused:
        positions.assign([OTHER, *bad])
    assert refused.value.error == error and words in str(refused.value)
    assert list(positions.assigned) == [P] and positions.of(P).position.offset == 10


@pytest.mark.parametrize("offset", [-1, "5", 1.5, None, True])
def test_an_impossible_offset_is_refused_and_changes_nothing(positions, offset):
    state = standing(positions)
    with pytest.raises(KafkaError, match="whole number from 0, or use seek_to_beginning") as refused:
        positions.seek(P, offset, -1)
    assert refused.value.error == Error.INVALID_REQUEST
    assert (state.state, state.position.offset) == (FETCHING, 10)


def test_a_partition_that_is_not_assigned_cannot_be_sought(positions):
    with pytest.raises(KafkaError, match=r"flights-1 is not assigned .*assigned: flights-0"):
        positions.seek(OTHER, 5, -1)
    assert list(positions.assigned) == [P]


# -- truncation

ASKED = Position(10, 1, Leader(2, 2))


@pytest.mark.parametrize(
    ("epoch", "end", "cut"),
    [(1, 10, False), (1, 12, False), (1, 9, True), (0, 5, True), (-1, -1, True), (0, 10, False)],
)
def test_the_log_was_cut_if_the_epoch_ends_before_the_position(epoch, end, cut):
    assert was_cut(ASKED, EpochEnd(*P, 0, epoch, end)) is cut


def validating(positions):
    state = standing(positions)
    state.meet_leader(Leader(2, 2))
    return state


def test_a_position_that_stands_is_fetched_again(positions):
    state = validating(positions)
    assert settle(P, state, ASKED, EpochEnd(*P, 0, 1, 10), "earliest", "me") == ([], None)
    assert (state.state, state.position) == (FETCHING, ASKED)


def test_a_cut_moves_the_position_to_where_the_logs_part(positions):
    state = validating(positions)
    events, error = settle(P, state, ASKED, EpochEnd(*P, 0, 1, 5), "latest", "me")
    assert (state.state, state.position) == (FETCHING, Position(5, 1, Leader(2, 2)))
    assert error is None
    assert events == [TruncationDetected(P, 10, 1, 1, 5, "me"), PositionReset(P, 10, 5, "the log was cut there", "me")]


def test_with_none_a_cut_is_for_the_caller(positions):
    state = validating(positions)
    events, error = settle(P, state, ASKED, EpochEnd(*P, 0, 1, 5), "none", "me")
    assert isinstance(error, LogTruncationException)
    assert (error.offsets, error.divergent_offsets) == ({P: 10}, {P: 5})
    assert "parts at 5 (epoch 1)" in str(error)
    assert (state.state, state.position) == (VALIDATING, ASKED)
    assert [type(event) for event in events] == [TruncationDetected]


def test_an_epoch_nobody_knows_means_a_reset(positions):
    state = validating(positions)
    events, error = settle(P, state, ASKED, EpochEnd(*P, 0, -1, -1), "earliest", "me")
    assert (state.state, state.reset_to, error) == (AWAITING_RESET, "earliest", None)
    assert "no epoch" in events[0].sentence()


def test_an_answer_after_a_seek_changes_nothing(positions):
    state = validating(positions)
    positions.seek(P, 3, epoch=-1)
    assert settle(P, state, ASKED, EpochEnd(*P, 0, 1, 5), "none", "me") == ([], None)
    assert state.position.offset == 3
