"""The controller's process: decide, record, apply, reply.

Promises     requests are decided one at a time, each upon everything decided before it; a reply leaves only when its
             facts are committed; a restart knows everything that was ever committed.
Stands for   QuorumController and ControllerApis.
Left out     other voters, metadata snapshots, no-op records (metadata.max.idle.interval.ms).
Differs      deciding takes no time and never waits, so that there is no event queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minikafka.controller import (
    chronicle,
    config_changes,
    isr_changes,
    leader_changes,
    liveness,
    producer_ids,
    registration,
    topic_admin,
)
from minikafka.controller.broker_sessions import BrokerSessions
from minikafka.controller.decision import Decision
from minikafka.controller.features import bootstrap_facts
from minikafka.controller.metadata_log import MetadataLog
from minikafka.events.governance import ControllerStarted
from minikafka.metadata.image import ClusterImage
from minikafka.protocol import admin_requests, cluster_requests, config_requests
from minikafka.protocol.broker_settings import CONTROLLER
from minikafka.protocol.cluster_requests import FetchMetadataRequest, FetchMetadataResponse
from minikafka.protocol.errors import Error
from minikafka.protocol.server import serve
from minikafka.protocol.settings import Config
from minikafka.world.future import TimedOut
from minikafka.world.quantities import us

RERUN = us("10ms")
"""A periodic check that found work is repeated this soon (Kafka's PeriodicTask)."""

UNCLEAN_LEADER_ELECTION_INTERVAL = us("300s")
"""The default of unclean.leader.election.interval.ms."""


class Controller:
    """The process object of a controller machine. `image` is the cluster as decided so far."""

    def __init__(self, machine: Any, cluster_name: str, config: Mapping, features: Mapping[str, int] | None = None):
        self.machine = machine
        self.cluster_name = cluster_name
        self.config = config if isinstance(config, Config) else Config(CONTROLLER, config)
        self.log = MetadataLog(machine.disk, machine.now)
        self.epoch = self.log.epoch
        self.image: ClusterImage = self.log.replay()
        self.sessions = BrokerSessions(self.config.us("broker.session.timeout.ms"))
        self.dice = machine.dice("topic_admin")
        self.news = machine.future()
        machine.record(ControllerStarted(self.epoch, self.log.end_offset))
        self.activate(features)

    def activate(self, features: Mapping[str, int] | None) -> None:
        """Begin to rule: give every unfenced broker a full session, then serve, then look around from time to time."""
        if self.image.offset < 0:
            self.record(Decision(bootstrap_facts(self.config, features)))
        else:
            self.recorded(self.image.offset)
        for broker in self.image.brokers.values():
            if not broker.fenced:
                self.sessions.touch(broker.id, broker.epoch, self.machine.now)
        serve(
            self.machine,
            {
                cluster_requests.BrokerRegistrationRequest: self.register_broker,
                cluster_requests.BrokerHeartbeatRequest: self.heartbeat,
                cluster_requests.AlterPartitionRequest: self.alter_partition,
                cluster_requests.AllocateProducerIdsRequest: self.allocate_producer_ids,
                cluster_requests.FetchMetadataRequest: self.fetch_metadata,
                admin_requests.CreateTopicsRequest: self.create_topics,
                admin_requests.DeleteTopicsRequest: self.delete_topics,
                admin_requests.ElectLeadersRequest: self.elect_leaders,
                config_requests.IncrementalAlterConfigsRequest: self.alter_configs,
            },
        )
        self.machine.spawn(self.expire_sessions(), "session check")
        self.machine.spawn(self.elect_unclean_leaders(), "unclean leader election check")
        if self.config["auto.leader.rebalance.enable"]:
            self.machine.spawn(self.balance_leaders(), "leader balance")

    # -- record, apply, reply ---------------------------------------------------------------------------------

    def record(self, decision: Decision) -> int:
        """Write the facts of a decision to the log and apply them; returns the offset up to which it is recorded."""
        if decision.facts:
            offset = self.log.append(decision.facts, self.machine.now)
            before, self.image = self.image, self.image.apply(decision.facts, offset)
            for event in chronicle.events_of(before, self.image, decision.facts, decision.reason):
                self.machine.record(event)
            self.recorded(offset)
        for note in decision.notes:
            self.machine.record(note)
        return self.image.offset

    def recorded(self, offset: int) -> None:
        """The facts up to this offset are on disk. The only place that knows: with one voter, they are committed so."""
        self.log.commit(offset)
        news, self.news = self.news, self.machine.future()
        news.set()

    async def committed(self, offset: int) -> None:
        """Wait until a majority of the voters has the fact at this offset."""
        assert self.log.high_watermark > offset, "with one voter, recorded is committed"

    async def settle(self, decision: Decision) -> Any:
        """Record, apply, and give the reply once the facts are committed."""
        await self.committed(self.record(decision))
        return decision.response

    # -- requests ---------------------------------------------------------------------------------------------

    async def register_broker(self, request: cluster_requests.BrokerRegistrationRequest, _caller: str) -> Any:
        """BrokerRegistration."""
        now = self.machine.now
        decision = registration.register_broker(self.image, request, self.sessions, now, self.config)
        if decision.facts:
            self.sessions.begin(request.broker_id, decision.response.broker_epoch, now)
        return await self.settle(decision)

    async def heartbeat(self, request: cluster_requests.BrokerHeartbeatRequest, _caller: str) -> Any:
        """BrokerHeartbeat."""
        decision = liveness.heartbeat(self.image, request, self.sessions, self.config)
        if decision.response.error != Error.NONE:
            return decision.response
        self.sessions.heard(request, decision.response, self.machine.now)
        offset = self.record(decision)
        if liveness.current_state(self.image.brokers[request.broker_id]) == liveness.CONTROLLED_SHUTDOWN:
            self.sessions.shuts_down_at(request.broker_id, offset)
        await self.committed(offset)
        return decision.response

    async def alter_partition(self, request: cluster_requests.AlterPartitionRequest, _caller: str) -> Any:
        """AlterPartition."""
        return await self.settle(isr_changes.alter_partition(self.image, request, self.config))

    async def allocate_producer_ids(self, request: cluster_requests.AllocateProducerIdsRequest, _caller: str) -> Any:
        """AllocateProducerIds."""
        return await self.settle(producer_ids.allocate_producer_ids(self.image, request))

    async def create_topics(self, request: admin_requests.CreateTopicsRequest, _caller: str) -> Any:
        """CreateTopics."""
        return await self.settle(topic_admin.create_topics(self.image, request, self.config, self.dice))

    async def delete_topics(self, request: admin_requests.DeleteTopicsRequest, _caller: str) -> Any:
        """DeleteTopics."""
        return await self.settle(topic_admin.delete_topics(self.image, request, self.config))

    async def elect_leaders(self, request: admin_requests.ElectLeadersRequest, _caller: str) -> Any:
        """ElectLeaders."""
        return await self.settle(leader_changes.elect_leaders(self.image, request, self.config))

    async def alter_configs(self, request: config_requests.IncrementalAlterConfigsRequest, _caller: str) -> Any:
        """IncrementalAlterConfigs."""
        return await self.settle(config_changes.alter_configs(self.image, request, self.config))

    async def fetch_metadata(self, request: FetchMetadataRequest, _caller: str) -> FetchMetadataResponse:
        """The committed facts from an offset on; without any, wait for some, at most `max_wait_ms`."""
        if not 0 <= request.fetch_offset <= self.log.high_watermark:
            return FetchMetadataResponse(Error.OFFSET_OUT_OF_RANGE, self.epoch, self.log.high_watermark, b"")
        if request.fetch_offset == self.log.high_watermark:
            try:
                await self.machine.within(self.news, request.max_wait_ms * 1000)
            except TimedOut:
                return FetchMetadataResponse(Error.NONE, self.epoch, self.log.high_watermark, b"")
        records = self.log.read(request.fetch_offset)
        return FetchMetadataResponse(Error.NONE, self.epoch, self.log.high_watermark, records)

    # -- from time to time ------------------------------------------------------------------------------------

    async def expire_sessions(self) -> None:
        """Every eighth of a session, fence one broker whose session has expired; after one, look again at once."""
        while True:
            await self.machine.sleep(self.sessions.timeout // 8)
            while (silent := self.sessions.longest_expired(self.machine.now)) is not None:
                self.sessions.end(silent)
                self.record(liveness.expire_session(self.image, silent, self.config))
                await self.machine.sleep(RERUN)

    async def balance_leaders(self) -> None:
        """Every leader.imbalance.check.interval.seconds, give partitions back to their preferred leaders."""
        while True:
            await self.machine.sleep(self.config.us("leader.imbalance.check.interval.seconds"))
            self.record(leader_changes.preferred_leaders(self.image, self.config))

    async def elect_unclean_leaders(self) -> None:
        """Every five minutes, elect uncleanly where the topic allows it and no other leader is left."""
        while True:
            await self.machine.sleep(UNCLEAN_LEADER_ELECTION_INTERVAL)
            self.record(leader_changes.unclean_leaders(self.image, self.config))
