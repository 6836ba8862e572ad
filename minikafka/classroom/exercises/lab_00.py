"""Lab 00: what is lost, what a promise saves, and who may lead.

Promises     each wrong answer that people give has a reply of its own.
Stands for   nothing in Kafka.
Left out     the storms over the learner's `elect`: they need the page, and live beside it in `labs/`.
Differs      -
"""

from __future__ import annotations

from minikafka.classroom.exercise import Case, Exercise, Wrong


def elect(replicas: tuple, isr: tuple, alive: tuple) -> str | None:
    """The first replica, in the order of the list, that is in sync and alive; else nobody."""
    for name in replicas:
        if name in isr and name in alive:
            return name
    return None


LOST = Exercise(
    name="00/lost",
    objective="read off an account what was acknowledged and is gone",
    task="Set `lost` to the number of acknowledged departures that no consumer can read any more.",
    solution=4,
    hints=("It is a line of the account.", "The line begins with LOST.", "Count the flights that are named there."),
    wrong=(
        Wrong(0, "“Acknowledged means safe.” The account has a line LOST, and it is not empty."),
        Wrong(396, "That is what a consumer can still read. How many of the 400 acknowledged ones can it not?"),
        Wrong(400, "That is how many were acknowledged. Most of them are there: look for the line LOST."),
    ),
    because="b1 had answered for four departures that nobody had fetched yet. With acks=1 that is all the promise "
            "says.",
)

SILENCE = Exercise(
    name="00/silence",
    objective="say what decides how long nobody can write (RTO), and what decides how much is gone (RPO)",
    task='Set `shorter` to the letter of the change that would have made the silence shorter: "a" acks=1 in place of '
    'all, "b" a session timeout of 3 s in place of 9, "c" halls that are 1 ms apart, "d" a fourth broker.',
    solution="b",
    hints=(
        "Both rows of the table have the same silence, with different acks.",
        "What was the cluster doing in those nine seconds?",
        "It was waiting to be sure that b1 is dead.",
    ),
    wrong=(
        Wrong("a", "Look at the table: with both promises it was as quiet for as long. `acks` says who answers when, "
                   "and "
                   "that decides how much is gone."),
        Wrong("c", "The distance is counted in ms, the silence in seconds. It was not the network that was waited "
                   "for."),
        Wrong("d", "There were enough brokers: two were alive all the time. Nobody had told them that b1 is dead."),
    ),
    because="Nearly all of it is `broker.session.timeout.ms`: the time until a silent broker is taken for dead. RPO "
            "has "
    "another cause: what was promised before others had it.",
)

RISES = Exercise(
    name="00/moves",
    objective="say what makes the high watermark move",
    task='Set `moves` to the letter of the event right after which b1\'s high watermark rises: "a" b1 appends, '
    '"b" a follower appends, "c" the last of the followers that count asks for the next record.',
    solution="c",
    hints=(
        "Find the first line in which b1 commits.",
        "Look at the line before it, and at who has sent something to whom.",
        "A leader learns how far a follower's log goes from the offset that the follower asks for.",
    ),
    wrong=(
        Wrong("a", "“The high watermark moves when the leader writes.” Look at the times: between b1's append and "
                   "its commit "
                   "there is a whole round trip."),
        Wrong("b", "“The leader sees what a follower has.” It does not. It hears of it with the follower's next "
                   "fetch, a "
                   "moment later."),
    ),
    because="A fetch for offset 1 says: I have offset 0. When everyone in the ISR has said so, offset 0 is committed.",
)

ELECT = Exercise(
    name="00/elect",
    objective="name the replica that may lead without losing what was promised",
    task="Write `elect(replicas, isr, alive)`: the name of the replica that leads from now on, or None.",
    solution=elect,
    hints=(
        "Two things must be true of a new leader. One of them is that it is alive.",
        "The other: it must hold every committed record. Which of the three lists tells you who surely does?",
        "Go through `replicas` in their order, and take the first that is in `isr` and in `alive`. If there is none: "
        "None.",
    ),
    cases=(
        Case((("b1", "b2", "b3"), ("b1", "b2", "b3"), ("b2", "b3")), "b2", "b1 is dead, b2 is the next in the list"),
        Case((("b1", "b2", "b3"), ("b3",), ("b2", "b3")), "b3", "b2 is alive, and may lack what was committed "
                                                                "without it"),
        Case((("b1", "b2", "b3"), ("b1",), ("b2", "b3")), None, "nobody who is alive surely has everything"),
        Case((("b2", "b3", "b1"), ("b3", "b1", "b2"), ("b1", "b2", "b3")), "b2", "the order is that of the replica "
                                                                                 "list"),
        Case((("b1", "b2", "b3"), ("b2", "b3"), ("b3",)), "b3", "b2 is in sync, and dead"),
    ),
    wrong=(
        Wrong(lambda replicas, isr, alive: next((name for name in replicas if name in alive), None),
              "“Anybody who is alive can lead.” Then somebody leads who was not in sync, and what was committed "
              "without it is "
              "lost. Kafka calls this an unclean election, and asks you first."),
        Wrong(lambda replicas, isr, alive: isr[0],
              "“The first of the ISR leads.” It may be dead. A leader that does not answer is worse than none: "
              "everybody waits."),
        Wrong(lambda replicas, isr, alive: replicas[0],
              "“The preferred replica leads.” If it is alive and in sync, yes. Ask both."),
        Wrong(lambda replicas, isr, alive: next((name for name in isr if name in alive), None),
              "No record is lost by this. But Kafka goes by the replica list, not by the order of the ISR: so "
              "leaderships come "
              "back to the brokers that were meant to have them."),
        Wrong(lambda replicas, isr, alive: next((name for name in [*isr, *replicas] if name in alive), None),
              "“Any leader is better than none.” While somebody in sync is alive, all is well. Then the last of them "
              "goes, you take whoever is left, and what was committed without that one is lost."),
        Wrong(lambda replicas, isr, alive: None,
              "“Better no leader than a wrong one.” Safe, and useless: nothing can be written any more."),
    ),
    because="In sync, alive, and first in the list. Nobody asks who has most: everyone in the ISR has all that is "
            "committed.",
)
