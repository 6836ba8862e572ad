"""A cluster to try sentences of the documentation on, and somebody who can ask its brokers anything."""

from __future__ import annotations

from minikafka import TopicPartition, World
from minikafka.deploy.strips import cells_of
from minikafka.protocol.channel import Channel
from minikafka.protocol.client_requests import CONSUMER, FetchPartition, FetchRequest

FLIGHTS = TopicPartition("flights", 0)


class Scene:
    """One world with one cluster. Brokers are named by their ids, times are those of the front door ("2s")."""

    def __init__(self, brokers: int = 3, features: dict | None = None, **config):
        self.world = World(seed=11)
        settings = {name.replace("__", "."): value for name, value in config.items()}
        self.cluster = self.world.cluster("primary", brokers, config=settings, features=features)
        self._probe = self.world.machine("primary/probe", self.world.place("home-a"))
        self._probe.start()
        self._channels: dict[int, Channel] = {}
        self._names = 0

    def topic(self, *replicas: int, **config) -> None:
        """The topic flights with one partition on these brokers, the leader first."""
        settings = {name.replace("__", "."): value for name, value in config.items()}
        self.cluster.create_topic("flights", config=settings, assignment=[list(replicas or (1, 2, 3))])
        self.world.run_for("10ms")

    def producer(self, **config):
        """A producer without linger."""
        self._names += 1
        settings = {"linger.ms": 0, **{name.replace("__", "."): value for name, value in config.items()}}
        made = self.cluster.producer(f"p{self._names}", config=settings)
        self.world.run_for("10ms")
        return made

    def consumer(self, **config):
        """A consumer that reads flights-0."""
        self._names += 1
        settings = {name.replace("__", "."): value for name, value in config.items()}
        made = self.cluster.consumer(f"c{self._names}", config=settings)
        made.assign("flights-0")
        return made

    def send(self, producer, *values: str, flush: bool = True, **named) -> list:
        """Send these to flights-0; by default wait for what becomes of them."""
        receipts = [producer.send("flights", value, partition=0, **named) for value in values]
        if flush:
            producer.flush()
        return receipts

    def fill(self, *values: str) -> None:
        """Have these on all replicas, committed, and known to be."""
        self.send(self.producer(batch__size=0), *values)
        self.world.run_for("1s")

    def until(self, condition, within: str = "2min") -> None:
        """Let time pass, step by step, until the condition holds."""
        kernel, end = self.world.kernel, self.world.now + int(float(within.removesuffix("min")) * 60_000_000)
        while not condition():
            assert kernel.next_time() <= end, "it did not come to that"
            kernel.step()

    # -- looking ------------------------------------------------------------------------------------------------

    def view(self, broker: int):
        """A broker's own partition flights-0."""
        return self.cluster.broker(broker).broker.partitions[FLIGHTS]

    def log(self, broker: int):
        """A broker's log of flights-0."""
        return self.view(broker).log

    def values(self, broker: int) -> list[str]:
        """What a broker's log holds."""
        return [text for _, text, _ in cells_of(self.log(broker))]

    def epochs(self, broker: int) -> list[int]:
        """The epoch of each of its records."""
        return [epoch for _, _, epoch in cells_of(self.log(broker))]

    @property
    def recorded(self):
        """What the controller has recorded of flights-0."""
        return self.cluster.image.partition(FLIGHTS)

    def times(self, kind: str) -> list[int]:
        """When (µs) events of this kind have happened."""
        return [entry.time for entry in self.world.recorder.events(kind)]

    # -- asking -------------------------------------------------------------------------------------------------

    def ask(self, broker: int, request):
        """A broker's response to a request."""
        channel = self._channels.get(broker)
        if channel is None:
            channel = self._channels[broker] = Channel(self._probe, f"primary/b{broker}")
        return self.world.finish(channel.ask(request, 60_000_000))

    def fetch(self, broker: int, offset: int, epoch: int = -1, last: int = -1, replica: int = CONSUMER,
              replica_epoch: int = -1):  # fmt: skip
        """The row of a broker's answer to a fetch that does not wait."""
        row = FetchPartition("flights", 0, "", epoch, offset, last, 0, 1 << 20)
        request = FetchRequest(replica, replica_epoch, 0, 1, 1 << 20, 0, 0, -1, [row], [], "")
        return self.ask(broker, request).partitions[0]
