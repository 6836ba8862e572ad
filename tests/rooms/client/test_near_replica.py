"""A consumer that names its rack: where it reads, for how long, and when it goes back to the leader."""

import pytest
from scripted import FLIGHTS, MS, SECOND, SILENCE, Scripted

from minikafka.client.consumer import Consumer
from minikafka.events.clients import NearReplicaLeft, NearReplicaPreferred, PositionReset
from minikafka.protocol.client_requests import FetchRequest
from minikafka.protocol.errors import Error
from minikafka.protocol.records import build_batch

CONFIG = {"auto.offset.reset": "earliest", "client.rack": "east", "metadata.max.age.ms": 60_000,
          "fetch.max.wait.ms": 100}  # fmt: skip


class Near(Scripted):
    """Broker 1 leads flights and sends consumers to broker 2, which serves them (unless it has an `error` to give)."""

    sends_on, error = True, Error.NONE

    def _fetched(self, broker_id, row):
        answer = super()._fetched(1, row)
        if broker_id == self.leaders[FLIGHTS][0]:
            return answer._replace(records=b"", preferred_read_replica=2) if self.sends_on else answer
        return answer._replace(error=self.error, records=b"") if self.error else answer

    def sources(self):
        return [broker_id for broker_id, request in self.heard if type(request) is FetchRequest]

    def left(self):
        return [event.why for event in self.events(NearReplicaLeft)]


@pytest.fixture
def near():
    near = Near(2, flights=1)
    near.logs[FLIGHTS].append(build_batch([(0, None, b"0", None)]), 0)
    near.consumer = Consumer(near.client, near.bootstrap, CONFIG)
    near.consumer.assign([FLIGHTS])
    return near


def poll(near, timeout=2 * SECOND):
    return [record.value for record in near.finish(near.consumer.poll(timeout))]


def test_it_reads_from_who_the_leader_names(near):
    assert poll(near) == [b"0"]
    assert near.sources()[:2] == [1, 2]
    assert [request.rack_id for request in near.asked(FetchRequest)][:2] == ["east", "east"]
    [preferred] = near.events(NearReplicaPreferred)
    assert preferred.replica == 2 and "reads flights-0 from broker 2 from now on" in preferred.sentence()


def test_it_asks_the_leader_again_after_metadata_max_age(near):
    poll(near)
    [preferred] = near.events(NearReplicaPreferred)
    near.world.run_until(preferred.until + 1)
    poll(near), poll(near)
    assert near.left() == ["metadata.max.age.ms is over since it was named"]
    assert near.sources().count(1) == 2


@pytest.mark.parametrize(
    "error", [Error.NOT_LEADER_OR_FOLLOWER, Error.FENCED_LEADER_EPOCH, Error.OFFSET_NOT_AVAILABLE,
              Error.UNKNOWN_TOPIC_OR_PARTITION, Error.OFFSET_OUT_OF_RANGE],
    ids=lambda error: error.name,
)  # fmt: skip
def test_an_error_sends_it_back_to_the_leader(near, error):
    near.error = error
    poll(near, 300 * MS)
    assert near.left()[0] == f"it answered {error.name}"
    near.sends_on = False
    assert poll(near) == [b"0"]
    assert near.sources()[-1] == 1


def test_out_of_range_at_a_follower_moves_no_position(near):
    near.error = Error.OFFSET_OUT_OF_RANGE
    poll(near, 300 * MS)
    assert len(near.events(PositionReset)) == 1  # the first, to the earliest; another would follow at the leader


def test_out_of_range_at_the_leader_still_does(near):
    near.sends_on = False
    poll(near)
    near.consumer.seek(FLIGHTS, 99)
    poll(near)
    assert near.events(PositionReset)[-1].sentence().endswith("offset 99 is out of range")


@pytest.mark.parametrize("error", [Error.UNKNOWN_LEADER_EPOCH, Error.UNKNOWN_SERVER_ERROR], ids=lambda e: e.name)
def test_a_follower_that_is_only_late_is_asked_again(near, error):
    near.error = error
    poll(near, 300 * MS)
    near.error = Error.NONE
    assert poll(near) == [b"0"]
    assert near.left() == [] and near.sources().count(1) == 1


def test_a_follower_that_does_not_answer(near):
    near.consumer.close()
    near.consumer = Consumer(near.client, near.bootstrap, {**CONFIG, "request.timeout.ms": 1000}, "c2")
    near.consumer.assign([FLIGHTS])
    near.next_answers(FetchRequest, near.fetch, SILENCE)
    near.world.run_for("1s")
    assert poll(near, 3 * SECOND) == [b"0"]
    assert near.left() == ["it answered REQUEST_TIMED_OUT"]


def test_a_replica_that_metadata_does_not_name(near):
    poll(near)
    del near.brokers[2]
    near.consumer.metadata.request_update(at_once=True)
    poll(near, 700 * MS)
    near.sends_on = False
    near.logs[FLIGHTS].append(build_batch([(0, None, b"1", None)]), 0)
    assert poll(near) == [b"1"]
    assert near.left()[0] == "it is not in the metadata"


def test_a_new_leader_is_asked_who_is_near(near):
    poll(near)
    near.leaders[FLIGHTS] = (1, 1)
    near.consumer.metadata.request_update(at_once=True)
    poll(near), poll(near)
    assert near.left() == ["there is a new leader"]


def test_without_a_rack_nothing_is_said_of_it():
    scripted = Scripted(2, flights=1)
    consumer = Consumer(scripted.client, scripted.bootstrap, {"auto.offset.reset": "earliest"})
    consumer.assign([FLIGHTS])
    scripted.finish(consumer.poll(10 * MS))
    assert [request.rack_id for request in scripted.asked(FetchRequest)] == [""]
