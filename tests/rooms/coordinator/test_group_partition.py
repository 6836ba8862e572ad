"""Which partition coordinates a group: Java's string hash, with the vectors that were computed by Java."""

import pytest

from minikafka.coordinator.group_partition import java_string_hash, partition_for


@pytest.mark.parametrize(
    ("group", "value", "partition"),
    [
        ("g", 103, 3),
        ("app", 96801, 1),
        ("demo", 3079651, 1),
        ("cg-0", 3049735, 35),
        ("group1", -1237460590, 40),
        ("my-group", -1906497762, 12),
        ("test-group", 627841412, 12),
        ("console-consumer-1", 35782224, 24),
    ],
)
def test_published_vectors(group, value, partition):
    assert java_string_hash(group) == value
    assert partition_for(group, 50) == partition


def test_the_smallest_number_counts_as_zero():
    assert java_string_hash("polygenelubricants") == -(2**31)
    assert partition_for("polygenelubricants", 50) == 0


def test_a_character_beyond_the_first_plane_counts_as_two():
    assert java_string_hash("😀") == 31 * 0xD83D + 0xDE00
