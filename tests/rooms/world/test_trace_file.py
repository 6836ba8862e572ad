"""A trace as bytes and back."""

import msgpack
import pytest
from village import village

from minikafka.world import disk, happenings
from minikafka.world.trace_file import FORMAT, BadTrace, export_trace, import_trace, vocabulary_of

VOCABULARY = vocabulary_of(happenings, disk)


def eventful():
    world = village(jitter="2ms")
    world.chatter(count=10)
    world.faults.at("50ms", "power_off", "b")
    world.run_for("1s")
    world.place("a").disk.append("x", b"abc")
    world.faults.damage("a", "x", 1)
    return world.recorder.trace


def test_what_was_exported_comes_back_equal_classes_included():
    trace = eventful()
    again = import_trace(export_trace(trace), VOCABULARY)
    assert again == trace and [type(entry.event) for entry in again] == [type(entry.event) for entry in trace]
    assert [entry.sentence() for entry in again] == [entry.sentence() for entry in trace]
    assert import_trace(export_trace([]), {}) == []


def test_exporting_is_the_same_every_time():
    assert export_trace(eventful()) == export_trace(eventful())


def test_the_vocabulary_is_every_event_class_of_the_modules():
    assert "MessageSent" in VOCABULARY and "UnflushedBytesLost" in VOCABULARY and "NamedTuple" not in VOCABULARY
    assert all(name == kind.__name__ for name, kind in VOCABULARY.items())


def test_damaged_foreign_newer_and_unknown_traces_are_refused():
    trace = eventful()
    data = export_trace(trace)
    for bad, words in [
        (b"", "are not a trace, or not a whole one: export it again"),
        (data[:-5], "not a whole one: export it again"),
        (data + b"x", "not a whole one"),
        (msgpack.packb({"a": 1}), "msgpack but not a trace: use what `export_trace` returned"),
        (msgpack.packb(["something else", 1, []]), "not a trace"),
        (msgpack.packb([FORMAT, 2, []]), "this trace has version 2, here it is 1: export it again"),
        (msgpack.packb([FORMAT, 1, [[1, 2, 3]]]), "a row of this trace is not an event: export it again"),
        (msgpack.packb([FORMAT, 1, [[1, 0, "x", 0, "LinkCut", 5]]]), "a row of this trace is not an event"),
        (
            msgpack.packb([FORMAT, 1, [[1, 0, "x", 0, "LinkCut", ["a"]]]]),
            "event 1 is a 'LinkCut' with 1 fields.*add its module",
        ),
    ]:
        with pytest.raises(BadTrace, match=words):
            import_trace(bad, VOCABULARY)
    with pytest.raises(
        BadTrace, match="is a 'LinkChanged' with 6 fields, which the vocabulary does not know: add its module"
    ):
        import_trace(data, {})
