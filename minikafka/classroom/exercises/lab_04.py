"""Lab 04: what an acknowledgement is worth, what it costs, and what an error leaves open.

Promises     each wrong answer that people give has a reply of its own.
Stands for   nothing in Kafka.
Left out     `acked`: it is tried in worlds of its own, see `acks_trial`.
Differs      -
"""

from __future__ import annotations

from minikafka.classroom.exercise import Exercise, Wrong

HOW_MANY = Exercise(
    name="04/how_many",
    objective="say who must have a record before it is acknowledged",
    task="Set `how_many` to two numbers: (with the ISR [1, 2, 3], with the ISR [1, 2]).",
    solution=(3, 2),
    hints=(
        "The answer waits for the high watermark. For whom does the high watermark wait?",
        "For every replica that is in sync.",
        "Count the members of each ISR.",
    ),
    wrong=(
        Wrong((2, 2), "“min.insync.replicas is how many must acknowledge.” It is the gate; who must have the record is "
                      "decided by the ISR."),
        Wrong((3, 3), "“acks=all waits for all replicas.” In the second case b3 is not in sync, and not waited for."),
        Wrong((1, 1), "That is `acks=1`."),
    ),
    because="All that are in sync, never fewer; the minimum only says how small that set may get.",
)

ERRORS = Exercise(
    name="04/errors",
    objective="say from the error whether a record was written",
    task='Set `in_the_log` to two words, each "no" or "perhaps": (after REQUEST_TIMED_OUT, after NOT_ENOUGH_REPLICAS).',
    solution=("perhaps", "no"),
    hints=(
        "Use the last column of the table.",
        "One of them comes before anything is written, the other after.",
        "Who waits has written already.",
    ),
    wrong=(
        Wrong(("no", "no"), "An error is not always a no. What does a leader do before it waits?"),
        Wrong(("perhaps", "perhaps"), "One of the two is checked before the write: then surely nothing is written."),
        Wrong(("no", "perhaps"), "The other way round: which of the two comes from a leader that waits?"),
    ),
    because="A producer may send both again; only idempotence keeps the first from being written twice.",
)

WORTH = Exercise(
    name="04/worth",
    objective="measure what a promise costs and what it saves",
    task="Set `worth` to two whole numbers: (how many times the distance, how many departures).",
    solution=(2, 20),
    hints=(
        "Compare the two columns of the distance table at 5ms; then the second and third column of the last table.",
        "At 5 ms one way: what is the difference of the two columns, divided by 5?",
        "With a minimum of 1, how many were acknowledged while b1 was alone, and lost?",
    ),
    wrong=(
        Wrong((1, 20), "The record travels once. And what travels back, before b1 knows?"),
        Wrong((2, 0), "With a minimum of 2 nothing was lost. How many were, with a minimum of 1?"),
        Wrong((3, 20), "There is a little jitter in the numbers. Look at 35ms, where it matters less."),
    ),
    because="Two trips for each record; and everything that b1 alone had promised.",
)
