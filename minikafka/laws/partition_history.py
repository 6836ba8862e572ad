"""What has been true of one partition: what was committed, what its replicas hold, and whether its promises still
stand.

Promises     `committed` only grows: it is what lay below the high watermark of any leader, at any time. `durable` is
             lost for good once something has happened after which Kafka promises nothing.
Stands for   the ghost variables of the specifications (trueHW), and the preconditions CLEAN and DUR of the laws.
Left out     damaged disks: a world in which a byte was flipped keeps its promises on paper only.
Differs      counts a replica as having lost a tail only if it really has.
"""

from __future__ import annotations

from bisect import bisect_right

from minikafka.laws.log_copy import LogCopy, Rows


class PartitionHistory:
    """One partition of one cluster. `min_isr` is the effective min.insync.replicas as recorded, `weakest` the lowest it
    ever was, `elr` whether the ELR is kept; below `cleaned_to` some replica may have been compacted.

    `reigns` lists (leader epoch, first offset that was committed under it). `since`: what was sent later (µs) can only
    be in this partition; what was sent before perhaps in one that had its name (-1: there was none).
    """

    __slots__ = ("copies", "committed", "end", "reigns", "broken", "min_isr", "weakest", "elr", "cleaned_to", "since")

    def __init__(self, since: int = -1) -> None:
        self.since = since
        self.copies: dict[str, LogCopy] = {}
        self.committed = Rows()
        self.end = 0
        self.reigns: list[tuple[int, int]] = []
        self.broken = ""
        self.min_isr = self.weakest = 1
        self.elr = True
        self.cleaned_to = 0

    @property
    def durable(self) -> bool:
        """DUR: what is committed cannot have been lost by what has happened so far."""
        return not self.broken

    def copy(self, place: str) -> LogCopy:
        """The copy of the log at a place."""
        found = self.copies.get(place)
        if found is None:
            found = self.copies[place] = LogCopy(place)
        return found

    def commit(self, leader: LogCopy, epoch: int, up_to: int) -> None:
        """A leader has moved its high watermark: whatever is new below it is committed now."""
        if up_to > self.end:
            if not self.reigns or self.reigns[-1][0] != epoch:
                self.reigns.append((epoch, self.end))
            for row in leader.between(self.end, up_to):
                self.committed.add(row)
            self.end = up_to

    def committed_under(self, offset: int) -> int:
        """The leader epoch under which an offset was committed; -1 if it was not."""
        index = bisect_right(self.reigns, offset, key=lambda reign: reign[1])
        return self.reigns[index - 1][0] if index and offset < self.end else -1

    def give_up(self, why: str) -> None:
        """From here on committed records may be missing, and no law is broken by it."""
        self.broken = self.broken or why

    def ask_for(self, min_isr: int, first: bool = False) -> None:
        """The effective min.insync.replicas from now on."""
        self.min_isr = min_isr
        self.weakest = min_isr if first else min(self.weakest, min_isr)

    def weigh(self, isr: tuple[str, ...]) -> None:
        """Has too much been lost? `isr` are the places of the recorded ISR.

        With ELR fewer than min.insync.replicas replicas may have lost a tail; without it, not the last member of the
        ISR.
        """
        lossy = [copy.place for copy in self.copies.values() if copy.lossy or copy.doubtful]
        if not lossy:
            return
        if self.elr and len(lossy) >= self.weakest:
            self.give_up(f"{', '.join(lossy)} lost what was not flushed, and min.insync.replicas is {self.weakest}")
        elif not self.elr and len(isr) == 1 and isr[0] in lossy:
            self.give_up(f"{isr[0]}, the last of the ISR, lost what was not flushed")
