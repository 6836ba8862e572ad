"""Producer ids, handed out one by one from blocks that the controller gives.

Promises     no two producers of a cluster ever get the same id; an id that was not handed out when the broker stopped
             is lost.
Stands for   RPCProducerIdManager.
Left out     fetching the next block ahead of time.
Differs      a request waits for the block it needs; Kafka answers COORDINATOR_LOAD_IN_PROGRESS at once and has the
             client retry.
"""

from __future__ import annotations

from minikafka.broker.controller_finder import ControllerChannel
from minikafka.broker.surroundings import Surroundings
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.client_requests import InitProducerIdRequest, InitProducerIdResponse
from minikafka.protocol.cluster_requests import AllocateProducerIdsRequest
from minikafka.protocol.errors import Error
from minikafka.world.kernel import Task
from minikafka.world.machine import Machine


class ProducerIdBlocks:
    """The block at hand, and the request for the next one if it is under way."""

    def __init__(self, machine: Machine, channel: ControllerChannel, around: Surroundings, timeout: int):
        self.machine = machine
        self.channel = channel
        self.around = around
        self.timeout = timeout
        self.next_id = self.end = 0
        self._asking: Task | None = None

    async def init_producer_id(self, request: InitProducerIdRequest, caller: str) -> InitProducerIdResponse:
        """A fresh id with epoch 0; COORDINATOR_LOAD_IN_PROGRESS if the controller gives no block."""
        while self.next_id == self.end:
            if self._asking is None or self._asking.done:
                self._asking = self.machine.spawn(self._next_block(), "producer ids")
            if not await self._asking:
                return InitProducerIdResponse(Error.COORDINATOR_LOAD_IN_PROGRESS, -1, -1)
        producer_id, self.next_id = self.next_id, self.next_id + 1
        return InitProducerIdResponse(Error.NONE, producer_id, 0)

    async def _next_block(self) -> bool:
        try:
            block = await self.channel.ask(
                AllocateProducerIdsRequest(self.around.broker_id, self.around.broker_epoch), self.timeout
            )
        except NETWORK_TROUBLE:
            return False
        if block.error != Error.NONE:
            return False
        self.next_id = block.producer_id_start
        self.end = self.next_id + block.producer_id_len
        return True
