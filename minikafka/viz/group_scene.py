"""Consumer groups on the stage: who coordinates them, who belongs to them, who reads what, and what is committed.

Promises     after the changes of event N every group, every committed position and every member's share are what the
             events up to N tell.
Stands for   `kafka-consumer-groups --describe`, at every instant.
Left out     commits that are written and not yet replicated: nobody is told of those.
Differs      groups are the laws' own picture (`GroupsPicture`), which a law holds against the coordinator's; added is
             which client is which member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minikafka.events import groups
from minikafka.laws.group_picture import KINDS, GroupPicture, GroupsPicture
from minikafka.protocol.names import TopicPartition
from minikafka.world.event import Recorded

if TYPE_CHECKING:
    from minikafka.viz.scene_fold import SceneFold

NO_COORDINATOR, DEAD = "no coordinator", "Dead"
TAKEN_OVER = (groups.PartitionsAssigned, groups.PartitionsRevoked, groups.PartitionsLost)


class GroupScene:
    """Hears the events of groups for a `SceneFold`: things are ("group", cluster, name) and ("committed", cluster,
    group, partition)."""

    KINDS = tuple(dict.fromkeys(kind.__name__ for kind in (*KINDS, *TAKEN_OVER)))

    def __init__(self, fold: SceneFold):
        self.fold = fold
        self.picture = GroupsPicture()
        self._client_of: dict[str, str] = {}
        self._committed: dict[tuple[str, str], dict[TopicPartition, None]] = {}
        self._owned: dict[str, dict[TopicPartition, None]] = {}

    def hear(self, entry: Recorded) -> None:
        """Take in one event."""
        cluster = entry.place.partition("/")[0]
        if isinstance(entry.event, TAKEN_OVER):
            self._share(entry.place, entry.event)
            self._look(cluster, entry.event.group)
        else:
            for touched in self.picture.hear(entry):
                self._look(*touched)

    def _look(self, cluster: str, name: str) -> None:
        group, thing = self.picture.present.get((cluster, name)), self.fold.thing("group", cluster, name)
        if group is None:
            self._set(thing, state=DEAD, members=())
        else:
            there = self.picture.coordinated(group)
            self._set(
                thing,
                state=group.state if there else NO_COORDINATOR,
                generation=group.generation,
                protocol=group.protocol,
                leader=group.leader,
                coordinator=group.place if there else "",
                members=tuple(self._member(group, member) for member in group.instances),
            )
        committed = {} if group is None else group.committed
        known = self._committed.setdefault((cluster, name), {})
        known.update(dict.fromkeys(committed))
        for tp in known:
            self.fold.set(self.fold.thing("committed", cluster, name, tp), "offset", committed.get(tp))

    def _member(self, group: GroupPicture, member: str) -> tuple[str, str, str, tuple[str, ...]]:
        """(member id, instance, place of its client if it is known, the partitions it was given)."""
        given = tuple(str(tp) for tp in group.assignment.get(member, ()))
        return member, group.instances[member], self._client_of.get(member, ""), given

    def _share(self, place: str, event: Any) -> None:
        """A client takes partitions over, or gives them back; it reads no more what it has not."""
        owned = self._owned.setdefault(place, {})
        if isinstance(event, groups.PartitionsAssigned):
            self._client_of[event.member] = place
            now = dict.fromkeys(TopicPartition(*tp) for tp in event.owned)
        else:
            gone = [TopicPartition(*tp) for tp in event.partitions]
            now = {tp: None for tp in owned if tp not in gone}
            for tp in gone:
                if ("position", place, tp) in self.fold.things:
                    self.fold.set(self.fold.thing("position", place, tp), "position", None)
        self._owned[place] = now
        client = self.fold.thing("client", place)
        self._set(client, kind="consumer", group=event.group, generation=event.generation,
                  owned=tuple(str(tp) for tp in now))  # fmt: skip

    def _set(self, thing: int, **fields: Any) -> None:
        for field, value in fields.items():
            self.fold.set(thing, field, value)
