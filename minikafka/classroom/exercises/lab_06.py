"""Lab 06: where a group goes on, who may commit, what the order of work and commit costs.

Promises     each wrong answer that people give has a reply of its own.
Stands for   nothing in Kafka.
Left out     the scenes of the trial: see `commit_scenes`.
Differs      `may_commit` does not tell static members apart.
"""

from __future__ import annotations

from minikafka.classroom.exercise import Case, Exercise, Wrong
from minikafka.protocol.errors import Error

TWO = ("c1-a", "c2-b")


def may_commit(who: str, generation: int, members: tuple[str, ...], present: int, state: str) -> Error | None:
    """A member of the present generation may; somebody outside only while nobody is in the group."""
    if generation < 0:
        return None if state == "Empty" else Error.UNKNOWN_MEMBER_ID
    if who not in members:
        return Error.UNKNOWN_MEMBER_ID
    if generation != present:
        return Error.ILLEGAL_GENERATION
    if state == "CompletingRebalance":
        return Error.REBALANCE_IN_PROGRESS
    return None


def _counts_always(who, generation, members, present, state):
    return None


def _only_the_number(who, generation, members, present, state):
    return Error.ILLEGAL_GENERATION if generation < present else None


def _only_the_member(who, generation, members, present, state):
    if generation < 0:
        return None if state == "Empty" else Error.UNKNOWN_MEMBER_ID
    return None if who in members else Error.UNKNOWN_MEMBER_ID


def _anybody_outside(who, generation, members, present, state):
    return None if generation < 0 else may_commit(who, generation, members, present, state)


def _nobody_outside(who, generation, members, present, state):
    return Error.UNKNOWN_MEMBER_ID if generation < 0 else may_commit(who, generation, members, present, state)


def _only_while_stable(who, generation, members, present, state):
    told = may_commit(who, generation, members, present, state)
    return Error.REBALANCE_IN_PROGRESS if told is None and state == "PreparingRebalance" else told


def _nobody_from_the_future(who, generation, members, present, state):
    told = may_commit(who, generation, members, present, state)
    return None if told == Error.ILLEGAL_GENERATION and generation < present else told


def _one_error_for_all(who, generation, members, present, state):
    return may_commit(who, generation, members, present, state) and Error.UNKNOWN_MEMBER_ID


NOTICED = Exercise(
    name="06/noticed",
    objective="say who notices that a member is gone, and when",
    task="Set `noticed` to the name of the setting, as text.",
    solution="session.timeout.ms",
    hints=(
        "Look at the reason in the line “is no member of group fees any more”.",
        "Members send heartbeats every `heartbeat.interval.ms`. After how long a silence is a member put out?",
        'The line says: its session has ended. "session.…"',
    ),
    wrong=(
        Wrong("heartbeat.interval.ms", "So often does a member say that it lives. How many may be missing?"),
        Wrong("max.poll.interval.ms", "That one is for members that live and do not poll: they leave by themselves, "
                                      "after five minutes. c1 was dead."),
        Wrong("broker.session.timeout.ms", "That is for brokers, at the controller. A member is looked after by its "
                                           "group's coordinator."),
    ),
    because="The coordinator waits for a heartbeat for so long; with the default that is three quarters of a minute in "
            "which nobody reads the dead member's partitions.",
)

LATE = Exercise(
    name="06/late",
    objective="say what a generation is for",
    task='Set `late` to the name of the error, as text: "NAME".',
    solution="ILLEGAL_GENERATION",
    hints=(
        "Read `require_right_to_commit` from top to bottom with this c1 in your hand.",
        "`group.require` looks for the member. It is there. What is looked at next?",
        "`group.require_generation`: the error for a number that is not the present one.",
    ),
    wrong=(
        Wrong("UNKNOWN_MEMBER_ID", "That is for somebody whom the group does not know. This c1 has joined again."),
        Wrong("REBALANCE_IN_PROGRESS", "That comes while the assignment is being handed out. This group is Stable."),
        Wrong("FENCED_INSTANCE_ID", "That is for a static member whose name another process has taken."),
    ),
    because="The member is known, the number is old: what it read as of then is not its own any more.",
)

DESK = Exercise(
    name="06/desk",
    objective="say where a group's place is kept",
    task="Set `desk` to the id of the broker that coordinates the group `boards`.",
    solution=1,
    hints=(
        "Which partition of __consumer_offsets is it? partition_for(\"boards\", 50) tells.",
        "Whoever leads that partition coordinates the group.",
        "primary.leader(f\"__consumer_offsets-{number}\").id",
    ),
    wrong=(),
    because="The leader of that partition coordinates the group. If it fails, its successor does, with the same log.",
)

SHARES = Exercise(
    name="06/shares",
    objective="say who reads what",
    task="Set `shares` to three numbers: how many partitions c1, c2 and c3 have, as in (3, 3, 2).",
    solution=(4, 2, 2),
    hints=(
        "Range shares out topic by topic.",
        "Four partitions among three: two, one and one. And then the next topic, in the same order.",
        "c1 comes first both times.",
    ),
    wrong=(
        Wrong((3, 3, 2), "“A group shares evenly.” Eight among three would be that; range looks at one topic at a "
                         "time, and begins with c1 each time."),
        Wrong((2, 1, 1), "That is one of the two topics."),
        Wrong((4, 4, 0), "c3 has subscribed to both topics too, and there are four partitions in each."),
    ),
    because="With range the first members have one more in *each* topic. The reason to want it: equal numbers of two "
            "topics meet at the same member, and can be joined there.",
)

ORDER = Exercise(
    name="06/order",
    objective="say what at-least-once and at-most-once cost",
    task='Set `order_of_work` to "work, commit" or "commit, work".',
    solution="work, commit",
    hints=(
        "What must not happen here: twice, or never?",
        "Look at the two rows: in which column is each of them empty?",
        "A bill that was never written stands in the last column.",
    ),
    wrong=(
        Wrong("commit, work", "Then flights were never billed. The group believes they were, and nobody will look "
                              "again."),
    ),
    because="Work, commit: at least once. What then comes twice has to be recognised, by the flight's name for "
            "instance.",
)

CAREFUL = Exercise(
    name="06/careful",
    objective="say what a transaction spares, and for whom",
    task='Set `careful` to a setting with its value, as in "acks=all".',
    solution="isolation.level=read_committed",
    hints=(
        "Compare the four rows of the table: in which one are there eight in the end?",
        "It is a setting of the consumer. What it is by default lets c1's five bills through.",
        'Its name stands at the head of a column: "isolation.level=…"',
    ),
    wrong=(
        Wrong("isolation.level=read_uncommitted", "That is the default. It reads up to the high watermark, and c1's "
                                                  "five bills are below it."),
        Wrong("enable.idempotence=true", "That is for the writer: one producer's own retries leave no double (lab 02). "
                                         "c1 and c2 are two producers."),
        Wrong("transactional.id=fees-0", "That is for the writer. A reader has no transaction to name."),
        Wrong("enable.auto.commit=false", "That says when this program writes down where it is, and nothing of what "
                                          "it is given."),
        Wrong("acks=all", "That is for the writer, and here it was so: all 13 bills are replicated."),
    ),
    because="A reader that does not ask for it is given what was aborted, too. And whether it sends a bill twice is "
            "its own affair again: between sending and committing there is a moment.",
)

MAY_COMMIT = Exercise(
    name="06/may_commit",
    objective="write the rule that decides whose commits count",
    task="Write `may_commit(who, generation, members, present, state)`: None if the commit counts, or an Error.",
    solution=may_commit,
    hints=(
        "Three questions, one after the other: does it come from outside? from a member? of the present generation?",
        "From outside (generation -1) it may come only while the group is Empty. Otherwise `who` has to be in "
        "`members`, and `generation` has to be `present`.",
        'The errors: UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION; and REBALANCE_IN_PROGRESS while the state is '
        '"CompletingRebalance". In "PreparingRebalance" it counts: everybody commits before giving back.',
    ),
    cases=(
        Case(("c1-a", 2, TWO, 2, "Stable"), None, "a member of the present generation commits"),
        Case(("c1-a", 1, ("c2-b",), 2, "Stable"), Error.UNKNOWN_MEMBER_ID, "c1 was put out"),
        Case(("c1-a", 2, ("c2-b",), 2, "PreparingRebalance"), Error.UNKNOWN_MEMBER_ID,
             "c1 was put out a moment ago, and the next generation has not begun"),
        Case(("c1-a", 1, TWO, 2, "Stable"), Error.ILLEGAL_GENERATION, "c1 names a generation that is over"),
        Case(("c1-a", 2, TWO, 2, "PreparingRebalance"), None,
             "the others are asked to join again, and commit before they give back what they have"),
        Case(("", -1, TWO, 2, "Stable"), Error.UNKNOWN_MEMBER_ID, "somebody outside, while the group is at work"),
        Case(("", -1, (), 3, "Empty"), None, "somebody outside, while nobody is in the group"),
        Case(("c1-a", 3, TWO, 3, "CompletingRebalance"), Error.REBALANCE_IN_PROGRESS,
             "the shares of this generation are not handed out yet"),
    ),
    wrong=(
        Wrong(_counts_always, "“The last commit wins.” Then a zombie takes back what its successor has committed."),
        Wrong(_only_the_number, "Look at who commits, too: between being put out and the next generation a zombie's "
                                    "number is still the right one."),
        Wrong(_only_the_member, "Look at the generation, too: a member that has joined again may send what it read "
                                "before, when other partitions were its own."),
        Wrong(_anybody_outside, "An administrator who moves a group at work moves it under its members' feet; their "
                                "next commit undoes it, or is undone."),
        Wrong(_nobody_outside, "Then nobody could ever move a group, not even while nobody is in it. Generations "
                               "protect only groups at work."),
        Wrong(_only_while_stable, "So nothing is lost, but much comes twice: while a rebalance is being prepared "
                                  "members commit what they have done before they give it back."),
        Wrong(_nobody_from_the_future, "A generation is no rank: an old one is as wrong as one that has not been."),
        Wrong(_one_error_for_all, "The right ones are refused. But the error tells the client what to do: join under a "
                                  "new id, join again with the old one, or wait."),
    ),
    because="The place of a group belongs to those who are in it now, and to nobody else while anybody is.",
)
