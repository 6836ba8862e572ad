"""Guards at the front desk: a request passes whole, in part, or not at all.

Promises     a guard decides before the handler begins, and what it takes out of a request no handler ever sees; answers
             come in the order of what was asked.
Stands for   AuthHelper.filterByAuthorized, and the merging of errors in KafkaApis.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from minikafka.metadata.access import REFUSAL, Access
from minikafka.protocol.access_rules import CLUSTER_NAME, ResourceType
from minikafka.protocol.errors import Error

Handler = Callable[[Any, str], Awaitable[Any]]
Guard = Callable[[Access, Handler], Handler]
"""Puts itself before a handler."""

Resource = tuple[ResourceType, str]
"""What a request, or a row of one, is about."""


def words_for(request: Any) -> str:
    """What a request is called in a refusal: "Produce"."""
    return type(request).__name__.removesuffix("Request")


# -- what a request is about ------------------------------------------------------------------------------------


def topic(row: Any) -> Resource:
    """The topic that a row is about."""
    return ResourceType.TOPIC, row.topic


def topic_name(row: Any) -> Resource:
    """The topic whose name is in a row, or is the row."""
    return ResourceType.TOPIC, row if isinstance(row, str) else row.name


def group_name(row: str) -> Resource:
    """A row that is the name of a group."""
    return ResourceType.GROUP, row


def group_of(request: Any) -> Resource:
    """The group that a request is about."""
    return ResourceType.GROUP, request.group_id


def cluster(request: Any) -> Resource:
    """The one cluster."""
    return ResourceType.CLUSTER, CLUSTER_NAME


# -- guards -----------------------------------------------------------------------------------------------------


def whole(operation: int, what: Callable[[Any], Resource], answer: Callable) -> Guard:
    """One right for the whole request; a caller without it gets `answer(request, error)`."""

    def guard(access: Access, handler: Handler) -> Handler:
        async def handle(request: Any, caller: str) -> Any:
            kind, name = what(request)
            if access.allows(caller, words_for(request), operation, kind, name):
                return await handler(request, caller)
            return answer(request, REFUSAL[kind])

        return handle

    return guard


def each(
    operation: int, rows: str, what: Callable[[Any], Resource], refused: Callable, answers: str = "",
    settle: Callable | None = None, always: bool = False,
) -> Guard:  # fmt: skip
    """A right for each row; a row without it is answered by `refused(row, error)`, in its place among the `answers`.

    `settle(request, refusals)` is asked before such an answer leaves; `always`: the answer has more to it than rows.
    """
    told = answers or rows

    def guard(access: Access, handler: Handler) -> Handler:
        async def handle(request: Any, caller: str) -> Any:
            asked = getattr(request, rows)
            open_to = allowed(access, request, caller, operation, map(what, asked))
            fine = [row for row in asked if what(row) in open_to]
            if len(fine) == len(asked):
                return await handler(request, caller)
            response = await handler(request._replace(**{rows: fine}), caller) if fine or always else None
            refusals = [refused(row, REFUSAL[what(row)[0]]) for row in asked if what(row) not in open_to]
            if settle is not None:
                settle(request, refusals)
            if response is None:
                return nothing_but(request.Response, told, refusals)
            mine, theirs = iter(refusals), iter(getattr(response, told))
            merged = [next(theirs if what(row) in open_to else mine) for row in asked]
            return response._replace(**{told: merged})

        return handle

    return guard


def narrowed(operation: int, rows: str, what: Callable[[Any], Resource], refused: Callable,
             answered: Callable[[Any], Resource]) -> Guard:  # fmt: skip
    """As `each`; but whoever asks for all (None) is told of those rows alone that they may know (`answered(row)`)."""
    by_row = each(operation, rows, what, refused, always=True)

    def guard(access: Access, handler: Handler) -> Handler:
        some = by_row(access, handler)

        async def handle(request: Any, caller: str) -> Any:
            if getattr(request, rows) is not None:
                return await some(request, caller)
            response = await handler(request, caller)
            told = getattr(response, rows)
            open_to = allowed(access, request, caller, operation, map(answered, told), tell=False)
            return response._replace(**{rows: [row for row in told if answered(row) in open_to]})

        return handle

    return guard


def cluster_wide(operation: int, otherwise: Guard) -> Guard:
    """The right on the cluster opens everything; to lack it is no refusal yet: the guard `otherwise` decides then."""

    def guard(access: Access, handler: Handler) -> Handler:
        closer = otherwise(access, handler)

        async def handle(request: Any, caller: str) -> Any:
            wide = access.allows(caller, words_for(request), operation, ResourceType.CLUSTER, tell=False)
            return await (handler if wide else closer)(request, caller)

        return handle

    return guard


def allowed(
    access: Access, request: Any, caller: str, operation: int, resources: Iterable[Resource], tell: bool = True
) -> dict[Resource, None]:
    """Those of the resources to which the caller may do this; each is asked for once."""
    words, different = words_for(request), dict.fromkeys(resources)
    return {one: None for one in different if access.allows(caller, words, operation, *one, tell)}


def nothing_but(response: type, rows: str, refusals: list) -> Any:
    """A response with these rows and nothing else; its other fields say that there is no error."""
    return response(**{field: refusals if field == rows else Error.NONE for field in response._fields})


def put_before(access: Access, guards: tuple[Guard, ...], handler: Handler) -> Handler:
    """The handler behind its guards; the first of them is asked first."""
    for guard in reversed(guards):
        handler = guard(access, handler)
    return handler
