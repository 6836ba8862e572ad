"""What an answer means for a batch: it is delivered, sent again, split, or given up.

Promises     a batch is sent again only after an error that may pass, and within `retries` and delivery.timeout.ms; the
             error that ends it says whether the records may be in the log.
Stands for   org.apache.kafka.clients.producer.internals.Sender.completeBatch and canRetry.
Left out     what an error means for an open transaction: see `transaction_manager`.
Differs      -

    answer                               verdict
    NONE, DUPLICATE_SEQUENCE_NUMBER      DELIVERED
    MESSAGE_TOO_LARGE, several records   SPLIT
    OUT_OF_ORDER_SEQUENCE_NUMBER         RETRY   (idempotent)
    any other retriable error            RETRY   while time and retries last
    everything else                      GIVEN_UP
"""

from __future__ import annotations

from enum import Enum

from minikafka.client.producer_batch import ProducerBatch
from minikafka.protocol.errors import Error, KafkaError, TimeoutException, exception_for
from minikafka.world.quantities import counted


class Verdict(Enum):
    """What becomes of the batch."""

    DELIVERED = "delivered"
    RETRY = "sent again"
    SPLIT = "split"
    GIVEN_UP = "given up"


class DeliveryRules:
    """The producer's settings that limit how long and how often a batch is tried."""

    __slots__ = ("retries", "delivery_timeout", "idempotent")

    def __init__(self, retries: int, delivery_timeout: int, idempotent: bool):
        self.retries = retries
        self.delivery_timeout = delivery_timeout
        self.idempotent = idempotent

    def verdict(self, batch: ProducerBatch, error: Error, now: int) -> Verdict:
        """What follows from this answer to the batch's latest attempt."""
        if error in (Error.NONE, Error.DUPLICATE_SEQUENCE_NUMBER):
            return Verdict.DELIVERED
        if error == Error.MESSAGE_TOO_LARGE and len(batch.records) > 1:
            return Verdict.SPLIT
        in_time = now < batch.created + self.delivery_timeout and batch.attempts <= self.retries
        may_pass = error.retriable or (self.idempotent and error == Error.OUT_OF_ORDER_SEQUENCE_NUMBER)
        return Verdict.RETRY if in_time and may_pass else Verdict.GIVEN_UP


def answered(batch: ProducerBatch, error: Error, sent: bool) -> None:
    """Remember what the answer leaves open: once an attempt may have been written, a later refusal does not undo it."""
    batch.last_error = error.name
    if sent and not error.definite and error not in (Error.NONE, Error.DUPLICATE_SEQUENCE_NUMBER):
        batch.may_be_written = True


def final_error(batch: ProducerBatch, error: Error, message: str | None) -> KafkaError:
    """The error for the receipts of a batch that was given up after this answer."""
    tries = f"after {batch.attempts} attempts" if batch.attempts > 1 else "at the first attempt"
    failure = exception_for(error, f"gave up {_what(batch)} {tries}: {message or error.meaning}")
    failure.definite = not batch.may_be_written
    return failure


def expiry(batch: ProducerBatch, timeout_us: int) -> TimeoutException:
    """The error for a batch that was not acknowledged within delivery.timeout.ms."""
    if batch.attempts == 0:
        story = "they were never sent; is there a leader? (see metadata, or raise delivery.timeout.ms)"
    else:
        story = f"{batch.attempts} attempts, the last one ended with {batch.last_error or 'no answer yet'}"
    return TimeoutException(
        f"no acknowledgement for {_what(batch)} within delivery.timeout.ms={timeout_us // 1000}: {story}",
        definite=not batch.may_be_written,
    )


def _what(batch: ProducerBatch) -> str:
    return f"{counted(len(batch.records), 'record')} of {batch.partition}"
