"""The follower's half of a fetch session."""

from minikafka.broker.follower_session import FollowerSession
from minikafka.protocol.client_requests import FetchResponse
from minikafka.protocol.errors import Error
from minikafka.protocol.names import TopicPartition

A, B = TopicPartition("a", 0), TopicPartition("b", 0)


def rows(session, followed):
    return session.next_rows(followed, followed.get)


def opened(followed):
    session = FollowerSession()
    rows(session, followed)
    session.answered(FetchResponse(Error.NONE, 7, ()))
    return session


def test_the_first_fetch_names_all_and_the_next_only_what_changed():
    followed = {A: "a@0", B: "b@0"}
    session = FollowerSession()
    assert rows(session, followed) == (["a@0", "b@0"], [])
    assert session.answered(FetchResponse(Error.NONE, 7, ()))
    assert (session.session_id, session.epoch) == (7, 1)
    assert rows(session, followed) == ([], [])
    followed[B] = "b@5"
    session.changed(B)
    assert rows(session, followed) == (["b@5"], [])
    assert session.asked == {A: "a@0", B: "b@5"}


def test_what_is_not_followed_any_more_is_taken_back_once():
    followed = {A: "a@0", B: "b@0"}
    session = opened(followed)
    del followed[B]
    session.changed(B)
    assert rows(session, followed) == ([], [("b", 0)])
    session.changed(B)
    assert rows(session, followed) == ([], [])


def test_a_session_the_leader_forgot_begins_anew():
    followed = {A: "a@0"}
    session = opened(followed)
    assert not session.answered(FetchResponse(Error.FETCH_SESSION_ID_NOT_FOUND, 0, ()))
    assert (session.session_id, session.epoch) == (0, 0)
    assert rows(session, followed) == (["a@0"], [])


def test_after_a_loss_the_old_session_is_named_so_that_it_is_closed():
    session = opened({A: "a@0"})
    session.lost()
    assert (session.session_id, session.epoch) == (7, 0)
    session.answered(FetchResponse(Error.INVALID_FETCH_SESSION_EPOCH, 0, ()))
    assert (session.session_id, session.epoch) == (7, 0)


def test_without_a_session_every_fetch_is_a_full_one():
    followed = {A: "a@0"}
    session = FollowerSession()
    rows(session, followed)
    session.answered(FetchResponse(Error.NONE, 0, ()))
    assert rows(session, followed) == (["a@0"], [])


def test_the_epoch_wraps():
    session = opened({A: "a@0"})
    session.epoch = 2**31 - 1
    session.answered(FetchResponse(Error.NONE, 7, ()))
    assert session.epoch == 1
