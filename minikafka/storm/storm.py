"""One storm: faults and traffic, then everything is healed and has to come to rest, then judgment.

Promises     `run(seed)` gives the same result, to the last digest, wherever it is run; a broken law, a failed task
             and every finding end up in the result, never as an exception.
Stands for   Jepsen's run, FoundationDB's and TigerBeetle's simulations.
Left out     -
Differs      safety first, then liveness: during the storm only laws are looked after; afterwards everything must come
             to rest within a deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import NamedTuple

from minikafka.deploy.kafka_world import World
from minikafka.laws.client_judgments import JUDGMENTS
from minikafka.laws.fold_law import differences
from minikafka.laws.group_judgments import GROUP_JUDGMENTS
from minikafka.laws.liveness_judgments import LIVENESS
from minikafka.laws.sight import Sight
from minikafka.laws.transaction_judgments import TRANSACTION_JUDGMENTS, hanging
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.storm.options import OPTIONS, usual
from minikafka.storm.quorum_weather import quorum_steps
from minikafka.storm.regions import BROKERS, roll_regions
from minikafka.storm.schedule import FAULTS, SECOND, Schedule, roll
from minikafka.storm.setting import Built, Setting, build, roll_setting
from minikafka.world.chance import Chance
from minikafka.world.laws import Finding, LawBroken
from minikafka.world.recorder import NOTHING

BLOWS_FOR = 20 * SECOND
"""The safety phase."""

REST_WITHIN = 30 * SECOND
"""The deadline for everything to come to rest once all is healed."""

LOOK_AFTER, LATER = SECOND // 2, SECOND // 27
"""The first wait before a look at whether all is at rest, and by how much each is longer than the one before: members
of a group commit twice a second, and looks in step with them would always find the same record under way."""


class StormResult(NamedTuple):
    """How a storm went. `law` is the broken law's name, "" if none was; `void` tells where promises were void, and
    why."""

    seed: int
    faults: tuple[str, ...]
    schedule: Schedule
    setting: Setting
    law: str
    why: str
    findings: tuple[Finding, ...]
    digest: str
    events: int
    ended: int
    acknowledged: int
    void: tuple[str, ...]
    is_rolled: bool = True

    @property
    def ok(self) -> bool:
        """No law was broken and nothing was found."""
        return not self.law and not self.findings

    @property
    def sentence(self) -> str:
        """What went wrong, or that nothing did."""
        if self.law:
            return f"{self.law}: {self.why}"
        if self.findings:
            more = f" (and {len(self.findings) - 1} more)" if len(self.findings) > 1 else ""
            return f"{self.findings[0].anomaly}: {self.findings[0].where}: {self.findings[0].sentence}{more}"
        return f"no law broken, nothing lost; {self.acknowledged} records acknowledged ({self.setting.sentence()})"

    @property
    def broken(self) -> str:
        """The name of the law, or of the first anomaly; "" if all was well."""
        return self.law or (self.findings[0].anomaly if self.findings else "")

    @property
    def replay_command(self) -> str:
        """The command that shows the same storm again."""
        if not self.is_rolled:
            options = "".join(f", {name}={value}" for name, value in self.setting.unusual(self.seed).items())
            call = f"run({self.seed}{options}, schedule={self.schedule!r})"
            imports = "from minikafka.storm.schedule import Schedule, Step; from minikafka.storm.storm import run"
            return f'python -c "{imports}; print({call}.sentence)"'
        chosen = "" if self.faults == FAULTS else f" --faults {','.join(self.faults)}"
        unusual = self.setting.unusual(self.seed)
        options = "".join(f" --{'' if value else 'no-'}{name}" for name, value in unusual.items())
        return f"minikafka storm --seeds 1 --first-seed {self.seed}{chosen}{options}"


def setting_of(seed: int, **options: bool) -> Setting:
    """What the seed rolls before anything happens, with these options as said and the others as `usual`."""
    unknown = [name for name in options if name not in OPTIONS]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not an option of a storm; take some of {', '.join(OPTIONS)}")
    setting = roll_setting(Chance(seed).stream("storm setting"))._replace(**{**usual(seed), **options})
    return setting._replace(brokers=BROKERS) if setting.observers else setting


def run(
    seed: int,
    faults: Iterable[str] | None = None,
    schedule: Schedule | None = None,
    keep: str = NOTHING,
    **options: bool,
) -> StormResult:
    """One storm. `faults` limits the kinds; with a `schedule` exactly that happens instead of what the seed would
    roll; `options` are those of `OPTIONS`, such as groups=False; what is not said is as `usual`."""
    chosen = tuple(kind for kind in FAULTS if faults is None or kind in tuple(faults))
    setting, chance = setting_of(seed, **options), Chance(seed)
    if schedule is None:
        begin = 5 * SECOND // 2
        schedule = roll(chance.stream("storm schedule"), setting.machines, setting.controllers[0], setting.partitions,
                        begin, begin + BLOWS_FOR, setting.lossy, setting.careful, chosen)  # fmt: skip
        if setting.observers:
            steps = roll_regions(chance.stream("storm regions"), setting.machines, begin, begin + BLOWS_FOR,
                                 setting.controllers if setting.quorum else (), setting.careful)  # fmt: skip
            schedule = schedule.with_steps(steps)
        if setting.quorum:
            dice = chance.stream("storm quorum")
            schedule = schedule.with_steps(
                quorum_steps(dice, setting.controllers, setting.machines, begin, begin + BLOWS_FOR)
            )
        return blow(seed, setting, schedule, chosen, keep)
    return blow(seed, setting, schedule, chosen, keep)._replace(is_rolled=False)


def blow(
    seed: int, setting: Setting, schedule: Schedule, faults: tuple[str, ...] = FAULTS, keep: str = NOTHING
) -> StormResult:
    """Carry a schedule out in this setting."""
    world = World(seed=seed, keep=keep)
    law = why = ""
    findings: list[Finding] = []
    try:
        built = build(world, setting)
        strike(built, schedule.steps)
        findings = calm(built, schedule.steps) or world.judge(*JUDGMENTS, *GROUP_JUDGMENTS, *TRANSACTION_JUDGMENTS)
        law, why = _events_tell(world)
    except LawBroken as broken:
        law, why = broken.law.name, broken.why
    except Exception as error:  # whatever it is, whoever sweeps seeds wants to know whose it was
        law, why = "nothing fails by itself", f"{error!r} (because of {error.__cause__!r})"
    result = StormResult(
        seed, faults, schedule, setting, law, why, tuple(findings), world.recorder.digest(), world.recorder.recorded,
        world.now, sum(_acknowledged(workload) for workload in world.workloads), _void(world),
    )  # fmt: skip
    put_away(world)
    return result


def put_away(world: World) -> None:
    """End all processes of a world that nobody will look at again, so that no task is left hanging."""
    for machine in world.network.machines.values():
        if machine.state in ("running", "frozen"):
            machine.crash()


def strike(built: Built, steps: Sequence) -> None:
    """The safety phase: let every step happen at its time, and let the storm blow out."""
    world = built.world
    for time, verb, arguments in steps:
        if verb == "elect":
            tp = built.partitions[arguments[0] % len(built.partitions)]
            world.kernel.plan(max(time, world.now), _elect, (built, tp))
        else:
            world.faults.at(max(time, world.now), verb, *arguments)
    last = max((step.time for step in steps), default=world.now)
    world.run_until(max(last + SECOND // 2, world.now))


def calm(built: Built, steps: Sequence) -> list[Finding]:
    """Heal everything, stop the writers, and wait until all is at rest; what is still missing at the deadline."""
    world = built.world
    heal_all(world, steps)
    for writer in (*built.writers, *built.members):
        writer.stop()
    deadline = world.now + REST_WITHIN
    for looks in count():
        world.run_for(LOOK_AFTER + looks * LATER)
        start_all(world)  # who was still stopping when all was healed is down by now
        findings = _not_at_rest(built)
        if not findings or world.now >= deadline:
            return findings


def heal_all(world: World, steps: Sequence) -> None:
    """Take every barrier away, give every way that the steps slowed its speed back, start or thaw every machine."""
    for kind, source, target in world.network.barriers.standing():
        (world.faults.heal_oneway if kind == "cut" else world.faults.release)(source, target)
    for step in steps:
        if step.verb == "slow":
            world.faults.restore_speed(*step.arguments[:2])
    for machine in world.network.machines.values():
        if machine.state == "frozen":
            world.faults.thaw(machine)
    start_all(world)


def start_all(world: World) -> None:
    """Start whatever is down or dark."""
    for machine in world.network.machines.values():
        if machine.state in ("down", "dark"):
            world.faults.start(machine)


def _not_at_rest(built: Built) -> list[Finding]:
    findings = built.world.judge(*LIVENESS, hanging)
    if findings:
        return findings  # a controller that is new may not even know the topics that the others ask for
    findings = [Finding("unseen", str(tp), "the reader has not come to its end") for tp in built.reader.behind()]
    behind = [tp for members in built.members for tp in members.behind()]
    return findings + [Finding("unseen", str(tp), "the group has not come to its end") for tp in behind]


def _events_tell(world: World) -> tuple[str, str]:
    why = differences(Sight.of(world))
    return ("events tell what is", why) if why else ("", "")


def _elect(what: tuple[Built, TopicPartition]) -> None:
    built, tp = what

    async def election() -> None:
        try:
            await built.cluster.admin.elect_leaders("preferred", [tp])
        except KafkaError:
            pass  # it may be impossible just now; that is as good as not having asked

    built.cluster.admin.machine.spawn(election(), "election")


def _acknowledged(workload) -> int:
    return sum(receipt.done and receipt.error is None for _, receipt in getattr(workload, "sent", ()))


def _void(world: World) -> tuple[str, ...]:
    return tuple(f"{tp}: {history.broken}" for (_, tp), history in Sight.of(world).histories.items() if history.broken)


Runner = Callable[[Schedule], StormResult]
"""Carries a schedule out; for `shrink`."""
