"""What a compaction leaves: last records, tombstones for a while, empty batches where they matter; and what a stop in
the middle of it leaves."""

import random

import pytest
from shelf import FLIGHTS, Shelf

from minikafka.events.storage import CompactionFinished
from minikafka.log.batch_validation import COORDINATOR
from minikafka.log.cleanable import cleanable, worth_it
from minikafka.log.compaction import Cleaner, groups, last_offsets, put_in_place
from minikafka.log.inspect import inspect
from minikafka.log.segment import SWAP
from minikafka.protocol.control_records import Marker, marker_batch
from minikafka.protocol.record_batch import CONTROL, TRANSACTIONAL, check_crc, read_header
from minikafka.protocol.records import build_batch, records_of

HORIZON = 5_000


def keyed(*pairs, timestamp=0, **fields):
    """A client's batch of these (key, value)."""
    return build_batch([(timestamp, key.encode(), value and value.encode(), None) for key, value in pairs], **fields)


ONE = len(keyed(("k0", "v0")))


class Seats(Shelf):
    """A compacted log whose segments hold `a_segment` small batches, or what `segment_bytes` says."""

    def __init__(self, a_segment=2, **settings):
        super().__init__(**{"cleanup_policy": "compact", "segment_bytes": a_segment * ONE,
                            "delete_retention_ms": HORIZON, **settings})  # fmt: skip

    def write(self, *batches, commit=True):
        """Each batch is a list of pairs "key=value"; "key=" is a tombstone."""
        for pairs in batches:
            split = [pair.partition("=") for pair in pairs.split()]
            self.log.append_as_leader(keyed(*((key, value or None) for key, _, value in split)), 1, 0)
        if commit:
            self.log.set_high_watermark(self.log.log_end_offset)
        return self

    def compact(self, now_ms=0):
        """A whole compaction at once."""
        found = cleanable(self.log, now_ms)
        cleaner = Cleaner(self.log, last_offsets(self.log, found.first_dirty, found.up_to), found.up_to, now_ms)
        for group in list(groups(self.log, found.up_to)):
            new = cleaner.rewrite(group)
            new.rename(SWAP)
            put_in_place(self.log, group, new)
        self.log.cleaned_to = found.up_to
        return cleaner.tally

    def content(self):
        """offset -> "key=value" of everything in the log."""
        found = {}
        for segment in self.log.segments:
            data = segment.content()
            for header in segment.headers:
                check_crc(data, header)
                for record in records_of(data, header):
                    found[record.offset] = f"{record.key.decode()}={(record.value or b'').decode()}"
        return found

    def files(self, ending):
        return [path for path in self.disk.list("flights-0/") if path.endswith(ending)]


def test_the_last_record_of_each_key_stays_where_it_was():
    seats = Seats().write("a=1", "b=1", "a=2", "b=2", "a=3", "c=1")
    tally = seats.compact()
    assert seats.content() == {2: "a=2", 3: "b=2", 4: "a=3", 5: "c=1"}  # 4 and 5 are in the active segment
    assert (tally.records, tally.batches, tally.tombstones) == (2, 2, 0)
    assert (seats.log.log_start_offset, seats.log.log_end_offset) == (0, 6)


def test_a_batch_that_loses_records_keeps_its_offsets_sequence_and_epoch():
    seats = Seats(a_segment=3)
    data = keyed(("a", "1"), ("b", "1"), ("a", "2"), producer_id=7, producer_epoch=0, base_sequence=40)
    seats.log.append_as_leader(data, 3, 0)
    seats.write("c=1", "c=2", "d=1", "d=2")
    old = seats.log.segments[0].headers[0]
    seats.compact()
    new = seats.log.segments[0].headers[0]
    assert (new.base_offset, new.last_offset, new.leader_epoch) == (old.base_offset, old.last_offset, 3)
    assert (new.base_sequence, new.last_sequence, new.records_count) == (40, 42, 2)
    assert new.crc != old.crc
    assert [seats.content().get(offset) for offset in (0, 1, 2)] == [None, "b=1", "a=2"]


def test_the_active_segment_and_what_is_not_stable_are_not_touched():
    seats = Seats().write("a=1", "a=2", "a=3", "a=4", "a=5", commit=False)
    seats.log.set_high_watermark(3)
    found = cleanable(seats.log, 0)
    assert (found.first_dirty, found.up_to) == (0, 2)
    seats.compact()
    assert sorted(seats.content()) == [1, 2, 3, 4]


def test_neighbours_become_one_segment_as_long_as_they_fit():
    seats = Seats().write(*[f"k{number % 2}=v" for number in range(20)])
    assert len(seats.log.segments) == 10
    seats.compact()
    assert len(seats.log.segments) == 10  # by their old sizes two do not fit into one
    seats.write("x=1", "y=1", "z=1", "x=2", "y=2", "z=2")
    seats.compact()
    assert len(seats.log.segments) == 5
    assert list(seats.content().values()) == ["k0=v", "k1=v", "y=1", "z=1", "x=2", "y=2", "z=2"]


def test_a_tombstone_gets_its_horizon_at_first_and_goes_after_it():
    seats = Seats().write("a=1", "a=", "b=1", "b=2", "c=1")
    seats.compact(now_ms=100)
    header = next(header for header in seats.log.batches() if header.base_offset == 1)
    assert header.delete_horizon == 100 + HORIZON
    assert seats.content()[1] == "a=" and f"deleteHorizonMs: {100 + HORIZON}" in inspect(seats.log)
    data = seats.log.read(1, 1 << 20, 2)
    assert records_of(data, read_header(data))[0].timestamp == 0  # the horizon sits where the base timestamp was
    seats.write("c=2", "c=3", "c=4")
    seats.compact(now_ms=100 + HORIZON - 1)
    assert seats.content()[1] == "a="
    seats.write("c=5", "c=6", "c=7")
    assert seats.compact(now_ms=100 + HORIZON).tombstones == 1
    assert 1 not in seats.content()


def test_a_key_that_comes_back_after_its_tombstone_stays():
    seats = Seats().write("a=1", "a=", "a=2", "b=1", "b=2")
    seats.compact(now_ms=0)
    assert seats.content() == {2: "a=2", 3: "b=1", 4: "b=2"}


def test_a_living_producers_last_batch_stays_though_empty():
    seats = Seats()
    for sequence, value in enumerate(("1", "2", "3")):
        data = keyed(("a", value), producer_id=7, producer_epoch=0, base_sequence=sequence)
        seats.log.append_as_leader(data, 1, 0)
    seats.write("a=4", "b=1", "b=2", "b=3")
    seats.compact()
    kept = {header.base_offset: header for header in seats.log.batches()}
    assert kept[2].records_count == 0 and kept[2].last_sequence == 2
    assert 0 not in kept and 1 not in kept
    states = seats.open(clean=True, high_watermark=7).producers
    assert states.entries[7].last_sequence == 2


def test_the_last_batch_of_the_cleaned_part_stays_though_empty():
    seats = Seats().write("a=1", "a=2", "b=1", "a=3", "a=4")
    seats.write("a=5")
    seats.compact()
    up_to = seats.log.cleaned_to
    last = [header for header in seats.log.batches() if header.next_offset == up_to]
    assert len(last) == 1


def test_control_batches_stay_and_count_for_nothing():
    seats = Seats()
    seats.write("a=1")
    marker = build_batch([(0, b"\0\0\0\1", b"\0\0", None)], attributes=CONTROL, producer_id=9, producer_epoch=0)
    seats.log.append_as_leader(marker, 1, 0, "coordinator")
    seats.write("b=1", "b=2", "b=3", "b=4")
    seats.compact()
    assert [header.base_offset for header in seats.log.batches() if header.is_control] == [1]
    assert b"\0\0\0\1" not in last_offsets(seats.log, 0, 10)


def test_reading_goes_over_the_gaps():
    seats = Seats(a_segment=6).write("x=0", "k0=1", "y=2", *[f"k{number % 3}={number}" for number in range(3, 40)])
    seats.compact()
    offset, seen = 0, []
    while offset < seats.log.log_end_offset:
        data = seats.log.read(offset, 1 << 20, seats.log.log_end_offset)
        position = 0
        while position < len(data):
            header = read_header(data, position)
            seen += [record.offset for record in records_of(data, header)]
            offset, position = header.next_offset, position + header.size
    assert seen == sorted(seats.content())
    assert "are not here any more" in inspect(seats.log)


def test_a_compacted_log_opens_again_and_a_follower_takes_it():
    seats = Seats().write(*[f"k{number % 3}={number}" for number in range(30)])
    seats.compact()
    content, follower = seats.content(), Seats()
    offset = 0
    while offset < seats.log.log_end_offset:
        data = seats.log.read(offset, 1 << 20, seats.log.log_end_offset)
        offset = follower.log.append_as_follower(data, 1, 0)
    assert follower.content() == content and follower.log.log_end_offset == 30
    seats.open(high_watermark=30)
    assert seats.content() == content


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_written_the_last_values_are_those_of_a_dict(seed):
    dice, truth, now = random.Random(seed), {}, 0
    seats = Seats(a_segment=dice.randint(4, 12))
    for _ in range(dice.randint(2, 6)):
        for _ in range(dice.randint(1, 40)):
            pairs = []
            for _ in range(dice.randint(1, 3)):
                key, value = f"k{dice.randrange(8)}", "" if dice.random() < 0.2 else str(dice.randrange(1000))
                pairs.append(f"{key}={value}")
                truth[key] = value
            seats.write(" ".join(pairs))
        now += dice.randrange(4_000)
        seats.compact(now)
        replayed = dict(pair.split("=") for _, pair in sorted(seats.content().items()))
        alive = {key: value for key, value in truth.items() if value}
        assert {key: value for key, value in replayed.items() if value} == alive
        assert all(seats.log.segments[i].base_offset < seats.log.segments[i + 1].base_offset
                   for i in range(len(seats.log.segments) - 1))  # fmt: skip


# -- what waits -------------------------------------------------------------------------------------------------


def test_the_ratio_is_of_what_is_new_to_all_that_can_be_cleaned():
    seats = Seats().write("a=1", "b=1", "c=1", "d=1", "e=1")
    assert cleanable(seats.log, 0).ratio == 1.0
    seats.compact()
    assert cleanable(seats.log, 0).ratio == 0.0 and not worth_it(cleanable(seats.log, 0), seats.log)
    seats.write("f=1", "g=1")
    found = cleanable(seats.log, 0)
    assert found[:2] == (4, 6) and 0.3 < found.ratio < 0.4 and not worth_it(found, seats.log)
    seats.write("h=1", "i=1", "j=1", "k=1")
    assert worth_it(cleanable(seats.log, 0), seats.log)


def test_half_dirty_is_not_more_than_half():
    seats = Seats().write("a=1", "b=1", "c=1")
    seats.compact()
    seats.write("d=1", "e=1")
    assert cleanable(seats.log, 0).ratio == 0.5 and not worth_it(cleanable(seats.log, 0), seats.log)


def test_young_records_wait_for_min_compaction_lag():
    seats = Seats(min_compaction_lag_ms=100)
    for timestamp in (0, 0, 50, 50, 90):
        seats.log.append_as_leader(keyed(("a", "1"), timestamp=timestamp), 1, 0)
    seats.log.set_high_watermark(5)
    assert cleanable(seats.log, 100).up_to == 2
    assert cleanable(seats.log, 150).up_to == 4


def test_max_compaction_lag_rolls_and_cleans_whatever_the_ratio():
    seats = Seats(a_segment=9, max_compaction_lag_ms=100, min_cleanable_dirty_ratio=1)
    seats.log.append_as_leader(keyed(("a", "1"), timestamp=1), 1, 0)
    seats.log.append_as_leader(keyed(("a", "2"), timestamp=102), 1, 0)
    seats.log.set_high_watermark(2)
    assert len(seats.log.segments) == 2  # as if segment.ms were 100
    found = cleanable(seats.log, 102)
    assert found.overdue and worth_it(found, seats.log)
    assert not cleanable(seats.log, 101).overdue


def test_a_cut_below_it_lowers_the_point_up_to_which_all_is_clean():
    seats = Seats().write("a=1", "b=1", "c=1", "d=1", "e=1")
    seats.compact()
    assert seats.log.cleaned_to == 4
    seats.log.truncate_to(3)
    assert seats.log.cleaned_to == 3


# -- stops in the middle ----------------------------------------------------------------------------------------


def interrupted(after):
    """A compaction that ends after so many of its acts on the disk."""
    seats = Seats(a_segment=9).write("x=0", *[f"k{number % 3}={number}" for number in range(1, 30)])
    latest = last_offsets(seats.log, 0, 27)
    cleaner = Cleaner(seats.log, latest, 27, 0)
    group = next(groups(seats.log, 27))
    new = cleaner.rewrite(group)
    acts = [lambda: new.rename(SWAP), group[0].delete, lambda: new.rename("")]
    for act in acts[:after]:
        act()
    return seats


@pytest.mark.parametrize("after", range(4))
def test_a_stop_in_the_middle_loses_nothing(after):
    seats = interrupted(after)
    seats.open(high_watermark=30)
    assert seats.files(".cleaned") == seats.files(SWAP) == []
    last = {pair.split("=")[0]: pair for _, pair in sorted(seats.content().items())}
    assert last == {"x": "x=0", "k0": "k0=27", "k1": "k1=28", "k2": "k2=29"}
    assert seats.log.log_end_offset == 30
    told = [event for event in seats.events if isinstance(event, CompactionFinished)]
    assert told == ([CompactionFinished(FLIGHTS, 0, 1)] if after in (1, 2) else [])


def test_a_damaged_new_segment_is_thrown_away_while_the_old_one_is_there():
    seats = interrupted(1)
    [path] = seats.files(".log" + SWAP)
    seats.disk.corrupt(path, 85)
    seats.open(high_watermark=30)
    assert len(seats.content()) == 30 and seats.files(SWAP) == []


def test_a_cut_throws_away_what_a_compaction_has_half_done():
    seats = interrupted(1)
    cuts = seats.log.cuts
    seats.log.truncate_to(20)
    assert seats.files(SWAP) == [] and seats.log.cuts > cuts


def end(seats, committed, epoch):
    data = marker_batch(7, epoch, Marker(committed, 0), 0)
    seats.log.append_as_leader(data, 1, 0, COORDINATOR)


def a_transaction(seats, epoch, *pairs):
    data = keyed(*(pair.split("=") for pair in pairs), producer_id=7, producer_epoch=epoch, base_sequence=0,
                 attributes=TRANSACTIONAL)  # fmt: skip
    seats.log.append_as_leader(data, 1, 0)


def test_aborted_records_go_and_their_index_with_them():
    seats = Seats(segment_bytes=250)
    for number in range(3):
        a_transaction(seats, number, f"a={number}")
        end(seats, number == 1, number + 1)
    seats.write("x=1", "y=2", "z=3")
    assert [tuple(one) for one in seats.log.aborted_transactions(0, 99)] == [(7, 0, 1), (7, 4, 5)]
    seats.compact()
    assert seats.log.aborted_transactions(0, 99) == [] and seats.log.ongoing_transactions() == []
    assert not [path for path in seats.disk.list() if path.endswith(".txnindex")]
    assert "a=1" in seats.content().values() and "a=2" not in seats.content().values()
    seats.log.close(clean=True)
    seats.open(clean=True, recovery_point=99, high_watermark=99)
    assert seats.log.aborted_transactions(0, 99) == [] and seats.log.last_stable_offset == seats.log.log_end_offset


def test_an_open_transaction_stops_the_cleaner():
    seats = Seats().write("a=1")
    a_transaction(seats, 0, "a=2")
    seats.write("a=3", "a=4", "a=5", "a=6")
    before = seats.content()
    assert cleanable(seats.log, 0).up_to <= 1
    seats.compact()
    assert seats.content() == before
