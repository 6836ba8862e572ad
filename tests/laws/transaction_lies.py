"""For every law about transactions a lie that breaks it."""

from __future__ import annotations

from small_world import TP, SmallWorld

from minikafka.coordinator.transaction_state import COMPLETE_ABORT, EMPTY, PREPARE_ABORT, PREPARE_COMMIT
from minikafka.events.clients import RecordsPolled
from minikafka.events.storage import TransactionEnded
from minikafka.events.transactions import TransactionStateChanged
from minikafka.laws import transaction_laws


def an_open_transaction(small: SmallWorld):
    """A producer in the middle of a transaction."""
    producer = small.cluster.producer(transactional_id="booking", config={"linger.ms": 0})
    producer.begin()
    producer.send("flights", "undecided")
    producer.flush()
    small.world.run_for("500ms")
    return producer


def a_stable_offset_behind_an_open_transaction(small: SmallWorld) -> None:
    an_open_transaction(small)
    small.log(1).producers.ongoing.clear()
    small.producer.send("flights", "after")


def a_decision_taken_back(small: SmallWorld) -> None:
    small.tell(1, TransactionStateChanged("tale", 7, 1, "Ongoing", PREPARE_COMMIT, (TP,), "so it is"))
    small.tell(1, TransactionStateChanged("tale", 7, 1, PREPARE_ABORT, COMPLETE_ABORT, (), "so it is not"))


def two_outcomes(small: SmallWorld) -> None:
    small.tell(1, TransactionStateChanged("tale", 7, 1, "Ongoing", PREPARE_COMMIT, (TP,), "so it is"))
    small.tell(2, TransactionEnded(TP, 7, 1, "ABORT", 3, 4))


def an_epoch_that_falls(small: SmallWorld) -> None:
    small.tell(1, TransactionStateChanged("tale", 7, 4, "", EMPTY, (), "it begins"))
    small.tell(1, TransactionStateChanged("tale", 7, 3, EMPTY, EMPTY, (), "it begins again"))


def an_undecided_record_that_was_read(small: SmallWorld) -> None:
    an_open_transaction(small)
    reader = small.cluster.consumer("careful", config={"isolation.level": "read_committed"})
    small.tell(reader.machine.name, RecordsPolled(TP, 4, 5, 2, 6, reader.consumer.name))


TRANSACTION_LIES = {
    transaction_laws.NothingUndecidedIsStable: a_stable_offset_behind_an_open_transaction,
    transaction_laws.DecisionsAreNotTakenBack: a_decision_taken_back,
    transaction_laws.MarkersCarryTheDecisionOut: two_outcomes,
    transaction_laws.UndecidedRecordsAreNotGivenOut: an_undecided_record_that_was_read,
}
"""The lie that breaks each law."""
