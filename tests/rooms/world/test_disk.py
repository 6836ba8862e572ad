"""The disk: what a crash keeps, what a power loss takes, what a torn write leaves."""

from random import Random

import pytest

from minikafka.world.disk import ByteDamaged, Disk, DiskError, UnflushedBytesLost


def contents(disk):
    return {path: disk.read(path) for path in disk.list()}


def test_appended_bytes_are_read_back():
    disk = Disk()
    disk.append("a/x.log", b"hello ")
    disk.append("a/x.log", b"world")
    assert disk.read("a/x.log") == b"hello world"
    assert disk.read("a/x.log", 6) == b"world"
    assert disk.read("a/x.log", 1, 3) == b"ell"
    assert disk.read("a/x.log", 9, 100) == b"ld"
    assert disk.size("a/x.log") == 11


def test_what_was_read_does_not_change_with_the_file():
    disk = Disk()
    disk.append("x", b"one")
    before = disk.read("x", 0, 3)
    disk.append("x", b"two")
    assert before == b"one" and isinstance(before, bytes)


def test_paths_are_listed_sorted_by_prefix():
    disk = Disk()
    for path in ("b/2", "a/1", "b/1", "b1/1"):
        disk.append(path, b"")
    assert disk.list("b/") == ["b/1", "b/2"]
    assert disk.list() == ["a/1", "b/1", "b/2", "b1/1"]
    disk.delete("b/1")
    disk.rename("b/2", "c/2")
    assert disk.list() == ["a/1", "b1/1", "c/2"]


def test_a_power_loss_keeps_what_was_flushed_and_only_that():
    disk = Disk()
    disk.append("x", b"safe")
    disk.flush("x")
    disk.append("x", b" lost")
    disk.append("never", b"flushed")
    assert disk.flushed_size("x") == 4
    disk.lose_power()
    assert contents(disk) == {"x": b"safe"}


def test_flush_without_a_path_flushes_all():
    disk = Disk()
    disk.append("x", b"1")
    disk.append("y", b"2")
    disk.flush()
    disk.lose_power()
    assert contents(disk) == {"x": b"1", "y": b"2"}


def test_a_replaced_file_is_the_old_or_the_new_one():
    disk = Disk()
    disk.write("x", b"old content")
    disk.flush("x")
    disk.write("x", b"new")
    assert disk.read("x") == b"new"
    for seed in range(20):
        disk.lose_power(Random(seed))
        assert disk.read("x") == b"old content"
        disk.write("x", b"new")
    disk.flush("x")
    disk.lose_power()
    assert disk.read("x") == b"new"


def test_a_replaced_file_that_was_never_flushed_is_gone_and_never_torn():
    for seed in range(20):
        disk = Disk()
        disk.write("x", b"new")
        disk.append("x", b"er")
        disk.lose_power(Random(seed))
        assert not disk.exists("x")


def test_truncated_bytes_come_back_unless_the_cut_was_flushed():
    disk = Disk()
    disk.append("x", b"0123456789")
    disk.flush("x")
    disk.truncate("x", 4)
    disk.append("x", b"abc")
    disk.lose_power()
    assert disk.read("x") == b"0123456789"
    disk.truncate("x", 4)
    disk.flush("x")
    disk.append("x", b"abc")
    disk.lose_power()
    assert disk.read("x") == b"0123"


def test_cutting_within_the_unflushed_part_loses_nothing_that_was_safe():
    disk = Disk()
    disk.append("x", b"safe")
    disk.flush("x")
    disk.append("x", b"+tail")
    disk.truncate("x", 6)
    disk.lose_power()
    assert disk.read("x") == b"safe"


def test_only_the_first_write_after_a_flush_may_survive_torn():
    seen = {}
    for seed in range(200):
        disk = Disk()
        disk.append("x", b"safe")
        disk.flush("x")
        disk.append("x", b"abc")
        disk.append("x", b"defgh")
        disk.lose_power(Random(seed))
        seen[disk.read("x")] = True
    assert sorted(seen) == [b"safe", b"safea", b"safeab"]


def test_what_survived_a_power_loss_is_safe_from_the_next():
    disk = Disk()
    disk.append("x", b"safe")
    disk.flush("x")
    disk.append("x", b"abcdef" * 20)
    disk.lose_power(Random(1))
    left = disk.read("x")
    disk.lose_power(Random(2))
    assert disk.read("x") == left


def test_the_same_dice_tear_the_same_bytes():
    def story(seed):
        disk = Disk()
        for number in range(20):
            disk.append(f"f{number}", bytes(range(50)))
        disk.lose_power(Random(seed))
        return contents(disk)

    assert story(3) == story(3)
    assert story(3) != story(4)


def test_deleting_and_renaming_are_durable_at_once():
    disk = Disk()
    disk.append("x", b"1")
    disk.append("y", b"2")
    disk.append("z", b"3")
    disk.flush()
    disk.delete("x")
    disk.rename("y", "z")
    disk.lose_power()
    assert contents(disk) == {"z": b"2"}


def test_a_damaged_byte_is_another_byte_and_stays_so():
    events = []
    disk = Disk(events.append)
    disk.append("x", b"abc")
    disk.flush()
    disk.corrupt("x", 1)
    disk.lose_power()
    assert disk.read("x") == b"a" + bytes([ord("b") ^ 0xFF]) + b"c"
    assert events[0] == ByteDamaged("x", 1)
    assert events[0].sentence() == "the byte at position 1 of x was damaged"


def test_damage_reaches_the_content_a_power_loss_brings_back():
    disk = Disk()
    disk.write("x", b"abc")
    disk.flush()
    disk.write("x", b"xyz")
    disk.corrupt("x", 0)
    disk.lose_power()
    assert disk.read("x") == bytes([ord("a") ^ 0xFF]) + b"bc"


def test_a_power_loss_says_how_much_it_took():
    events = []
    disk = Disk(events.append)
    disk.append("x", b"12345")
    disk.append("y", b"12")
    disk.flush("y")
    disk.append("y", b"345")
    disk.lose_power()
    assert events == [UnflushedBytesLost(2, 8, 0)]
    assert events[0].sentence() == "the power loss forgot 8 unflushed bytes of 2 file(s)"


def test_a_folder_holds_the_same_files_for_real(tmp_path):
    disk = Disk(folder=tmp_path)
    disk.append("a/x", b"one")
    disk.append("a/x", b"two")
    disk.write("y", b"yes")
    disk.flush()
    disk.append("a/x", b"three")
    assert (tmp_path / "a/x").read_bytes() == b"onetwothree"
    disk.truncate("a/x", 4)
    assert (tmp_path / "a/x").read_bytes() == b"onet"
    disk.rename("y", "b/z")
    disk.lose_power()
    real = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert real == contents(disk) == {"a/x": b"onetwo", "b/z": b"yes"}
    disk.delete("a/x")
    assert not (tmp_path / "a/x").exists()


MISSING = {
    "read": lambda disk: disk.read("a/nothing"),
    "size": lambda disk: disk.size("a/nothing"),
    "flushed_size": lambda disk: disk.flushed_size("a/nothing"),
    "truncate": lambda disk: disk.truncate("a/nothing", 0),
    "delete": lambda disk: disk.delete("a/nothing"),
    "rename": lambda disk: disk.rename("a/nothing", "b"),
    "flush": lambda disk: disk.flush("a/nothing"),
    "corrupt": lambda disk: disk.corrupt("a/nothing", 0),
}


@pytest.mark.parametrize("call", MISSING.values(), ids=MISSING)
def test_a_missing_file_is_named_with_what_is_beside_it(call):
    disk = Disk()
    disk.append("a/something", b"here")
    with pytest.raises(DiskError, match="no file a/nothing on this disk; beside it there is a/something"):
        call(disk)
    assert contents(disk) == {"a/something": b"here"}


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a/../../x"])
def test_a_path_outside_the_disk_is_refused(path):
    disk = Disk()
    with pytest.raises(DiskError, match="names below its root"):
        disk.append(path, b"data")
    with pytest.raises(DiskError, match="names below its root"):
        disk.write(path, b"data")
    assert disk.list() == []


@pytest.mark.parametrize("size", [-1, 5])
def test_a_cut_outside_the_file_is_refused(size):
    disk = Disk()
    disk.append("x", b"four")
    with pytest.raises(DiskError, match=f"x cannot be cut to {size} bytes: it has 4"):
        disk.truncate("x", size)
    assert disk.read("x") == b"four"


@pytest.mark.parametrize("position", [-1, 4])
def test_there_is_no_damage_outside_the_file(position):
    disk = Disk()
    disk.append("x", b"four")
    with pytest.raises(DiskError, match=f"no byte {position} to damage"):
        disk.corrupt("x", position)
    assert disk.read("x") == b"four"
