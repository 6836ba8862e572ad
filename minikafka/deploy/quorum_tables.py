"""The quorum as the real tool prints it.

Promises     the lines and columns of `kafka-metadata-quorum describe`, as far as they mean something here.
Stands for   kafka-metadata-quorum describe --status and --replication.
Left out     the cluster's id, the voters' directories.
Differs      times are told as seconds ago, and brokers by name, as they are numbered apart from the controllers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.controller.quorum_reign import UNKNOWN, Progress
from minikafka.protocol.errors import Error, KafkaError

if TYPE_CHECKING:
    from minikafka.controller.quorum_voter import Voter
    from minikafka.deploy.controllers import Controllers

COLUMNS = ("Node", "LogEndOffset", "Lag", "LastFetch", "LastCaughtUp", "Status")


def quorum_status(cluster: Controllers) -> str:
    """Who leads, what is committed, who is how far behind."""
    voter = _leader(cluster)
    now, end = voter.machine.now, voter.log.end_offset
    lags = [end - max(known.end_offset, 0) for known in voter.reign.voters.values()]
    late = [now - max(known.last_caught_up, voter.reign.began) for known in voter.reign.voters.values()]
    slowest = max(late) // 1000 if lags and max(lags) else -1
    rows = (
        ("LeaderId:", f"{voter.id}"),
        ("LeaderEpoch:", f"{voter.epoch}"),
        ("HighWatermark:", f"{voter.log.high_watermark}"),
        ("MaxFollowerLag:", f"{max(lags, default=0)}"),
        ("MaxFollowerLagTimeMs:", f"{slowest}"),
        ("CurrentVoters:", f"[{', '.join(map(str, voter.voters))}]"),
        ("CurrentObservers:", f"[{', '.join(f'b{broker}' for broker in sorted(voter.reign.observers))}]"),
    )
    return "\n".join(f"{name:<22} {value}" for name, value in rows)


def quorum_replication(cluster: Controllers) -> str:
    """Every voter and every broker: how much of the metadata log it has."""
    voter = _leader(cluster)
    now, end = voter.machine.now, voter.log.end_offset
    own = Progress(end, now, now)
    rows = [_row(f"c{voter.id}", own, end, now, "Leader")]
    rows += [_row(f"c{other}", known, end, now, "Follower") for other, known in voter.reign.voters.items()]
    rows += [_row(f"b{id}", known, end, now, "Observer") for id, known in sorted(voter.reign.observers.items())]
    table = [COLUMNS, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
    return "\n".join("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
                     for row in table)  # fmt: skip


def _row(name: str, known: Progress, end: int, now: int, status: str) -> tuple[str, ...]:
    has = "-" if known.end_offset == UNKNOWN else str(known.end_offset)
    return (name, has, str(end - max(known.end_offset, 0)), _ago(known.last_fetch, now),
            _ago(known.last_caught_up, now), status)  # fmt: skip


def _ago(time: int, now: int) -> str:
    return "never" if time == UNKNOWN else f"{(now - time) / 1_000_000:.1f} s ago"


def _leader(cluster: Controllers) -> Voter:
    """The leader's view. NOT_CONTROLLER while nobody leads."""
    active = cluster.active_controller
    if active is None:
        roles = ", ".join(f"{one.name} is {one.role}" for one in cluster.controllers.values())
        raise KafkaError(Error.NOT_CONTROLLER, f"no controller of {cluster.name} leads its quorum: {roles}")
    return active.controller.voter
