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
from minikafka.protocol import quorum_requests as quorum
from minikafka.protocol.access_rules import Operation, ResourceType
from minikafka.protocol.errors import Error
from minikafka.protocol.whole_refusals import refusal

Handler = Callable[[Any, str], Awaitable[Any]]

DENIED = Error.CLUSTER_AUTHORIZATION_FAILED
STRANGER = "the controller answers servers of the cluster alone: ask a broker"

def refused(request: Any) -> Any:
    """The same answer to everything that was asked."""
    return refusal(request, DENIED, STRANGER)


AT_THE_CONTROLLER: dict[type, Callable[[Any], Any]] = {
    cluster.BrokerRegistrationRequest: refused,
    cluster.BrokerHeartbeatRequest: refused,
    cluster.AlterPartitionRequest: refused,
    cluster.AllocateProducerIdsRequest: refused,
    cluster.FetchMetadataRequest: lambda asked: cluster.FetchMetadataResponse(DENIED, -1, -1, b""),
    quorum.VoteRequest: lambda asked: quorum.VoteResponse(DENIED, -1, -1, False),
    quorum.BeginQuorumEpochRequest: lambda asked: quorum.BeginQuorumEpochResponse(DENIED, -1, -1),
    quorum.EndQuorumEpochRequest: lambda asked: quorum.EndQuorumEpochResponse(DENIED, -1, -1),
    quorum.FetchQuorumRequest: lambda asked: quorum.FetchQuorumResponse(DENIED, -1, -1, -1, None, b""),
}
"""What only a controller answers, and how it answers strangers. Every request of servers among themselves is here;
what brokers pass on for others is refused as a whole."""


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
        return AT_THE_CONTROLLER.get(kind, refused)(request)

    return handle
