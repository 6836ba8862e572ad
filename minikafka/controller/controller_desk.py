"""The controller's desk: servers of the cluster only.

Promises     with an authorizer, whoever asks the controller for anything needs CLUSTER_ACTION on the cluster: brokers
             and voters have it as super users. The others hear CLUSTER_AUTHORIZATION_FAILED, and nothing is changed.
Stands for   the authorization in ControllerApis.
Left out     administrators who ask the controller themselves (bootstrap.controllers).
Differs      what users want of the controller is checked by the broker that passes it on, by the rules as that broker
             has applied them; Kafka's controller checks it, upon the user's name in the Envelope (KIP-590).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from minikafka.metadata.access import Access
from minikafka.protocol import cluster_requests as cluster
from minikafka.protocol.access_rules import Operation, ResourceType
from minikafka.protocol.errors import Error
from minikafka.world.network import Disconnected

Handler = Callable[[Any, str], Awaitable[Any]]

DENIED = Error.CLUSTER_AUTHORIZATION_FAILED

AT_THE_CONTROLLER: dict[type, Any] = {
    cluster.BrokerRegistrationRequest: cluster.BrokerRegistrationResponse(DENIED, -1),
    cluster.BrokerHeartbeatRequest: cluster.BrokerHeartbeatResponse(DENIED, False, True, False),
    cluster.AlterPartitionRequest: cluster.AlterPartitionResponse(DENIED, []),
    cluster.AllocateProducerIdsRequest: cluster.AllocateProducerIdsResponse(DENIED, -1, 0),
    cluster.FetchMetadataRequest: cluster.FetchMetadataResponse(DENIED, -1, -1, b""),
}
"""What only the controller answers, and the answer for strangers. Every request of servers among themselves is here."""


def guarded(access: Access, handlers: Mapping[type, Handler]) -> Mapping[type, Handler]:
    """The handlers, for servers of the cluster only; without an authorizer, as they are."""
    if not access.on:
        return handlers
    return {kind: _guard(access, kind, handler) for kind, handler in handlers.items()}


def _guard(access: Access, kind: type, handler: Handler) -> Handler:
    words = kind.__name__.removesuffix("Request")

    async def handle(request: Any, caller: str) -> Any:
        if access.allows(caller, words, Operation.CLUSTER_ACTION, ResourceType.CLUSTER):
            return await handler(request, caller)
        if kind in AT_THE_CONTROLLER:
            return AT_THE_CONTROLLER[kind]
        raise Disconnected(f"{caller} asked the controller for {words} and is no server of the cluster: ask a broker")

    return handle
