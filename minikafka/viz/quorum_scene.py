"""The controllers' quorum on the stage: who votes, who leads in which epoch, what is committed, who has read how much.

Promises     after the changes of event N every voter and every broker's metadata are what the events up to N tell.
Stands for   `kafka-metadata-quorum describe`, at every instant.
Left out     single votes: the transcript has them.
Differs      voters are the laws' own picture (`QuorumPicture`), which a law holds against the real ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.laws.quorum_picture import KINDS, QuorumPicture
from minikafka.world.event import Recorded

if TYPE_CHECKING:
    from minikafka.viz.scene_fold import SceneFold

VOTER = ("role", "epoch", "leader", "high_watermark", "log_end")


class QuorumScene:
    """Hears the events of the quorum for a `SceneFold`: things are ("voter", place) and ("metadata", place)."""

    KINDS = tuple(kind.__name__ for kind in KINDS)

    def __init__(self, fold: SceneFold):
        self.fold = fold
        self.picture = QuorumPicture()

    def hear(self, entry: Recorded) -> None:
        """Take in one event."""
        for place in self.picture.hear(entry):
            voter = self.picture.voters.get(place)
            if voter is not None:
                thing = self.fold.thing("voter", place)
                for field in VOTER:
                    self.fold.set(thing, field, getattr(voter, field))
            if place in self.picture.read or ("metadata", place) in self.fold.things:
                offset, high_watermark = self.picture.read.get(place, (None, None))
                thing = self.fold.thing("metadata", place)
                self.fold.set(thing, "applied", offset)
                self.fold.set(thing, "high_watermark", high_watermark)
