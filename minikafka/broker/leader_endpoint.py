"""The leader as a follower reaches it: over the network.

Promises     each call is one request to the leader's broker; whatever goes wrong on the way is one of
             `NETWORK_TROUBLE`.
Stands for   kafka.server.RemoteLeaderEndPoint and BrokerBlockingSender.
Left out     nothing.
Differs      nothing.
"""

from __future__ import annotations

from minikafka.broker.surroundings import Surroundings
from minikafka.protocol.channel import Channel
from minikafka.protocol.client_requests import (
    READ_UNCOMMITTED,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    ForgottenPartition,
    ListOffsetsPartition,
    ListOffsetsRequest,
)
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.settings import Config
from minikafka.world.machine import Machine


class LeaderEndpoint:
    """One leader broker, by its address."""

    def __init__(self, machine: Machine, address: str, around: Surroundings, config: Config):
        self.around = around
        self._channel = Channel(machine, address)
        self._timeout = config.us("replica.socket.timeout.ms")
        self._wait = config["replica.fetch.wait.max.ms"]
        self._min_bytes = config["replica.fetch.min.bytes"]
        self._max_bytes = config["replica.fetch.response.max.bytes"]

    async def fetch(
        self, session_id: int, session_epoch: int, rows: list[FetchPartition], forgotten: list[ForgottenPartition]
    ) -> FetchResponse:
        """Fetch in this session, as the broker incarnation that is registered."""
        around = self.around
        request = FetchRequest(around.broker_id, around.broker_epoch, self._wait, self._min_bytes, self._max_bytes,
                               READ_UNCOMMITTED, session_id, session_epoch, rows, forgotten, "")  # fmt: skip
        return await self._channel.ask(request, self._timeout)

    async def offset(self, partition: TopicPartition, leader_epoch: int, timestamp: int) -> int:
        """The leader's earliest or latest offset (of the whole log: we ask as a replica); raises what it answers."""
        row = ListOffsetsPartition(*partition, leader_epoch, timestamp)
        request = ListOffsetsRequest(self.around.broker_id, READ_UNCOMMITTED, [row])
        answer = (await self._channel.ask(request, self._timeout)).partitions[0]
        if answer.error != Error.NONE:
            raise KafkaError(answer.error, f"the leader of {partition} did not tell its offsets")
        return answer.offset

    def close(self) -> None:
        """End the connection; what is asked fails."""
        self._channel.close()
