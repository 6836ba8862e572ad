"""The law of the record, for the quorum: what the events tell of a voter is what it is.

Promises     a change of a voter's role, epoch, leader or high watermark without an event, or an event without the
             change, is found at the next event of that voter.
Stands for   nothing in Kafka.
Left out     where its log ends: that moves with every fetch, and is told when something comes of it.
Differs      a voter that stands for election has a leader in mind that it does not hear of any more: the role counts.
"""

from __future__ import annotations

from typing import Any

from minikafka.controller.quorum_roles import FOLLOWER
from minikafka.laws.quorum_picture import FOLDS, KINDS, NOBODY, QuorumPicture
from minikafka.laws.sight import KafkaLaw
from minikafka.world.recorder import NOTHING
from minikafka.world.world import World

COMPARED = ("role", "epoch", "leader", "high watermark")


class QuorumEventsTellWhatIs(KafkaLaw):
    """The picture folded from the events of a voter equals the voter itself, after each step. Always."""

    KINDS = tuple(FOLDS)

    def watch(self, world: World) -> None:
        """Begin to look at this world; what was recorded before is drawn first."""
        self.quorum = QuorumPicture()
        if world.recorder.recorded and world.recorder.keep == NOTHING:
            raise ValueError("this world keeps no events: give it its laws before its clusters are made")
        for entry in world.recorder.events(*KINDS):
            self.quorum.hear(entry)
        world.recorder.listen(self.quorum.hear, KINDS)
        super().watch(world)

    def broken_by(self, place: str, event: Any) -> str | None:
        """A voter has changed."""
        process, told = self.sight.machines[place].process, self.quorum.voters[place]
        if process is None or told.role is None:
            return None
        voter = process.voter
        following = told.role == FOLLOWER
        known = told.high_watermark if told.high_watermark is not None else voter.log.high_watermark
        says = (told.role, told.epoch, told.leader if following else NOBODY, known)
        has = (voter.role, voter.epoch, voter.leader if following else NOBODY, voter.log.high_watermark)
        if says == has:
            return None
        wrong = [f"{name} {one} (is {other})" for name, one, other in zip(COMPARED, says, has, strict=True)
                 if one != other]  # fmt: skip
        return f"of the controller at {place} the events tell {'; '.join(wrong)}"
