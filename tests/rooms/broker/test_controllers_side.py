"""What a broker asks of its controller: to be registered, producer ids, other people's requests, the metadata log."""

import pytest
from lone_broker import MS, LoneBroker, S

from minikafka.broker.broker_lifecycle import GONE, LEAVING, REGISTERED, STARTING, BrokerLifecycle
from minikafka.broker.controller_finder import ControllerFinder
from minikafka.broker.forwarding import Forwarding
from minikafka.broker.metadata_follower import MetadataFollower
from minikafka.broker.producer_id_blocks import ProducerIdBlocks
from minikafka.metadata.fact_batches import batch_of
from minikafka.metadata.facts import RegisterBrokerRecord, TopicRecord
from minikafka.protocol.admin_requests import (
    CreatableTopic,
    CreateTopicsRequest,
    CreateTopicsResponse,
    DeleteTopicsRequest,
    ElectionPartition,
    ElectLeadersRequest,
)
from minikafka.protocol.client_requests import InitProducerIdRequest
from minikafka.protocol.cluster_requests import (
    AllocateProducerIdsResponse,
    BrokerHeartbeatResponse,
    BrokerRegistrationResponse,
    FetchMetadataResponse,
)
from minikafka.protocol.errors import Error
from minikafka.protocol.record_batch import read_header, stamp
from minikafka.world.network import Disconnected, Unreachable

LOST = Disconnected("lost")


class Controller:
    """Answers as told, one after the other, the last one for ever; `asked` are (time, request)."""

    def __init__(self, broker, *answers):
        self.broker, self.answers, self.asked = broker, list(answers), []

    async def ask(self, request, within):
        self.asked.append((self.broker.now, request))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def times(self):
        return [time for time, _ in self.asked]


# -- registration and heartbeats

FENCED = BrokerHeartbeatResponse(Error.NONE, True, True, False)
ALIVE = BrokerHeartbeatResponse(Error.NONE, True, False, False)
GO = BrokerHeartbeatResponse(Error.NONE, True, True, True)


def lifecycle(*answers, **config):
    broker = LoneBroker(**config)
    controller = Controller(broker, *answers)
    life = BrokerLifecycle(broker.machine, controller, broker.around, broker.config)
    return broker, controller, life


def registered(*answers):
    broker, controller, life = lifecycle(BrokerRegistrationResponse(Error.NONE, 7), *answers)
    assert broker.finish(life.register("rack-a", 5))
    task = broker.start(life.beat())
    return broker, controller, life, task


def test_registering():
    broker, controller, life = lifecycle(BrokerRegistrationResponse(Error.NONE, 7))
    assert broker.finish(life.register("rack-a", 5))
    ((_, request),) = controller.asked
    assert (request.broker_id, request.address, request.rack, request.previous_broker_epoch) == (1, "b1", "rack-a", 5)
    assert (life.state, broker.around.broker_epoch) == (REGISTERED, 7)


def test_a_registration_is_repeated_with_growing_pauses():
    duplicate = BrokerRegistrationResponse(Error.DUPLICATE_BROKER_REGISTRATION, -1)
    broker, controller, life = lifecycle(duplicate, LOST, duplicate, BrokerRegistrationResponse(Error.NONE, 7))
    assert broker.finish(life.register("", -1))
    assert controller.times == [0, 100 * MS, 300 * MS, 700 * MS]
    incarnations = dict.fromkeys(request.incarnation_id for _, request in controller.asked)
    assert len(incarnations) == 1


def test_a_registration_is_given_up():
    broker, _, life = lifecycle(LOST)
    assert not broker.finish(life.register("", -1))
    assert broker.now == 60 * S
    assert life.state == STARTING


def test_heartbeats_ask_to_stay_fenced_until_the_broker_is_ready():
    broker, controller, life, _ = registered(FENCED)
    broker.pass_time(4 * S)
    beats = [(time, request.want_fence) for time, request in controller.asked[1:]]
    assert beats == [(0, True), (2 * S, True), (4 * S, True)]
    controller.answers = [ALIVE]
    life.ready()
    broker.pass_time(0)
    assert (controller.asked[-1][1].want_fence, controller.times[-1], life.fenced) == (False, 4 * S, False)


def test_a_heartbeat_that_fails_is_repeated_soon_and_then_less_often():
    broker, controller, life, _ = registered(LOST)
    broker.pass_time(S)
    assert controller.times[1:] == [0, 100 * MS, 300 * MS, 700 * MS]
    broker.pass_time(3600 * S)
    assert controller.times[-1] - controller.times[-2] == 9 * S
    assert life.state == REGISTERED


def test_leaving():
    broker, controller, life, beats = registered(ALIVE)
    life.ready()
    broker.pass_time(500 * MS)
    leaving = broker.start(life.leave())
    assert (life.state, controller.asked[-1][1].want_shut_down) == (LEAVING, True)
    broker.pass_time(49 * MS)
    sent = len(controller.asked)
    broker.pass_time(1 * MS)
    assert len(controller.asked) == sent + 1
    controller.answers = [GO]
    broker.pass_time(2 * S)
    assert (life.state, leaving.done, beats.done) == (GONE, True, True)
    sent = len(controller.asked)
    broker.pass_time(10 * S)
    assert len(controller.asked) == sent


def test_leaving_without_a_controller_takes_five_minutes():
    broker, _, life, _ = registered(LOST)
    leaving = broker.start(life.leave())
    broker.pass_time(300 * S - 1)
    assert not leaving.done
    broker.pass_time(1)
    assert (leaving.done, life.state) == (True, GONE)


def test_asking_to_leave_twice_is_asking_once():
    broker, controller, life, _ = registered(ALIVE)
    first, second = broker.start(life.leave()), broker.start(life.leave())
    controller.answers = [GO]
    broker.pass_time(3 * S)
    assert (first.done, second.done, life.state) == (True, True, GONE)
    assert broker.start(life.leave()).done


def test_one_who_was_never_registered_just_leaves():
    broker, controller, life = lifecycle(LOST)
    assert broker.start(life.leave()).done
    assert (life.state, controller.asked) == (STARTING, [])


# -- producer ids


def ids(broker, blocks, count):
    return [broker.finish(blocks.init_producer_id(InitProducerIdRequest(None), ""))[1] for _ in range(count)]


def test_ids_come_from_blocks():
    broker = LoneBroker()
    controller = Controller(broker, AllocateProducerIdsResponse(Error.NONE, 1000, 2),
                            AllocateProducerIdsResponse(Error.NONE, 5000, 2))
    blocks = ProducerIdBlocks(broker.machine, controller, broker.around, 2 * S)
    assert ids(broker, blocks, 3) == [1000, 1001, 5000]
    assert len(controller.asked) == 2


@pytest.mark.parametrize("answer", [LOST, AllocateProducerIdsResponse(Error.STALE_BROKER_EPOCH, -1, 0)])
def test_no_block_no_id(answer):
    broker = LoneBroker()
    blocks = ProducerIdBlocks(broker.machine, Controller(broker, answer), broker.around, 2 * S)
    response = broker.finish(blocks.init_producer_id(InitProducerIdRequest(None), ""))
    assert response == (Error.COORDINATOR_LOAD_IN_PROGRESS, -1, -1)


# -- forwarding

CREATE = CreateTopicsRequest([CreatableTopic("flights", 1, 1, [], [])], 1000, False)


def forwarded(request, *answers):
    broker = LoneBroker()
    controller = Controller(broker, *answers)
    response = broker.finish(Forwarding(broker.machine, controller, 2 * S).forward(request, ""))
    return broker, controller, response


def test_the_controllers_answer_is_the_answer():
    answer = CreateTopicsResponse([])
    assert forwarded(CREATE, answer)[2] is answer


def test_it_tries_to_connect_until_the_time_is_up():
    broker, controller, response = forwarded(CREATE, Unreachable("down"))
    assert (broker.now, len(controller.asked)) == (S, 10)
    assert [(row.name, row.error) for row in response.topics] == [("flights", Error.REQUEST_TIMED_OUT)]


@pytest.mark.parametrize("request_", [
    CREATE, DeleteTopicsRequest(["flights"], 1000), ElectLeadersRequest(0, [ElectionPartition("flights", 0)]),
])
def test_a_lost_request_is_not_repeated(request_):
    _, controller, response = forwarded(request_, LOST)
    assert len(controller.asked) == 1
    rows = response.partitions if isinstance(request_, ElectLeadersRequest) else response.topics
    assert [row.error for row in rows] == [Error.REQUEST_TIMED_OUT]


# -- the metadata log


def logged(offset, *facts):
    data = batch_of(facts, 0)
    return stamp(data, read_header(data), offset, 1)


def answered(records, high_watermark, error=Error.NONE):
    return FetchMetadataResponse(error, 1, high_watermark, records)


def test_nothing_is_applied_before_the_own_registration_and_all_that_was_committed():
    broker, images = LoneBroker(), []
    broker.around.broker_epoch = 2
    follower = MetadataFollower(broker.machine, None, ControllerFinder(["c"]), broker.around, 2 * S, images.append)
    follower.take(answered(logged(0, TopicRecord("a", "a-id"), TopicRecord("b", "b-id")), 4))
    follower.take(answered(logged(2, RegisterBrokerRecord(1, 2, "", "b1", "", True)), 4))
    assert images == []
    follower.take(answered(logged(3, TopicRecord("c", "c-id")), 4))
    assert [(image.offset, list(image.topics)) for image in images] == [(3, ["a", "b", "c"])]
    follower.take(answered(b"", 4))
    assert len(images) == 1
    follower.take(answered(logged(4, TopicRecord("d", "d-id")), 9))
    assert images[-1].offset == 4


def test_the_log_is_read_on_after_errors():
    broker, images = LoneBroker(), []
    broker.around.broker_epoch = 0
    news = answered(logged(0, RegisterBrokerRecord(1, 0, "", "b1", "", True)), 1)
    controller = Controller(broker, LOST, answered(b"", 0, Error.UNKNOWN_SERVER_ERROR), news, LOST)
    finder = ControllerFinder(["c"])
    follower = MetadataFollower(broker.machine, controller, finder, broker.around, 2 * S, images.append)
    broker.start(follower.run())
    broker.pass_time(S)
    assert [image.offset for image in images] == [0]
    assert [request.fetch_offset for _, request in controller.asked[:4]] == [0, 0, 0, 1]
