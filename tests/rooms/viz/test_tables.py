"""Columns of text."""

from quiet_morning import quiet

from minikafka.viz.tables import marks_table, short, story_of, table, timetable


def test_numbers_stand_to_the_right_and_words_to_the_left():
    assert table(("who", "how many"), [("b1", 1200), ("controller", 7)]) == (
        "who         how many\n"
        "----------  --------\n"
        "b1             1,200\n"
        "controller         7"
    )


def test_spans_and_shares_count_as_numbers():
    assert table(("took",), [("9 ms",), ("123 ms",)]).splitlines()[2:] == ["  9 ms", "123 ms"]
    assert table(("value",), [(2.0,), (2.5,), (True,)]).splitlines()[2:] == ["2", "2.5", "True"]


def test_an_empty_table_has_its_head():
    assert table(("one", "two"), []) == "one  two\n---  ---"


def test_marks_are_those_of_the_logs():
    _, primary, _ = quiet()
    assert marks_table(primary, "flights-0").splitlines()[2].split() == ["b1", "leader", "0", "10", "10"]


def test_a_story_is_of_one_partition_and_may_leave_packets_out():
    world, _, _ = quiet()
    with_traffic, without = story_of(world, "flights-0"), story_of(world, "flights-0", traffic=False)
    assert {"MessageDelivered"} == {entry.kind for entry in with_traffic} - {entry.kind for entry in without}
    assert story_of(world, "flights-7") == [entry for entry in with_traffic if entry.kind == "MessageDelivered"]
    assert all(entry.time >= 100_000 for entry in story_of(world, "flights-0", since=100_000))


def test_a_timetable_counts_from_a_moment_and_leaves_the_cluster_out():
    world, _, _ = quiet()
    first = story_of(world, "flights-0", traffic=False)[:1]
    line = timetable(first, since=first[0].time)
    assert line.startswith("    0.000 ms  ") and "primary/" not in line


def test_short_names():
    assert short("primary/b1") == "b1" and short("faults") == "faults"
