"""The in-sync replicas as a leader counts them while a change may or may not have been recorded.

Promises     `isr` is what the controller has surely recorded last, for the min.insync.replicas gate; `maximal_isr` is
             every replica that may be in the recorded ISR now: what is committed must be on all of these.
Stands for   kafka.cluster.PartitionState: CommittedPartitionState, PendingExpandIsr, PendingShrinkIsr (KIP-497).
Left out     the leader recovery state: a leader always says RECOVERED.
Differs      nothing.
"""

from __future__ import annotations


class Committed:
    """The ISR that the controller has recorded."""

    __slots__ = ("isr", "maximal_isr", "wanted", "last_committed", "why")
    in_flight = False

    def __init__(self, isr: tuple[int, ...]):
        self.isr = self.maximal_isr = self.wanted = tuple(isr)
        self.last_committed: Committed = self
        self.why = ""


class PendingExpand:
    """The controller was asked to add a replica: it counts for commits already, and for nothing else."""

    __slots__ = ("isr", "maximal_isr", "wanted", "last_committed", "why")
    in_flight = True

    def __init__(self, committed: Committed, joining: int, why: str):
        self.isr = committed.isr
        self.maximal_isr = self.wanted = (*committed.isr, joining)
        self.last_committed = committed
        self.why = why


class PendingShrink:
    """The controller was asked to take replicas out: until it says so they still count for commits."""

    __slots__ = ("isr", "maximal_isr", "wanted", "last_committed", "why")
    in_flight = True

    def __init__(self, committed: Committed, leaving: tuple[int, ...], why: str):
        self.isr = self.maximal_isr = committed.isr
        self.wanted = tuple(member for member in committed.isr if member not in leaving)
        self.last_committed = committed
        self.why = why


IsrState = Committed | PendingExpand | PendingShrink
