"""Errors as exceptions: a code of Kafka, a sentence for the person who reads it, and what may be concluded.

Promises     `str(error)` is "NOT_ENOUGH_REPLICAS [19]: ..." ; the sentence names the thing, the value and the remedy.
Stands for   org.apache.kafka.common.errors and the exceptions of Kafka's clients, under their Java names.
Left out     the class tree between them; `retriable` and `definite` say the same.
Differs      one class, `KafkaError`, is enough for the codes that no client treats in a way of its own.
"""

from __future__ import annotations

from minikafka.protocol.error_codes import Error

__all__ = ["Error", "KafkaError", "exception_for", "ConfigException", "TimeoutException", "RecordTooLargeException",
           "CorruptRecordException", "OffsetOutOfRangeException", "NoOffsetForPartitionException",
           "LogTruncationException", "OutOfOrderSequenceException", "InvalidTopicException"]


class KafkaError(Exception):
    """An error code with a sentence. `definite` is the code's own, unless the one who raises it knows better
    (a batch that timed out before it was ever sent)."""

    def __init__(self, error: int, sentence: str = "", definite: bool | None = None) -> None:
        self.error = Error(error)
        self.sentence = sentence or self.error.meaning
        self.definite = self.error.definite if definite is None else definite
        super().__init__(f"{self.error.name} [{self.error.value}]: {self.sentence}")

    @property
    def retriable(self) -> bool:
        """The same request may succeed if it is sent again."""
        return self.error.retriable


class _OneCode(KafkaError):
    ERROR = Error.UNKNOWN_SERVER_ERROR

    def __init__(self, sentence: str = "", definite: bool | None = None) -> None:
        super().__init__(self.ERROR, sentence, definite)


class ConfigException(_OneCode):
    """A setting is unknown, of the wrong type or out of bounds, or does not go with another one."""

    ERROR = Error.INVALID_CONFIG


class TimeoutException(_OneCode):
    """Not done in the time that was given. What was sent may still happen."""

    ERROR = Error.REQUEST_TIMED_OUT


class RecordTooLargeException(_OneCode):
    """A record (or its batch) is larger than max.request.size, buffer.memory or the topic's max.message.bytes."""

    ERROR = Error.MESSAGE_TOO_LARGE


class CorruptRecordException(_OneCode):
    """Bytes that should be a record batch are not, or their CRC is wrong."""

    ERROR = Error.CORRUPT_MESSAGE


class InvalidTopicException(_OneCode):
    """A topic name that Kafka does not allow."""

    ERROR = Error.INVALID_TOPIC_EXCEPTION


class OutOfOrderSequenceException(_OneCode):
    """A batch of an idempotent producer does not follow its last one: records in between are missing."""

    ERROR = Error.OUT_OF_ORDER_SEQUENCE_NUMBER


class OffsetOutOfRangeException(_OneCode):
    """A consumer's position is not in the log and auto.offset.reset is none. `.offsets`: {TopicPartition: position}."""

    ERROR = Error.OFFSET_OUT_OF_RANGE

    def __init__(self, sentence: str = "", offsets: dict | None = None) -> None:
        super().__init__(sentence)
        self.offsets = dict(offsets or {})


class LogTruncationException(OffsetOutOfRangeException):
    """The log was cut below a consumer's position: what it has read is no longer there.

    `.offsets`: {TopicPartition: position}; `.divergent_offsets`: {TopicPartition: where the logs part}.
    """

    def __init__(self, sentence: str = "", offsets: dict | None = None, divergent_offsets: dict | None = None) -> None:
        super().__init__(sentence, offsets)
        self.divergent_offsets = dict(divergent_offsets or {})


class NoOffsetForPartitionException(_OneCode):
    """A consumer has no position for some partitions and auto.offset.reset is none. `.partitions`: which."""

    ERROR = Error.OFFSET_OUT_OF_RANGE

    def __init__(self, sentence: str = "", partitions: tuple = ()) -> None:
        super().__init__(sentence)
        self.partitions = tuple(partitions)


_BY_CODE: dict[Error, type[_OneCode]] = {
    kind.ERROR: kind
    for kind in (ConfigException, TimeoutException, RecordTooLargeException, CorruptRecordException,
                 InvalidTopicException, OutOfOrderSequenceException, OffsetOutOfRangeException)
}


def exception_for(error: int, sentence: str = "") -> KafkaError:
    """The exception for a code that came in a response: the class of its own if it has one, else `KafkaError`."""
    kind = _BY_CODE.get(Error(error))
    return kind(sentence) if kind else KafkaError(error, sentence)
