"""A broker: the process that opens the logs, registers, follows the metadata, serves, and takes its leave.

Promises     it serves only with open logs and complete metadata; asked to shut down it hands over its leaderships,
             flushes everything and leaves the clean-shutdown file. It never waits for the controller once it serves.
Stands for   kafka.server.BrokerServer.
Left out     quotas.
Differs      nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from minikafka.broker.broker_lifecycle import BrokerLifecycle
from minikafka.broker.controller_finder import ControllerChannel, ControllerFinder
from minikafka.broker.doorkeeper import Doorkeeper
from minikafka.broker.fetch_session import FetchSessions
from minikafka.broker.fetcher_manager import FetcherManager
from minikafka.broker.forwarding import Forwarding
from minikafka.broker.front_desk import handlers_of
from minikafka.broker.isr_keeper import IsrKeeper
from minikafka.broker.log_cleaner import LogCleaner
from minikafka.broker.log_store import LogStore
from minikafka.broker.metadata_answers import Descriptions
from minikafka.broker.metadata_follower import MetadataFollower
from minikafka.broker.noticeboard import STARTED
from minikafka.broker.offsets_topic import OffsetsTopic
from minikafka.broker.producer_id_blocks import ProducerIdBlocks
from minikafka.broker.replica_manager import ReplicaManager
from minikafka.broker.replica_selector import SELECTORS
from minikafka.broker.surroundings import Surroundings
from minikafka.broker.transactions_topic import TransactionsTopic
from minikafka.events.replication import BrokerShutDown, BrokerStarted, RegistrationGivenUp
from minikafka.events.security import AccessRulesApplied
from minikafka.metadata.access import Access
from minikafka.metadata.delta import broker_deltas
from minikafka.metadata.effective_config import broker_settings
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.broker_settings import BROKER
from minikafka.protocol.server import serve
from minikafka.protocol.settings import Config
from minikafka.world.machine import Machine

PRODUCER_CHECK = 600_000_000
"""How often (µs) old producer ids are looked for: the default of producer.id.expiration.check.interval.ms."""


class Broker:
    """The process object of a broker's machine. `partitions`: its replicas; `image`: the cluster as it knows it."""

    def __init__(
        self, machine: Machine, broker_id: int, cluster_name: str, config: Mapping, controllers: Sequence[str]
    ):
        self.machine = machine
        self.broker_id = broker_id
        self.cluster_name = cluster_name
        self.config = config = config if isinstance(config, Config) else Config(BROKER, config)
        self.finder = ControllerFinder(controllers)
        timeout = config.us("controller.quorum.request.timeout.ms")
        self.around = Surroundings(broker_id, config.us("replica.lag.time.max.ms"), machine.record)
        self.isr_keeper = IsrKeeper(machine, self._to_controller(), self.around, timeout)
        self.around.ask_isr_change = self.isr_keeper.ask
        self.store = LogStore(machine.disk, config, machine.record)
        self.fetchers = FetcherManager(machine, self.around, config)
        self.replicas = ReplicaManager(self.store, self.fetchers, self.around, config)
        self.cleaner = LogCleaner(self)
        self.sessions = FetchSessions(config["max.incremental.fetch.session.cache.slots"])
        self.access = Access(machine, config, lambda: self.image)
        self.doorkeeper = Doorkeeper(machine, config, self.access)
        self.fetch_max_bytes = config["fetch.max.bytes"]
        self.replica_selector = SELECTORS[config["replica.selector.class"]]
        self.producer_ids = ProducerIdBlocks(machine, self._to_controller(), self.around, timeout)
        self.forwarding = Forwarding(machine, self._to_controller(), timeout)
        self.offsets_topic = OffsetsTopic(self)
        self.transactions = TransactionsTopic(self)
        self.descriptions = Descriptions()
        self.lifecycle = BrokerLifecycle(machine, self._to_controller(), self.around, config)
        self.metadata = MetadataFollower(
            machine, self._to_controller(), self.finder, self.around, timeout, self.publish
        )
        self.serving = machine.future()
        self.stopped = False
        self.store.open_all(machine.now)
        machine.spawn(self.run(), "broker")

    @property
    def partitions(self) -> Mapping:
        """The replicas this broker holds, by partition."""
        return self.replicas.partitions

    @property
    def image(self) -> ClusterImage:
        """The cluster as this broker has applied it."""
        return self.replicas.image

    @property
    def broker_epoch(self) -> int:
        """The epoch of this incarnation, -1 before it is registered."""
        return self.around.broker_epoch

    async def run(self) -> None:
        """Register, read the metadata, serve."""
        began = self.machine.now
        if not await self.lifecycle.register(self.config["broker.rack"] or "", self.store.previous_broker_epoch):
            self.machine.record(RegistrationGivenUp(self.machine.now - began))
            self.machine.end()
            return
        self.machine.spawn(self.lifecycle.beat(), "heartbeats")
        self.machine.spawn(self.metadata.run(), "metadata")

    def publish(self, image: ClusterImage) -> None:
        """Apply the metadata; the first time, begin to serve."""
        for delta in broker_deltas(self.image, image):
            if delta.before is not None and delta.before.epoch != delta.after.epoch:
                self.sessions.close_of(delta.broker_id)
        before = self.image
        self.replicas.apply(image, self.machine.now)
        self.offsets_topic.follow(before, image)
        self.transactions.follow(before, image)
        self.cleaner.start_if_needed()
        if before.access_rules is not image.access_rules or before.credentials is not image.credentials:
            rules, users = len(image.access_rules), len(image.credentials)
            self.machine.record(AccessRulesApplied(rules, users, image.offset))
        self.lifecycle.metadata_offset = image.offset
        if not self.serving.done:
            self.replicas.remove_strays()
            self._begin_to_serve()

    def _begin_to_serve(self) -> None:
        serve(self.machine, handlers_of(self))
        self.machine.record(BrokerStarted(self.broker_id, self.broker_epoch, len(self.partitions)))
        self.lifecycle.ready()
        self.serving.set()
        config = self.config
        self._every(config.us("replica.lag.time.max.ms") // 2, self.check_isr)
        self._every(config.us("replica.high.watermark.checkpoint.interval.ms"), self.store.write_high_watermarks)
        self._every(PRODUCER_CHECK, self.forget_old_producers)
        delay = config.us("log.initial.task.delay.ms")
        self._every(config.us("log.retention.check.interval.ms"), self.enforce_retention, delay)
        self._every(config.us("offsets.retention.check.interval.ms"), self.offsets_topic.groups.expire_offsets)
        transactions = self.transactions.coordination
        for_timeouts = config.us("transaction.abort.timed.out.transaction.cleanup.interval.ms")
        self._every(for_timeouts, transactions.abort_timed_out)
        self._every(config.us("transaction.remove.expired.transaction.cleanup.interval.ms"), transactions.forget_unused)
        self._every(config.us("log.flush.offset.checkpoint.interval.ms"), self.store.write_recovery_points, delay)
        self._every(config.us("log.flush.start.offset.checkpoint.interval.ms"), self.store.write_log_starts, delay)

    async def shut_down(self) -> None:
        """Controlled shutdown: when it returns the process may end. Asking twice is asking once."""
        if self.config["controlled.shutdown.enable"]:
            await self.lifecycle.leave()
        if self.stopped:
            return
        self.stopped = True
        self.fetchers.stop_all()
        self.store.close(self.broker_epoch)
        self.machine.record(BrokerShutDown(self.broker_id, self.broker_epoch))

    # -- from time to time ------------------------------------------------------------------------------------------

    def check_isr(self) -> None:
        """Ask to take lagging followers out of the ISRs that this broker leads."""
        self.isr_keeper.shrink(self.partitions.values(), self.machine.now)

    def enforce_retention(self) -> None:
        """Delete old segments, of leaders and followers alike."""
        for partition in self.partitions.values():
            before = partition.log.log_start_offset
            partition.log.enforce_retention(self.machine.now)
            if partition.log.log_start_offset != before:
                partition.news.post(STARTED)

    def forget_old_producers(self) -> None:
        """Forget the producer ids that have not written for producer.id.expiration.ms."""
        expiration = broker_settings(self.config, self.image, self.broker_id)["producer.id.expiration.ms"]
        for partition in self.partitions.values():
            partition.log.producers.expire(self.machine.now, expiration)

    def _every(self, interval: int, action: Callable[[], None], delay: int | None = None) -> None:
        async def repeat() -> None:
            await self.machine.sleep(interval if delay is None else delay)
            while not self.stopped:
                action()
                await self.machine.sleep(interval)

        self.machine.spawn(repeat(), action.__name__.replace("_", " "))

    def _to_controller(self) -> ControllerChannel:
        """A connection of its own for each purpose: a question that waits must not hold up a heartbeat."""
        return ControllerChannel(self.machine, self.finder)
