"""Judgments about controllers, once nothing fails any more (8.7: with a majority up and connected, somebody leads).

Promises     an empty list once one controller decides and all that run have what it has; until then what is missing.
Stands for   the liveness of Raft, under fairness: messages arrive, voters stay up.
Left out     the bound on the time: the storm has a deadline.
Differs      asks at one moment; the storm asks again until its deadline.
"""

from __future__ import annotations

from minikafka.controller.controller import Controller
from minikafka.controller.quorum_rules import majority_of
from minikafka.laws.sight import Sight
from minikafka.world.laws import Finding
from minikafka.world.world import World

STUCK = "stuck"


def controllers_decide(world: World) -> list[Finding]:
    """8.7: where a majority of the controllers runs, one of them decides."""
    found = []
    for name, running in _controllers(world).items():
        voters = len(next(iter(running.values())).voter.voters)
        if len(running) >= majority_of(voters) and not any(one.active for one in running.values()):
            roles = ", ".join(f"{place} is {one.voter.role}" for place, one in running.items())
            found.append(Finding(STUCK, name, f"no controller decides: {roles}"))
    return found


def controllers_agree(world: World) -> list[Finding]:
    """8.7: every controller that runs has the metadata log of the one that decides, and knows that it is committed."""
    found = []
    for running in _controllers(world).values():
        ends = {place: (one.log.end_offset, one.log.high_watermark) for place, one in running.items()}
        leader = next((place for place, one in running.items() if one.active), None)
        for place, end in ends.items():
            if leader is not None and end != ends[leader]:
                why = f"its metadata log ends at {end[0]}, committed below {end[1]}; that of {leader} {ends[leader]}"
                found.append(Finding(STUCK, place, why))
    return found


def _controllers(world: World) -> dict[str, dict[str, Controller]]:
    """The running controllers of each cluster, by their places."""
    found: dict[str, dict[str, Controller]] = {}
    picture = Sight.of(world).picture
    for place, machine in world.network.machines.items():
        if isinstance(machine.process, Controller):
            found.setdefault(picture.at(place).name, {})[place] = machine.process
    return found


QUORUM_LIVENESS = (controllers_decide, controllers_agree)
"""Both."""
