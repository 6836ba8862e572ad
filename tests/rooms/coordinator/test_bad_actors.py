"""Bad actors: the right error, and nothing changed, neither in the group nor in its log."""

import pytest
from desk import Desk

from minikafka.protocol.errors import Error
from minikafka.protocol.member_metadata import read_assignment


@pytest.fixture
def desk():
    """A stable group of two, one of which has committed 7; `desk.one` leads."""
    desk = Desk()
    desk.one, desk.two = desk.stable(2)
    assert desk.commit(7, desk.one, 1) == Error.NONE
    return desk


def everything(desk):
    """All that an actor could have changed."""
    group = desk.group()
    members = {one.member_id: (one.protocols, one.assignment) for one in group.members.values()}
    return (group.state, group.generation, group.leader, members, dict(group.pending), len(desk.log.records),
            desk.committed())  # fmt: skip


def answer(desk, task):
    desk.run("1ms")
    return Error(task.value.error)


def unchanged(desk, *acts):
    """Let them act; the errors they get, and nothing is another than before."""
    before = everything(desk)
    errors = [act() for act in acts]
    assert everything(desk) == before
    return errors


def test_an_unknown_member(desk):
    nobody = "nobody-1"
    assert unchanged(
        desk,
        lambda: desk.beat(nobody),
        lambda: desk.commit(9, nobody, 1),
        lambda: answer(desk, desk.sync(nobody, 1)),
        lambda: answer(desk, desk.join(nobody)),
        lambda: Error(desk.leave(nobody).members[0].error),
    ) == [Error.UNKNOWN_MEMBER_ID] * 5  # fmt: skip


def test_a_zombie_after_a_rebalance(desk):
    """It was put out, and goes on as if it were not."""
    desk.leave(desk.two)
    again = desk.join(desk.one)
    desk.run("10ms")
    assert again.value.generation == 2
    desk.sync(desk.one, 2, {desk.one: [0, 1]})
    desk.run("10ms")
    for generation in (1, 2):
        assert unchanged(
            desk,
            lambda generation=generation: desk.beat(desk.two, generation),
            lambda generation=generation: desk.commit(9, desk.two, generation),
            lambda generation=generation: answer(desk, desk.sync(desk.two, generation)),
        ) == [Error.UNKNOWN_MEMBER_ID] * 3  # fmt: skip


def test_a_replayed_generation(desk):
    """A member of the present generation repeats what it said in an older one, or guesses the next."""
    for generation in (0, 2):
        assert unchanged(
            desk,
            lambda generation=generation: desk.beat(desk.one, generation),
            lambda generation=generation: desk.commit(9, desk.one, generation),
            lambda generation=generation: answer(desk, desk.sync(desk.one, generation, {desk.one: [0, 1]})),
        ) == [Error.ILLEGAL_GENERATION] * 3  # fmt: skip


def test_a_commit_from_outside(desk):
    """Without generation and member id it is taken only while nobody is there."""
    assert unchanged(desk, lambda: desk.commit(9)) == [Error.UNKNOWN_MEMBER_ID]
    assert unchanged(desk, lambda: desk.commit(9, desk.one)) == [Error.ILLEGAL_GENERATION]
    desk.leave(desk.one)
    desk.leave(desk.two)
    assert desk.commit(9) == Error.NONE and desk.committed() == 9


def test_a_follower_that_hands_out_partitions(desk):
    """Only what the leader brings is the assignment."""
    tasks = [desk.join(member) for member in (desk.one, desk.two)]
    desk.run("10ms")
    assert [task.value.generation for task in tasks] == [2, 2]
    mine = desk.sync(desk.two, 2, {desk.two: [0, 1, 2], desk.one: []})
    desk.run("10ms")
    assert not mine.done and desk.group().state == "CompletingRebalance"
    desk.sync(desk.one, 2, {desk.one: [0], desk.two: [1]})
    desk.run("10ms")
    assert [one.partition for one in read_assignment(mine.value.assignment)] == [1]


def test_a_leader_that_gives_to_somebody_who_is_not_there(desk):
    for member in (desk.one, desk.two):
        desk.join(member)
    desk.run("10ms")
    desk.sync(desk.one, 2, {desk.one: [0], "friend-1": [1]})
    desk.run("10ms")
    assert list(desk.group().members) == [desk.one, desk.two] and desk.group().members[desk.two].assignment == b""
    assert desk.beat("friend-1", 2) == Error.UNKNOWN_MEMBER_ID


def test_a_fenced_twin():
    desk = Desk()
    first = desk.join(instance="seat")
    desk.run()
    old = first.value.member_id
    desk.sync(old, 1, {old: [0]}, instance="seat")
    desk.run("10ms")
    second = desk.join(instance="seat")
    desk.run("10ms")
    assert second.value.error == Error.NONE and second.value.member_id != old
    assert unchanged(
        desk,
        lambda: desk.beat(old, 1, instance="seat"),
        lambda: desk.commit(9, old, 1, instance="seat"),
        lambda: answer(desk, desk.sync(old, 1, instance="seat")),
        lambda: answer(desk, desk.join(old, instance="seat")),
        lambda: Error(desk.leave(old, instance="seat").members[0].error),
    ) == [Error.FENCED_INSTANCE_ID] * 5  # fmt: skip


def test_a_liar_about_its_position_is_believed_and_harms_nobody_else(desk):
    """The coordinator does not look into the log (see tests/storm/test_group_mutants.py for what comes of it)."""
    assert desk.commit(4_711, desk.one, 1) == Error.NONE and desk.committed() == 4_711
    assert desk.committed("another group") == -1


def test_a_note_that_is_too_long_is_no_store_for_strangers(desk):
    assert unchanged(desk, lambda: desk.commit(9, desk.one, 1, note="x" * 4_097)) == [Error.OFFSET_METADATA_TOO_LARGE]
    assert unchanged(desk, lambda: desk.commit(9, desk.one, 1, topic="nowhere")) == [Error.UNKNOWN_TOPIC_OR_PARTITION]
