"""One answer to everything that a request asks for: the same error in every row.

Promises     what comes out is the response that the asker waits for; a request may know itself how to be `refused`.
Stands for   AbstractRequest.getErrorResponse, for the requests that a controller takes.
Left out     nothing.
Differs      nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.protocol import admin_requests as admin
from minikafka.protocol import cluster_requests as cluster
from minikafka.protocol.errors import Error
from minikafka.protocol.names import NO_EPOCH

Refusal = Callable[[Any, Error, str], Any]

REFUSALS: dict[type, Refusal] = {
    cluster.BrokerRegistrationRequest: lambda asked, error, why: asked.Response(error, NO_EPOCH),
    cluster.BrokerHeartbeatRequest: lambda asked, error, why: asked.Response(error, False, True, False),
    cluster.AlterPartitionRequest: lambda asked, error, why: asked.Response(error, []),
    cluster.AllocateProducerIdsRequest: lambda asked, error, why: asked.Response(error, -1, 0),
    admin.CreateTopicsRequest: lambda asked, error, why: asked.Response(
        [admin.CreatedTopic(topic.name, error, why, "") for topic in asked.topics]
    ),
    admin.DeleteTopicsRequest: lambda asked, error, why: asked.Response(
        [admin.DeletedTopic(name, error, why) for name in asked.topics]
    ),
    admin.ElectLeadersRequest: lambda asked, error, why: asked.Response(
        [admin.ElectedPartition(*row, error, why) for row in asked.partitions]
    ),
}
"""How each kind of request is refused: (request, error, why) -> its response."""


def refusal(request: Any, error: Error, why: str) -> Any:
    """The response that gives this error, and if there is room for it the reason, to all that is asked."""
    if hasattr(request, "refused"):
        return request.refused(error, why)
    return REFUSALS[type(request)](request, error, why)


def whole_error(response: Any) -> Error:
    """The error of a response, or of its first row that has one; NONE if all is well."""
    errors = [getattr(response, "error", 0)]
    for name in getattr(response, "NESTED", {}):
        errors += [getattr(row, "error", 0) for row in getattr(response, name)]
    return Error(next((error for error in errors if error), Error.NONE))
