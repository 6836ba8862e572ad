"""Guards at the front desk: a request passes whole, in part, or not at all.

Promises     a guard decides before the handler begins, and what it takes out of a request no handler ever sees; answers
             come in the order of what was asked.
Stands for   AuthHelper.filterByAuthorized, and the merging of errors in KafkaApis.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from minikafka.metadata.access import REFUSAL, Access
from minikafka.protocol.access_rules import ResourceType
from minikafka.protocol.errors import Error

Handler = Callable[[Any, str], Awaitable[Any]]
Guard = Callable[[Access, Handler], Handler]
"""Puts itself before a handler."""


def words_for(request: Any) -> str:
    """What a request is called in a refusal: "Produce"."""
    return type(request).__name__.removesuffix("Request")


def whole(operation: int, resource_type: int, name_of: Callable, answer: Callable) -> Guard:
    """One right for all of it; who lacks it gets `answer(request, error)`."""

    def guard(access: Access, handler: Handler) -> Handler:
        async def handle(request: Any, caller: str) -> Any:
            if access.allows(caller, words_for(request), operation, resource_type, name_of(request)):
                return await handler(request, caller)
            return answer(request, REFUSAL[resource_type])

        return handle

    return guard


def each(
    operation: int, resource_type: int, rows: str, name_of: Callable, refused: Callable, answers: str = "",
    settle: Callable | None = None, always: bool = False,
) -> Guard:  # fmt: skip
    """A right for each row; a row without it is answered by `refused(row, error)`, in its place among the `answers`.

    `settle(request, refusals)` is asked before such an answer leaves; `always`: the answer has more to it than rows.
    """
    error, told = REFUSAL[resource_type], answers or rows

    def guard(access: Access, handler: Handler) -> Handler:
        async def handle(request: Any, caller: str) -> Any:
            asked = getattr(request, rows)
            open_to = allowed(access, request, caller, operation, resource_type, dict.fromkeys(map(name_of, asked)))
            fine = [row for row in asked if name_of(row) in open_to]
            if len(fine) == len(asked):
                return await handler(request, caller)
            response = await handler(request._replace(**{rows: fine}), caller) if fine or always else None
            refusals = [refused(row, error) for row in asked if name_of(row) not in open_to]
            if settle is not None:
                settle(request, refusals)
            if response is None:
                return nothing_but(request.Response, told, refusals)
            mine, theirs = iter(refusals), iter(getattr(response, told))
            merged = [next(theirs if name_of(row) in open_to else mine) for row in asked]
            return response._replace(**{told: merged})

        return handle

    return guard


def narrowed(
    rows: str, answers: str, operation: int, resource_type: int, name_of: Callable, answer_name: Callable,
    refused: Callable,
) -> Guard:  # fmt: skip
    """As `each`; but who asks for all (None) is told, without a word, only of what he may know."""
    by_row = each(operation, resource_type, rows, name_of, refused, answers, always=True)

    def guard(access: Access, handler: Handler) -> Handler:
        some = by_row(access, handler)

        async def handle(request: Any, caller: str) -> Any:
            if getattr(request, rows) is not None:
                return await some(request, caller)
            response = await handler(request, caller)
            told = getattr(response, answers)
            names = dict.fromkeys(map(answer_name, told))
            open_to = allowed(access, request, caller, operation, resource_type, names, tell=False)
            return response._replace(**{answers: [row for row in told if answer_name(row) in open_to]})

        return handle

    return guard


def cluster_wide(operation: int, otherwise: Guard) -> Guard:
    """The right on the cluster opens everything; who lacks it (no refusal in itself) is looked at more closely."""

    def guard(access: Access, handler: Handler) -> Handler:
        closer = otherwise(access, handler)

        async def handle(request: Any, caller: str) -> Any:
            wide = access.allows(caller, words_for(request), operation, ResourceType.CLUSTER, tell=False)
            return await (handler if wide else closer)(request, caller)

        return handle

    return guard


def allowed(
    access: Access, request: Any, caller: str, operation: int, resource_type: int, names: dict, tell: bool = True
) -> dict:
    """Those of the names to which the caller may do this."""
    words = words_for(request)
    return {name: None for name in names if access.allows(caller, words, operation, resource_type, name, tell)}


def nothing_but(response: type, rows: str, refusals: list) -> Any:
    """A response that has only these rows, and no error for all."""
    return response(**{field: refusals if field == rows else Error.NONE for field in response._fields})


def put_before(access: Access, guards: tuple[Guard, ...], handler: Handler) -> Handler:
    """The handler behind its guards; the first of them is asked first."""
    for guard in reversed(guards):
        handler = guard(access, handler)
    return handler
