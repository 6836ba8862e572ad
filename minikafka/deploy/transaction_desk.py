"""The front door's words for transactions: what a producer's application does, and what an administrator does.

Promises     every call lets the time pass that it needs.
Stands for   an application around a transactional producer, and kafka-transactions.
Left out     -
Differs      `begin` calls init_transactions, if the producer has not done so yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minikafka.client.transaction_manager import INITIALIZING, UNINITIALIZED
from minikafka.deploy.partition_names import partition_named
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.transaction_requests import ActiveProducer
from minikafka.world.journal import front_door
from minikafka.world.quantities import us

if TYPE_CHECKING:
    from minikafka.client.producer import Producer


class TransactionCalls:
    """Mixed into `ProducerHandle`, which has `world` and `producer`."""

    @front_door
    def begin(self) -> None:
        """Begin a transaction; what is sent from now on belongs together."""
        self.world.finish(begun(self.producer))

    @front_door
    def send_offsets(self, consumer: Any, offsets: dict | None = None) -> None:
        """The consumer's group will have come to these offsets, such as {"flights-0": 5} (or to where the consumer
        stands), if the transaction commits."""
        self.world.finish(offsets_sent(self.producer, consumer.consumer, offsets))

    @front_door
    def commit(self) -> None:
        """Commit everything since `begin`."""
        self.world.finish(self.producer.commit_transaction())

    @front_door
    def abort(self) -> None:
        """Let everything since `begin` be void."""
        self.world.finish(self.producer.abort_transaction())


class TransactionDesk:
    """Mixed into `Cluster`, which has `world` and `admin`."""

    def transactions(self, *states: str) -> dict[str, str]:
        """The transactional ids of the cluster, and how the transaction of each stands (kafka-transactions list); only
        those in one of these states, if any is named."""
        found = self.world.finish(self.admin.list_transactions(states))
        return {one.transactional_id: one.state for one in found}

    def find_hanging(self, older_than: str | int = "15min") -> list[tuple[TopicPartition, ActiveProducer]]:
        """The open transactions that nobody will end: (partition, producer) each, for `abort_hanging`."""
        return self.world.finish(self.admin.find_hanging(us(older_than) // 1000))

    def open_transactions(self, partition: Any) -> list[ActiveProducer]:
        """Whose transactions are open in a partition, as its leader knows it, oldest first."""
        found = partition_named(partition)
        producers = self.world.finish(self.admin.describe_producers([found]))[found]
        return sorted((one for one in producers if one.transaction_start >= 0), key=lambda one: one.transaction_start)

    @front_door
    def abort_hanging(self, partition: Any, producer_id: int) -> None:
        """Write an ABORT marker for a transaction that nobody else will end (kafka-transactions abort)."""
        self.world.finish(self.admin.abort_transaction(partition_named(partition), producer_id))


async def begun(producer: Producer) -> None:
    """Begin a transaction, after init_transactions if need be."""
    if producer.transactions is not None and producer.transactions.state in (UNINITIALIZED, INITIALIZING):
        await producer.init_transactions()
    producer.begin_transaction()


async def offsets_sent(producer: Producer, consumer: Any, offsets: dict | None) -> None:
    """Send a consumer's offsets to the transaction."""
    named = consumer.consumed() if offsets is None else {partition_named(one): at for one, at in offsets.items()}
    await producer.send_offsets_to_transaction(named, consumer.group_metadata())
