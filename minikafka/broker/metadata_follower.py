"""A broker reads the metadata log: from its beginning, and then for ever.

Promises     `image` is the cluster as of the last committed fact read; nothing of it is applied before the broker has
             read its own registration and all that was committed then, so old leaderships are not lived through again.
Stands for   MetadataLoader, the observer half of KafkaRaftClient, the startup order of BrokerServer.
Left out     snapshots.
Differs      kept in memory alone: after a start the whole log is read again. A broker whose facts are not in the
             leader's log stops, as Kafka's does, which may not drop what it knew to be committed.
"""

from __future__ import annotations

from collections.abc import Callable

from minikafka.broker.controller_finder import ControllerChannel, ControllerFinder
from minikafka.broker.surroundings import Surroundings
from minikafka.events.quorum import MetadataForeign, MetadataRead
from minikafka.metadata.fact_batches import facts_after
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.cluster_requests import FetchMetadataRequest, FetchMetadataResponse
from minikafka.protocol.errors import Error
from minikafka.world.machine import Machine

WAIT_MS = 2000
"""How long the controller may keep an idle fetch."""

REST = 100_000
"""µs before a fetch that failed is repeated."""


class MetadataFollower:
    """`image` is what was read; `published` whether it was ever handed on."""

    def __init__(
        self,
        machine: Machine,
        channel: ControllerChannel,
        finder: ControllerFinder,
        around: Surroundings,
        timeout: int,
        publish: Callable[[ClusterImage], None],
    ):
        self.machine = machine
        self.channel = channel
        self.finder = finder
        self.around = around
        self.timeout = timeout
        self.publish = publish
        self.image = ClusterImage()
        self.last_epoch = 0
        self.published = False

    async def run(self) -> None:
        """Read on for ever; a controller that does not answer is asked again."""
        while True:
            around, offset = self.around, self.image.offset + 1
            request = FetchMetadataRequest(around.broker_id, around.broker_epoch, offset, WAIT_MS)
            if not self.finder.alone:
                request = request._replace(last_fetched_epoch=self.last_epoch)
            try:
                response = await self.channel.ask(request, WAIT_MS * 1000 + self.timeout)
            except NETWORK_TROUBLE:
                await self.machine.sleep(REST)
                continue
            if response.diverging_epoch is not None:
                self.machine.record(MetadataForeign(self.image.offset, self.last_epoch, *response.diverging_epoch))
                self.machine.end()
                return
            if response.error != Error.NONE:
                await self.machine.sleep(REST)
            else:
                self.take(response)

    def take(self, response: FetchMetadataResponse) -> None:
        """Apply what came to the image; hand it on if it is complete enough."""
        if response.records:
            for batch in facts_after(self.image.offset, response.records):
                self.image = self.image.apply(batch.facts, batch.offset)
                self.last_epoch = batch.epoch
        caught_up = self.image.offset + 1 >= response.high_watermark and self.image.offset >= self.around.broker_epoch
        if self.published and response.records or not self.published and caught_up:
            self.published = True
            if not self.finder.alone:
                self.machine.record(MetadataRead(self.image.offset, response.high_watermark))
            self.publish(self.image)
