"""A producer's transactions: what it may do now, and what it has to tell its coordinator before and after.

Promises     nothing is sent for a partition before the coordinator knows of it; what went wrong is either abortable
             (abort and begin again) or fatal (another producer has taken over: close this one), and until then every
             call fails with it. A commit or abort that got no answer may be asked for again.
Stands for   org.apache.kafka.clients.producer.internals.TransactionManager, the transactional half.
Left out     prepareTransaction (two-phase commit), the shorter rest before the first AddPartitionsToTxn is tried again.
Differs      a fenced producer learns of it with its next request to the coordinator; a batch that is refused with
             INVALID_PRODUCER_EPOCH is abortable, as in Kafka, and the abort then turns out to be impossible.

    state                   on      becomes
    UNINITIALIZED           init    INITIALIZING
    INITIALIZING            ready   READY
    READY                   begin   IN_TRANSACTION
    IN_TRANSACTION          commit  COMMITTING_TRANSACTION
    IN_TRANSACTION          abort   ABORTING_TRANSACTION
    IN_TRANSACTION          fail    ABORTABLE_ERROR
    COMMITTING_TRANSACTION  ready   READY
    COMMITTING_TRANSACTION  fail    ABORTABLE_ERROR
    ABORTABLE_ERROR         abort   ABORTING_TRANSACTION
    ABORTING_TRANSACTION    ready   READY
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from minikafka.client.backoff import Backoff
from minikafka.client.bootstrap import Metadata
from minikafka.client.coordinator_lookup import CoordinatorFinder, worst
from minikafka.client.group_metadata import ConsumerGroupMetadata
from minikafka.client.offset_commits import OUTDATED, CommitFailedException
from minikafka.client.sequences import Sequences
from minikafka.events.clients import ProducerIdAssigned
from minikafka.events.transactions import TransactionBegun, TransactionCompleted, TransactionFailed
from minikafka.protocol import transaction_requests as api
from minikafka.protocol.client_requests import InitProducerIdRequest
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import OffsetToCommit
from minikafka.protocol.names import TopicPartition

UNINITIALIZED, INITIALIZING, READY = "UNINITIALIZED", "INITIALIZING", "READY"
IN_TRANSACTION, COMMITTING, ABORTING = "IN_TRANSACTION", "COMMITTING_TRANSACTION", "ABORTING_TRANSACTION"
ABORTABLE_ERROR, FATAL_ERROR = "ABORTABLE_ERROR", "FATAL_ERROR"

MOVES = {
    (UNINITIALIZED, "init"): INITIALIZING,
    (INITIALIZING, "ready"): READY,
    (READY, "begin"): IN_TRANSACTION,
    (IN_TRANSACTION, "commit"): COMMITTING,
    (IN_TRANSACTION, "abort"): ABORTING,
    (IN_TRANSACTION, "fail"): ABORTABLE_ERROR,
    (COMMITTING, "ready"): READY,
    (COMMITTING, "fail"): ABORTABLE_ERROR,
    (ABORTABLE_ERROR, "abort"): ABORTING,
    (ABORTING, "ready"): READY,
}
AGAIN = {(INITIALIZING, "init"), (COMMITTING, "commit"), (ABORTING, "abort")}
"""What may be asked for again, if no answer came."""

REMEDY = {
    UNINITIALIZED: "call init_transactions() first",
    INITIALIZING: "wait for init_transactions(), or call it again",
    READY: "begin_transaction() first",
    IN_TRANSACTION: "commit_transaction() or abort_transaction() first",
    COMMITTING: "wait for commit_transaction(), or call it again",
    ABORTING: "wait for abort_transaction(), or call it again",
    ABORTABLE_ERROR: "abort_transaction(), then begin again",
    FATAL_ERROR: "close this producer",
}
"""What to do instead, in each state."""

ALWAYS_FATAL = (Error.PRODUCER_FENCED, Error.INVALID_PRODUCER_ID_MAPPING, Error.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
FATAL_FROM_A_COORDINATOR = (*ALWAYS_FATAL, Error.INVALID_PRODUCER_EPOCH, Error.INVALID_TXN_STATE)


class Transactions:
    """Of the producer `name`. `wake()` lets its sender look again."""

    def __init__(self, machine: Any, config: Mapping, metadata: Metadata, sequences: Sequences, backoff: Backoff,
                 name: str, wake: Callable[[], None]):  # fmt: skip
        self.machine = machine
        self.transactional_id: str = config["transactional.id"]
        self.state = UNINITIALIZED
        self.error: KafkaError | None = None
        self.added: dict[TopicPartition, None] = {}
        self.is_known = False
        self._wanted: dict[TopicPartition, None] = {}
        self._timeout_ms = config["transaction.timeout.ms"]
        self._patience = config.us("max.block.ms")
        self._sequences = sequences
        self._name = name
        self._wake = wake
        self._adding: Any = None

        def finder(key: str, key_type: int) -> CoordinatorFinder:
            return CoordinatorFinder(machine, metadata, backoff, config.us("request.timeout.ms"), key, "", key_type)

        self._new_finder = finder
        self._finder = finder(self.transactional_id, api.TRANSACTION)
        self._groups: dict[str, CoordinatorFinder] = {}

    # -- states -------------------------------------------------------------------------------------------------

    def move(self, verb: str) -> None:
        """Go on to the next state; INVALID_TXN_STATE, or the error that stands in the way."""
        becomes = MOVES.get((self.state, verb))
        if becomes is not None:
            self.state = becomes
        elif (self.state, verb) not in AGAIN:
            raise self.refusal(verb)

    def require_open(self, what: str) -> None:
        """Return if a transaction is open and well; INVALID_TXN_STATE, or the error that stands in the way."""
        if self.state != IN_TRANSACTION:
            raise self.refusal(what)

    def refusal(self, what: str) -> KafkaError:
        """Why `what` is not possible now."""
        where = f"{self._name} ({self.transactional_id}) is {self.state} and cannot {what}"
        if self.error is not None:
            why = f"{where}: {self.error.sentence}; {REMEDY[self.state]}"
            return KafkaError(self.error.error, why)
        return KafkaError(Error.INVALID_TXN_STATE, f"{where}: {REMEDY[self.state]}")

    @property
    def gives_up(self) -> bool:
        """Whether what has not been sent will not be sent any more."""
        return self.state in (ABORTABLE_ERROR, FATAL_ERROR, ABORTING)

    def fail(self, error: KafkaError, fatal: Iterable[Error] = ALWAYS_FATAL) -> None:
        """Something went wrong: the transaction can only be aborted, or the producer only closed."""
        is_fatal = error.error in fatal
        if self.state == FATAL_ERROR or not (is_fatal or (self.state, "fail") in MOVES):
            return
        self.state = FATAL_ERROR if is_fatal else MOVES[self.state, "fail"]
        self.error = error
        told = TransactionFailed(self.transactional_id, error.error.name, is_fatal, error.sentence, self._name)
        self.machine.record(told)
        self._wake()

    # -- what the sender asks -----------------------------------------------------------------------------------

    def may_send(self, partition: TopicPartition) -> bool:
        """Whether batches may leave for this partition; if the coordinator does not know of it, it is told."""
        if self.state not in (IN_TRANSACTION, COMMITTING):
            return False
        if partition in self.added:
            return True
        self._wanted[partition] = None
        if self._adding is None or self._adding.done:
            self._adding = self.machine.spawn(self._add(), "adding partitions")
        return False

    async def _add(self) -> None:
        while self._wanted and self.state in (IN_TRANSACTION, COMMITTING):
            self.is_known = True
            which = list(self._wanted)
            rows = [api.TransactionPartition(*partition) for partition in which]
            request = api.AddPartitionsToTxnRequest(self.transactional_id, *self._sequences.identity, rows, False)
            try:
                await self._ask(self._finder, request, lambda told: worst(told.partitions), "adding partitions")
            except KafkaError:
                return
            for partition in which:
                self.added[partition] = self._wanted.pop(partition, None)
            self._wake()

    async def _ask(self, finder: CoordinatorFinder, request: Any, error_of: Callable[[Any], Error], what: str) -> Any:
        """The answer of a coordinator to something within a transaction; what it refuses is failed and raised."""
        try:
            answer = await finder.ask(lambda: request, self.machine.now + self._patience, error_of, what)
            error = error_of(answer)
            if error:
                kind = CommitFailedException if error in OUTDATED else KafkaError
                raise kind(error, f"{what} for {self.transactional_id} was refused: {error.meaning}")
        except KafkaError as refusal:
            self.fail(refusal, FATAL_FROM_A_COORDINATOR)
            raise
        return answer

    # -- what the application asks ------------------------------------------------------------------------------

    async def init(self) -> None:
        """Get an identity; whoever had it before is fenced, and what it has left open is aborted."""
        self.move("init")
        request = InitProducerIdRequest(self.transactional_id, self._timeout_ms)
        deadline = self.machine.now + self._patience
        answer = await self._finder.ask(lambda: request, deadline, lambda told: Error(told.error), "init_transactions")
        if answer.error:
            error = Error(answer.error)
            refusal = KafkaError(error, f"{self.transactional_id} cannot begin: {error.meaning} "
                                        f"(transaction.timeout.ms={self._timeout_ms})")  # fmt: skip
            self.fail(refusal, (error,))
            raise refusal
        self._sequences.begin_anew(answer.producer_id, answer.producer_epoch)
        self.machine.record(ProducerIdAssigned(*self._sequences.identity, f"as {self.transactional_id}", self._name))
        self.move("ready")

    def begin(self) -> None:
        """Open a transaction; nobody else hears of it yet."""
        self.move("begin")
        self.machine.record(TransactionBegun(self.transactional_id, *self._sequences.identity, self._name))

    async def send_offsets(self, rows: list[OffsetToCommit], group: ConsumerGroupMetadata) -> None:
        """Make these offsets part of the transaction; returns when they are pending at the group's coordinator."""
        self.require_open("send offsets")
        self.is_known = True
        identity = self._sequences.identity
        adding = api.AddOffsetsToTxnRequest(self.transactional_id, *identity, group.group_id)
        await self._ask(self._finder, adding, lambda told: Error(told.error), "adding offsets")
        self.require_open("send offsets")
        finder = self._groups.setdefault(group.group_id, self._new_finder(group.group_id, 0))
        request = api.TxnOffsetCommitRequest(self.transactional_id, group.group_id, *identity, *group[1:], rows)
        await self._ask(finder, request, lambda told: worst(told.partitions), "sending offsets")
        self.require_open("send offsets")

    async def end(self, committed: bool) -> None:
        """Tell the coordinator how it ends, if it knows of the transaction at all; the next one has a new epoch."""
        if self._adding is not None and not self._adding.done:
            await self._adding
        identity = self._sequences.identity
        if self.is_known:
            request = api.EndTxnRequest(self.transactional_id, *identity, committed)
            deadline = self.machine.now + self._patience
            what = "the commit" if committed else "the abort"
            answer = await self._finder.ask(lambda: request, deadline, lambda told: Error(told.error), what)
            if answer.error:
                error = Error(answer.error)
                refusal = KafkaError(error, f"{what} of {self.transactional_id} was refused: {error.meaning}")
                self.fail(refusal, (error,))
                raise refusal
            self._sequences.begin_anew(answer.producer_id, answer.producer_epoch)
        self.machine.record(TransactionCompleted(self.transactional_id, *identity, committed, self._name))
        self.added.clear()
        self._wanted.clear()
        self.error, self.is_known = None, False
        self.move("ready")


def aborted(name: str) -> KafkaError:
    """The error for records that had not been sent when their transaction was aborted."""
    return KafkaError(Error.OPERATION_NOT_ATTEMPTED, f"the transaction of {name} was aborted before they were sent")
