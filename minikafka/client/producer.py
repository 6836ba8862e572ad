"""A producer: `send` takes records, one task sends them, receipts tell what became of them.

Promises     what a receipt reports as written keeps the promise asked for with `acks`; records of one partition are
             written in the order of their `send`s unless idempotence is off and more than one request may be in
             flight.
Stands for   org.apache.kafka.clients.producer.KafkaProducer.
Left out     serializers (bytes and text only), compression, metrics.
Differs      `send` never blocks: where Kafka waits up to max.block.ms for the topic's metadata or for memory, the
             record queues here and its receipt fails after that time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from minikafka.client.accumulator import Accumulator
from minikafka.client.bootstrap import Metadata
from minikafka.client.interceptors import Interceptor, Interceptors, intercepted_send
from minikafka.client.nodes import client_name
from minikafka.client.outcomes import FAR, closed_early
from minikafka.client.producer_batch import BATCH_OVERHEAD, RECORD_OVERHEAD, ProducerBatch
from minikafka.client.producer_rules import producer_config
from minikafka.client.receipt import Receipt
from minikafka.client.sender import Sender
from minikafka.client.to_bytes import as_bytes, as_headers
from minikafka.client.topic_lane import TopicLane, WaitingRecord
from minikafka.client.transaction_calls import TransactionCalls, transactional_send
from minikafka.events.clients import BatchFailed
from minikafka.protocol.errors import Error, KafkaError, RecordTooLargeException, TimeoutException, exception_for
from minikafka.protocol.names import TopicPartition, check_topic_name
from minikafka.world.future import TimedOut


class Producer(TransactionCalls):
    """Lives on `machine`, finds the cluster through the `bootstrap` addresses. `name` tells several apart."""

    def __init__(self, machine: Any, bootstrap: Iterable[str], config: Mapping | None = None, name: str | None = None,
                 interceptors: Iterable[Interceptor] = ()):  # fmt: skip
        self.config = producer_config(config)
        self.machine = machine
        self.name = name = client_name(machine, name)
        self.metadata = Metadata(machine, bootstrap, self.config, name, self._metadata_changed)
        self.idempotent: bool = self.config["enable.idempotence"]
        self._accumulator = Accumulator(self.config, machine.future)
        self._full = self._accumulator.batch_size
        self._twice = 2 * max(1, self.config["batch.size"])
        self._max_block = self.config.us("max.block.ms")
        self._lanes: dict[str, TopicLane] = {}
        self._blocked: dict[str, TopicLane] = {}
        self._dice = machine.dice(f"{name} partitioner")
        self._flushing = 0
        self._closed = False
        self._sender = Sender(machine, self.config, self.idempotent, self.metadata, self._accumulator, name, self._tidy)
        self.transactions = self._sender.transactions
        if self.transactions is not None:
            self.send = transactional_send(self.send, self.transactions)
        self.interceptors = Interceptors(interceptors)
        if self.interceptors:
            self.send = intercepted_send(self.send, machine, self.interceptors)  # who has none does not pay for them
            self.interceptors.configure(self)

    # -- sending ------------------------------------------------------------------------------------------------

    def send(
        self,
        topic: str,
        value: bytes | str | None,
        key: bytes | str | None = None,
        partition: int | None = None,
        timestamp: int | None = None,
        headers: Any = None,
    ) -> Receipt:
        """Take one record (timestamp in ms, default now; headers a dict or pairs). Await the receipt or leave it.

        What can never be sent is refused at once (KafkaError); a record too large fails its receipt, as in Kafka.
        """
        lane = self._lanes.get(topic)
        if (lane is not None and type(value) is bytes and partition is None and timestamp is None and headers is None
                and not lane.waiting):  # fmt: skip
            # The way of nearly every record: the open batch of its partition has room. All else goes the longer way.
            if key is None:
                queue = lane.queue
                size = len(value) + RECORD_OVERHEAD
            elif type(key) is bytes:
                queue = lane.by_key.get(key)
                size = len(value) + len(key) + RECORD_OVERHEAD
            else:
                queue = None
            batch = None if queue is None else queue.open
            if batch is not None and batch.size + size < self._full:
                batch.size += size
                records = batch.records
                receipt = Receipt(batch, len(records))
                records.append((self.machine.kernel.now // 1000, key, value, None))
                if key is None:
                    sticky = lane.sticky
                    sticky.produced += size
                    if sticky.produced >= self._twice:
                        lane.move_on(self.machine.now)
                return receipt
        return self._send_with_care(topic, value, key, partition, timestamp, headers)

    def _send_with_care(self, topic, value, key, partition, timestamp, headers) -> Receipt:
        now = self.machine.now
        if self._closed:
            raise KafkaError(
                Error.INVALID_REQUEST, f"the producer {self.name} is closed; make a new one to send to {topic!r}"
            )
        check_topic_name(topic)
        value, key, headers, more = as_bytes(value, "value"), as_bytes(key, "key"), *as_headers(headers)
        _check_place(topic, partition, timestamp)
        record = (now // 1000 if timestamp is None else timestamp, key, value, headers)
        size = RECORD_OVERHEAD + len(value or b"") + len(key or b"") + more
        receipt = Receipt(ProducerBatch(None, now, 0, self.machine.future), 0)
        too_large = self._too_large(size)
        if too_large is not None:
            receipt.batch.records.append(record)
            receipt.batch.fail(too_large)
            self._fail_transaction(too_large)
            return receipt
        lane = self._lane(topic)
        waiting = WaitingRecord(receipt, record, partition, size, now + self._max_block)
        if lane.waiting or not self._place(lane, waiting, now):
            lane.waiting.append(waiting)
            self._blocked[topic] = lane
            self._sender.wake()
        return receipt

    def _lane(self, topic: str) -> TopicLane:
        lane = self._lanes.get(topic)
        if lane is None:
            lane = self._lanes[topic] = TopicLane(topic, self.config, self._accumulator, self.metadata, self._dice)
            self.metadata.want(topic)
        return lane

    def _place(self, lane: TopicLane, waiting: WaitingRecord, now: int) -> bool:
        """Put the record into a batch; False if its partition is not known or there is no memory."""
        key = waiting.record[1]
        before = lane.queue
        queue = lane.queue_for(key, waiting.partition, waiting.size, now)
        if queue is None:
            return False
        placed = self._accumulator.append(queue, waiting.record, waiting.size, now)
        if placed is None:
            return False
        receipt = waiting.receipt
        promise, (receipt.batch, receipt.index) = receipt.batch, placed
        promise.wake()
        if receipt.index == 0 or queue.open is None or lane.queue is not before:
            self._sender.wake()
        if lane.is_sticky(key, waiting.partition):
            lane.produced(waiting.size, now)
        return True

    def _too_large(self, size: int) -> RecordTooLargeException | None:
        for limit in ("max.request.size", "buffer.memory"):
            if size + BATCH_OVERHEAD > self.config[limit]:
                return RecordTooLargeException(
                    f"the record takes {size + BATCH_OVERHEAD} bytes, more than {limit}="
                    f"{self.config[limit]}: send less at once or raise {limit}"
                )
        return None

    # -- records that wait --------------------------------------------------------------------------------------

    def _metadata_changed(self) -> None:
        for lane in self._lanes.values():
            lane.adapt()
        self._sender.wake()

    def _tidy(self, now: int) -> int:
        """Let waiting records go on, or fail; when the next one will have waited too long (µs)."""
        upcoming, short_of_memory = FAR, False
        refusal, self.metadata.refused = self.metadata.refused, None
        for lane in list(self._blocked.values()):
            while lane.waiting and self._place(lane, lane.waiting[0], now):
                lane.waiting.popleft()
            error = refusal if lane.waiting and refusal is not None else self._why_blocked(lane, now)
            if error is not None:
                self._fail_waiting(lane, error, now)
            if not lane.waiting:
                del self._blocked[lane.topic]
                continue
            upcoming = min(upcoming, lane.waiting[0].deadline)
            if self._knows_partition(lane):
                short_of_memory = True
            else:
                self.metadata.request_update()
        self._accumulator.hurried = short_of_memory or self._flushing > 0
        return upcoming

    @staticmethod
    def _knows_partition(lane: TopicLane) -> bool:
        return lane.partitions > (lane.waiting[0].partition or 0)

    def _why_blocked(self, lane: TopicLane, now: int) -> KafkaError | None:
        """The error for the first waiting record, if it has waited too long or its topic is impossible."""
        if not lane.waiting:
            return None
        known, handed_over = self.metadata.topic(lane.topic), lane.waiting[0].deadline - self._max_block
        fresh = self.metadata.updated_at >= handed_over  # what was refused before may be allowed by now
        if known is not None and known.error and not known.error.retriable and fresh:
            return exception_for(known.error, f"{lane.topic}: {known.error.meaning}")
        if lane.waiting[0].deadline > now:
            return None
        block = f"max.block.ms={self._max_block // 1000}"
        if self._knows_partition(lane):
            reason = (
                f"no room in buffer.memory={self.config['buffer.memory']} within {block}: batches are not acknowledged "
                f"as fast as records come; send slower or raise buffer.memory"
            )
        elif lane.partitions:
            reason = (
                f"partition {lane.waiting[0].partition} of topic {lane.topic} did not appear within {block}: it has "
                f"{lane.partitions} partitions; name one below {lane.partitions}"
            )
        else:
            reason = (
                f"topic {lane.topic} was not found within {block}: create it first, or check the bootstrap addresses"
            )
        return TimeoutException(reason, definite=True)

    def _fail_waiting(self, lane: TopicLane, error: KafkaError, now: int) -> None:
        count = 0
        while lane.waiting and (lane.waiting[0].deadline <= now or not error.retriable):
            receipt = lane.waiting.popleft().receipt
            receipt.batch.fail(error)
            count += 1
        self.machine.record(BatchFailed(TopicPartition(lane.topic, -1), count, error.error.name, True, -1, self.name))
        self._fail_transaction(error)

    def _fail_transaction(self, error: KafkaError) -> None:
        """A transaction that lacks one of its records can only be aborted."""
        if self.transactions is not None:
            self.transactions.fail(error)

    # -- ending -------------------------------------------------------------------------------------------------

    async def flush(self) -> None:
        """Send everything now, and wait until each record that was sent before this call has its outcome."""
        self._flushing += 1
        self._accumulator.hurried = True
        try:
            receipts = [waiting.receipt for lane in self._blocked.values() for waiting in lane.waiting]
            batches = list(self._accumulator.incomplete)
            self._sender.wake()
            for receipt in receipts:
                while not receipt.done:
                    await receipt.batch.news()
            for batch in batches:
                await _settled(batch)
        finally:
            self._flushing -= 1

    async def close(self, within: int | None = None) -> None:
        """Flush, then stop. With `within` (µs) wait no longer than that; what has no outcome by then fails."""
        if self._closed:
            return
        await self._abort_before_closing()
        self._closed = True
        self._full = 0  # no batch has room any more: `send` goes the longer way, and is refused there
        flushed = self.machine.spawn(self.flush(), "flush")
        try:
            await (flushed if within is None else self.machine.within(flushed, within))
        except TimedOut:
            self._abort()
        self._sender.stop()
        self.metadata.close()
        self.interceptors.close()

    def _abort(self) -> None:
        self._fail_blocked()
        self._sender.outcomes.abort_all()

    def _fail_blocked(self, error: KafkaError | None = None) -> None:
        """Give up the records that have no batch yet."""
        for lane in self._blocked.values():
            while lane.waiting:
                promise = lane.waiting.popleft().receipt.batch
                promise.fail(error or closed_early(promise))


async def _settled(batch: ProducerBatch) -> None:
    while not batch.settled and batch.pieces is None:
        await batch.news()
    for piece in batch.pieces or ():
        await _settled(piece)


def _check_place(topic: str, partition: Any, timestamp: Any) -> None:
    """INVALID_REQUEST for a partition or a timestamp that cannot be."""
    for what, number in (("partition", partition), ("timestamp", timestamp)):
        if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 0):
            raise KafkaError(
                Error.INVALID_REQUEST,
                f"{what}={number!r} for {topic} is not possible: give a whole number from 0, or leave it out",
            )
