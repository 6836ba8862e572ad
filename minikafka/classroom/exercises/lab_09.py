"""Lab 09: what an observer is, when it is promoted, and what it saves.

Promises     each wrong answer that people give has a reply of its own.
Stands for   nothing in Kafka.
Left out     the scenes in which `wanted_in_sync` is tried: see `promotion_trial`.
Differs      -
"""

from __future__ import annotations

from minikafka.classroom.exercise import Case, Exercise, Wrong

MIN, UNDER, LEADER = "under-min-isr", "under-replicated", "leader-is-observer"


def wanted_in_sync(policy: str, min_isr: int, sync_replicas: int, observer_leads: bool) -> int:
    """So many replicas should be in sync, if it takes observers; 0 where none shall be promoted."""
    if policy == "under-min-isr":
        return min_isr
    if policy == "under-replicated":
        return sync_replicas
    return max(min_isr, sync_replicas) if observer_leads else 0


def _always_the_minimum(policy, min_isr, sync_replicas, observer_leads):
    return min_isr if policy in (MIN, UNDER) or observer_leads else 0


def _always_all(policy, min_isr, sync_replicas, observer_leads):
    return sync_replicas if policy in (MIN, UNDER) or observer_leads else 0


def _turned_round(policy, min_isr, sync_replicas, observer_leads):
    right = {MIN: sync_replicas, UNDER: min_isr}
    return right.get(policy, max(min_isr, sync_replicas) if observer_leads else 0)


def _as_much_as_possible(policy, min_isr, sync_replicas, observer_leads):
    return max(min_isr, sync_replicas) if policy in (MIN, UNDER) or observer_leads else 0


def _observers_without_being_asked(policy, min_isr, sync_replicas, observer_leads):
    return {MIN: min_isr, UNDER: sync_replicas}.get(policy, max(min_isr, sync_replicas))


def _never_for_a_leader(policy, min_isr, sync_replicas, observer_leads):
    return {MIN: min_isr, UNDER: sync_replicas}.get(policy, 0)


def _one_more(policy, min_isr, sync_replicas, observer_leads):
    goal = wanted_in_sync(policy, min_isr, sync_replicas, observer_leads)
    return goal + 1 if goal else 0


WAITS = Exercise(
    name="09/waits",
    objective="say for whom a write waits, and who reads near an observer",
    task="Set `cheap` to the name of the column that is in two cities and whose writes do not wait for the other one.",
    solution="observers",
    hints=(
        "Which columns stay the same from top to bottom?",
        "Of these two, one has no copy in the east.",
        "The other one has two there, and neither is in the ISR.",
    ),
    wrong=(
        Wrong("west only", "Its writes are as quick. But a fire in the west takes it all."),
        Wrong("in sync", "It is in both cities, and each write waits for the way there and back."),
    ),
    because="Observers fetch like followers, and nobody waits for them: they are not in the ISR.",
)

FIRES = Exercise(
    name="09/fires",
    objective="say when an observer is promoted, and when it leaves again",
    task="Set `fires` to the short name of the topic that has one sync replica left when b1 dies, is content with a "
         "`min.insync.replicas` of 1, and takes in an observer all the same.",
    solution="under-replicated",
    hints=(
        "Look at the column “b1 down”: which topics have an observer (3 or 4) in the ISR?",
        "Two of them do. Which settings of min.insync.replicas do they have?",
        "With min.insync.replicas=1 an ISR of one is not under the minimum. It is under-replicated.",
    ),
    wrong=(
        Wrong("under-min-isr", "Its `min.insync.replicas` is 2: with one in sync it is under the minimum."),
        Wrong("leader-is-observer", "Its ISR is one. No observer leads, so none is promoted."),
        Wrong("async", "Version 1 has no promotion: its ISR is one."),
        Wrong("sync", "3 and 4 are no observers there: they were in sync before."),
    ),
    because="under-replicated counts against the number of sync replicas, under-min-isr against the minimum.",
)

LOST = Exercise(
    name="09/lost",
    objective="say what the loss of a region costs, at once and bit by bit",
    task="Set `pause` to the shortest pause (in seconds, as in the table) with which nobody has to be called.",
    solution=10,
    hints=(
        "Look at the column “leads by itself”.",
        "Before an observer can be promoted somebody has to notice that a replica is gone.",
        "That takes broker.session.timeout.ms; then the observer joins.",
    ),
    wrong=(
        Wrong(0, "“Promotion saves any region loss.” It needs a leader that asks for it, and there is none left."),
        Wrong(5, "Five seconds later nobody has noticed yet that the first one is dead."),
        Wrong(15, "That is enough. Is a shorter one, too?"),
    ),
    because="A promotion takes a leader, a controller that has noticed, and an observer that is caught up. A region "
            "that "
            "is lost in one instant gives it none of these.",
)

STAYS = Exercise(
    name="09/stays",
    objective="say what has to be done by hand, and what comes back by itself",
    task="Set `stays` to the short name of the topic that is still led in the east when the west is back.",
    solution="default",
    hints=(
        "Look at the last column: who leads?",
        "b1 and b2 are in the west, b3 and b4 in the east.",
        "For this topic the constraint was turned round, and applied.",
    ),
    wrong=(
        Wrong("async", "It was led in the east for a while, after an unclean election. With the west back, its "
                       "preferred leader leads again."),
        Wrong("under-min-isr", "Its observers led and left, and b2, its preferred leader, leads again."),
        Wrong("sync", "b1 leads it again: preferred leaders do, as soon as they are in sync."),
    ),
    because="An unclean election is an emergency; the preferred leader still comes first in the list. Only a new "
            "constraint, and a reassignment that carries it out, make a failover permanent.",
)

BOTH = Exercise(
    name="09/both",
    objective="choose a placement that is safe and goes on",
    task="Set `best` to the letter of the design that lost nothing and went on by itself in each of its rows, wherever "
         "the records stand in both cities in sync.",
    solution="G",
    hints=(
        "Cross out every design that has a row with lost records, or one with “manual” or “none”.",
        "With three asked for, two replicas that are left cannot go on. Who could be the third?",
        "It is the last of the table.",
    ),
    wrong=(
        Wrong("C", "It went on by itself where the west was lost slowly. Lost at once, it needed somebody."),
        Wrong("D", "Look at its second row: the ISR had shrunk to the west before the west was lost."),
        Wrong("E", "Look at its second row: two in the west were enough to acknowledge, and then gone."),
        Wrong("F", "It lost nothing, and had to wait for somebody to ask for fewer replicas."),
    ),
    because="More than a city's replicas are asked for, so that both have what is acknowledged; and when a city is "
            "lost, an observer makes up the number. Safe and going on, reconciled: for this disaster.",
)

WANTED = Exercise(
    name="09/wanted",
    objective="write the rule of the three promotion policies",
    task="Write `wanted_in_sync(policy, min_isr, sync_replicas, observer_leads)`: how many replicas should be in sync.",
    solution=wanted_in_sync,
    hints=(
        "Each policy compares the ISR with another number.",
        "under-min-isr: with `min_isr`. under-replicated: with `sync_replicas`.",
        "leader-is-observer: with the larger of the two, while an observer leads; otherwise nobody is wanted: 0.",
    ),
    cases=(
        Case((MIN, 1, 3, False), 1, "one in sync is not under a minimum of one"),
        Case((MIN, 2, 3, False), 2, "up to the minimum, and no further"),
        Case((UNDER, 1, 3, False), 3, "as many as there are sync replicas, whatever the minimum"),
        Case((LEADER, 2, 3, False), 0, "no observer leads"),
        Case((LEADER, 2, 3, True), 3, "an observer leads: the others join it"),
        Case((LEADER, 2, 1, True), 2, "an observer leads, and the minimum is the larger number"),
        Case((UNDER, 3, 2, False), 2, "under-replicated does not look at the minimum"),
    ),
    wrong=(
        Wrong(_always_the_minimum, "With under-replicated the minimum has no say: count the sync replicas."),
        Wrong(_always_all, "With under-min-isr an ISR that is small, and not under the minimum, needs nobody: every "
                           "promotion costs each write the way to the other region."),
        Wrong(_turned_round, "The two are the other way round: the names say with what the ISR is compared."),
        Wrong(_as_much_as_possible, "“The more the safer.” And the slower: an observer that is promoted is waited "
                                    "for."),
        Wrong(_observers_without_being_asked, "leader-is-observer promotes nobody while a sync replica leads: only "
                                              "after "
                                              "an unclean election, when an observer does."),
        Wrong(_never_for_a_leader, "With leader-is-observer the other observers join as soon as one of them leads."),
        Wrong(_one_more, "One too many: as far as the number, and not beyond."),
    ),
    because="Three policies are three numbers: the minimum, the sync replicas, or nobody until an observer leads.",
)
