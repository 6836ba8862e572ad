"""The flight recorder: everything that happens, in order, with its cause.

Promises     every event gets the next number; `because` walks back to what started it; the digest covers every event
             whatever is kept, so that two runs are the same exactly if their digests are.
Stands for   nothing in Kafka: what an operator wishes for the day after.
Left out     compression (a trace is packed as it is; a few hundred bytes an event).
Differs      -

The trace is the one source for pictures, tables, transcripts, laws and measurements.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgpack

from minikafka.world.event import Recorded, revive
from minikafka.world.kernel import Kernel

EVERYTHING = "everything"
DOMAIN = "domain events"
NOTHING = "digest only"
LEVELS = (EVERYTHING, DOMAIN, NOTHING)

_CHUNK = 512
_WORLD = "minikafka.world.happenings"


class Recorder:
    """Numbers, keeps and hands on what happens. Events are kept packed, and made again when they are read."""

    def __init__(self, kernel: Kernel, keep: str = EVERYTHING):
        if keep not in LEVELS:
            raise ValueError(f"keep={keep!r} is not a level of the recorder: take one of {', '.join(map(repr, LEVELS))}")
        self.kernel = kernel
        self.keep = LEVELS[LEVELS.index(keep)]
        self.recorded = 0
        self.vocabulary: dict[str, type] = {}
        self._listeners: dict[type, list[Callable[[Recorded], None]]] = {}
        self._fresh: list[tuple] = []
        self._kept: list[bytes] = []
        self._read: list[Recorded] = []
        self._hash = hashlib.blake2b(digest_size=16)
        self._pack = msgpack.Packer(autoreset=True).pack

    def record(self, place: str, event: Any) -> int:
        """Note that `event` happened at `place` now; returns its number."""
        self.recorded = seq = self.recorded + 1
        kernel = self.kernel
        kind = event.__class__
        fresh = self._fresh
        fresh.append((seq, kernel.now, place, kernel.cause, kind.__name__, event))
        if len(fresh) >= _CHUNK:
            self._digest_chunk()
        listeners = self._listeners.get(kind)
        if listeners is None:
            self.vocabulary[kind.__name__] = kind
            listeners = self._listeners[kind] = []
        if listeners:
            entry = Recorded(seq, kernel.now, place, kernel.cause, kind.__name__, event)
            for listener in listeners:
                listener(entry)
        return seq

    def listen(self, listener: Callable[[Recorded], None], kinds: Iterable[type]) -> None:
        """Call `listener` with every event of these kinds from now on. It must change nothing in the world."""
        for kind in kinds:
            self.vocabulary[kind.__name__] = kind
            self._listeners.setdefault(kind, []).append(listener)

    def digest(self) -> str:
        """A fingerprint of everything recorded so far."""
        self._digest_chunk()
        return self._hash.hexdigest()

    @property
    def trace(self) -> list[Recorded]:
        """All kept events, oldest first."""
        self._digest_chunk()
        for chunk in self._kept:
            for seq, time, place, cause, kind, fields in msgpack.Unpacker(io.BytesIO(chunk), use_list=False):
                self._read.append(Recorded(seq, time, place, cause, kind, revive(self.vocabulary[kind], fields)))
        self._kept.clear()
        return self._read

    def because(self, seq: int) -> list[Recorded]:
        """The chain of causes that ends in event `seq`, first cause first (as far as it is kept)."""
        by_seq = self.by_seq()
        chain = []
        while seq in by_seq:
            entry = by_seq[seq]
            chain.append(entry)
            seq = entry.cause
        return chain[::-1]

    def by_seq(self) -> dict[int, Recorded]:
        """The kept events by their numbers."""
        return {entry.seq: entry for entry in self.trace}

    def events(self, *kinds: type | str, until: int | None = None) -> Iterator[Recorded]:
        """The kept events of these kinds (all, if none is named), up to the time `until` (µs)."""
        names = [kind if isinstance(kind, str) else kind.__name__ for kind in kinds]
        for entry in self.trace:
            if until is not None and entry.time > until:
                break
            if not names or entry.kind in names:
                yield entry

    def fold(self, start: Any, step: Callable[[Any, Recorded], Any], until: int | None = None) -> Any:
        """Carry `start` through the kept events up to `until`: `step(state, entry)` gives the next state."""
        for entry in self.events(until=until):
            start = step(start, entry)
        return start

    def _digest_chunk(self) -> None:
        # The list's own header is left out: the digest must not depend on where the chunks happen to end.
        count = len(self._fresh)
        if count:
            packed = memoryview(self._pack(self._fresh))[1 if count < 16 else 3 :]
            self._hash.update(packed)
            if self.keep is EVERYTHING:
                self._kept.append(bytes(packed))
            elif self.keep is DOMAIN:
                domain = [entry for entry in self._fresh if entry[5].__class__.__module__ != _WORLD]
                self._kept.append(b"".join(map(self._pack, domain)))
            self._fresh.clear()
