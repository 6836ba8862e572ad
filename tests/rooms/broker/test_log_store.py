"""The logs of a broker across stops."""

from lone_broker import FLIGHTS, batch

from minikafka.broker.log_store import NOT_CLEAN, LogStore
from minikafka.log import checkpoints
from minikafka.protocol.broker_settings import BROKER
from minikafka.protocol.settings import Config
from minikafka.protocol.topic_settings import topic_config
from minikafka.world.disk import Disk

CONFIG = Config(BROKER, {})


def store_on(disk):
    store = LogStore(disk, CONFIG, lambda event: None)
    store.open_all(0)
    return store


def filled(disk):
    store = store_on(disk)
    log = store.log_for(FLIGHTS, "one", topic_config(CONFIG), 0)
    log.append_as_leader(batch("a"), 0, 0)
    log.append_as_leader(batch("b"), 0, 0)
    log.set_high_watermark(1)
    return store, log


def test_a_clean_stop_keeps_all():
    disk = Disk()
    store, _ = filled(disk)
    store.close(broker_epoch=42)
    again = store_on(disk)
    assert again.previous_broker_epoch == 42
    log = again.logs[FLIGHTS]
    assert (log.log_end_offset, log.high_watermark, log.recovery_point) == (2, 1, 2)
    assert again.topic_ids[FLIGHTS] == "one"


def test_the_clean_shutdown_file_is_good_for_one_start():
    disk = Disk()
    store, _ = filled(disk)
    store.close(broker_epoch=42)
    store_on(disk)
    assert store_on(disk).previous_broker_epoch == NOT_CLEAN


def test_after_a_crash_the_high_watermark_is_that_of_the_checkpoint():
    disk = Disk()
    store, log = filled(disk)
    assert store_on(disk).logs[FLIGHTS].high_watermark == 0
    store.write_high_watermarks()
    log.set_high_watermark(2)
    assert store_on(disk).logs[FLIGHTS].high_watermark == 1


def test_a_checkpoint_is_written_only_if_something_has_moved():
    disk = Disk()
    store, log = filled(disk)
    store.write_high_watermarks()
    disk.delete(checkpoints.HIGH_WATERMARK)
    store.write_high_watermarks()
    assert not disk.exists(checkpoints.HIGH_WATERMARK)
    log.set_high_watermark(2)
    store.write_high_watermarks()
    assert checkpoints.read_offsets(disk, checkpoints.HIGH_WATERMARK) == {FLIGHTS: 2}


def test_log_starts_and_recovery_points():
    disk = Disk()
    store, log = filled(disk)
    log.advance_log_start(1)
    log.flush()
    store.write_log_starts()
    store.write_recovery_points()
    again = store_on(disk).logs[FLIGHTS]
    assert (again.log_start_offset, again.recovery_point) == (1, 2)


def test_a_topic_made_anew_does_not_find_the_old_records():
    disk = Disk()
    store, log = filled(disk)
    assert store.log_for(FLIGHTS, "one", topic_config(CONFIG), 0) is log
    store.close(1)
    again = store_on(disk)
    fresh = again.log_for(FLIGHTS, "two", topic_config(CONFIG), 0)
    assert (fresh.log_end_offset, again.topic_ids[FLIGHTS]) == (0, "two")
    assert store_on(disk).topic_ids[FLIGHTS] == "two"


def test_deleting():
    disk = Disk()
    store, _ = filled(disk)
    store.delete(FLIGHTS)
    store.delete(FLIGHTS)
    assert store.logs == {}
    assert disk.list("flights-0/") == []
