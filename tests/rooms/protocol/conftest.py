"""Two machines with a way of 5 ms between them: one asks, the other answers."""

import pytest

from minikafka.world.world import World


class Pair:
    """`asker` and `answerer` of one world; `serve` sets what the answerer's process listens with at each start."""

    def __init__(self):
        self.world = World(seed=7)
        region = self.world.region("east", zones=1)
        zone = region.zones[0]
        self.asker = self.world.machine("client", zone)
        self.answerer = self.world.machine("server", zone)
        self.world.connect(self.asker, self.answerer, latency="5ms")
        self.asker.start()

    def start(self, factory):
        """Start the answerer with this process."""
        self.answerer.install(factory)
        self.answerer.start()

    def finish(self, coroutine):
        """Run a coroutine on the asker to its end."""
        async def wait():
            return await self.asker.spawn(coroutine, "asking")
        return self.world.finish(wait())

    def kinds(self, *kinds):
        """The recorded events of these kinds, without their wrapping."""
        return [entry.event for entry in self.world.recorder.events(*kinds)]


@pytest.fixture
def pair():
    return Pair()
