"""Lab 01: which records can be read, where they lie, what goes, and what a disaster takes.

Promises     each wrong answer that people give has a reply of its own.
Stands for   nothing in Kafka.
Left out     `cut_point`: it is tried in worlds of its own, see `recovery_trial`.
Differs      -
"""

from __future__ import annotations

from minikafka.classroom.exercise import Exercise, Wrong

MARKS = Exercise(
    name="01/marks",
    objective="read log start offset, high watermark and log end offset off a replica",
    task="Set `marks` to three numbers: (log start offset, high watermark, log end offset).",
    solution=(0, 60, 60),
    hints=(
        "Sixty records begin at offset 0. Which offset comes next? And is anything still uncommitted?",
        "The log end offset is the offset of the next record.",
        "If everything is committed, the high watermark stands at the log end.",
    ),
    wrong=(
        Wrong((0, 59, 59), "“The high watermark is the last committed record.” And the log end offset is not the last "
                           "record's either: both name the next one."),
        Wrong((0, 59, 60), "“The high watermark is the last committed record.” It is the first that is not committed."),
        Wrong((0, 60, 59), "The log end offset is the offset of the next record, so one more."),
        Wrong((1, 60, 60), "The first record of a log has offset 0, and nothing was deleted."),
        Wrong((0, 57, 60), "That is so just after b1 has written. A second later the followers have asked again."),
    ),
    because="All sixty are committed, so the next offset is also the first that is not committed yet.",
)

FIND = Exercise(
    name="01/find",
    objective="find a record by its offset",
    task="Set `place` to two numbers: (base offset of the segment, position in its file).",
    solution=(19, 1337),
    hints=(
        "First the segment: the last one that begins at or below 32. Then its last index entry that is not above 32.",
        "The segment begins at 19. Which of its entries is the floor of 32?",
        "An entry is (offset, position): the position of (30, 1337) is where the broker begins to look.",
    ),
    wrong=(
        Wrong((19, 1782), "That is where the batch with 32 begins, but the index does not say so: its entry (33, 1782) "
                          "is above 32. The floor is one entry earlier; from there the broker reads on."),
        Wrong((19, 0), "One would find it from there too. The sparse index is there to save most of that way."),
        Wrong((37, 448), "That segment begins at 37, so 32 cannot be in it."),
        Wrong((19, 30), "30 is the offset of the entry; its position stands beside it."),
    ),
    because="The floor entry of 32 is (30, 1337). The batch there ends with 30; the next one holds 32.",
)

RETENTION = Exercise(
    name="01/retention",
    objective="say when retention may delete a segment",
    task="Set `milliseconds` to a number.",
    solution=1550,
    hints=(
        "Which record of the segment decides, the oldest or the youngest?",
        "The youngest is 450 ms old.",
        "2000 less 450.",
    ),
    wrong=(
        Wrong(650, "“Retention deletes each record when its time has come.” That is when its oldest record is two "
                   "seconds old. The youngest decides."),
        Wrong(450, "That is the age of its youngest record now. How much is missing to two seconds?"),
        Wrong(2000, "It has 450 ms behind it already."),
    ),
    because="Its youngest record decides, and it has to be older than `retention.ms`.",
)

TAKEN = Exercise(
    name="01/taken",
    objective="tell a crash from a loss of power",
    task="Set `taken` to two numbers: records that the crash took from b1's log, and records that the loss of power "
         "took.",
    solution=(0, 5),
    hints=(
        "Compare b1's log end at its restart with the sixty that it had.",
        "After the crash it ends at 60, after the loss of power at 55.",
        "60 less 60, and 60 less 55.",
    ),
    wrong=(
        Wrong((5, 5), "A crashed process has written its bytes: they are the operating system's now."),
        Wrong((0, 0), "Lost in the end is nothing. But how much was gone from b1's own log?"),
        Wrong((60, 55), "That is where the log ended at the restart. How many records were gone?"),
    ),
    because="The page cache outlives the process, and does not outlive the power.",
)
