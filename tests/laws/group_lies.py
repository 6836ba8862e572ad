"""For every law about groups, and for the one about what events tell of the quorum, a lie that breaks it."""

from __future__ import annotations

from small_world import TP, SmallWorld

from minikafka.coordinator.group_partition import partition_for
from minikafka.events.groups import AssignmentStored, OffsetsTold, OffsetsWritten
from minikafka.events.quorum import BecameQuorumFollower
from minikafka.laws import group_laws
from minikafka.laws.group_fold_law import GroupEventsTellWhatIs
from minikafka.laws.quorum_fold_law import QuorumEventsTellWhatIs


def a_group(small: SmallWorld) -> str:
    """A group with one member that has read and committed; returns its coordinator's place."""
    member = small.cluster.consumer("c1", group="crew", config={"auto.offset.reset": "earliest"})
    member.subscribe("flights")
    member.poll("10s")
    member.commit()
    number = partition_for("crew", 50)
    return small.place(small.cluster.image.topics["__consumer_offsets"].partitions[number].leader)


def two_owners(small: SmallWorld) -> None:
    small.tell(a_group(small), AssignmentStored("crew", 2, "range", (("a", (TP,)), ("b", (TP,)))))


def an_old_generation(small: SmallWorld) -> None:
    small.tell(a_group(small), OffsetsWritten("crew", "nobody", 0, ((TP, 3),), 99))


def an_offset_taken_back(small: SmallWorld) -> None:
    small.tell(a_group(small), OffsetsTold("crew", partition_for("crew", 50), 0, ((TP, 1),)))


def a_role_that_is_none(small: SmallWorld) -> None:
    """The only controller leads, whatever is told."""
    small.tell(0, BecameQuorumFollower(1, 2))


def a_silent_generation(small: SmallWorld) -> None:
    """The coordinator changes the group behind everybody's back."""
    place = a_group(small)
    shards = small.world.place(place).process.offsets_topic.groups.shards
    shards.of("crew").group("crew").generation += 1
    small.tell(place, OffsetsWritten("crew", "", 1, (), 99))


GROUP_LIES = {
    group_laws.NoPartitionHasTwoOwnersInAGeneration: two_owners,
    group_laws.OnlyThePresentGenerationCommits: an_old_generation,
    group_laws.CommittedOffsetsAreNotTakenBack: an_offset_taken_back,
    GroupEventsTellWhatIs: a_silent_generation,
    QuorumEventsTellWhatIs: a_role_that_is_none,
}
"""The lie that breaks each law."""
