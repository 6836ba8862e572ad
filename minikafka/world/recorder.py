"""The flight recorder: everything that happens, in order, with its cause.

Promises     every event gets the next number; `because` walks back to what started it; the digest covers every event
             whatever is kept, so that two runs are the same exactly if their digests are.
Stands for   nothing in Kafka: what an operator wishes for the day after.
Left out     compression (a trace is packed as it is; a few hundred bytes an event).
Differs      -

The trace is the one source for pictures, tables, transcripts, laws and measurements. An event is packed some time after
it is recorded: its fields are plain values and tuples, which nobody can change in between.
"""

from __future__ import annotations

import hashlib
import io
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgpack

from minikafka.world.event import Recorded, revive
from minikafka.world.kernel import Kernel

EVERYTHING = "everything"
DOMAIN = "domain events"
NOTHING = "digest only"
LEVELS = (EVERYTHING, DOMAIN, NOTHING)
"""What is kept: all events; all but messages and connections (`TRAFFIC`); none."""

_CHUNK = 512


class BadEvent(TypeError):
    """An event that cannot be recorded; says which, and what an event may hold."""


class Recorder:
    """Numbers, keeps and hands on what happens. Events are kept packed, and made again when they are read."""

    def __init__(self, kernel: Kernel, keep: str = EVERYTHING):
        if keep not in LEVELS:
            raise ValueError(
                f"keep={keep!r} is not a level of the recorder: take one of {', '.join(map(repr, LEVELS))}"
            )
        self.kernel = kernel
        self.keep = LEVELS[LEVELS.index(keep)]
        self.recorded = 0
        self.vocabulary: dict[str, type] = {}
        self._listeners: dict[type, list[Callable[[Recorded], None]]] = {}
        self._listening_to_all: list[Callable[[Recorded], None]] = []
        self._fresh: list[tuple] = []
        self._kept: list[bytes] = []
        self._read: list[Recorded] = []
        self._hash = hashlib.blake2b(digest_size=16)
        self._pack = msgpack.Packer(autoreset=True).pack

    def record(self, place: str, event: Any) -> int:
        """Note that `event` happened at `place` now; returns its number."""
        kind = event.__class__
        listeners = self._listeners.get(kind)
        if listeners is None:
            listeners = self._learn(kind)
        self.recorded = seq = self.recorded + 1
        kernel = self.kernel
        fresh = self._fresh
        fresh.append((seq, kernel.now, place, kernel.cause, kind.__name__, event))
        if len(fresh) >= _CHUNK:
            self._digest_chunk()
        if listeners:
            entry = Recorded(seq, kernel.now, place, kernel.cause, kind.__name__, event)
            for listener in listeners:
                listener(entry)
        return seq

    def listen(self, listener: Callable[[Recorded], None], kinds: Iterable[type] | None = None) -> None:
        """Call `listener` with every event of these kinds (all, if none are named) from now on. It changes nothing."""
        if kinds is None:
            self._listening_to_all.append(listener)
            for listeners in self._listeners.values():
                listeners.append(listener)
        else:
            for kind in kinds:
                if kind not in self._listeners:
                    self._learn(kind)
                self._listeners[kind].append(listener)

    def _learn(self, kind: type) -> list[Callable[[Recorded], None]]:
        """An event class is met for the first time."""
        if not issubclass(kind, tuple) or not hasattr(kind, "_fields") or not hasattr(kind, "sentence"):
            raise BadEvent(f"{kind.__name__} is not an event: write a NamedTuple with a method `sentence`")
        known = self.vocabulary.setdefault(kind.__name__, kind)
        if known is not kind:
            raise BadEvent(
                f"two event classes are called {kind.__name__} ({known.__module__}, {kind.__module__}): rename one"
            )
        listeners = self._listeners[kind] = list(self._listening_to_all)
        return listeners

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

    def find(self, seq: int) -> Recorded | None:
        """The event of that number, if it is kept."""
        trace = self.trace
        index = bisect_left(trace, seq, key=_seq)
        return trace[index] if index < len(trace) and trace[index].seq == seq else None

    def because(self, seq: int) -> list[Recorded]:
        """The chain of causes that ends in event `seq`, first cause first (as far as it is kept)."""
        chain = []
        while (entry := self.find(seq)) is not None:
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
        fresh = self._fresh
        count = len(fresh)
        if count:
            try:
                packed = memoryview(self._pack(fresh))[1 if count < 16 else 3 :]
            except Exception as error:
                raise BadEvent(self._culprit(error)) from error
            self._hash.update(packed)
            if self.keep is EVERYTHING:
                self._kept.append(bytes(packed))
            elif self.keep is DOMAIN:
                domain = [entry for entry in fresh if not getattr(entry[5], "TRAFFIC", False)]
                self._kept.append(b"".join(map(self._pack, domain)))
            fresh.clear()

    def _culprit(self, error: Exception) -> str:
        for entry in self._fresh:
            try:
                self._pack(entry)
            except Exception:
                return f"event {entry[0]} cannot be packed ({error}): {entry[5]!r}; use plain values and tuples"
        return str(error)


def _seq(entry: Recorded) -> int:
    return entry.seq
