"""Lab 02: where a record goes, what is ordered, and what a batch costs.

Promises     each wrong answer that people give has a reply of its own.
Stands for   nothing in Kafka.
Left out     -
Differs      -
"""

from __future__ import annotations

from zlib import crc32

from minikafka.classroom.exercise import Case, Exercise, Wrong
from minikafka.client.partitioner import murmur2


def place(key: bytes, partitions: int) -> int:
    """Hash the key, take the sign away, divide: the rest is the partition."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


SAME = Exercise(
    name="02/same",
    objective="say which records a topic keeps in order",
    task='Set `ordered` to the letters of all pairs whose order every consumer will see as it was sent, as in "ab".',
    solution="ad",
    hints=(
        "Which of the pairs share a partition?",
        "A key decides on the partition, whoever sends, and whenever.",
        "Two different flights can share a partition too: look at the table above.",
    ),
    wrong=(
        Wrong("a", "The same key, the same partition: right. But look for another pair that shares a partition."),
        Wrong("abcd", "“A topic is one queue.” Each partition is a queue of its own; between two of them there is no "
                      "order."),
        Wrong("abd", "“Whoever was sent earlier is read earlier.” Not across partitions: the consumer above has read "
                     "partition 0 first."),
        Wrong("d", "Two records of the same flight have the same key, so they share a partition as well."),
    ),
    because="Order is kept inside a partition. The same key means the same partition; two keys may share one, and "
            "then are ordered too.",
)

MOVED = Exercise(
    name="02/moved",
    objective="say what happens to keys when a topic gets more partitions",
    task="Set `stay` to the number of flights, of the 979, that stay in their partition when 3 partitions become 4.",
    solution=245,
    hints=(
        "The table has the share that moves.",
        "What does not move stays: 979 in all.",
        "A key stays if its hash has the same rest after division by 3 and by 4.",
    ),
    wrong=(
        Wrong(734, "So many move. How many stay?"),
        Wrong(979, "“Old keys keep their place.” The rest of a division by 4 is not the rest of a division by 3."),
        Wrong(653, "“Only a fair share moves to the new partition”: with consistent hashing it would be so. Kafka "
                   "divides."),
    ),
    because="Three quarters of all keys have a new home, and their old records stay where they were: for these keys "
            "the order is broken once.",
)

LINGER = Exercise(
    name="02/linger",
    objective="choose linger.ms, knowing what it costs",
    task="Set `linger` to the linger.ms of the table (with batch.size 16384) that makes at most 100 batches of the 300 "
    "records, and lets a record wait no longer than it must.",
    solution=20,
    hints=("Which rows have at most 100 batches?", "Of those: which has the shortest usual wait?", "It is the third "
                                                   "row."),
    wrong=(
        Wrong(0, "The shortest wait of all, and nearly a batch for each record."),
        Wrong(5, "The default. It makes more than 100 batches here."),
        Wrong(50, "Few batches, and a wait twice as long as a shorter linger would need."),
        Wrong(100, "The fewest batches, and the longest wait. Which row keeps both in bounds?"),
    ),
    because="A wait that you choose buys fewer batches: less work for the producer, the brokers, and the lines "
            "between regions.",
)

RETRIES = Exercise(
    name="02/retries",
    objective="say what retries do to order and number, and what idempotence does about it",
    task='Set `can` to the letters of what a retry can do without idempotence: "a" write a record twice, "b" turn two '
    'records of one key round, "c" move a record to another partition, "d" lose an acknowledged record; as in "cd".',
    solution="ab",
    hints=(
        "You have seen two scenes: the evening, and the lost answer.",
        "A batch keeps its partition, however often it is sent.",
        "A retry sends again what was not acknowledged.",
    ),
    wrong=(
        Wrong("a", "That was the lost answer. What happened in the evening?"),
        Wrong("b", "That was the evening. What happened when an answer was lost?"),
        Wrong("abc", "The partition was chosen when the record was put into its batch, once."),
        Wrong("abd", "What is acknowledged is not sent again. It can be lost in other ways: lab 04."),
    ),
    because="Both are stopped by sequence numbers: the leader takes each number once, and none before the one in "
            "front of it.",
)

PLACE = Exercise(
    name="02/place",
    objective="write the partitioner that all clients must share",
    task="Write `place(key, partitions)`: the number of the partition for a key (bytes), from 0 to partitions - 1.",
    solution=place,
    hints=(
        "Every client in the world must come to the same answer, so you need the same hash: `murmur2(key)` gives it.",
        "Kafka's hash is a signed 32-bit number, and may be negative. Kafka keeps the lower 31 bits: `& 0x7FFFFFFF`.",
        "The rest of the division by `partitions` is the partition.",
    ),
    cases=(
        Case((b"abc", 6), 3, "murmur2 is 479470107"),
        Case((b"key", 3), 1, "murmur2 is -1079937367, without its sign bit 1067546281"),
        Case((b"foobar", 3), 0, "murmur2 is -790332482, without its sign bit 1357151166"),
        Case((b"user-1", 3), 2, "murmur2 is 1404122828"),
        Case((b"UA1096", 3), 2, "so the departures' producer has placed it"),
        Case((b"B6353", 6), 4, "so the departures' producer has placed it"),
        Case((b"", 3), 0, "an empty key is a key like any other"),
    ),
    wrong=(
        Wrong(lambda key, partitions: sum(key) % partitions,
              "A hash, and not Kafka's. Alone in the world you would never notice. But the departures are placed by "
              "Kafka's "
              "partitioner, and your arrivals of the same flight lie elsewhere."),
        Wrong(lambda key, partitions: len(key) % partitions,
              "Every flight whose name has six letters goes to the same partition: one broker does nearly all the "
              "work."),
        Wrong(lambda key, partitions: murmur2(key) % partitions,
              "Nearly. In Kafka the hash is a signed number, and the sign bit is taken away before the division; "
              "yours counts it in. "
              "For about half of all keys the rest is another."),
        Wrong(lambda key, partitions: abs(murmur2(key) - (1 << 32 if murmur2(key) >> 31 else 0)) % partitions,
              "“Without its sign” is not the absolute value here: Kafka keeps the lower 31 bits as they are (`& "
              "0x7FFFFFFF`)."),
        Wrong(lambda key, partitions: crc32(key) % partitions,
              "CRC-32 is what librdkafka's default partitioner takes. Mix such a client with a Java client on one "
              "topic and each "
              "flight lives in two partitions. (There the cure is `partitioner=murmur2_random`.)"),
        Wrong(lambda key, partitions: 0,
              "All in order, and all in one place: that topic has one partition, whatever its settings say."),
    ),
    because="The same bits in Java, Python, C and Go: that is all that keeps the events of one flight in one line.",
)
