"""The answering side: dispatch by class, one at a time, and hanging up on what cannot be read."""

import msgpack
import pytest

from minikafka.protocol.channel import Channel
from minikafka.protocol.client_requests import (
    InitProducerIdRequest,
    InitProducerIdResponse,
    MetadataRequest,
    MetadataResponse,
)
from minikafka.protocol.message import encode
from minikafka.protocol.server import serve
from minikafka.world.network import Disconnected

SECOND = 1_000_000


def desk(heard):
    async def producer_id(request, caller):
        heard.append(type(request).__name__)
        return InitProducerIdResponse(0, 5, 0)

    async def metadata(request, caller):
        heard.append(type(request).__name__)
        return MetadataResponse("primary", -1, [], [])

    return lambda machine: serve(machine, {InitProducerIdRequest: producer_id, MetadataRequest: metadata})


def test_each_request_goes_to_its_handler(pair):
    heard = []
    pair.start(desk(heard))
    channel = Channel(pair.asker, "server")
    assert pair.finish(channel.ask(MetadataRequest(None), within=SECOND)).cluster == "primary"
    assert pair.finish(channel.ask(InitProducerIdRequest(None), within=SECOND)).producer_id == 5
    assert heard == ["MetadataRequest", "InitProducerIdRequest"]


def test_one_request_of_a_connection_is_handled_at_a_time(pair):
    moments = []

    def slow(machine):
        async def answer(request, caller):
            moments.append(("begins", machine.now))
            await machine.sleep(50_000)
            moments.append(("ends", machine.now))
            return InitProducerIdResponse(0, 5, 0)

        serve(machine, {InitProducerIdRequest: answer})

    pair.start(slow)
    channel = Channel(pair.asker, "server")
    for _ in range(2):
        pair.asker.spawn(channel.ask(InitProducerIdRequest(None), within=SECOND))
    pair.world.run_for("1s")
    assert moments == [("begins", 15_000), ("ends", 65_000), ("begins", 65_000), ("ends", 115_000)]


@pytest.mark.parametrize("payload, why", [
    (b"GET / HTTP/1.1", "CORRUPT_MESSAGE [2]: 14 bytes are no whole msgpack value"),
    (msgpack.packb([999, []]), "INVALID_REQUEST [42]: no request has the API key 999"),
    (msgpack.packb([22, []]), "is no InitProducerIdRequest, whose fields are transactional_id"),
    (encode(MetadataRequest(None)), "it does not take a MetadataRequest"),
])
def test_what_cannot_be_read_or_is_not_taken_ends_the_connection(pair, payload, why):
    heard = []

    async def answer(request, caller):
        heard.append(request)
        return InitProducerIdResponse(0, 5, 0)

    pair.start(lambda machine: serve(machine, {InitProducerIdRequest: answer}))
    with pytest.raises(Disconnected) as hanging_up:
        pair.finish(pair.answerer.handler(payload, "client"))
    assert str(hanging_up.value).startswith("server hung up on client: ")
    assert why in str(hanging_up.value)
    assert heard == []
    channel = Channel(pair.asker, "server")
    assert pair.finish(channel.ask(InitProducerIdRequest(None), within=SECOND)).producer_id == 5


def test_only_requests_can_be_served(pair):
    async def never(request, caller):
        return None

    for kind in (InitProducerIdResponse, dict):
        with pytest.raises(AssertionError, match=f"{kind.__name__} is no request"):
            serve(pair.asker, {kind: never})
    assert pair.asker.handler is None
