"""The kernel against SimPy: the same round trips, each in its own library's idiom."""

import time
from collections import deque

import pytest
import simpy

from minikafka.world.kernel import Kernel

PAIRS, TRIPS, LATENCY = 100, 100, 10


class Mailbox:
    """Messages for one server."""

    def __init__(self, kernel):
        self.kernel, self.messages, self.filled = kernel, deque(), None

    def put(self, message):
        self.messages.append(message)
        if self.filled is not None:
            filled, self.filled = self.filled, None
            filled.set()

    async def get(self):
        while not self.messages:
            self.filled = self.kernel.future()
            await self.filled
        return self.messages.popleft()


def round_trips(pairs=PAIRS, trips=TRIPS):
    """Clients that each ask a server and wait for the answer; returns the number of answers."""
    kernel, answers = Kernel(), []

    async def server(mailbox):
        while True:
            message, reply = await mailbox.get()
            kernel.plan(kernel.now + LATENCY, reply.set, message)

    async def client(mailbox):
        for number in range(trips):
            reply = kernel.future()
            kernel.plan(kernel.now + LATENCY, mailbox.put, (number, reply))
            answers.append(await reply)

    for _ in range(pairs):
        mailbox = Mailbox(kernel)
        kernel.spawn(server(mailbox))
        kernel.spawn(client(mailbox))
    kernel.run_until(10 * LATENCY * trips)
    return len(answers)


def simpy_round_trips(pairs=PAIRS, trips=TRIPS):
    """The same with SimPy's processes, stores and timeouts."""
    env, answers = simpy.Environment(), []

    def server(store):
        while True:
            message, reply = yield store.get()
            travel = env.timeout(LATENCY, message)
            travel.callbacks.append(lambda event, reply=reply: reply.succeed(event.value))

    def client(store):
        for number in range(trips):
            reply = env.event()
            travel = env.timeout(LATENCY, (number, reply))
            travel.callbacks.append(lambda event: store.put(event.value))
            answers.append((yield reply))

    for _ in range(pairs):
        store = simpy.Store(env)
        env.process(server(store))
        env.process(client(store))
    env.run(until=10 * LATENCY * trips)
    return len(answers)


def best_of(call, times=5):
    """The shortest of several runs, in seconds."""
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - began)
    return best


@pytest.mark.benchmark(group="kernel: 10,000 round trips")
def test_the_kernel_against_simpy(benchmark, ratio):
    assert benchmark.pedantic(round_trips, rounds=5, warmup_rounds=1) == PAIRS * TRIPS
    floor = best_of(simpy_round_trips)
    assert simpy_round_trips() == PAIRS * TRIPS
    ratio("kernel round trips a second", "SimPy's", floor / benchmark.stats.stats.min, "at least 1.3")
