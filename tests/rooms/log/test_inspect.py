"""A segment told line by line, sound or damaged."""

import pytest
from shelf import Shelf, numbered

from minikafka.log.inspect import inspect
from minikafka.protocol.record_batch import CONTROL, TRANSACTIONAL, assemble
from minikafka.protocol.records import build_batch
from minikafka.world.disk import DiskError

PATH = "flights-0/00000000000000000000.log"


def shelf_with_two():
    shelf = Shelf()
    greeting = (1005, None, b"hello", [("h", b"x"), ("i", None)])
    records = [(1000, b"k1", b"v1", None), greeting, (1003, b"k3", None, None)]
    shelf.log.append_as_leader(build_batch(records, producer_id=7, producer_epoch=2, base_sequence=40), 3, 0)
    shelf.lead(b"\xff", epoch=4, timestamp=9)
    return shelf


def test_a_log_is_told_in_kafkas_words():
    shelf = shelf_with_two()
    first, second = shelf.log.batches()
    assert inspect(shelf.log).splitlines() == [
        f"Dumping {PATH}",
        "Log starting offset: 0",
        "baseOffset: 0 lastOffset: 2 count: 3 baseSequence: 40 lastSequence: 42 producerId: 7 producerEpoch: 2 "
        "partitionLeaderEpoch: 3 isTransactional: false isControl: false position: 0 CreateTime: 1005 "
        f"size: {first.size} crc: {first.crc} isvalid: true",
        "baseOffset: 3 lastOffset: 3 count: 1 baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 "
        f"partitionLeaderEpoch: 4 isTransactional: false isControl: false position: {first.size} CreateTime: 9 "
        f"size: {second.size} crc: {second.crc} isvalid: true",
    ]


def test_deep_tells_each_record():
    lines = [line for line in inspect(shelf_with_two().log, deep=True).splitlines() if line.startswith("|")]
    assert lines == [
        "| offset: 0 CreateTime: 1000 keySize: 2 valueSize: 2 sequence: 40 headerKeys: [] key: k1 payload: v1",
        "| offset: 1 CreateTime: 1005 keySize: -1 valueSize: 5 sequence: 41 headerKeys: [h,i] key: null payload: hello",
        "| offset: 2 CreateTime: 1003 keySize: 2 valueSize: -1 sequence: 42 headerKeys: [] key: k3 payload: null",
        "| offset: 3 CreateTime: 9 keySize: -1 valueSize: 1 sequence: -1 headerKeys: [] key: null payload: \\xff",
    ]


def test_a_log_a_folder_a_file_and_bytes_say_the_same(tmp_path):
    shelf = shelf_with_two()
    data = shelf.disk.read(PATH)
    (tmp_path / "00000000000000000000.log").write_bytes(data)
    told = inspect(shelf.log).splitlines()
    assert inspect("flights-0", shelf.disk).splitlines() == told
    assert inspect(PATH, shelf.disk).splitlines() == told
    assert inspect(data).splitlines() == told[2:]
    assert inspect(tmp_path).splitlines()[1:] == told[1:]
    assert inspect(str(tmp_path / "00000000000000000000.log")).splitlines()[1:] == told[1:]


def test_every_segment_of_a_log_is_told():
    shelf = Shelf(segment_bytes=len(numbered(1)))
    shelf.fill(3)
    starts = [line for line in inspect(shelf.log).splitlines() if line.startswith("Log starting")]
    assert starts == ["Log starting offset: 0", "Log starting offset: 1", "Log starting offset: 2"]


def test_attributes_are_told():
    line = inspect(build_batch([(0, None, b"v", None)], attributes=CONTROL | TRANSACTIONAL))
    assert "isTransactional: true isControl: true" in line
    shelf = Shelf(message_timestamp_type="LogAppendTime")
    shelf.lead(now=5000)
    assert "LogAppendTime: 5" in inspect(shelf.log)


# -- damage --------------------------------------------------------------------------------------------------------


def test_a_damaged_batch_is_not_valid_and_the_next_is_told():
    shelf = shelf_with_two()
    shelf.disk.corrupt(PATH, 100)
    lines = inspect(shelf.log).splitlines()
    assert lines[2].endswith("isvalid: false") and lines[3].endswith("isvalid: true")


def test_damaged_records_are_told_as_such():
    data = assemble(b"\xc1", 1, base_timestamp=0, max_timestamp=0)
    assert "are unreadable" in inspect(data, deep=True).splitlines()[1]


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_torn_tail_is_told_in_a_sentence(cut):
    shelf = shelf_with_two()
    first, second = shelf.log.batches()
    lines = inspect(shelf.disk.read(PATH)[:-cut]).splitlines()
    assert lines[0].endswith("isvalid: true")
    assert lines[1].startswith(f"The last {second.size - cut} bytes, from position {first.size} on, are no whole batch")
    assert "torn" in lines[1] and lines[1].endswith(f"Recovery would cut the file at {first.size}.")


@pytest.mark.parametrize("foreign", [b"\x00" * 200, b"GET / HTTP/1.1\r\n" * 10, b"\x94"])
def test_foreign_bytes_are_told_in_a_sentence(foreign):
    assert inspect(foreign).startswith(f"The last {len(foreign)} bytes, from position 0 on, are no whole batch: ")


def test_nothing_is_told_of_nothing():
    assert inspect(b"") == ""


def test_a_missing_file_is_an_error(tmp_path):
    shelf = Shelf()
    with pytest.raises(DiskError, match="no file flights-9"):
        inspect("flights-9", shelf.disk)
    with pytest.raises(OSError):
        inspect(tmp_path / "nothing.log")


def test_looking_changes_nothing():
    shelf = shelf_with_two()
    before = {path: shelf.disk.read(path) for path in shelf.disk.list()}
    shelf.disk.corrupt(PATH, 100)
    inspect(shelf.log, deep=True)
    shelf.disk.corrupt(PATH, 100)
    assert {path: shelf.disk.read(path) for path in shelf.disk.list()} == before
