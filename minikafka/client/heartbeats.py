"""Heartbeats: telling the coordinator that a member lives, in the background.

Promises     as long as the process runs and the application polls, one heartbeat each heartbeat.interval.ms; an
             application that does not poll for max.poll.interval.ms loses its place, though its process lives.
Stands for   AbstractCoordinator.HeartbeatThread.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minikafka.client.coordinator_lookup import GONE, CoordinatorFinder
from minikafka.client.membership import Membership
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import HeartbeatRequest


class Heartbeats:
    """Of one member."""

    def __init__(self, machine: Any, config: Mapping, finder: CoordinatorFinder, membership: Membership):
        self._machine = machine
        self._finder = finder
        self._membership = membership
        self._interval = config.us("heartbeat.interval.ms")
        self._poll_interval = config.us("max.poll.interval.ms")
        self._timeout = min(config.us("request.timeout.ms"), config.us("session.timeout.ms"))
        self._task: Any = None

    def start(self) -> None:
        """Begin, if it has not begun."""
        if self._task is None or self._task.done:
            self._task = self._machine.spawn(self._run(), "heartbeats")

    def stop(self) -> None:
        """No more."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        machine, membership = self._machine, self._membership
        while True:
            await machine.sleep(self._interval)
            if membership.identity.generation < 0 or membership.joins:
                continue
            if machine.now - membership.polled_at > self._poll_interval:
                membership.too_late()
                await membership.leave("it has not polled for max.poll.interval.ms", self._timeout)
            else:
                await self._beat()

    async def _beat(self) -> None:
        who = self._membership.identity
        generation = who.generation
        request = HeartbeatRequest(self._finder.group_id, generation, who.member_id, who.instance_id)
        try:
            node = await self._finder.node(self._machine.now + self._timeout)
        except KafkaError:
            return
        try:
            error = Error((await node.ask(request, self._timeout)).error)
        except NETWORK_TROUBLE:
            self._finder.forget_node(node)
            return
        except KafkaError as refusal:  # of the login
            error = refusal.error
        if error in GONE:
            self._finder.forget_node(node)
        elif error == Error.REBALANCE_IN_PROGRESS:
            self._membership.rebalances()
        elif error in (Error.UNKNOWN_MEMBER_ID, Error.ILLEGAL_GENERATION, Error.FENCED_INSTANCE_ID):
            self._membership.disowned(error, generation)
        elif error and not error.retriable:
            self._membership.refused(error, generation)
