"""Lab 05: who leads, what a leader epoch is for, and where a follower cuts.

Promises     each wrong answer that people give has a reply of its own.
Stands for   nothing in Kafka.
Left out     the scenes of the trial: they are in `labs/old_days.py`.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable

from minikafka.classroom.exercise import Case, Exercise, Wrong


def log_with(epochs: dict[int, int], log_end: int) -> Callable[[int], tuple[int, int]]:
    """What a log with these epochs (epoch: first offset) answers when it is asked where an epoch ends."""

    def own_end_offset_for(epoch: int) -> tuple[int, int]:
        if epoch < 0 or epoch > max(epochs, default=-1):
            return -1, -1
        known = max((one for one in epochs if one <= epoch), default=epoch)
        return known, min((start for one, start in epochs.items() if one > epoch), default=log_end)

    return own_end_offset_for


def cut(
    leader_epoch: int,
    leader_end: int,
    fetch_offset: int,
    log_end: int,
    own_end_offset_for: Callable[[int], tuple[int, int]],
) -> int:
    """So far, at most, the two logs are the same: where the leader's epoch ends there, and where it ends here."""
    if leader_end == -1:
        return fetch_offset
    _, own_end = own_end_offset_for(leader_epoch)
    if own_end == -1:
        return min(leader_end, log_end)
    return min(leader_end, own_end, log_end)


EPOCH = Exercise(
    name="05/epoch",
    objective="say what a leader epoch is for",
    task="Set `epoch` to the leader epoch under which b1 wrote its last records before it heard of b2's election.",
    solution=0,
    hints=(
        "Find b1's line in the strips right after it woke up.",
        "The epoch stands behind the flight: `/e…`.",
        "b1 slept through the election. What it did not hear of it could not use.",
    ),
    wrong=(
        Wrong(1, "“A leader always knows the present epoch.” b1 was asleep when epoch 1 began. It wrote under the "
                 "one it knew."),
    ),
    because="Under epoch 0, which was over. That is how everybody else can tell: the epoch on the record is older "
            "than the reign.",
)

PARTING = Exercise(
    name="05/parting",
    objective="find the offset at which two logs part",
    task="Set `parting` to the offset to which the follower has to cut.",
    solution=5,
    hints=(
        "What is the follower's latest epoch, and which epoch up to that one does the leader know?",
        "The leader answers (1, 7): epoch 1, which ends at 7 in its log. Where does epoch 1 end in the follower's?",
        "The smaller of the two ends.",
    ),
    wrong=(
        Wrong(7, "That is where epoch 1 ends in the *leader's* log. In the follower's it ends earlier, and what "
                 "comes then is of another "
                 "epoch (this was the bug of KIP-279)."),
        Wrong(9, "“A follower keeps what it has.” Offsets 5 to 8 are of epoch 2, of which the leader has never heard."),
        Wrong(4, "“A follower cuts to its high watermark.” Offset 4 is the same in both logs. To cut it is to lose "
                 "it, if the leader "
                 "dies now (KIP-101)."),
        Wrong(3, "Epoch 1 begins there. The logs agree on it, as far as it goes in both."),
    ),
    because="Up to offset 4 both logs have the same records of the same epochs. From 5 on they have different "
            "histories.",
)

KEEPS = Exercise(
    name="05/keeps",
    objective="say what an unclean election gives up, and what ELR saves",
    task='Set `keeps` to the letters of the settings with which no acknowledged record is lost, as in "ab".',
    solution="ac",
    hints=(
        "Look at the rows' last strips: is UA1096 still there?",
        "Waiting without a leader costs time, and no record.",
        "In (a) the partition waits; in (c) it elects b2, which has everything.",
    ),
    wrong=(
        Wrong("c", "In (a) nobody leads for a while. Is a record lost by waiting?"),
        Wrong("ab", "“Any leader is better than none.” With an unclean election b1 leads and has never seen UA1096."),
        Wrong("a", "In (c) b2 leads at once. What does it have?"),
        Wrong("abc", "One of them elects a broker that was not in sync: see what it lacks."),
    ),
    because="Waiting keeps records and costs time; an unclean election keeps time and costs records; ELR knows "
            "somebody who costs neither.",
)

CUT = Exercise(
    name="05/cut",
    objective="write the function that says where a follower cuts",
    task="Write `cut(leader_epoch, leader_end, fetch_offset, log_end, own_end_offset_for)`: the offset to which the "
         "follower cuts.",
    solution=cut,
    hints=(
        "The leader tells you where an epoch ends *there*. You can ask your own log where it ends *here*.",
        "`own_end_offset_for(leader_epoch)` gives a pair (epoch, end). The two logs agree up to the smaller end.",
        "min(leader_end, own_end, log_end). If the leader knows no end (-1), stay at fetch_offset; if your log knows "
        "none (-1), leave "
        "own_end out.",
    ),
    cases=(
        Case((0, 5, 7, 7, log_with({0: 0}, 7)), 5, "the leader's epoch 0 ends at 5, the follower's tail goes on to 7"),
        Case((0, 3, 2, 2, log_with({0: 0, 1: 1}, 2)), 1, "the follower's own epoch 0 ends at 1; offset 1 is of epoch "
                                                         "1 here and of epoch 0 there"),
        Case((1, 6, 7, 7, log_with({0: 0, 2: 4}, 7)), 4, "the follower has no epoch 1 at all, and its epoch 0 ends "
                                                         "at 4"),
        Case((0, 9, 8, 8, log_with({0: 0, 1: 6}, 8)), 6, "the leader has more of epoch 0 than the follower"),
        Case((3, 4, 9, 9, log_with({}, 9)), 4, "the follower's log knows no epochs: it believes the leader"),
        Case((-1, -1, 5, 8, log_with({0: 0}, 8)), 5, "the leader knows nothing: the follower stays where it wanted "
                                                     "to fetch"),
    ),
    wrong=(
        Wrong(lambda leader_epoch, leader_end, fetch_offset, log_end, own_end_offset_for: leader_end,
              "So Kafka did it from 0.11 to 1.1. The leader's end of an epoch may lie beyond yours: ask your own log "
              "as well."),
        Wrong(lambda leader_epoch, leader_end, fetch_offset, log_end, own_end_offset_for: min(leader_end, log_end),
              "You compare where the logs end, and not where the epoch ends: your records of other epochs stay, at the "
              "offsets where the leader has its own (this was the bug of KIP-279)."),
        Wrong(lambda leader_epoch, leader_end, fetch_offset, log_end, own_end_offset_for: log_end,
              "“A follower keeps what it has.” Then its log parts from the leader's for good, and nobody will notice."),
        Wrong(lambda leader_epoch, leader_end, fetch_offset, log_end, own_end_offset_for:
              own_end_offset_for(leader_epoch)[1],
              "Your own end alone is not enough: of the same epoch you may have more than the leader, a tail that "
              "nobody confirmed."),
        Wrong(lambda leader_epoch, leader_end, fetch_offset, log_end, own_end_offset_for: 0,
              "“To be sure, begin again.” Until everything is fetched again you are in the ISR without the records "
              "that you promised to have."),
        Wrong(lambda leader_epoch, leader_end, fetch_offset, log_end, own_end_offset_for: max(0, log_end - 1),
              "One step back, and ask again: that ends at the right place, after as many round trips as there are "
              "records to cut. It can "
              "be done in one."),
    ),
    because="Two ends of one epoch, one here and one there: up to the smaller of them the logs are the same.",
)
