"""A full request (encoded, sent, decoded, handled, answered, recorded) against a bare round trip of the kernel."""

import pytest
from test_kernel_speed import best_of, round_trips

from minikafka.protocol.channel import Channel
from minikafka.protocol.client_requests import EpochEnd, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse
from minikafka.protocol.cluster_requests import BrokerHeartbeatRequest, BrokerHeartbeatResponse
from minikafka.protocol.server import serve
from minikafka.world.world import World

PAIRS, TRIPS = 20, 200


QUESTIONS = {
    "a heartbeat": BrokerHeartbeatRequest(1, 7, 41, False, False),
    "a request with a partition in it": OffsetForLeaderEpochRequest(-1, [("flights", 0, 3, 2)]),
}


def requests(question, pairs=PAIRS, trips=TRIPS):
    """As many round trips, each a real message over the network; returns the number of answers."""
    world = World(seed=1)
    zone = world.region("home").zones[0]
    answers = []

    async def heartbeat(request, caller):
        return BrokerHeartbeatResponse(0, request.current_metadata_offset == 41, False, False)

    async def epoch_end(request, caller):
        return OffsetForLeaderEpochResponse([EpochEnd(*row[:2], 0, row.leader_epoch, 41) for row in request.partitions])

    def answering(machine):
        serve(machine, {BrokerHeartbeatRequest: heartbeat, OffsetForLeaderEpochRequest: epoch_end})

    async def ask(machine, server):
        channel = Channel(machine, server)
        for _ in range(trips):
            answers.append(await channel.ask(question, 30_000_000))

    for number in range(pairs):
        server, client = world.machine(f"s{number}", zone), world.machine(f"c{number}", zone)
        server.install(answering)
        server.start()
        client.start()
        client.spawn(ask(client, server.name))
    world.run_for("10s")
    assert set(answers) <= {BrokerHeartbeatResponse(0, True, False, False), ((("flights", 0, 0, 2, 41),),)}
    return len(answers)


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.benchmark(group="request: 4,000 of them")
def test_a_request_against_a_bare_round_trip(benchmark, ratio, name):
    assert benchmark.pedantic(requests, args=(QUESTIONS[name],), rounds=7, warmup_rounds=1) == PAIRS * TRIPS
    floor = best_of(lambda: round_trips(PAIRS, TRIPS), 7)
    ratio(f"cost of {name}", "a bare kernel round trip", benchmark.stats.stats.min / floor, "at most 6")
