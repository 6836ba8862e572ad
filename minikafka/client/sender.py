"""The producer's one task that sends: whom, what, and when.

Promises     at most max.in.flight.requests.per.connection requests are under way to a broker, with one batch of a
             partition in each; with one in flight a partition's batches go strictly one after another; with
             idempotence the order holds for up to five; otherwise a batch that is sent again may come after its
             successors, as in Kafka.
Stands for   org.apache.kafka.clients.producer.internals.Sender.
Left out     throttling.
Differs      a broker to which no connection stands gets one request until there is one (Kafka sends none before).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minikafka.client.accumulator import Accumulator, PartitionQueue
from minikafka.client.backoff import Backoff
from minikafka.client.bootstrap import Metadata
from minikafka.client.delivery import DeliveryRules
from minikafka.client.nodes import Node
from minikafka.client.outcomes import Outcomes
from minikafka.client.producer_batch import ProducerBatch
from minikafka.client.producer_identity import ProducerIdentity
from minikafka.client.sequences import Sequences
from minikafka.client.transaction_manager import Transactions, aborted
from minikafka.events.clients import BatchSent
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.client_requests import ProducedPartition, ProducePartition, ProduceRequest
from minikafka.protocol.errors import Error, KafkaError
from minikafka.world.future import TimedOut
from minikafka.world.network import Unreachable

ACKS = {"all": -1, "1": 1, "0": 0}


class Sender:
    """Drains the accumulator. `tidy(now)` is called at each round, and says when it wants the next one."""

    def __init__(
        self,
        machine: Any,
        config: Mapping,
        idempotent: bool,
        metadata: Metadata,
        accumulator: Accumulator,
        name: str,
        tidy: Callable[[int], int],
    ):
        self.machine = machine
        self.name = name
        self.metadata = metadata
        self.accumulator = accumulator
        self.acks = ACKS[config["acks"]]
        self.max_in_flight = config["max.in.flight.requests.per.connection"]
        self.request_timeout = config.us("request.timeout.ms")
        backoff = Backoff(
            config.us("retry.backoff.ms"), config.us("retry.backoff.max.ms"), machine.dice(f"{name} sender")
        )
        transactional_id = config["transactional.id"]
        self.sequences = Sequences(transactional_id is not None) if idempotent else None
        self.transactional_id = transactional_id
        self.transactions = None
        self.identity = None
        if transactional_id is not None:
            self.transactions = Transactions(machine, config, metadata, self.sequences, backoff, name, self.wake)
        elif idempotent:
            self.identity = ProducerIdentity(
                machine, metadata.nodes, self.sequences, backoff, self.request_timeout, name, self.wake
            )
        rules = DeliveryRules(config["retries"], config.us("delivery.timeout.ms"), idempotent)
        failed = [self.transactions.fail] if self.transactions is not None else []
        self.outcomes = Outcomes(
            machine, name, self.acks, accumulator, metadata, self.sequences, rules, backoff, *failed
        )
        self._tidy = tidy
        self._signal = machine.future()
        self._task = machine.spawn(self._run(), f"producer {name}")

    def wake(self) -> None:
        """There may be something to send: go round once more in this instant."""
        self._signal.set()

    def stop(self) -> None:
        """End the task; batches under way are not waited for."""
        self._task.cancel()
        if self.identity is not None:
            self.identity.stop()

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
        self.outcomes.expire(now)
        if self.identity is not None:
            refusal = self.identity.take_refusal()
            if refusal is not None:
                self.outcomes.refuse_waiting(refusal)
            self.identity.look_after(bool(self.accumulator.waiting))
        transactions = self.transactions
        if transactions is not None and transactions.gives_up:
            self.outcomes.abort_unsent(transactions.error or aborted(self.name))
        upcoming = min(self._tidy(now), self.metadata.refresh_if_old(), self.outcomes.next_expiry())
        ready: dict[int, list[PartitionQueue]] = {}
        for queue in self.accumulator.waiting.values():
            leader = self.metadata.leader(queue.partition)
            if leader is None:
                self.metadata.request_update()
            elif transactions is not None and not transactions.may_send(queue.partition):
                continue
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
                self._note_sent(batch, broker_id)
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

    def _note_sent(self, batch: ProducerBatch, broker_id: int) -> None:
        batch.attempts += 1
        self.outcomes.under_way[batch] = None
        self.machine.record(
            BatchSent(
                batch.partition,
                len(batch.records),
                batch.base_sequence,
                batch.attempts,
                broker_id,
                batch.first_number,
                self.name,
            )
        )

    # -- one request --------------------------------------------------------------------------------------------

    async def _exchange(self, node: Node, batches: list[ProducerBatch]) -> None:
        rows = [ProducePartition(*batch.partition, batch.encoded()) for batch in batches]
        request = ProduceRequest(self.acks, self.request_timeout // 1000, rows, self.transactional_id)
        answers: dict[tuple, ProducedPartition] = {}
        trouble = Error.NONE if self.acks == 0 else Error.UNKNOWN_SERVER_ERROR
        sent = True
        node.in_flight -= 1  # from here on the node counts the request itself
        try:
            if self.acks == 0:
                await node.tell(request)
            else:
                response = await node.ask(request, self.request_timeout)
                answers = {(row.topic, row.partition): row for row in response.partitions}
        except TimedOut:
            trouble = Error.REQUEST_TIMED_OUT
            self.metadata.request_update()
        except NETWORK_TROUBLE as failure:
            trouble, sent = Error.NETWORK_EXCEPTION, not isinstance(failure, Unreachable)
        except KafkaError as refusal:  # of the login: nothing was sent
            trouble, sent = refusal.error, False
        for batch in batches:
            self.outcomes.complete(batch, answers.get(batch.partition), trouble, sent)
        self.wake()
