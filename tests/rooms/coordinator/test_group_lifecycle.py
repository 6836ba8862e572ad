"""Joining, syncing, beating, leaving: the group's life at its coordinator, and every refusal in Kafka's order."""

import pytest
from desk import Desk

from minikafka.protocol.errors import Error
from minikafka.protocol.group_requests import Protocol
from minikafka.protocol.member_metadata import Subscription, pack_subscription, read_assignment
from minikafka.protocol.names import TopicPartition


@pytest.fixture
def desk():
    return Desk()


def snapshot(desk):
    group = desk.group()
    return (group.state, group.generation, group.leader, list(group.members), len(desk.log.records)) if group else None


def test_a_first_member_gets_an_id_then_a_generation_then_everything(desk):
    member = desk.id()
    assert desk.group().state == "Empty" and list(desk.group().pending) == [member]
    task = desk.join(member)
    desk.run("50ms")
    assert not task.done and desk.group().state == "PreparingRebalance"
    desk.run("100ms")
    joined = task.value
    assert (joined.error, joined.generation, joined.leader, joined.protocol) == (0, 1, member, "range")
    assert [one.member_id for one in joined.members] == [member]
    synced = desk.ask(desk.coordinator.sync_group(desk_sync(desk, member), "c"))
    assert read_assignment(synced.assignment) == (TopicPartition("flights", 0),)
    assert desk.group().state == "Stable" and desk.beat(member) == Error.NONE


def desk_sync(desk, member):
    from minikafka.protocol import group_requests as api
    from minikafka.protocol.member_metadata import pack_assignment

    rows = [api.Assignment(member, pack_assignment([TopicPartition("flights", 0)]))]
    return api.SyncGroupRequest("g", 1, member, None, "consumer", "range", rows)


def test_an_empty_group_waits_for_more_and_again_for_each_newcomer():
    desk = Desk(**{"group.initial.rebalance.delay.ms": 1000})
    one, two, three = desk.id(), desk.id(), desk.id()
    first = desk.join(one)
    desk.run("800ms")
    second = desk.join(two)
    desk.run("800ms")
    third = desk.join(three)
    desk.run("800ms")
    assert not first.done
    desk.run("1s")
    assert {task.value.generation for task in (first, second, third)} == {1}
    assert len(desk.group().members) == 3


def test_only_the_leader_hears_who_the_others_are(desk):
    ids = [desk.id(), desk.id()]
    tasks = [desk.join(member) for member in ids]
    desk.run()
    told = {task.value.member_id: len(task.value.members) for task in tasks}
    assert told == {ids[0]: 2, ids[1]: 0}


def test_nobody_hears_an_assignment_before_it_is_replicated(desk):
    member = desk.id()
    task = desk.join(member)
    desk.run()
    desk.log.holds = True
    sync = desk.sync(member, 1, {member: [0]})
    desk.run("1s")
    assert task.done and not sync.done and desk.group().state == "CompletingRebalance"
    assert desk.beat(member) == Error.NONE  # a heartbeat while completing is a success
    desk.log.release()
    desk.run("10ms")
    assert sync.value.error == Error.NONE and desk.group().state == "Stable"


def test_an_assignment_that_is_not_replicated_in_time_starts_a_rebalance(desk):
    member = desk.id()
    desk.join(member)
    desk.run()
    desk.log.holds = True
    sync = desk.sync(member, 1, {member: [0]})
    desk.run("6s")
    assert sync.value.error == Error.COORDINATOR_NOT_AVAILABLE
    assert desk.group().state == "PreparingRebalance"


def test_a_newcomer_makes_everybody_join_again(desk):
    [one] = desk.stable()
    two = desk.id()
    second = desk.join(two)
    desk.run("10ms")
    assert desk.group().state == "PreparingRebalance" and desk.beat(one) == Error.REBALANCE_IN_PROGRESS
    first = desk.join(one)
    desk.run("10ms")
    assert first.value.generation == second.value.generation == 2
    assert first.value.leader == one  # who led goes on leading


def test_who_does_not_join_again_in_time_is_out(desk):
    one, two = desk.stable(2, rebalance=5000, session=60_000)
    again = desk.join(one, rebalance=5000, session=60_000)
    desk.run("4s")
    assert not again.done
    desk.run("2s")
    assert again.value.generation == 2 and list(desk.group().members) == [one]
    assert desk.beat(two) == Error.UNKNOWN_MEMBER_ID


def test_who_does_not_ask_for_its_assignment_in_time_is_out(desk):
    ids = [desk.id(), desk.id()]
    for member in ids:
        desk.join(member, rebalance=5000, session=60_000)
    desk.run()
    desk.sync(ids[0], 1, {ids[0]: [0, 1]})
    desk.run("6s")
    assert list(desk.group().members) == [ids[0]] and desk.group().state == "PreparingRebalance"


def test_a_session_ends_without_heartbeats_and_not_with_them(desk):
    one, two = desk.stable(2)
    for _ in range(4):
        desk.run("4s")
        desk.beat(one)
    assert list(desk.group().members) == [one] and desk.group().state == "PreparingRebalance"


def test_a_follower_that_asks_again_gets_the_same_answer_without_a_rebalance(desk):
    one, two = desk.stable(2)
    again = desk.joins(two)
    assert (again.generation, again.leader, desk.group().state) == (1, one, "Stable")
    assert desk.joins(one).done is False and desk.group().state == "PreparingRebalance"  # its leader: a rebalance


def test_changed_metadata_means_a_rebalance(desk):
    one, two = desk.stable(2)
    assert desk.joins(two, topics=("flights", "arrivals")).done is False
    assert desk.group().state == "PreparingRebalance"


def test_the_last_one_leaves_an_empty_group_of_the_next_generation(desk):
    [one] = desk.stable()
    left = desk.leave(one)
    assert left.error == Error.NONE and left.members[0].error == Error.NONE
    assert (desk.group().state, desk.group().generation, desk.group().members) == ("Empty", 2, {})
    assert desk.beat(one, 1) == Error.UNKNOWN_MEMBER_ID


def test_protocols_are_voted_for(desk):
    def offers(*names):
        return [Protocol(name, pack_subscription(Subscription(("flights",)))) for name in names]

    ids = [desk.id(protocols=offers("range", "sticky")) for _ in range(3)]
    wishes = (offers("range", "sticky"), offers("sticky", "range"), offers("sticky", "range", "roundrobin"))
    tasks = [desk.join(member, protocols=wish) for member, wish in zip(ids, wishes, strict=True)]
    desk.run()
    assert {task.value.protocol for task in tasks} == {"sticky"}
    assert desk.joins(protocols=offers("roundrobin")).error == Error.INCONSISTENT_GROUP_PROTOCOL


# -- static members
# -----------------------------------------------------------------------------------------------------


def static(desk, *instances):
    tasks = [desk.join(instance=name) for name in instances]
    desk.run()
    ids = [task.value.member_id for task in tasks]
    leader = tasks[0].value.leader
    for member, name in zip(ids, instances, strict=True):
        shares = {one: [number] for number, one in enumerate(ids)} if member == leader else None
        desk.sync(member, 1, shares, instance=name)
    desk.run("10ms")
    assert desk.group().state == "Stable"
    return ids


def test_a_static_member_comes_back_without_a_rebalance_and_the_old_one_is_fenced(desk):
    one, two = static(desk, "alpha", "beta")
    back = desk.joins(instance="beta")
    desk.run("10ms")
    back = back if hasattr(back, "error") and not hasattr(back, "done") else back.value
    assert (back.error, back.generation, desk.group().state) == (Error.NONE, 1, "Stable")
    assert back.member_id != two and desk.group().static["beta"] == back.member_id
    assert desk.beat(two, 1, instance="beta") == Error.FENCED_INSTANCE_ID
    assert desk.commit(5, two, 1, instance="beta") == Error.FENCED_INSTANCE_ID
    assert read_assignment(desk.ask(desk.coordinator.sync_group(_sync_of(back.member_id, "beta"), "c")).assignment) == (
        TopicPartition("flights", 1),
    )
    assert desk.joins(two, instance="beta").error == Error.FENCED_INSTANCE_ID


def _sync_of(member, instance):
    from minikafka.protocol import group_requests as api

    return api.SyncGroupRequest("g", 1, member, instance, "consumer", "range", [])


def test_a_static_leader_that_comes_back_shall_not_assign_anew(desk):
    one, _ = static(desk, "alpha", "beta")
    task = desk.join(instance="alpha")
    desk.run("10ms")
    assert task.value.skip_assignment and task.value.leader == task.value.member_id and len(task.value.members) == 2


def offer(*names, topic="flights", owned=(), generation=-1):
    return [Protocol(name, pack_subscription(Subscription((topic,), owned, generation))) for name in names]


@pytest.mark.parametrize("topic, generation", [("flights", 7), ("trains", -1)])
def test_what_a_returning_static_member_tells_the_leader_is_not_looked_at(desk, topic, generation):
    """Only whether another protocol would be chosen; so a new subscription waits for the next rebalance."""
    static(desk, "alpha", "beta")
    task = desk.join(instance="beta", protocols=offer("range", topic=topic, generation=generation))
    desk.run("10ms")
    assert task.value.error == Error.NONE and desk.group().state == "Stable" and desk.group().generation == 1


def test_a_static_member_for_which_another_protocol_is_chosen_makes_the_group_rebalance(desk):
    joined = desk.join(instance="alpha", protocols=offer("range", "sticky"))
    desk.run()
    desk.sync(joined.value.member_id, 1, {joined.value.member_id: [0]}, instance="alpha")
    desk.run("10ms")
    task = desk.join(instance="alpha", protocols=offer("sticky"))
    desk.run("1s")
    assert (task.value.generation, task.value.protocol) == (2, "sticky")


@pytest.mark.parametrize("owned, generation", [((0,), 1), ((0, 1), 2)])
def test_a_static_member_that_owes_the_others_a_second_round_makes_the_group_rebalance(desk, owned, generation):
    """It had `owned`, and was given flights-0 alone. Where Kafka goes on, and flights-1 has no reader for a while."""
    had = tuple(TopicPartition("flights", number) for number in owned)
    joined = desk.join(instance="alpha", protocols=offer("cooperative-sticky", owned=had))
    desk.run()
    member = joined.value.member_id
    desk.ask(desk.coordinator.sync_group(desk_sync(desk, member)._replace(
        group_instance_id="alpha", protocol="cooperative-sticky"), "c"))  # fmt: skip
    task = desk.join(instance="alpha", protocols=offer("cooperative-sticky"))
    desk.run("1s")
    assert (task.value.error, task.value.generation) == (Error.NONE, generation)


def test_a_static_member_goes_after_its_session(desk):
    one, two = static(desk, "alpha", "beta")
    for _ in range(4):
        desk.run("4s")
        desk.beat(one, 1, instance="alpha")
    assert list(desk.group().members) == [one]


# -- refusals: the named error, and nothing changed
# ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"group": ""}, Error.INVALID_GROUP_ID),
        ({"session": 5_000}, Error.INVALID_SESSION_TIMEOUT),
        ({"session": 2_000_000}, Error.INVALID_SESSION_TIMEOUT),
        ({"member": "nobody"}, Error.UNKNOWN_MEMBER_ID),
        ({"member": "nobody", "group": "unheard of"}, Error.UNKNOWN_MEMBER_ID),
        ({"kind": "connect"}, Error.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocols": []}, Error.INCONSISTENT_GROUP_PROTOCOL),
        ({"member": "nobody", "instance": "alpha"}, Error.UNKNOWN_MEMBER_ID),
    ],
)
def test_joins_that_are_refused(desk, named, error):
    desk.stable()
    before = snapshot(desk)
    assert desk.joins(**named).error == error
    assert snapshot(desk) == before


def test_a_full_group_is_full():
    desk = Desk(**{"group.max.size": 1})
    [one] = desk.stable()
    before = snapshot(desk)
    assert desk.joins().error == Error.GROUP_MAX_SIZE_REACHED
    assert snapshot(desk) == before and desk.beat(one) == Error.NONE


def test_a_zombie_and_a_replayed_generation_are_refused(desk):
    [one] = desk.stable()
    before = snapshot(desk)
    for generation in (0, 2, 99):
        assert desk.beat(one, generation) == Error.ILLEGAL_GENERATION
        assert desk.commit(60, one, generation) == Error.ILLEGAL_GENERATION
        task = desk.sync(one, generation)
        desk.run("1ms")
        assert task.value.error == Error.ILLEGAL_GENERATION
    assert desk.beat("nobody") == Error.UNKNOWN_MEMBER_ID
    assert desk.leave("nobody").members[0].error == Error.UNKNOWN_MEMBER_ID
    assert desk.leave("nobody", group="unheard of").error == Error.UNKNOWN_MEMBER_ID
    assert snapshot(desk) == before and desk.committed() == -1


def test_before_a_group_there_is_nobody(desk):
    assert desk.beat("x", group="none") == Error.UNKNOWN_MEMBER_ID
    task = desk.sync("x", group="none")
    desk.run("1ms")
    assert task.value.error == Error.UNKNOWN_MEMBER_ID and desk.group("none") is None


def test_somewhere_else_coordinates(desk):
    desk.coordinator.shards.follow({}, 1)
    assert desk.joins().error == Error.NOT_COORDINATOR
    assert desk.commit(5) == Error.NOT_COORDINATOR
