"""A cluster and its trace in columns."""

from quiet_morning import quiet

from minikafka.viz.tables import marks_table, short, story_of, timetable


def test_marks_are_those_of_the_logs():
    _, primary, _ = quiet()
    assert marks_table(primary, "flights-0").lines[2].split() == ["b1", "leader", "0", "10", "10"]


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
