"""The scene: what a trace tells about every thing, at every moment."""

import json
from pathlib import Path

import pytest
from watched import died_leader

from minikafka.protocol.names import TopicPartition
from minikafka.story.commands import COMMANDS
from minikafka.story.teller import tell_file
from minikafka.viz.code_that_ran import DECIDERS, sites_of
from minikafka.viz.packed import unpack
from minikafka.viz.packet_paths import DELIVERED, STUCK, paths_of
from minikafka.viz.scene import Scene, message_patterns
from minikafka.viz.sentences import fill
from minikafka.world.quantities import say_size

FLIGHTS = TopicPartition("flights", 0)
STORIES = sorted((Path(__file__).parents[2] / "stories").glob("*.txt"))


def differences(scene, world, moment):
    """Where the scene and the real replicas do not agree; what no event has told (None) is not compared."""
    found = []
    state = scene.state_at(moment)
    for cluster in world.clusters.values():
        for handle in cluster.brokers.values():
            for tp, partition in ({} if handle.broker is None else handle.broker.partitions).items():
                told = state.get(("replica", handle.name, tp), {})
                log = partition.log
                real = {
                    "role": partition.role,
                    "leader_epoch": partition.leader_epoch,
                    "isr": tuple(partition.isr_state.isr),
                    "log_end": log.log_end_offset,
                    "log_start": log.log_start_offset,
                    "high_watermark": log.high_watermark,
                }
                found += [
                    (handle.name, tp, name, told.get(name), value)
                    for name, value in real.items()
                    if told.get(name) is not None
                    and told[name] != value
                    or name in ("role", "log_end")
                    and told.get(name) is None
                ]
                spans = [tuple(span) for span in told.get("spans", ())]
                entries = [(epoch, start) for start, epoch in spans if start >= log.log_start_offset]
                real_spans = dict((header.leader_epoch, header.base_offset) for header in reversed(log.batches()))
                found += [
                    (handle.name, tp, "spans", spans, real_spans)
                    for epoch, start in entries
                    if real_spans.get(epoch) != start and start >= log.cleaned_to
                ]
    return found + group_differences(state, world)


def group_differences(state, world):
    """Where the scene and a running coordinator do not agree about a group."""
    found = []
    for cluster in world.clusters.values():
        for handle in cluster.brokers.values():
            for shard in [] if handle.broker is None else handle.broker.offsets_topic.groups.shards.active():
                for name, group in shard.groups.items():
                    told = state.get(("group", cluster.name, name), {})
                    if told.get("coordinator") != handle.name:
                        continue
                    real = (group.state, group.generation, group.leader, tuple(group.members))
                    says = (told["state"], told["generation"], told["leader"], tuple(row[0] for row in told["members"]))
                    found += [(handle.name, name, says, real)] if says != real else []
                    for (kind, *which), values in state.items():
                        if (kind, *which[:2]) == ("committed", cluster.name, name) and values["offset"] is not None:
                            high = shard.log.high_watermark(shard.partition)
                            stored = shard.offsets.committed(name, which[2], high)
                            if stored is None or stored.offset != values["offset"]:
                                found.append((handle.name, name, which[2], values["offset"], stored))
    return found


@pytest.mark.parametrize(
    "time", ["300ms", "1500ms", "2s", "2010ms", "8s", "11s", "13s", "14005ms", "14100ms", "16s", "20s"]
)
def test_the_scene_is_what_the_world_is(watched, time):
    then = watched.rewind(time)
    scene = Scene(then)
    assert differences(scene, then, len(scene.moments) - 1) == []


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_scene_is_what_the_world_is_at_the_end_of_every_story(path):
    _, teller = tell_file(path, COMMANDS)
    world = getattr(teller, "world", None)
    if world is None or not world.recorder.trace:
        pytest.skip("this story has no world that can be looked at")
    scene = Scene(world)
    assert differences(scene, world, len(scene.moments) - 1) == []


def test_looking_changes_nothing(watched):
    before = watched.recorder.digest(), watched.recorder.recorded, watched.now, len(watched.journal)
    for _ in range(3):
        assert Scene(watched).message["end"] == watched.now
    assert (watched.recorder.digest(), watched.recorder.recorded, watched.now, len(watched.journal)) == before
    assert died_leader().recorder.digest() == before[0]


def test_a_truncation_is_seen_with_what_it_took(truncated):
    scene = Scene(truncated)
    cuts = [change for change in scene.fold.changes if change.field == "cut" and change.value]
    assert [change.value[:2] for change in cuts] == [(1, 2)]
    assert scene.trace[cuts[0].event].kind == "LogTruncated"
    state = scene.state_at(scene.moment_at(truncated.now))
    logs = {name[1]: values["spans"] for name, values in state.items() if name[0] == "replica"}
    assert len(set(logs.values())) == 1, logs


def test_a_cut_link_is_a_thing(stretched):
    scene = Scene(stretched)
    before, during, after = (scene.state_at(scene.moment_at(time)) for time in (34_000_000, 40_000_000, 59_000_000))
    link = ("link", "us-east", "us-west")
    assert (
        not before[link].get("cut there")
        and during[link]["cut there"]
        and during[link]["cut back"]
        and not after[link]["cut there"]
    )


def test_packets_have_an_end(stretched):
    trace = stretched.recorder.trace
    paths = paths_of(trace)
    assert len(paths) == sum(entry.kind == "MessageSent" for entry in trace)
    assert all(path.end >= path.sent for path in paths)
    assert sum(path.fate == DELIVERED and path.arrived >= 0 for path in paths) == sum(
        entry.kind == "MessageDelivered" for entry in trace
    )
    assert any(path.fate == STUCK for path in paths) and any(path.again for path in paths)


def test_the_message_is_plain_and_small(stretched):
    message = Scene(stretched).message
    text = json.dumps(message, separators=(",", ":"))
    assert json.loads(text) == json.loads(json.dumps(message)) and len(text) < 500_000
    assert sum(not moment.quiet for moment in Scene(stretched).moments) > 3_000


def test_the_message_holds_every_sentence(watched):
    scene = Scene(watched)
    message = scene.message
    numbers, at = unpack(message["events"]["numbers"]), 0
    for entry, pattern in zip(scene.trace, unpack(message["events"]["pattern"]), strict=True):
        if pattern >= 0:
            gaps = message["patterns"][pattern].count("\x1f")
            assert fill(message["patterns"][pattern], numbers[at : at + gaps]) == entry.sentence()
            at += gaps
    assert at == len(numbers)


def test_messages_are_said_as_they_say_themselves(watched):
    sent, delivered = message_patterns()
    for entry in watched.recorder.events("MessageSent", "MessageDelivered"):
        parts = {"\x01": entry.event.sender, "\x02": entry.event.receiver, "\x03": entry.event.label}
        pattern = delivered
        if entry.kind == "MessageSent":
            pattern, parts["\x04"] = sent, say_size(entry.event.size)
        assert "".join(parts.get(letter, letter) for letter in pattern) == entry.sentence()


@pytest.mark.parametrize("keep", ["domain events", "digest only"])
def test_less_was_kept(keep):
    scene = Scene(died_leader(keep=keep))
    assert scene.paths == [] and scene.message["kept"] == ["domain events", "digest only"].index(keep) + 1
    assert bool(scene.moments) == (keep == "domain events")


def test_the_code_that_ran_is_found(watched):
    kinds = {entry.kind for entry in watched.recorder.trace if not entry.kind.startswith("Message")}
    assert {kind for kind in kinds if not sites_of(kind)} == set()
    site = sites_of("HighWatermarkAdvanced")[0]
    assert site.name == "next_high_watermark" and site.source.startswith("def next_high_watermark(")
    assert all(sites_of(kind)[0].path == where[0][0] for kind, where in DECIDERS.items())
