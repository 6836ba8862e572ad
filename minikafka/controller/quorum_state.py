"""What a voter must never forget: its epoch and its vote, on disk before anybody hears of them.

Promises     a written state survives a loss of power; a file that cannot be read stops the voter rather than let it
             vote twice. Each disk has a directory id of its own, made at its first start: a voter whose disk was
             replaced is not the one that has voted.
Stands for   FileQuorumStateStore (the file `quorum-state`), and the directory id in `meta.properties` (KIP-853).
Left out     the cluster id, the format versions before the votes had directories.
Differs      nothing.
"""

from __future__ import annotations

import json
from random import Random
from typing import NamedTuple

from minikafka.protocol.errors import Error, KafkaError
from minikafka.world.disk import Disk

QUORUM_STATE = "quorum-state"
META_PROPERTIES = "meta.properties"
NOBODY = -1


class ElectionState(NamedTuple):
    """The latest epoch, who leads in it and for whom this voter has voted in it (-1: not known, nobody)."""

    epoch: int = 0
    leader_id: int = NOBODY
    voted_id: int = NOBODY
    voted_directory: str = ""


class QuorumStateFile:
    """The file `quorum-state` of one disk."""

    def __init__(self, disk: Disk):
        self.disk = disk

    def read(self) -> ElectionState:
        """What was written last; epoch 0 on a new disk. KAFKA_STORAGE_ERROR if it cannot be understood."""
        if not self.disk.exists(QUORUM_STATE):
            return ElectionState()
        try:
            kept = json.loads(self.disk.read(QUORUM_STATE))
            return ElectionState(
                kept["leaderEpoch"], kept["leaderId"], kept["votedId"], kept["votedDirectoryId"]
            )
        except (ValueError, KeyError, TypeError) as problem:
            raise KafkaError(
                Error.KAFKA_STORAGE_ERROR,
                f"{QUORUM_STATE} cannot be read ({problem!r}), and without it this voter might vote twice in an epoch; "
                "wipe its disk and let it join as a new one",
            ) from problem

    def write(self, state: ElectionState) -> None:
        """Keep this state for good: when the call returns, it is flushed."""
        kept = {
            "leaderEpoch": state.epoch,
            "leaderId": state.leader_id,
            "votedId": state.voted_id,
            "votedDirectoryId": state.voted_directory,
        }
        self.disk.write(QUORUM_STATE, json.dumps(kept).encode())
        self.disk.flush(QUORUM_STATE)


def directory_id(disk: Disk, dice: Random) -> str:
    """The id of this disk; a new disk is given one, for good."""
    if not disk.exists(META_PROPERTIES):
        disk.write(META_PROPERTIES, f"directory.id={dice.getrandbits(64):016x}\n".encode())
        disk.flush(META_PROPERTIES)
    return disk.read(META_PROPERTIES).decode().strip().partition("=")[2]
