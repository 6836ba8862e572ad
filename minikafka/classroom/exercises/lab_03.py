"""Lab 03: who copies from whom, who knows it when, and whom a commit waits for.

Promises     each wrong answer that people give has a reply of its own.
Stands for   nothing in Kafka.
Left out     `advance_high_watermark`: it is tried in worlds of its own, see `high_watermark_trial`.
Differs      -
"""

from __future__ import annotations

from minikafka.classroom.exercise import Exercise, Wrong

TOLD = Exercise(
    name="03/told",
    objective="say what a fetch tells the leader",
    task="Set `told` to two numbers: (broker id, offset).",
    solution=(3, 1),
    hints=(
        "It is the last line but one of the chain of causes above.",
        "The line says which message b1 received, and from whom.",
        "A message called fetch @1 asks for offset 1.",
    ),
    wrong=(
        Wrong((2, 1), "b2 asked too, and a little earlier. But then b3 was still missing."),
        Wrong((3, 0), "With `fetch @0` it would say: I have nothing yet."),
        Wrong((1, 1), "b1 is the leader: nobody has to tell it what it has itself."),
    ),
    because="Asking for 1 means: I have 0. And both had to ask; b3 was the later one.",
)

WHEN = Exercise(
    name="03/when",
    objective="read in a trace when a replica knows that a record is committed",
    task='Set `when` to "second record" or "half a second".',
    solution="second record",
    hints=(
        "Every answer to a fetch carries the leader's high watermark.",
        "Which answer is the next one that b2 gets?",
        'In the table above: which line stands beside "appended offsets 1..1"?',
    ),
    wrong=(
        Wrong("half a second", "So it was when nothing followed. Now something does: look at the two lines of the same "
                               "moment."),
    ),
    because="Every answer carries the high watermark from before that fetch: news of one record comes with the next.",
)

STAMPS = Exercise(
    name="03/stamps",
    objective="say why replicas are the same byte for byte",
    task="Set `stamps` to the two names, as text: (\"...\", \"...\").",
    solution=("base_offset", "leader_epoch"),
    hints=(
        "Run show(stamp) in a cell of your own, and look at what it takes besides the data and the header.",
        "One says where in the log the batch stands, the other under whose leadership it was written.",
        "base_offset is the first of them.",
    ),
    wrong=(
        Wrong(("leader_epoch", "base_offset"), "These two. `stamp` takes them in the other order."),
        Wrong(("data", "header"), "Those are what is stamped."),
    ),
    because="Offset and epoch are decided once, by the leader. Whoever copies has nothing left to decide.",
)

WHO = Exercise(
    name="03/who",
    objective="say who takes a replica out of the ISR",
    task='Set `who` to two machines: (who asked when the line was cut, who decided alone after the crash), as "b1" or '
         '"controller".',
    solution=("b1", "controller"),
    hints=(
        "Look at the second column of the lines above, and at their seconds.",
        "The first line is of the crash; the other two are of the cut.",
        "The leader watches the lag, the controller watches the heartbeats.",
    ),
    wrong=(
        Wrong(("controller", "controller"), "“A follower that lags is thrown out by the controller.” It wrote the "
                                            "change down both times. But who had asked?"),
        Wrong(("b1", "b1"), "After the crash nobody had to ask: b3's heartbeats had stopped."),
        Wrong(("controller", "b1"), "The other way round. Whom does a controller hear, and what does a leader see?"),
    ),
    because="The leader watches the lag, the controller the heartbeats; and every change is written down by the "
            "controller.",
)
