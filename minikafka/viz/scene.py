"""A whole trace as one small message for the browser, and the things that Python's own pictures need from it.

Promises     everything that the stage shows comes from here; making it changes nothing in the world; no number is
             left out.
Stands for   nothing in Kafka.
Left out     keyframes: the changes can be undone one by one, and the browser makes its own keyframes when it has read
             them.
Differs      -
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from minikafka.viz.code_that_ran import sites_of
from minikafka.viz.moments import GROUPS, Moment, group_of, moments_of
from minikafka.viz.packed import pack, steps_between
from minikafka.viz.packet_paths import Path, paths_of
from minikafka.viz.scene_fold import SceneFold
from minikafka.viz.sentences import Patterns
from minikafka.world.event import Recorded
from minikafka.world.happenings import MessageDelivered, MessageSent
from minikafka.world.quantities import say_size
from minikafka.world.recorder import LEVELS

FORMAT = 1


class Scene:
    """What a world's trace tells: `trace`, `moments`, `paths`, `fold`, and the `message` for the browser."""

    def __init__(self, world: Any):
        self.trace: list[Recorded] = list(world.recorder.trace)
        self.seed = world.seed
        self.end = max(world.now, self.trace[-1].time if self.trace else 0)
        self.kept = LEVELS.index(world.recorder.keep)
        self.recorded = world.recorder.recorded
        self.where = {
            name: (machine.zone.name, machine.region.name) for name, machine in world.network.machines.items()
        }
        self.moments: list[Moment] = moments_of(self.trace)
        self.fold = SceneFold().run(self.trace)

    @cached_property
    def paths(self) -> list[Path]:
        """All messages on their way."""
        return paths_of(self.trace)

    @property
    def regions(self) -> list[str]:
        """The regions in which there are machines, in the order in which they were named first."""
        return list(dict.fromkeys(region for _, region in self.where.values()))

    def sentence(self, index: int) -> str:
        """An event's sentence with its place in front, unless it names the place itself."""
        entry = self.trace[index]
        said = entry.sentence()
        return said if entry.place in said else f"{entry.place}: {said}"

    def moment_at(self, time: int) -> int:
        """The last moment that is not after `time`; -1 if there is none."""
        low, high = 0, len(self.moments)
        while low < high:
            middle = (low + high) // 2
            if self.trace[self.moments[middle].first].time <= time:
                low = middle + 1
            else:
                high = middle
        return low - 1

    def state_at(self, moment: int) -> dict[tuple, dict[str, Any]]:
        """The values of all things right after a moment."""
        last = self.moments[moment].last if moment >= 0 else -1
        names = list(self.fold.things)
        state: dict[tuple, dict[str, Any]] = {}
        for event, thing, field, value in self.fold.changes:
            if event > last:
                break
            state.setdefault(names[thing], {})[field] = value
        return state

    @cached_property
    def message(self) -> dict[str, Any]:
        """Plain values for JSON; columns of numbers are packed."""
        patterns = Patterns()
        places = self._places()
        kinds: dict[str, int] = {}
        events = self._events(patterns, places, kinds)
        packets = self._packets(patterns, places)
        moments = self._moments()
        things, fields, changes = self._changes()
        sources: dict[str, int] = {}
        return {
            "format": FORMAT,
            "seed": self.seed,
            "end": self.end,
            "kept": self.kept,
            "recorded": self.recorded,
            "places": [[name, *self.where.get(name, ("", ""))] for name in places],
            "regions": self.regions,
            "groups": GROUPS,
            "kinds": [[kind, group_of(kind), self._code(kind, sources)] for kind in kinds],
            "sources": [list(site) for site in sources],
            "patterns": patterns.all(),
            "events": events,
            "packets": packets,
            "messages": message_patterns(),
            "moments": moments,
            "things": things,
            "fields": fields,
            "changes": changes,
        }

    # -- the columns --------------------------------------------------------------------------------------------

    def _places(self) -> dict[str, int]:
        names = dict.fromkeys([*self.where, *(entry.place for entry in self.trace)])
        return {name: index for index, name in enumerate(names)}

    def _events(self, patterns: Patterns, places: dict[str, int], kinds: dict[str, int]) -> dict[str, Any]:
        """A message's sentence is made of its label in the browser, as there are so many; all others are sent."""
        pattern_column, numbers = [], []
        for entry in self.trace:
            if entry.kind == "MessageSent" or entry.kind == "MessageDelivered":
                pattern_column.append(-1)
            else:
                number, filled = patterns.take(entry.sentence())
                pattern_column.append(number)
                numbers.extend(filled)
        trace = self.trace
        return {
            "count": len(trace),
            "first": trace[0].seq if trace else 0,
            "seq": pack(_gaps(trace)),
            "time": pack(steps_between(entry.time for entry in trace)),
            "place": pack(places[entry.place] for entry in trace),
            "cause": pack(entry.seq - entry.cause if entry.cause else 0 for entry in trace),
            "kind": pack(kinds.setdefault(entry.kind, len(kinds)) for entry in trace),
            "pattern": pack(pattern_column),
            "numbers": pack(numbers),
        }

    def _packets(self, patterns: Patterns, places: dict[str, int]) -> dict[str, Any]:
        paths = self.paths
        labels, numbers = [], []
        for path in paths:
            number, filled = patterns.take(path.label)
            labels.append(number)
            numbers.extend(filled)
        return {
            "left": pack(steps_between(path.left for path in paths)),
            "lasts": pack(path.end - path.sent for path in paths),
            "arrived": pack(path.arrived - path.left if path.arrived >= 0 else 0 for path in paths),
            "from": pack(places[path.sender] for path in paths),
            "to": pack(places[path.receiver] for path in paths),
            "size": pack(path.size for path in paths),
            "flags": pack(path.fate | path.reply << 2 | path.routine << 3 | path.again << 4 for path in paths),
            "label": pack(labels),
            "numbers": pack(numbers),
            "connection": pack(path.connection for path in paths),
        }

    def _moments(self) -> dict[str, str]:
        return {
            "events": pack(moment.last - moment.first + 1 for moment in self.moments),
            "headline": pack((moment.headline - moment.first) * 2 + moment.quiet for moment in self.moments),
        }

    def _changes(self) -> tuple[list, list[str], dict[str, Any]]:
        things = [[name[0], *(str(part) for part in name[1:])] for name in self.fold.things]
        fields: dict[str, int] = {}
        events, names, values, odd = [], [], [], []
        for change in self.fold.changes:
            events.append(change.event)
            names.append(change.thing)
            names.append(fields.setdefault(change.field, len(fields)))
            if type(change.value) is int:
                values.append(change.value)
                names.append(0)
            else:
                odd.append(change.value)
                names.append(1)
        return (
            things,
            list(fields),
            {"event": pack(steps_between(events)), "what": pack(names), "values": pack(values), "odd": odd},
        )

    def _code(self, kind: str, sources: dict) -> list[int]:
        return [sources.setdefault(site, len(sources)) for site in sites_of(kind)]


def message_patterns() -> list[str]:
    """How a message's leaving and its arrival are said, with \x01 to \x04 for sender, receiver, label and size."""
    size = 987
    sent = MessageSent(0, 0, "\x01", "\x02", "\x03", size, 0, False, False).sentence()
    return [
        sent.replace(say_size(size), "\x04"),
        MessageDelivered(0, 0, "\x01", "\x02", "\x03", 0, False, False).sentence(),
    ]


def _gaps(trace: Sequence[Recorded]) -> list[int]:
    """[index, missing numbers] wherever the trace was thinned out before it was kept."""
    found, expected = [], trace[0].seq if trace else 0
    for index, entry in enumerate(trace):
        if entry.seq != expected:
            found += [index, entry.seq - expected]
        expected = entry.seq + 1
    return found
