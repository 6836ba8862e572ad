"""The controller's process: decide, record, apply, reply.

Promises     requests are decided one at a time, each upon everything decided before it; a reply leaves only when its
             facts are committed; a restart knows everything that was ever committed. Only the leader of the quorum
             decides; the others apply what is committed, and are ready.
Stands for   QuorumController and ControllerApis.
Left out     metadata snapshots, no-op records (metadata.max.idle.interval.ms).
Differs      deciding takes no time and never waits, so that there is no event queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from minikafka.controller import leader_changes, liveness, reassignment, registration
from minikafka.controller.broker_sessions import BrokerSessions
from minikafka.controller.chronicle import Chronicle, metadata_lost
from minikafka.controller.controller_desk import guarded
from minikafka.controller.deciders import DECIDERS, Decider
from minikafka.controller.decision import Decision
from minikafka.controller.features import bootstrap_facts
from minikafka.controller.metadata_desk import MetadataDesk
from minikafka.controller.metadata_log import MetadataLog
from minikafka.controller.quorum_talk import QuorumTalk
from minikafka.controller.quorum_voter import Voter
from minikafka.events.governance import ControllerStarted
from minikafka.events.quorum import ControllerRenounced
from minikafka.metadata.access import Access
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.broker_settings import CONTROLLER
from minikafka.protocol.cluster_requests import BrokerHeartbeatRequest, BrokerRegistrationRequest
from minikafka.protocol.errors import Error
from minikafka.protocol.partition_requests import ListPartitionReassignmentsRequest
from minikafka.protocol.server import serve
from minikafka.protocol.settings import Config
from minikafka.protocol.whole_refusals import refusal
from minikafka.world.quantities import us

RERUN = us("10ms")
"""A periodic check that found work is repeated this soon (Kafka's PeriodicTask)."""

UNCLEAN_LEADER_ELECTION_INTERVAL = us("300s")
"""The default of unclean.leader.election.interval.ms."""

NOT_ACTIVE = "this controller does not decide now: ask the active one"
FATE_OPEN = "the controller has lost its office before this was committed; whether it will be is not known"


class Renounced(Exception):
    """The controller has stopped deciding while a request of its reign waited for a majority."""


class Decided(NamedTuple):
    """Facts that are written down, and no majority is known to have them yet."""

    image: ClusterImage
    facts: tuple
    epoch: int


class Controller:
    """The process object of a controller machine.

    `image` is the cluster as decided so far, `committed_image` what a majority has of it; `active` whether it decides.
    `voters` are the addresses of all controllers by id, itself included; none: it is the only one.
    """

    def __init__(
        self,
        machine: Any,
        cluster_name: str,
        config: Mapping,
        features: Mapping[str, int] | None = None,
        voter_id: int = 1,
        voters: Mapping[int, str] | None = None,
        chronicle: Chronicle | None = None,
    ):
        self.machine = machine
        self.cluster_name = cluster_name
        self.config = config if isinstance(config, Config) else Config(CONTROLLER, config)
        self.features = features
        self.log = MetadataLog(machine.disk, machine.now)
        self.chronicle = chronicle or Chronicle()
        self.image = self.committed_image = ClusterImage()
        self.undecided: deque[Decided] = deque()
        self.sessions = BrokerSessions(self.config.us("broker.session.timeout.ms"))
        self.dice = machine.dice("topic_admin")
        self.access_dice = machine.dice("access_admin")
        self.access = Access(machine, self.config, lambda: self.committed_image)
        self.news = machine.future()
        self.active = False
        self.epoch = 0
        self.voter = Voter(machine, voter_id, voters or {voter_id: machine.name}, self.config, self.log)
        if self.chronicle.several or not self.voter.alone:
            self.voter.tell = machine.record
        timeout = self.config.us("controller.quorum.request.timeout.ms")
        self.quorum = QuorumTalk(self.voter, timeout, self.follow_the_quorum)
        desk = MetadataDesk(self)
        governing = {kind: self.when_active(answer) for kind, answer in self.handlers().items()}
        serve(machine, guarded(self.access, {**desk.handlers(), **governing}))
        self.lost = self.chronicle.begin(self.log.end_offset) if self.voter.alone else 0
        self.quorum.start()

    def handlers(self) -> dict[type, Callable[[Any, str], Awaitable[Any]]]:
        """What the active controller answers."""
        return {
            BrokerRegistrationRequest: self.register_broker,
            BrokerHeartbeatRequest: self.heartbeat,
            ListPartitionReassignmentsRequest: self.list_reassignments,
            **{kind: self.deciding(decide) for kind, decide in DECIDERS.items()},
        }

    def deciding(self, decide: Decider) -> Callable[[Any, str], Awaitable[Any]]:
        """Decide, record, apply, reply: what the controller does with a request."""

        async def handle(request: Any, _caller: str) -> Any:
            return await self.settle(decide(self, request))

        return handle

    def when_active(self, answer: Callable) -> Callable[[Any, str], Awaitable[Any]]:
        """The answer of an active controller; any other, and one that ceases to be it, says NOT_CONTROLLER."""

        async def handle(request: Any, caller: str) -> Any:
            if not self.active:
                return refusal(request, Error.NOT_CONTROLLER, NOT_ACTIVE)
            try:
                return await answer(request, caller)
            except Renounced:
                return refusal(request, Error.NOT_CONTROLLER, FATE_OPEN)

        return handle

    async def shut_down(self) -> None:
        """Hand the leadership over, if it leads; when this returns, the process may end."""
        await self.quorum.leave()

    # -- the quorum -------------------------------------------------------------------------------------------

    def follow_the_quorum(self) -> None:
        """The voter's role or the high watermark has changed: apply what is committed, begin or cease to decide."""
        if self.active and not (self.voter.leads and self.voter.epoch == self.epoch):
            self.renounce()
        self.apply_committed()
        if not self.active and self.voter.may_decide:
            self.claim()

    def claim(self) -> None:
        """Begin to decide, with everything applied that was ever committed: brokers keep their epochs, and every
        unfenced one has a full session before it."""
        self.active, self.epoch = True, self.voter.epoch
        self.image = self.committed_image
        if self.lost:
            self.machine.record(metadata_lost(self.image, self.lost))
            self.lost = 0
        self.machine.record(ControllerStarted(self.epoch, self.log.end_offset))
        if not self.image.features:
            self.record(Decision(bootstrap_facts(self.config, self.features)))
        self.sessions = BrokerSessions(self.config.us("broker.session.timeout.ms"))
        for broker in self.image.brokers.values():
            if not broker.fenced:
                self.sessions.touch(broker.id, broker.epoch, self.machine.now)
        self.machine.spawn(self.expire_sessions(self.epoch), "session check")
        self.machine.spawn(self.elect_unclean_leaders(self.epoch), "unclean leader election check")
        if self.config["auto.leader.rebalance.enable"]:
            self.machine.spawn(self.balance_leaders(self.epoch), "leader balance")

    def renounce(self) -> None:
        """Decide no longer. What no majority is known to have is forgotten here; the log may bring it back."""
        self.active = False
        self.machine.record(ControllerRenounced(self.epoch, len(self.undecided)))
        self.undecided.clear()
        self.image = self.committed_image
        self.tell_news()

    def still_active(self, epoch: int) -> bool:
        """Is this controller active, and has been so ever since this epoch?"""
        return self.active and self.epoch == epoch

    def apply_committed(self) -> None:
        """Apply what has been committed since the last time, and tell it; a reply may leave now."""
        before = self.committed_image.offset
        while self.undecided and self.undecided[0].image.offset < self.log.high_watermark:
            self.committed(*self.undecided.popleft())
        if not self.undecided:
            for batch in self.log.committed_after(self.committed_image.offset):
                self.committed(self.committed_image.apply(batch.facts, batch.offset), batch.facts, batch.epoch)
        if not self.active:
            self.image = self.committed_image
        if self.committed_image.offset > before:
            self.tell_news()

    def committed(self, image: ClusterImage, facts: Any, epoch: int) -> None:
        """These facts are committed, and this is what has become of the cluster."""
        before, self.committed_image = self.committed_image, image
        for event in self.chronicle.committed(before, image, epoch, facts):
            self.machine.record(event)

    def tell_news(self) -> None:
        """Whoever waits for facts, or for a majority, looks again."""
        news, self.news = self.news, self.machine.future()
        news.set()

    # -- record, apply, reply ---------------------------------------------------------------------------------

    def record(self, decision: Decision) -> int:
        """Write the facts of a decision to the log and apply them; returns the offset up to which it is recorded."""
        if decision.facts:
            assert self.image.offset + 1 == self.log.end_offset, "a decision stands upon everything written before"
            offset = self.image.offset + len(decision.facts)
            self.image = self.image.apply(decision.facts, offset)
            self.undecided.append(Decided(self.image, decision.facts, self.epoch))
            self.chronicle.decided(self.epoch, offset, decision.reason)
            self.voter.append(decision.facts)
        for note in decision.notes:
            self.machine.record(note)
        return self.image.offset

    async def until_committed(self, offset: int) -> None:
        """Wait until a majority of the voters has the fact at this offset. `Renounced` if it may never have it."""
        epoch = self.epoch
        while self.committed_image.offset < offset:
            await self.news
            if not self.still_active(epoch):
                raise Renounced

    async def settle(self, decision: Decision) -> Any:
        """Record, apply, and give the reply once the facts are committed."""
        await self.until_committed(self.record(decision))
        return decision.response

    # -- requests ---------------------------------------------------------------------------------------------

    async def register_broker(self, request: BrokerRegistrationRequest, _caller: str) -> Any:
        """BrokerRegistration."""
        now = self.machine.now
        decision = registration.register_broker(self.image, request, self.sessions, now, self.config)
        if decision.facts:
            self.sessions.begin(request.broker_id, decision.response.broker_epoch, now)
        return await self.settle(decision)

    async def heartbeat(self, request: BrokerHeartbeatRequest, _caller: str) -> Any:
        """BrokerHeartbeat."""
        decision = liveness.heartbeat(self.image, request, self.sessions, self.config)
        if decision.response.error != Error.NONE:
            return decision.response
        self.sessions.heard(request, decision.response, self.machine.now)
        offset = self.record(decision)
        if liveness.current_state(self.image.brokers[request.broker_id]) == liveness.CONTROLLED_SHUTDOWN:
            self.sessions.shuts_down_at(request.broker_id, offset)
        await self.until_committed(offset)
        return decision.response

    async def list_reassignments(self, _request: ListPartitionReassignmentsRequest, _caller: str) -> Any:
        """ListPartitionReassignments."""
        return reassignment.ongoing(self.image)

    # -- from time to time ------------------------------------------------------------------------------------

    async def expire_sessions(self, epoch: int) -> None:
        """Every eighth of a session, fence one broker whose session has expired; after one, look again at once."""
        await self.machine.sleep(self.sessions.timeout // 8)
        while self.still_active(epoch):
            silent = self.sessions.longest_expired(self.machine.now)
            if silent is None:
                await self.machine.sleep(self.sessions.timeout // 8)
            else:
                self.sessions.end(silent)
                self.record(liveness.expire_session(self.image, silent, self.config))
                await self.machine.sleep(RERUN)

    async def balance_leaders(self, epoch: int) -> None:
        """Every leader.imbalance.check.interval.seconds, give partitions back to their preferred leaders."""
        await self.machine.sleep(self.config.us("leader.imbalance.check.interval.seconds"))
        while self.still_active(epoch):
            self.record(leader_changes.preferred_leaders(self.image, self.config))
            await self.machine.sleep(self.config.us("leader.imbalance.check.interval.seconds"))

    async def elect_unclean_leaders(self, epoch: int) -> None:
        """Every five minutes, elect uncleanly where the topic allows it and no other leader is left."""
        await self.machine.sleep(UNCLEAN_LEADER_ELECTION_INTERVAL)
        while self.still_active(epoch):
            self.record(leader_changes.unclean_leaders(self.image, self.config))
            await self.machine.sleep(UNCLEAN_LEADER_ELECTION_INTERVAL)
