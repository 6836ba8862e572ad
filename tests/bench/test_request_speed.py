"""A full request (encoded, sent, decoded, handled, answered, recorded) against a bare round trip of the kernel."""

import pytest
from test_kernel_speed import best_of, round_trips

from minikafka.protocol.channel import Channel
from minikafka.protocol.client_requests import EpochEnd, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse
from minikafka.protocol.server import serve
from minikafka.world.world import World

PAIRS, TRIPS = 20, 200


def requests(pairs=PAIRS, trips=TRIPS):
    """As many round trips, each a real message over the network; returns the number of answers."""
    world = World(seed=1)
    zone = world.region("home").zones[0]
    answers = []

    async def handle(request, caller):
        return OffsetForLeaderEpochResponse([EpochEnd(*row[:2], 0, row.leader_epoch, 41) for row in request.partitions])

    def answering(machine):
        serve(machine, {OffsetForLeaderEpochRequest: handle})

    async def ask(machine, server):
        channel = Channel(machine, server)
        for _ in range(trips):
            response = await channel.ask(OffsetForLeaderEpochRequest(-1, [("flights", 0, 3, 2)]), 30_000_000)
            answers.append(response.partitions[0].end_offset)

    for number in range(pairs):
        server, client = world.machine(f"s{number}", zone), world.machine(f"c{number}", zone)
        server.install(answering)
        server.start()
        client.start()
        client.spawn(ask(client, server.name))
    world.run_for("10s")
    assert set(answers) == {41}
    return len(answers)


@pytest.mark.benchmark(group="request: 4,000 of them")
def test_a_request_against_a_bare_round_trip(benchmark, ratio):
    assert benchmark.pedantic(requests, rounds=5, warmup_rounds=1) == PAIRS * TRIPS
    floor = best_of(lambda: round_trips(PAIRS, TRIPS))
    ratio("cost of a full request", "a bare kernel round trip", benchmark.stats.stats.min / floor, "at most 6")
