"""The text files beside the logs."""

import pytest

from minikafka.log import checkpoints
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.world.disk import Disk

A0, A1, B0 = TopicPartition("a", 0), TopicPartition("a", 1), TopicPartition("b", 0)
NAMES = (checkpoints.RECOVERY_POINT, checkpoints.HIGH_WATERMARK, checkpoints.LOG_START)


def test_the_text_is_kafkas():
    disk = Disk()
    checkpoints.write_offsets(disk, checkpoints.HIGH_WATERMARK, {B0: 7, A1: 15, A0: 0})
    assert disk.read("replication-offset-checkpoint") == b"0\n3\na 0 0\na 1 15\nb 0 7\n"
    assert checkpoints.read_offsets(disk, checkpoints.HIGH_WATERMARK) == {A0: 0, A1: 15, B0: 7}


def test_no_file_says_nothing():
    assert checkpoints.read_offsets(Disk(), checkpoints.LOG_START) == {}


def test_a_checkpoint_is_durable_and_replaced_whole():
    disk = Disk()
    checkpoints.write_offsets(disk, checkpoints.LOG_START, {A0: 1, A1: 2})
    checkpoints.write_offsets(disk, checkpoints.LOG_START, {A0: 5})
    disk.lose_power()
    assert checkpoints.read_offsets(disk, checkpoints.LOG_START) == {A0: 5}


def test_the_files_may_lie_in_a_folder():
    disk = Disk()
    checkpoints.write_offsets(disk, checkpoints.LOG_START, {A0: 1}, root="data/")
    assert disk.list() == ["data/log-start-offset-checkpoint"]
    assert checkpoints.read_offsets(disk, checkpoints.LOG_START, root="data/") == {A0: 1}


@pytest.mark.parametrize("offset, left", [(5, 5), (10, 10), (11, 10)])
def test_a_recovery_point_is_only_lowered(offset, left):
    disk = Disk()
    checkpoints.write_offsets(disk, checkpoints.RECOVERY_POINT, {A0: 10, B0: 3})
    checkpoints.lower_recovery_point(disk, A0, offset)
    assert checkpoints.read_offsets(disk, checkpoints.RECOVERY_POINT) == {A0: left, B0: 3}


def test_a_recovery_point_that_is_not_there_is_0_already():
    disk = Disk()
    checkpoints.lower_recovery_point(disk, A0, 5)
    assert disk.list() == []


def test_a_forgotten_partition_is_in_no_checkpoint():
    disk = Disk()
    for name in NAMES:
        checkpoints.write_offsets(disk, name, {A0: 10, B0: 3})
    checkpoints.forget_partition(disk, A0)
    assert [checkpoints.read_offsets(disk, name) for name in NAMES] == [{B0: 3}] * 3


def test_the_clean_shutdown_file_is_taken_once():
    disk = Disk()
    checkpoints.write_clean_shutdown(disk, 42)
    assert disk.read(".kafka_cleanshutdown") == b'{"version": 0, "brokerEpoch": 42}'
    disk.lose_power()
    assert checkpoints.take_clean_shutdown(disk) == 42
    assert checkpoints.take_clean_shutdown(disk) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"brokerEpoch": null}', b"\xff"])
def test_a_damaged_clean_shutdown_file_still_says_clean(content):
    disk = Disk()
    disk.append(".kafka_cleanshutdown", content)
    assert checkpoints.take_clean_shutdown(disk) == -1


@pytest.mark.parametrize("content", [
    b"", b"0\n", b"1\n0\n", b"0\n2\na 0 5\n", b"0\n1\na 0\n", b"0\n1\na zero 5\n", b"0\n1\na 0 5 6\n", b"\xff\xfe",
    b"hello",
])  # fmt: skip
@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_checkpoint_is_refused_and_left_as_it_is(name, content):
    disk = Disk()
    disk.append(name, content)
    with pytest.raises(KafkaError) as caught:
        checkpoints.read_offsets(disk, name)
    assert caught.value.error is Error.KAFKA_STORAGE_ERROR
    assert name in str(caught.value) and "delete it to begin without" in str(caught.value)
    assert disk.read(name) == content
