"""The law of the record, for groups: what the events tell of a group is what its coordinator has.

Promises     a change of a group's state, generation, leader, members or written offsets without an event, or an event
             without the change, is found at the next event of that group.
Stands for   nothing in Kafka.
Left out     groups of which nothing was told yet: those in which somebody got a member id and has not come back.
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.coordinator.group_partition import partition_for
from minikafka.events import groups
from minikafka.laws.group_picture import KINDS, GroupPicture, GroupsPicture
from minikafka.laws.sight import KafkaLaw
from minikafka.world import happenings
from minikafka.world.recorder import NOTHING
from minikafka.world.world import World

COMPARED = ("state", "generation", "protocol", "leader", "members", "instances", "written offsets")


class GroupEventsTellWhatIs(KafkaLaw):
    """The picture folded from the events of a group equals the coordinator's own, after each step. Always."""

    KINDS = tuple(kind for kind in KINDS if not hasattr(happenings, kind.__name__))

    def watch(self, world: World) -> None:
        """Begin to look at this world; what was recorded before is drawn first."""
        self.groups = GroupsPicture()
        if world.recorder.recorded and world.recorder.keep == NOTHING:
            raise ValueError("this world keeps no events: give it its laws before its clusters are made")
        for entry in world.recorder.events(*KINDS):
            self.groups.hear(entry)
        world.recorder.listen(self.groups.hear, KINDS)
        super().watch(world)

    def broken_by(self, place: str, event: Any) -> str | None:
        """A group has changed."""
        names = event.groups if isinstance(event, groups.GroupsLoaded | groups.GroupsGivenUp) else (event.group,)
        for name in names:
            told = self.groups.groups.get((place, name))
            why = None if told is None else self._difference(told)
            if why:
                return why
        return None

    def _difference(self, told: GroupPicture) -> str | None:
        process = self.sight.machines[told.place].process
        shards = None if process is None else process.offsets_topic.groups.shards
        shard = shards.led.get(partition_for(told.name, shards.partitions)) if shards and shards.partitions else None
        if shard is None:
            return None
        real = shard.group(told.name)
        if real is None:
            return f"of group {told.name} at {told.place} the events tell, but there is no such group"
        instances = {name: member.instance_id or "" for name, member in real.members.items()}
        written = {partition: stored.offset for partition, stored in shard.offsets.latest(told.name)}
        says = (told.state, told.generation, told.protocol, told.leader, told.members, told.instances, told.written)
        has = (real.state, real.generation, real.protocol, real.leader, tuple(real.members), instances, written)
        if says == has:
            return None
        wrong = [f"{name} {one} (is {other})" for name, one, other in zip(COMPARED, says, has, strict=True)
                 if one != other]  # fmt: skip
        return f"of group {told.name} at {told.place} the events tell {'; '.join(wrong)}"
