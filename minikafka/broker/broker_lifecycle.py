"""A broker and its controller: registration, heartbeats, leave-taking.

Promises     the broker asks to be unfenced only when it is ready to serve; it says that it may stop only when the
             controller has said so. A broker that cannot reach the controller goes on serving.
Stands for   BrokerLifecycleManager.
Left out     offline log directories, the jitter of the pauses.
Differs      nothing.

    state       on                 becomes
    starting    registered         registered
    registered  ready to serve     ready
    registered  asked to leave     leaving
    ready       asked to leave     leaving
    leaving     ready to serve     leaving
    leaving     asked to leave     leaving
    gone        asked to leave     gone
    leaving     told to shut down  gone
    leaving     tired of waiting   gone
"""

from __future__ import annotations

from minikafka.broker.controller_finder import ControllerChannel
from minikafka.broker.surroundings import Surroundings
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.cluster_requests import (
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    BrokerRegistrationRequest,
)
from minikafka.protocol.errors import Error
from minikafka.protocol.settings import Config
from minikafka.world.future import Future, TimedOut
from minikafka.world.machine import Machine

STARTING, REGISTERED, READY, LEAVING, GONE = "starting", "registered", "ready", "leaving", "gone"
MOVES = {
    (STARTING, "registered"): REGISTERED,
    (REGISTERED, "ready to serve"): READY,
    (REGISTERED, "asked to leave"): LEAVING,
    (READY, "asked to leave"): LEAVING,
    (LEAVING, "ready to serve"): LEAVING,
    (LEAVING, "asked to leave"): LEAVING,
    (GONE, "asked to leave"): GONE,
    (LEAVING, "told to shut down"): GONE,
    (LEAVING, "tired of waiting"): GONE,
}

FIRST_REST = 100_000
"""µs before the first repetition of a request that failed; it doubles up to broker.session.timeout.ms."""

SOON = 50_000
"""µs between the first two heartbeats of a broker that wants to leave: often that is all it takes."""

LONGEST_LEAVE = 300_000_000
"""After so many µs a broker stops without having been told to."""


class BrokerLifecycle:
    """`state` is one of the words in the table; `fenced` what the last heartbeat's answer said."""

    def __init__(self, machine: Machine, channel: ControllerChannel, around: Surroundings, config: Config):
        self.machine = machine
        self.channel = channel
        self.around = around
        self.state = STARTING
        self.fenced = True
        self.metadata_offset = -1
        self.gone = machine.future()
        self._interval = config.us("broker.heartbeat.interval.ms")
        self._longest_rest = config.us("broker.session.timeout.ms")
        self._patience = config.us("initial.broker.registration.timeout.ms")
        self._timeout = config.us("controller.quorum.request.timeout.ms")
        self._nudge: Future = machine.future()
        self._failures = 0

    async def register(self, rack: str, previous_broker_epoch: int) -> bool:
        """Ask until the controller has registered this incarnation; False if it did not in time."""
        incarnation = f"{self.machine.dice('incarnation').getrandbits(64):016x}"
        request = BrokerRegistrationRequest(
            self.around.broker_id, incarnation, self.machine.name, rack, previous_broker_epoch
        )
        deadline = self.machine.now + self._patience
        while self.machine.now < deadline:
            try:
                response = await self.channel.ask(request, self._timeout)
            except NETWORK_TROUBLE:
                response = None
            if response is not None and response.error == Error.NONE:
                self.around.broker_epoch = response.broker_epoch
                self._failures = 0
                self._move("registered")
                return True
            await self.machine.sleep(min(self._rest(), max(1, deadline - self.machine.now)))
        return False

    def ready(self) -> None:
        """The broker can serve: ask to be unfenced, at once."""
        self._move("ready to serve")
        self._nudge.set()

    async def leave(self) -> None:
        """Tell the controller that the broker wants to stop, and wait until it may (at most five minutes)."""
        if self.state == STARTING:
            return
        self._move("asked to leave")
        self._nudge.set()
        try:
            await self.machine.within(self.gone, LONGEST_LEAVE)
        except TimedOut:
            if self.state == LEAVING:
                self._move("tired of waiting")
                self.gone.set()

    async def beat(self) -> None:
        """Send heartbeats until the broker is gone."""
        first_leave = True
        while self.state != GONE:
            self._nudge = self.machine.future()
            was_leaving = self.state == LEAVING
            rest = self.take(await self._send())
            if was_leaving and first_leave and self.state == LEAVING:
                first_leave, rest = False, min(rest, SOON)
            if self.state != GONE:
                await self._pause(rest)

    async def _send(self) -> BrokerHeartbeatResponse | None:
        request = BrokerHeartbeatRequest(
            self.around.broker_id, self.around.broker_epoch, self.metadata_offset,
            self.state == REGISTERED, self.state == LEAVING,
        )  # fmt: skip
        try:
            return await self.channel.ask(request, self._timeout)
        except NETWORK_TROUBLE:
            return None

    def take(self, response: BrokerHeartbeatResponse | None) -> int:
        """Note what the controller makes of this broker; returns how long (µs) to wait before the next heartbeat."""
        if response is None or response.error != Error.NONE:
            return self._rest()
        self._failures = 0
        self.fenced = response.is_fenced
        if self.state == LEAVING and response.should_shut_down:
            self._move("told to shut down")
            self.gone.set()
        return self._interval

    def _move(self, happened: str) -> None:
        self.state = MOVES[self.state, happened]

    def _rest(self) -> int:
        self._failures += 1
        return min(FIRST_REST << min(self._failures - 1, 20), self._longest_rest)

    async def _pause(self, rest: int) -> None:
        try:
            await self.machine.within(self._nudge, rest)
        except TimedOut:
            pass
