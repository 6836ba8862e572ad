"""Lab 08: the learner's rule of a lost site is held against drills.

Promises     for each placement two drills: the site with the leader is lost out of the blue, and it is lost after its
             lines were too slow for a while (then an operator elects uncleanly, to see what is left). What the rule
             says has to be what comes out.
Stands for   a disaster recovery test, before somebody needs it.
Left out     losing a site without the leader.
Differs      a real drill costs a night; these take seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from minikafka.classroom.swap import guarded
from minikafka.classroom.trial_story import recent
from minikafka.classroom.verdict import Counterexample, Verdict, sweep
from minikafka.deploy.kafka_world import World
from minikafka.patterns import stretched_two_and_half
from minikafka.patterns.site_drills import elect_uncleanly, lose, shrink_then_lose
from minikafka.patterns.stretched_layout import Placement, Stretched
from minikafka.recovery.drill import AUTOMATIC, Drill, Outcome, run_drill
from minikafka.world.happenings import PowerLost

SAFE, AT_RISK, GO_ON, STOP = "safe", "at risk", "go on", "stop"
PLACEMENTS = ((2, 2, 2), (2, 2, 3), (1, 2, 2), (3, 0, 2), (3, 3, 3), (2, 1, 3), (3, 1, 2))
"""(replicas with the leader, replicas elsewhere, min.insync.replicas)"""

BRIEF = {"patience": "45s", "watch": "30s"}
PRAISE = "Safe needs more than one site has; going on needs no more than the others have."


def check_after_loss(mine: Callable[[int, int, int], tuple[str, str]]) -> Verdict:
    """Ask `mine` about each placement, and drill it."""
    trials = [(f"{here} + {elsewhere}, min.insync.replicas={min_isr}", partial(_drilled, here, elsewhere, min_isr))
              for here, elsewhere, min_isr in PLACEMENTS]  # fmt: skip
    return sweep(mine, ("here", "elsewhere", "min_isr"), trials, (8,), PRAISE)


def placement(here: int, elsewhere: int, min_isr: int) -> Placement:
    """So many replicas in the west, with the leader, and so many in the east."""
    return Placement(f"{here}+{elsewhere}", {"west": here, "east": elsewhere}, min_isr)


class Drilled(NamedTuple):
    """What came of a drill, and the world that it was held in."""

    outcome: Outcome
    world: World

    def seen(self, sentence: str) -> Counterexample:
        """A counter-example in this world, at the moment in which the site was lost."""
        lost = next(entry.time for entry in self.world.recorder.events(PowerLost))
        return Counterexample(sentence, recent(self.world, lost), world=self.world, moment=lost)


def drills(here: int, elsewhere: int, min_isr: int, seed: int = 8) -> tuple[Drilled, Drilled]:
    """What comes of it when the west is lost out of the blue, and when its lines were bad before."""
    slow_first = shrink_then_lose("west", "east", respond=elect_uncleanly if elsewhere else None)
    return tuple(_hold(drill, placement(here, elsewhere, min_isr), seed) for drill in (lose("west"), slow_first))


def _hold(drill: Drill, placed: Placement, seed: int) -> Drilled:
    worlds = []

    def build(world: World) -> Stretched:
        worlds.append(world)
        return stretched_two_and_half.build(world, placed)

    return Drilled(run_drill(build, drill, seed, **BRIEF), *worlds)


def _drilled(here: int, elsewhere: int, min_isr: int, seed: int, mine: Callable) -> Counterexample | None:
    said = guarded(mine, _complaint, _shown)(here, elsewhere, min_isr)
    sudden, slow_first = drills(here, elsewhere, min_isr, seed)
    left = slow_first.outcome.point
    gone = left.records + left.unknown
    acknowledged, writes = (AT_RISK if gone else SAFE), (GO_ON if sudden.outcome.writes == AUTOMATIC else STOP)
    if said[0] != acknowledged:
        return slow_first.seen(
            f"Your rule says that what is acknowledged is {said[0]}. After a while of bad lines the west was lost: "
            f"{gone} of {left.acknowledged} acknowledged records were nowhere else."
        )
    if said[1] != writes:
        took = sudden.outcome.time.longest
        how = "nothing was acknowledged any more" if took is None else f"after {took / 1e6:.1f} s writes went on"
        return sudden.seen(f"Your rule says that writes {said[1]}. The west was lost, and {how}.")
    return None


def _shown(here: int, elsewhere: int, min_isr: int) -> str:
    return f"{here} replicas with the leader, {elsewhere} elsewhere, min.insync.replicas={min_isr}"


def _complaint(answer: Any) -> str | None:
    if isinstance(answer, tuple) and len(answer) == 2 and answer[0] in (SAFE, AT_RISK) and answer[1] in (GO_ON, STOP):
        return None
    return f'it has to be two words: ("{SAFE}" or "{AT_RISK}", "{GO_ON}" or "{STOP}")'
