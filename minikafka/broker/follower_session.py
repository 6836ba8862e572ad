"""The follower's half of a fetch session: what the leader already knows need not be said again.

Promises     the leader's session holds exactly the questions in `asked`; after any loss the next fetch is a full one.
Stands for   org.apache.kafka.clients.FetchSessionHandler.
Left out     nothing.
Differs      told what changed, where Kafka compares all partitions at each fetch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from minikafka.broker.fetch_session import LAST_EPOCH, NO_SESSION, OPENING_EPOCH
from minikafka.protocol.client_requests import FetchPartition, FetchResponse, ForgottenPartition
from minikafka.protocol.errors import Error
from minikafka.protocol.names import TopicPartition


class FollowerSession:
    """One session with one leader broker."""

    def __init__(self) -> None:
        self.session_id = NO_SESSION
        self.epoch = OPENING_EPOCH
        self.asked: dict[TopicPartition, FetchPartition] = {}
        self._changed: dict[TopicPartition, None] = {}

    def changed(self, partition: TopicPartition) -> None:
        """The question for this partition is another, or new, or taken back."""
        self._changed[partition] = None

    def next_rows(
        self, active: Iterable[TopicPartition], question: Callable[[TopicPartition], FetchPartition | None]
    ) -> tuple[list[FetchPartition], list[ForgottenPartition]]:
        """The rows of the next fetch. `question` answers None for a partition that is not to be fetched (now)."""
        forgotten: list[ForgottenPartition] = []
        if self.epoch == OPENING_EPOCH:
            self.asked = {partition: row for partition in active if (row := question(partition)) is not None}
            rows = list(self.asked.values())
        else:
            rows = []
            for partition in self._changed:
                row = question(partition)
                if row is not None:
                    self.asked[partition] = row
                    rows.append(row)
                elif self.asked.pop(partition, None) is not None:
                    forgotten.append(ForgottenPartition(*partition))
        self._changed = {}
        return rows, forgotten

    def answered(self, response: FetchResponse) -> bool:
        """Take note of the session the answer belongs to; False if the leader does not know it: open a new one."""
        if response.error != Error.NONE:
            if response.error == Error.FETCH_SESSION_ID_NOT_FOUND:
                self.session_id = NO_SESSION
            self.epoch = OPENING_EPOCH
            return False
        self.session_id = response.session_id
        if self.session_id == NO_SESSION:
            self.epoch = OPENING_EPOCH
        else:
            self.epoch = 1 if self.epoch == LAST_EPOCH else self.epoch + 1
        return True

    def lost(self) -> None:
        """A request or its answer was lost: the next fetch closes the session and opens another."""
        self.epoch = OPENING_EPOCH
