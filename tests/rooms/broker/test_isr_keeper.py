"""What each answer to AlterPartition means; and the way there."""

import pytest
from lone_broker import FLIGHTS_ID, LoneBroker

from minikafka.broker.isr_keeper import IsrKeeper, alter_row, take_answer
from minikafka.events.replication import IsrChanged, IsrChangeDropped
from minikafka.metadata.facts import RemoveTopicRecord
from minikafka.protocol.cluster_requests import AlteredPartition, AlterPartitionResponse
from minikafka.protocol.errors import Error
from minikafka.world.network import Disconnected


def pending(broker=None):
    """A leader with ISR {1, 2} that has asked for 3, with one record that 2 alone has."""
    broker = broker or LoneBroker()
    flights = broker.topic(isr=(1, 2))
    broker.fetch(3, 0)
    broker.append("m1")
    broker.fetch(2, 1)
    (_, change), = broker.asked
    return broker, flights, change


def answer(error=Error.NONE, isr=(1, 2, 3), leader_epoch=0, partition_epoch=1):
    return AlteredPartition(FLIGHTS_ID, 0, error, 1, leader_epoch, isr, 0, partition_epoch)


def test_the_wish_carries_epochs():
    broker, flights, change = pending()
    row = alter_row(flights, change, broker.around)
    assert [tuple(member) for member in row.new_isr] == [(1, 100), (2, 200), (3, 300)]
    assert (row.leader_epoch, row.partition_epoch, row.leader_recovery_state) == (0, 0, 0)


def test_a_member_that_was_not_heard_of_has_no_epoch():
    broker = LoneBroker()
    flights = broker.topic(isr=(1, 2))
    broker.fetch(3, 0)
    row = alter_row(flights, broker.asked[0][1], broker.around)
    assert [tuple(member) for member in row.new_isr] == [(1, 100), (2, -1), (3, 300)]


def test_recorded():
    broker, flights, change = pending()
    assert not take_answer(flights, change, answer(), broker.now)
    assert (flights.isr_state.isr, flights.isr_state.in_flight, flights.partition_epoch) == ((1, 2, 3), False, 1)
    assert flights.high_watermark == 0


def test_recorded_without_a_change():
    broker, flights, change = pending()
    assert not take_answer(flights, change, answer(isr=(1, 2), partition_epoch=0), broker.now)
    assert (flights.isr_state.isr, flights.isr_state.in_flight) == ((1, 2), False)


@pytest.mark.parametrize("error", [Error.OPERATION_NOT_ATTEMPTED, Error.INELIGIBLE_REPLICA])
def test_it_never_happened(error):
    broker, flights, change = pending()
    assert not take_answer(flights, change, answer(error), broker.now)
    assert (flights.isr_state.maximal_isr, flights.isr_state.in_flight) == ((1, 2), False)
    assert broker.told(IsrChangeDropped)[0].error == error.name


@pytest.mark.parametrize("error", [
    Error.UNKNOWN_TOPIC_OR_PARTITION, Error.UNKNOWN_TOPIC_ID, Error.FENCED_LEADER_EPOCH, Error.INVALID_UPDATE_VERSION,
    Error.INVALID_REQUEST, Error.NEW_LEADER_ELECTED,
])
def test_the_metadata_log_will_tell(error):
    broker, flights, change = pending()
    assert not take_answer(flights, change, answer(error), broker.now)
    assert flights.isr_state is change
    broker.change(isr=(1, 2, 3))
    assert (flights.isr_state.isr, flights.isr_state.in_flight) == ((1, 2, 3), False)


@pytest.mark.parametrize("error", [Error.NOT_CONTROLLER, Error.REQUEST_TIMED_OUT, Error.UNKNOWN_SERVER_ERROR])
def test_anything_else_is_asked_again(error):
    broker, flights, change = pending()
    assert take_answer(flights, change, answer(error), broker.now)
    assert flights.isr_state is change


def test_no_answer_is_asked_again():
    broker, flights, change = pending()
    assert take_answer(flights, change, None, broker.now)
    assert flights.isr_state is change


def test_an_answer_about_a_topic_that_was_deleted_meanwhile_is_ignored():
    """Another topic may have its name by now, and its events must not tell of this ISR."""
    broker, flights, change = pending()
    told = len(broker.told(IsrChanged))
    broker.say(RemoveTopicRecord(FLIGHTS_ID))
    assert not take_answer(flights, change, answer(), broker.now)
    assert not take_answer(flights, change, None, broker.now)
    assert len(broker.told(IsrChanged)) == told


def test_an_answer_from_another_leadership_is_ignored():
    broker, flights, change = pending()
    assert not take_answer(flights, change, answer(leader_epoch=1, partition_epoch=2), broker.now)
    assert flights.isr_state is change


def test_metadata_that_is_newer_wins_over_a_pending_change_and_its_answer():
    broker, flights, change = pending()
    broker.change(isr=(1,))
    assert flights.isr_state.isr == (1,)
    assert not take_answer(flights, change, answer(), broker.now)
    assert flights.isr_state.isr == (1,)


def test_metadata_that_was_known_already_does_not_undo_a_pending_change():
    broker, flights, change = pending()
    take_answer(flights, change, answer(), broker.now)
    broker.fence(2)
    broker.pass_time(31_000_000)
    from minikafka.broker.isr_rules import shrinking

    flights.ask_isr_change(shrinking(flights, broker.now))
    shrink = flights.isr_state
    assert shrink.in_flight
    broker.change(isr=(1, 2, 3))  # the metadata log brings what the answer told already
    assert flights.isr_state is shrink


class Controller:
    """Answers as told; `asked` are the requests that came."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    async def ask(self, request, within):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_lost_request_is_sent_again_and_a_stale_broker_epoch_too():
    broker = LoneBroker()
    controller = Controller(Disconnected("lost"), AlterPartitionResponse(Error.STALE_BROKER_EPOCH, []),
                            AlterPartitionResponse(Error.NONE, [answer()]))
    keeper = IsrKeeper(broker.machine, controller, broker.around, 2_000_000)
    broker.around.ask_isr_change = keeper.ask
    flights = broker.topic(isr=(1, 2))
    broker.fetch(3, 0)
    broker.pass_time(49_999)
    assert len(controller.asked) == 1
    broker.pass_time(100_000)
    assert len(controller.asked) == 3
    assert flights.isr_state.isr == (1, 2, 3)
    assert keeper.unsent == {}


def test_a_wish_that_nobody_has_any_more_is_not_repeated():
    broker = LoneBroker()
    controller = Controller(Disconnected("lost"))
    keeper = IsrKeeper(broker.machine, controller, broker.around, 2_000_000)
    broker.around.ask_isr_change = keeper.ask
    broker.topic(isr=(1, 2))
    broker.fetch(3, 0)
    broker.change(leader=2)
    broker.pass_time(1_000_000)
    assert len(controller.asked) == 1


def test_all_that_lag_are_asked_for_in_one_request():
    broker = LoneBroker()
    controller = Controller(AlterPartitionResponse(Error.NONE, []), Disconnected("enough"))
    keeper = IsrKeeper(broker.machine, controller, broker.around, 2_000_000)
    broker.around.ask_isr_change = keeper.ask
    for name in ("a", "b"):
        broker.topic(isr=(1, 2), name=name, topic_id=name)
        broker.finish(broker.producing("m1", acks=1, topic=name))
    broker.pass_time(31_000_000)
    keeper.shrink(broker.replicas.partitions.values(), broker.now)
    broker.pass_time(0)
    assert [[row.topic_id for row in request.partitions] for request in controller.asked] == [["a", "b"]]
