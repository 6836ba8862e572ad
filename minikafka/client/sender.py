"""The producer's one task that sends: whom, what, and when.

Promises     at most max.in.flight.requests.per.connection requests are under way to a broker, with one batch of a partition in
             each; with one in flight a partition's batches go strictly one after another; with idempotence the order holds for
             up to five; otherwise a batch that is sent again may come after its successors, as in Kafka.
Stands for   org.apache.kafka.clients.producer.internals.Sender.
Left out     transactions, throttling.
Differs      a broker to which no connection stands gets one request until there is one (Kafka sends none before).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minikafka.client.accumulator import Accumulator, PartitionQueue
from minikafka.client.backoff import Backoff
from minikafka.client.bootstrap import Metadata
from minikafka.client.delivery import DeliveryRules, Verdict, answered, expiry, final_error
from minikafka.client.nodes import Node
from minikafka.client.producer_batch import ProducerBatch
from minikafka.client.sequences import Sequences
from minikafka.events.clients import (
    BatchAcknowledged,
    BatchFailed,
    BatchRetried,
    BatchSent,
    BatchSplit,
    ProducerIdAssigned,
)
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.client_requests import (
    InitProducerIdRequest,
    ProducedPartition,
    ProducePartition,
    ProduceRequest,
)
from minikafka.protocol.errors import Error
from minikafka.protocol.names import TopicPartition
from minikafka.world.future import TimedOut
from minikafka.world.network import Unreachable

ACKS = {"all": -1, "1": 1, "0": 0}
FAR = 1 << 62


class Sender:
    """Drains the accumulator. `tidy(now)` is called at each round, and says when it wants the next one at the latest."""

    def __init__(self, machine: Any, config: Mapping, idempotent: bool, metadata: Metadata, accumulator: Accumulator,
                 name: str, tidy: Callable[[int], int]):
        self.machine = machine
        self.name = name
        self.metadata = metadata
        self.accumulator = accumulator
        self.sequences = Sequences() if idempotent else None
        self.acks = ACKS[config["acks"]]
        self.max_in_flight = config["max.in.flight.requests.per.connection"]
        self.request_timeout = config.us("request.timeout.ms")
        self.rules = DeliveryRules(config["retries"], config.us("delivery.timeout.ms"), idempotent)
        self._backoff = Backoff(config.us("retry.backoff.ms"), config.us("retry.backoff.max.ms"), machine.dice(f"{name} sender"))
        self._tidy = tidy
        self._under_way: dict[ProducerBatch, None] = {}
        self._signal = machine.future()
        self._asking_id = None
        self._task = machine.spawn(self._run(), f"producer {name}")

    def wake(self) -> None:
        """There may be something to send: go round once more in this instant."""
        self._signal.set()

    def stop(self) -> None:
        """End the task; batches under way are not waited for."""
        self._task.cancel()
        if self._asking_id is not None:
            self._asking_id.cancel()

    # -- the round ----------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        machine = self.machine
        while True:
            self._signal = machine.future()
            upcoming = self.step(machine.now)
            try:
                await machine.within(self._signal, max(upcoming - machine.now, 0))
            except TimedOut:
                pass

    def step(self, now: int) -> int:
        """Send all that may leave now; when to look again (µs) if nobody wakes the sender before."""
        self._expire(now)
        if self.sequences is not None:
            self._look_after_identity()
        upcoming = min(self._tidy(now), self.metadata.refresh_if_old(), self._next_expiry())
        ready: dict[int, list[PartitionQueue]] = {}
        for queue in self.accumulator.waiting.values():
            leader = self.metadata.leader(queue.partition)
            if leader is None:
                self.metadata.request_update()
            elif not queue.muted:
                due = self.accumulator.due(queue, leader.epoch, now)
                if due > now:
                    upcoming = min(upcoming, due)
                else:
                    ready.setdefault(leader.broker_id, []).append(queue)
        for broker_id, queues in ready.items():
            node = self.metadata.nodes.broker(broker_id)
            if node is None:
                self.metadata.request_update()
            else:
                self._drain(broker_id, node, queues, now)
        return upcoming

    def _drain(self, broker_id: int, node: Node, queues: list[PartitionQueue], now: int) -> None:
        """Request after request to one broker, until nothing is due or too many are under way."""
        while queues:
            if node.in_flight >= (self.max_in_flight if node.channel.open else 1):
                if node.full_since < 0:
                    node.full_since = now
                return
            node.full_since = -1
            batches = self._collect(queues, now)
            if not batches:
                return
            for batch in batches:
                self._note_sent(batch, broker_id, now)
            node.in_flight += 1
            self.machine.spawn(self._exchange(node, batches), "produce")
            queues = [queue for queue in queues if queue.batches and not queue.muted]

    def _collect(self, queues: list[PartitionQueue], now: int) -> list[ProducerBatch]:
        """The first due batch of each queue, up to max.request.size."""
        accumulator, sequences = self.accumulator, self.sequences
        batches: list[ProducerBatch] = []
        size = 0
        for queue in queues:
            first = queue.batches[0]
            leader = self.metadata.leader(queue.partition)
            if leader is None or accumulator.due(queue, leader.epoch, now) > now:
                continue
            if sequences is not None and not sequences.may_send(first):
                continue
            if batches and size + first.size > accumulator.max_request_size:
                break
            size += first.size
            accumulator.take(queue)
            if sequences is not None:
                sequences.sent(first)
            first.leader_epoch = leader.epoch
            queue.muted = self.max_in_flight == 1
            batches.append(first)
        return batches

    def _note_sent(self, batch: ProducerBatch, broker_id: int, now: int) -> None:
        batch.attempts += 1
        self._under_way[batch] = None
        self.machine.record(BatchSent(batch.partition, len(batch.records), batch.base_sequence, batch.attempts, broker_id,
                                      batch.first_number, self.name))

    # -- one request --------------------------------------------------------------------------------------------

    async def _exchange(self, node: Node, batches: list[ProducerBatch]) -> None:
        rows = [ProducePartition(*batch.partition, batch.encoded()) for batch in batches]
        request = ProduceRequest(self.acks, self.request_timeout // 1000, rows)
        answers: dict[tuple, ProducedPartition] = {}
        trouble = Error.NONE if self.acks == 0 else Error.UNKNOWN_SERVER_ERROR
        sent = True
        node.in_flight -= 1
        try:
            if self.acks == 0:
                await node.tell(request)
            else:
                response = await node.ask(request, self.request_timeout)
                answers = {(row.topic, row.partition): row for row in response.partitions}
        except TimedOut:
            trouble = Error.REQUEST_TIMED_OUT
        except NETWORK_TROUBLE as failure:
            trouble, sent = Error.NETWORK_EXCEPTION, not isinstance(failure, Unreachable)
        for batch in batches:
            self._complete(batch, answers.get(batch.partition), trouble, sent)
        if trouble:
            self.metadata.request_update()
        self.wake()

    def _complete(self, batch: ProducerBatch, answer: ProducedPartition | None, trouble: Error, sent: bool) -> None:
        """One batch's answer has come (or never will): decide, and act."""
        batch.queue.muted = False
        self._under_way.pop(batch, None)
        if batch.settled:
            return
        error = trouble if answer is None else Error(answer.error)
        if sent:
            answered(batch, error)
        else:
            batch.last_error = error.name
        verdict = self.rules.verdict(batch, error, self.machine.now)
        if verdict is Verdict.DELIVERED:
            self._deliver(batch, answer)
        elif verdict is Verdict.SPLIT:
            self._split(batch)
        elif verdict is Verdict.RETRY:
            self._retry(batch, error)
        else:
            fate_known = batch.attempts <= self.rules.retries and not error.retriable
            self._give_up(batch, final_error(batch, error, answer.message if answer else None), fate_known)
        if error.refreshes_metadata:
            if answer is None or not self.metadata.hint(batch.partition, answer.current_leader, answer.current_leader_epoch):
                self.metadata.request_update()

    # -- what becomes of a batch --------------------------------------------------------------------------------

    def _deliver(self, batch: ProducerBatch, answer: ProducedPartition | None) -> None:
        if self.sequences is not None:
            self.sequences.succeeded(batch)
        self.accumulator.release(batch)
        batch.succeed(*((-1, -1) if answer is None else (answer.base_offset, answer.log_append_time)))
        self.machine.record(BatchAcknowledged(batch.partition, batch.base_offset, len(batch.records), self.acks,
                                              batch.first_number, self.name))

    def _split(self, batch: ProducerBatch) -> None:
        pieces = self.accumulator.split(batch)
        if self.sequences is not None:
            self.sequences.replace(batch, pieces)
        self.machine.record(BatchSplit(batch.partition, len(batch.records), len(pieces), batch.first_number, self.name))

    def _retry(self, batch: ProducerBatch, error: Error) -> None:
        if self.sequences is not None and error == Error.OUT_OF_ORDER_SEQUENCE_NUMBER:
            self.sequences.out_of_order(batch)
        backoff = self._backoff.after(batch.attempts)
        batch.retry_at = self.machine.now + backoff
        self.accumulator.put_back(batch)
        self.machine.record(BatchRetried(batch.partition, len(batch.records), error.name, batch.attempts, backoff,
                                         batch.first_number, self.name))

    def _give_up(self, batch: ProducerBatch, error: Exception, fate_known: bool) -> None:
        if self.sequences is not None:
            self.sequences.failed(batch, fate_known)
        self.accumulator.release(batch)
        batch.fail(error)
        self.machine.record(BatchFailed(batch.partition, len(batch.records), error.error.name, error.definite,
                                        batch.first_number, self.name))

    def abort_all(self, error_of: Callable[[TopicPartition], Exception]) -> None:
        """Give up everything, also what is under way: the producer was closed without waiting."""
        for queue in list(self.accumulator.waiting.values()):
            while queue.batches:
                self._give_up(self.accumulator.take(queue), error_of(queue.partition), False)
        for batch in list(self._under_way):
            batch.may_be_written = True
            self._give_up(batch, error_of(batch.partition), False)

    def _expire(self, now: int) -> None:
        timeout = self.accumulator.delivery_timeout
        for batch in self.accumulator.expired(now):
            self._give_up(batch, expiry(batch, timeout), fate_known=False)
        for batch in [batch for batch in self._under_way if batch.created + timeout <= now]:
            del self._under_way[batch]
            batch.may_be_written = True
            self._give_up(batch, expiry(batch, timeout), fate_known=False)

    def _next_expiry(self) -> int:
        made = [queue.batches[0].created for queue in self.accumulator.waiting.values()]
        made.extend(batch.created for batch in self._under_way)
        return min(made) + self.accumulator.delivery_timeout if made else FAR

    # -- identity -----------------------------------------------------------------------------------------------

    def _look_after_identity(self) -> None:
        before = self.sequences.identity
        if (self.sequences.resolve() or self.sequences.producer_id < 0) and (self._asking_id is None or self._asking_id.done):
            self._asking_id = self.machine.spawn(self._ask_identity(), "producer id")
        if self.sequences.producer_id >= 0 and self.sequences.identity != before:
            self.machine.record(ProducerIdAssigned(*self.sequences.identity, "epoch bumped after a gap", self.name))

    async def _ask_identity(self) -> None:
        """Ask until some broker has an id for us."""
        failures = 0
        while True:
            try:
                response = await self.metadata.nodes.least_loaded().ask(InitProducerIdRequest(None), self.request_timeout)
                if not response.error:
                    break
            except NETWORK_TROUBLE:
                pass
            failures += 1
            await self.machine.sleep(self._backoff.after(failures))
        self.sequences.begin(response.producer_id, response.producer_epoch)
        self.machine.record(ProducerIdAssigned(response.producer_id, response.producer_epoch, "a new id", self.name))
        self.wake()
