"""Who coordinates a group, or a transactional id: asked of any broker, remembered until somebody says otherwise.

Promises     the connection to the coordinator is one of its own: a join that waits there holds up no fetch.
Stands for   AbstractCoordinator.lookupCoordinator, CoordinatorStrategy.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.client.backoff import Backoff
from minikafka.client.bootstrap import Metadata
from minikafka.client.nodes import Node
from minikafka.events.groups import CoordinatorFound
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.errors import Error, KafkaError, TimeoutException, exception_for
from minikafka.protocol.group_requests import GROUP, FindCoordinatorRequest
from minikafka.protocol.names import TopicPartition

GONE = (Error.NOT_COORDINATOR, Error.COORDINATOR_NOT_AVAILABLE)
"""Answers after which the coordinator has to be looked for again."""


class CoordinatorFinder:
    """For one group, or one transactional id. `timeout` (µs) is for one request; `name` is who looks ("" if nobody
    needs to know)."""

    def __init__(self, machine: Any, metadata: Metadata, backoff: Backoff, timeout: int, group_id: str, name: str,
                 key_type: int = GROUP):  # fmt: skip
        self._machine = machine
        self._metadata = metadata
        self._backoff = backoff
        self._timeout = timeout
        self.group_id = group_id
        self._key_type = key_type
        self._whose = f"group {group_id}" if key_type == GROUP else f"transactional id {group_id}"
        self._name = name
        self._node: Node | None = None
        self._told = -1

    async def node(self, deadline: int | None = None) -> Node:
        """The coordinator; asks until one is named. TimeoutException at the deadline (µs), KafkaError for a bad
        group."""
        failures, why = 0, "no broker answered"
        while self._node is None:
            if deadline is not None and self._machine.now >= deadline:
                raise TimeoutException(f"no coordinator of {self._whose} was found in time: {why}")
            left = self._timeout if deadline is None else min(self._timeout, deadline - self._machine.now)
            try:
                request = FindCoordinatorRequest(self._key_type, [self.group_id])
                answer = (await self._metadata.nodes.least_loaded().ask(request, left)).coordinators[0]
            except NETWORK_TROUBLE as trouble:
                why = str(trouble)
            else:
                error = Error(answer.error)
                if not error:
                    if self._node is None:  # somebody else may have asked meanwhile, and use what was found
                        self._found(answer.node_id, answer.address)
                    break
                if not error.retriable:
                    raise exception_for(error, f"{self._whose}: {answer.message or error.meaning}")
                why = answer.message or error.meaning
            failures += 1
            await self._machine.sleep(self._backoff.after(failures))
        return self._node

    def knows_leader_since(self, partition: TopicPartition, epoch: int) -> bool:
        """Whether metadata is as new as a leader epoch that was heard of elsewhere; if not, it is asked for."""
        leader = self._metadata.leader(partition)
        if epoch < 0 or (leader is not None and leader.epoch >= epoch):
            return True
        self._metadata.request_update()
        return False

    def forget(self) -> None:
        """It is not the coordinator any more, or does not answer."""
        if self._node is not None:
            self._node.channel.close()
            self._node = None

    async def ask(self, make: Callable[[], Any], deadline: int, error_of: Callable[[Any], Error], what: str,
                  once: bool = False) -> Any:  # fmt: skip
        """The coordinator's answer to `make()`, asked again while what went wrong may pass; TimeoutException at the
        deadline.

        An answer with an error that does not pass is returned like any other. `once`: do not ask again.
        """
        failures, why = 0, "nobody answered"
        while self._machine.now < deadline:
            node = await self.node(deadline)
            try:
                answer = await node.ask(make(), min(self._timeout, deadline - self._machine.now))
            except NETWORK_TROUBLE as trouble:
                why = str(trouble) or type(trouble).__name__
                self.forget_node(node)
            else:
                error = error_of(answer)
                if not error.retriable:
                    return answer
                why = error.meaning
                if error in GONE:
                    self.forget_node(node)
            if once:
                break
            failures += 1
            await self._machine.sleep(max(0, min(self._backoff.after(failures), deadline - self._machine.now)))
        raise TimeoutException(f"{what} was not done in time: {why}")

    def forget_node(self, node: Node) -> None:
        """As `forget`, unless another one has been found meanwhile."""
        if self._node is node:
            self.forget()

    def _found(self, broker_id: int, address: str) -> None:
        self._node = self._metadata.nodes.apart(address)
        if self._name and broker_id != self._told:
            self._told = broker_id
            self._machine.record(CoordinatorFound(self.group_id, broker_id, self._name))


def require_name(what: str, name: Any, error: Error) -> None:
    """This error unless `name` can be the name of a group or of transactions."""
    if not isinstance(name, str) or not name:
        raise KafkaError(error, f"{what} {name!r} is not possible: write its name as text, in quotes")


def worst(rows: Any) -> Error:
    """Of the errors in these rows the first that will not pass, else the first, else NONE."""
    errors = [Error(row.error) for row in rows if row.error]
    return next((error for error in errors if not error.retriable), errors[0] if errors else Error.NONE)
