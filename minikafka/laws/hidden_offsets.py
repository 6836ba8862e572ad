"""Offsets that no reader is given: markers, and for those who read committed records the aborted ones.

Promises     what the final logs say, for each partition; nothing is hidden where there are no transactions.
Stands for   nothing in Kafka: what a consumer steps over.
Left out     records that compaction has removed.
Differs      -
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from minikafka.client.consumer import Consumer
from minikafka.laws.final_logs import FinalLog, final_logs
from minikafka.protocol.control_records import marker_of
from minikafka.protocol.names import TopicPartition
from minikafka.world.world import World


class Offsets:
    """Some offsets of one partition, rising."""

    def __init__(self, offsets: list[int]) -> None:
        self.offsets = sorted(offsets)

    def __contains__(self, offset: int) -> bool:
        at = bisect_left(self.offsets, offset)
        return at < len(self.offsets) and self.offsets[at] == offset

    def between(self, first: int, last: int) -> int:
        """How many there are from `first` to `last`."""
        return bisect_right(self.offsets, last) - bisect_left(self.offsets, first)

    def after(self, offset: int) -> int:
        """The first offset from `offset` on that is not among them."""
        while offset in self:
            offset += 1
        return offset


NOTHING = Offsets([])


class HiddenOffsets:
    """Of all partitions of a world, as the final logs have them."""

    def __init__(self, world: World):
        self.committed_readers = committed_readers(world)
        self._logs = {(log.cluster, log.tp): log for log in final_logs(world)}
        self._found: dict[tuple, Offsets] = {}

    def of(self, cluster: str, tp: TopicPartition, committed: bool) -> Offsets:
        """What nobody is given there, or nobody who reads committed records."""
        key = (cluster, tp, committed)
        if key not in self._found:
            log = self._logs.get((cluster, tp))
            self._found[key] = NOTHING if log is None else hidden_in(log, committed)
        return self._found[key]


def hidden_in(log: FinalLog, committed: bool) -> Offsets:
    """The offsets of markers, and with `committed` those of aborted records."""
    offsets: list[int] = []
    open_ones: dict[int, list[int]] = {}
    for segment in log.log.segments:
        for header in segment.headers:
            if header.is_control:
                offsets.append(header.base_offset)
                marker = marker_of(segment.batch_at(header), header._replace(position=0))
                void = open_ones.pop(header.producer_id, [])
                if marker is not None and not marker.committed and committed:
                    offsets += void
            elif header.is_transactional:
                open_ones.setdefault(header.producer_id, []).extend(range(header.base_offset, header.next_offset))
    return Offsets(offsets)


def committed_readers(world: World) -> dict[str, None]:
    """The names of the consumers that read committed records only."""
    found = {}
    for machine in world.network.machines.values():
        consumer = getattr(machine.process, "consumer", machine.process)
        if isinstance(consumer, Consumer) and consumer.config["isolation.level"] == "read_committed":
            found[consumer.name] = None
    return found
