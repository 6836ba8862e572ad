"""Lab 07: who decides, what a majority is worth, how many controllers and where.

Promises     each wrong answer that people give has a reply of its own.
Stands for   nothing in Kafka.
Left out     the scenes of the trial: see `vote_scenes`.
Differs      `grant_vote` does not tell pre-votes and votes apart, and knows of no disks that were replaced.
"""

from __future__ import annotations

from minikafka.classroom.exercise import Case, Exercise, Wrong

Log = tuple[int, int]


def grant_vote(voted_for: int | None, leader: int | None, candidate: int, candidate_log: Log, own_log: Log) -> bool:
    """One vote for each epoch, and only for a log that is at least as far: by epoch first, then by length."""
    if voted_for is not None:
        return voted_for == candidate
    if leader is not None:
        return False
    return candidate_log >= own_log


def _for_everybody(voted_for, leader, candidate, candidate_log, own_log):
    return candidate is not None


def _for_the_first(voted_for, leader, candidate, candidate_log, own_log):
    return leader is None and voted_for in (None, candidate)


def _for_the_longest(voted_for, leader, candidate, candidate_log, own_log):
    free = leader is None and voted_for is None
    return voted_for == candidate or (free and candidate_log[1] >= own_log[1])


def _for_the_latest_epoch(voted_for, leader, candidate, candidate_log, own_log):
    free = leader is None and voted_for is None
    return voted_for == candidate or (free and candidate_log[0] >= own_log[0])


def _again_and_again(voted_for, leader, candidate, candidate_log, own_log):
    return leader is None and candidate_log >= own_log


def _never_the_same_twice(voted_for, leader, candidate, candidate_log, own_log):
    return leader is None and voted_for is None and candidate_log >= own_log


def _only_for_a_better_one(voted_for, leader, candidate, candidate_log, own_log):
    free = leader is None and voted_for is None
    return voted_for == candidate or (free and candidate_log > own_log)


def _against_a_leader(voted_for, leader, candidate, candidate_log, own_log):
    return voted_for == candidate if voted_for is not None else candidate_log >= own_log


TIE = Exercise(
    name="07/tie",
    objective="say how a controller is elected",
    task="Set `tie` to the number of votes that c1 had in epoch 2, its own counted.",
    solution=1,
    hints=(
        "Look for epoch 2 in the time table: who stands, and what do the others say?",
        "Whoever stands has voted for itself.",
        "c2 stood too, so c2's vote was gone.",
    ),
    wrong=(
        Wrong(0, "It has voted for itself: with that a candidature begins."),
        Wrong(2, "Two of three would have been a majority, and c1 would lead in epoch 2."),
        Wrong(3, "c3 is dead. And what did c2 answer?"),
    ),
    because="Both stood at the same moment, and each had one vote: its own. Nobody won epoch 2, and chance decided who "
            "would be earlier the next time.",
)

WHEN = Exercise(
    name="07/when",
    objective="say what the metadata log is",
    task="Set `when` to the offset of the fact with which broker 2 began to lead flights-0.",
    solution=15,
    hints=(
        "Look in the second table: after which row is the leader another one?",
        "A row is the picture after all facts up to this offset.",
        "It is the first row in which b2 leads.",
    ),
    wrong=(),
    because="A leader is not a state that somebody holds, but the latest fact about it. Whoever has read up to there "
            "knows it, and whoever has not still believes in b1.",
)

COMMITTED = Exercise(
    name="07/committed",
    objective="say what a majority is worth",
    task="Set `committed` to the offset below which the metadata log is committed.",
    solution=14,
    hints=(
        "How many of five are a majority?",
        "Sort the five ends. Which is the largest that three of them reach?",
        "9, 12, 14, 15, 15: count three from the right.",
    ),
    wrong=(
        Wrong(15, "“What the active controller writes is decided.” Only two have it. If they die, nobody knows of it."),
        Wrong(9, "“All must have it.” Then one slow controller would stop the cluster; that is what the ISR is for, "
                 "and controllers have none."),
        Wrong(12, "Four have that. Three are enough."),
        Wrong(13, "The mean is of no use: somebody has to *have* it."),
    ),
    because="Three of five have everything below 14, and any other three have one of those among them.",
)

WAITS = Exercise(
    name="07/goes-on",
    objective="say what goes on without a controller, and what waits",
    task='Set `goes_on` to the letters of what goes on without a majority of controllers, as in "ab".',
    solution="ad",
    hints=(
        "Look at the middle column.",
        "What needs a *decision*? A new leader, a smaller ISR, a topic.",
        "Two of the four were answered without anybody deciding anything.",
    ),
    wrong=(
        Wrong("abcd", "“A cluster needs its controller only when it starts.” Look at b: the ISR would have to shrink."),
        Wrong("d", "a, too: all of the ISR fetch, so nothing has to be decided."),
        Wrong("abd", "b waits: somebody has to say that b3 is out of the ISR, and nobody may."),
        Wrong("", "“Without a controller nothing goes on.” Records do not pass through it."),
    ),
    because="Records do not pass through the controller. It is needed when something *changes*.",
)

EVEN = Exercise(
    name="07/even",
    objective="say how many controllers",
    task="Set `may_fail` to the number of controllers that may fail of four.",
    solution=1,
    hints=(
        "How many of four are more than half?",
        "Three. And four less three?",
        "The table has the row.",
    ),
    wrong=(
        Wrong(2, "“Half is enough.” Then the other half could elect another one."),
        Wrong(3, "One that is left is no majority of four."),
    ),
    because="Three of four are needed: one may fail, as with three controllers. The fourth is one more that can fail.",
)

GRANT_VOTE = Exercise(
    name="07/grant_vote",
    objective="write the rule by which a controller votes",
    task="Write `grant_vote(voted_for, leader, candidate, candidate_log, own_log)`: True or False.",
    solution=grant_vote,
    hints=(
        "Three questions, in this order: has the vote been given? does somebody lead? whose log is further?",
        "A vote that was given is given: True for the same candidate (it may not have got the answer), False for "
        "another.",
        "Logs are pairs (epoch of the last fact, end). The later epoch is further; with the same epoch the longer one: "
        "`candidate_log >= own_log`.",
    ),
    cases=(
        Case((None, None, 2, (3, 14), (3, 14)), True, "the vote is free, and the logs are the same"),
        Case((None, None, 2, (3, 14), (3, 12)), True, "the candidate has more"),
        Case((None, None, 2, (3, 12), (3, 14)), False, "the candidate lacks what may be committed"),
        Case((None, None, 2, (4, 10), (3, 14)), True, "its log is shorter and its last fact is of a later epoch: what "
                                                      "this voter has more of was not committed"),
        Case((None, None, 2, (3, 14), (4, 10)), False, "its log is longer and older: it slept through epoch 4"),
        Case((1, None, 2, (3, 14), (3, 14)), False, "the vote of this epoch was given to controller 1"),
        Case((2, None, 2, (3, 14), (3, 14)), True, "it has this vote already, and asks again"),
        Case((None, 3, 2, (3, 14), (3, 14)), False, "controller 3 leads in this epoch"),
    ),
    wrong=(
        Wrong(_for_everybody, "“A vote costs nothing.” Then two get a majority in the same epoch, and two lead."),
        Wrong(_for_the_first, "You ask who came first, and not what it has. A majority may elect one that lacks what a "
                              "majority has."),
        Wrong(_for_the_longest, "“The longest log has most.” It may be long with what nobody else ever got. The "
                                "epoch of its last fact comes first."),
        Wrong(_for_the_latest_epoch, "The epoch alone does not do: within one epoch one may have slept while the "
                                     "others went on. With the same epoch the longer log counts."),
        Wrong(_again_and_again, "You forget whom you have voted for. Two candidates of one epoch get your vote, and "
                                "both may win."),
        Wrong(_never_the_same_twice, "A candidate that has not got your answer asks again. It is the same vote; if you "
                                     "refuse it now, one lost message costs an election."),
        Wrong(_only_for_a_better_one, "“Somebody better than me.” In a quiet cluster all logs are the same, so "
                                      "nobody is ever elected."),
        Wrong(_against_a_leader, "If somebody leads in this epoch, a majority has voted. There is nothing to win."),
    ),
    because="One vote for each epoch makes one leader; the look at the log makes it one that has everything "
            "committed, as any two majorities share a voter.",
)
