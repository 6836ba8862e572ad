"""What can happen to a site, as drills that every stretched layout is put through.

Promises     each is done through the world's front door, so that it can be watched, rewound and forked.
Stands for   the pages of a game day's book.
Left out     fires that spare a rack.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable

from minikafka.patterns.stretched_layout import Stretched
from minikafka.protocol.names import TopicPartition
from minikafka.recovery.drill import Drill

Response = Callable[[Stretched], None] | None


def lose(site: str, respond: Response = None) -> Drill:
    """Power is gone at once, everywhere in the site."""
    return Drill(f"{site} lost", f"{site} loses power", lambda built: built.world.faults.lose(site), respond)


def lose_slowly(site: str, pause: str = "20s", respond: Response = None) -> Drill:
    """One machine after the other, brokers first, with a pause before each next: long enough to be noticed."""

    def strike(built: Stretched) -> None:
        first = True
        for machine in _machines(built, site):
            if not first:
                built.world.run_for(pause)
            built.world.faults.power_off(machine)
            first = False

    return Drill(f"{site} lost slowly", f"{site} loses one machine after the other", strike, respond)


def cut_off(site: str, *others: str, respond: Response = None) -> Drill:
    """Every line between a site and the others fails; the machines are well."""

    def strike(built: Stretched) -> None:
        for other in others:
            built.world.faults.cut(site, other)

    return Drill(f"{site} cut off", f"the lines from {site} to {', '.join(others)} fail", strike, respond)


def cut_then_lose(site: str, *others: str, respond: Response = None) -> Drill:
    """The lines of a site fail first, and two seconds later the site: long before anybody leaves an ISR."""

    def strike(built: Stretched) -> None:
        for other in others:
            built.world.faults.cut(site, other)
        built.world.run_for("2s")
        built.world.faults.lose(site)

    says = f"the lines of {site} fail, two seconds later its power"
    return Drill(f"{site} lost, its lines first", says, strike, respond)


def shrink_then_lose(site: str, *others: str, respond: Response = None) -> Drill:
    """The lines to the site with the leader fail until its followers elsewhere have left the ISR; then it is lost."""

    def strike(built: Stretched) -> None:
        for other in others:
            built.world.faults.slow(site, other, latency="40s")
        built.world.run_for("45s")
        built.world.faults.lose(site)

    says = f"the lines from {site} become too slow to follow, and later {site} loses power"
    return Drill(f"{site} lost after a bad line", says, strike, respond)


def elect_uncleanly(built: Stretched) -> None:
    """An operator gives up what only the lost site had, to have a leader again."""
    built.cluster.elect(TopicPartition(built.topic, 0), "unclean")


def lower_min_isr(built: Stretched) -> None:
    """An operator asks for fewer replicas, until the others are back."""
    built.cluster.alter_config(built.topic, {"min.insync.replicas": 1})


def rule_alone(built: Stretched) -> None:
    """An operator, sure that the others are dead and stay dead, makes the survivor that knows most the only voter."""
    alive = [one for one in built.cluster.controllers.values() if one.controller is not None]
    best = max(alive, key=lambda one: (one.controller.voter.epoch, one.controller.voter.log.end_offset))
    built.cluster.force_standalone(best.id)
    built.world.run_for("20s")
    lower_min_isr(built)


def _machines(built: Stretched, site: str) -> list[str]:
    brokers = [broker.machine for broker in built.cluster.brokers.values()]
    voters = [controller.machine for controller in built.cluster.controllers.values()]
    return [machine.name for machine in [*brokers, *voters] if machine.region is built.sites[site]]
