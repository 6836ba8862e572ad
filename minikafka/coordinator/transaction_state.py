"""One transactional id: who may write under it, and how its transaction stands.

Promises     the state moves only as the table says; a new epoch begins with every end of a transaction, so that
             whatever was sent under the old one comes too late.
Stands for   TransactionMetadata, TransactionState; the epochs are those of KIP-890 (transaction.version=2).
Left out     two-phase commit by somebody outside (KIP-939).
Differs      PrepareEpochFence, which Kafka never writes down either, is no state of its own: fencing and deciding to
             abort are one step.

    state           on                becomes
    Empty           init              Empty
    Empty           add               Ongoing
    Empty           abort             PrepareAbort
    Empty           expire            Dead
    Ongoing         add               Ongoing
    Ongoing         commit            PrepareCommit
    Ongoing         abort             PrepareAbort
    Ongoing         fence             PrepareAbort
    PrepareCommit   complete          CompleteCommit
    PrepareAbort    complete          CompleteAbort
    CompleteCommit  init              Empty
    CompleteCommit  add               Ongoing
    CompleteCommit  abort             PrepareAbort
    CompleteCommit  expire            Dead
    CompleteAbort   init              Empty
    CompleteAbort   add               Ongoing
    CompleteAbort   abort             PrepareAbort
    CompleteAbort   expire            Dead
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition

EMPTY, ONGOING, DEAD = "Empty", "Ongoing", "Dead"
PREPARE_COMMIT, PREPARE_ABORT = "PrepareCommit", "PrepareAbort"
COMPLETE_COMMIT, COMPLETE_ABORT = "CompleteCommit", "CompleteAbort"
INIT, ADD, COMMIT, ABORT, FENCE, COMPLETE, EXPIRE = "init", "add", "commit", "abort", "fence", "complete", "expire"

_AT_REST = (EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT)
_FROM_REST = {INIT: EMPTY, ADD: ONGOING, ABORT: PREPARE_ABORT, EXPIRE: DEAD}
MOVES = {
    **{(state, verb): becomes for state in _AT_REST for verb, becomes in _FROM_REST.items()},
    (ONGOING, ADD): ONGOING,
    (ONGOING, COMMIT): PREPARE_COMMIT,
    (ONGOING, ABORT): PREPARE_ABORT,
    (ONGOING, FENCE): PREPARE_ABORT,
    (PREPARE_COMMIT, COMPLETE): COMPLETE_COMMIT,
    (PREPARE_ABORT, COMPLETE): COMPLETE_ABORT,
}  # fmt: skip
DECIDED = {PREPARE_COMMIT: True, PREPARE_ABORT: False}
"""The states in which the outcome stands and the markers are on their way: whether it is a commit."""

LAST_EPOCH = 2**15 - 1
"""After this epoch a new producer id is needed."""


class Transaction(NamedTuple):
    """All that is recorded. Times in ms; `ended_by` is who asked for the last end (producer id and epoch), (-1, -1) if
    nobody may ask again; `next_producer_id` follows when the epochs are used up."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    timeout_ms: int
    state: str
    partitions: tuple[TopicPartition, ...]
    started_at: int
    updated_at: int
    ended_by: tuple[int, int] = (-1, -1)
    next_producer_id: int = -1

    @property
    def identity(self) -> tuple[int, int]:
        """Who may write: producer id and epoch."""
        return self.producer_id, self.producer_epoch

    @property
    def identity_after(self) -> tuple[int, int]:
        """Who may write once the present transaction is over."""
        return self.identity if self.next_producer_id < 0 else (self.next_producer_id, 0)

    @property
    def exhausted(self) -> bool:
        """Whether one more epoch is the last."""
        return self.producer_epoch >= LAST_EPOCH - 1

    def moved(self, verb: str, now: int, **changes: object) -> Transaction:
        """The same after `verb` (`now` in ms); INVALID_TXN_STATE if that is not possible in its state."""
        becomes = MOVES.get((self.state, verb))
        if becomes is None:
            raise KafkaError(
                Error.INVALID_TXN_STATE,
                f"the transaction of {self.transactional_id} is {self.state}, and {verb} is not possible then: "
                "begin a transaction first, and end it once",
            )
        return self._replace(state=becomes, updated_at=now, **changes)
