"""The words of a story."""

import inspect

import pytest
from playing import SCENE, play, say

from minikafka.story.commands import COMMANDS, command_help
from minikafka.story.conditions import CONDITIONS
from minikafka.world.faults import VERBS


def test_every_command_and_condition_is_documented_with_an_example_of_itself():
    for name, command in COMMANDS.items():
        assert inspect.getdoc(command), name
    help_text = "\n".join(command_help())
    for name in (*COMMANDS, *CONDITIONS):
        assert f"`{name} " in help_text or f"`{name}`" in help_text, name
    assert all(len(line) <= 140 for line in help_text.splitlines())


def test_every_fault_is_a_command():
    assert set(VERBS) <= set(COMMANDS)


# -- the scene --------------------------------------------------------------------------------------------------------


def test_regions_are_connected_and_a_cluster_stands_in_them():
    scene = """\
> world seed=7
> region us-east zones=2
> region us-west zones=1
> connect us-east us-west latency=35ms jitter=3ms bandwidth=200Mbps
> cluster primary brokers=3 region=us-east,us-west
"""
    outputs, teller = play("run 1s", scene=scene)
    assert outputs == [[]]
    zones = [broker.machine.zone.name for broker in teller.world.clusters["primary"].brokers.values()]
    assert zones == ["us-east-a", "us-east-b", "us-west-a"]


def test_settings_and_features_go_where_they_belong():
    scene = "> world seed=7\n> cluster primary brokers=1 eligible.leader.replicas.version=0 num.partitions=4\n"
    _, teller = play("create_topic flights replication_factor=1 retention.ms=5000", scene=scene)
    image = teller.world.clusters["primary"].image
    assert image.features["eligible.leader.replicas.version"] == 0
    assert len(image.topics["flights"].partitions) == 4
    assert image.topic_config("flights") == {"retention.ms": 5000}


def test_a_topic_may_have_several_assigned_partitions():
    told = say("topic arrivals assignment=2,1/3,1", "describe arrivals").splitlines()
    assert told[0].startswith("Topic: arrivals  PartitionCount: 2  ReplicationFactor: 2")
    assert "Leader: 2  Replicas: 2,1" in told[1] and "Leader: 3  Replicas: 3,1" in told[2]


def test_flights_depart_and_are_accounted_for():
    told = say("flights d rate=100 limit=5 acks=all", "until settled d", "account d").splitlines()
    assert told[0].split() == ["sent", "5"] and told[1].split() == ["acknowledged", "5"]


# -- doing ------------------------------------------------------------------------------------------------------------


def test_sending_flushing_and_receipts():
    outputs, _ = play("send p flights m1 m2 key=k partition=0", "receipts p", "flush p", "receipts p")
    assert outputs[1] == ["m1: on its way", "m2: on its way"]
    assert outputs[3] == ["m1: acknowledged at offset 0", "m2: acknowledged at offset 1"]


def test_a_receipt_without_an_offset_says_so():
    told = say("producer q acks=0", "send q flights m1 partition=0", "flush q", "receipts q")
    assert told == "m1: sent; nobody will say where it is"


def test_a_failed_receipt_tells_its_error():
    told = say("send p flights m1 partition=7", "run 2min", "receipts p")
    assert told.startswith("m1: failed: REQUEST_TIMED_OUT [7]: partition 7 of topic flights did not appear")


def test_polling_and_seeking():
    lines = ["events none", "consumer c flights-0 auto.offset.reset=earliest", "send p flights m1 m2 partition=0",
             "flush p", "poll c", "seek c flights-0 1", "poll c", "poll c timeout=10ms",
             "end_offsets c flights-0"]  # fmt: skip
    outputs, _ = play(*lines)
    assert outputs[4] == ["flights-0@0: m1", "flights-0@1: m2"]
    assert outputs[6] == ["flights-0@1: m2"] and outputs[7] == ["nothing"] and outputs[8] == ["2"]


def test_the_administrators_commands():
    lines = ["events none", "send p flights m1 m2 partition=0", "flush p", "run 1s", "delete_records flights-0 1",
             "elect preferred flights-0", "create_topic arrivals partitions=1 replication_factor=1",
             "delete_topic flights", "describe flights"]  # fmt: skip
    outputs, _ = play(*lines)
    assert outputs[4] == ["low watermark 1"]
    assert outputs[5] == outputs[6] == outputs[7] == []
    assert outputs[8][0] == "error: UNKNOWN_TOPIC_OR_PARTITION [3]: primary has no topic 'flights': it has arrivals"


def test_what_is_asked_meanwhile_is_answered_later():
    outputs, _ = play("events none", "consumer c flights-0 auto.offset.reset=earliest", "meanwhile poll c timeout=5s",
                      "outcome", "send p flights m1 partition=0", "flush p", "run 100ms", "outcome",
                      "meanwhile elect sideways flights-0", "run 1s", "outcome")  # fmt: skip
    assert outputs[3] == ["poll c timeout=5s: no answer yet"]
    assert outputs[7] == ["poll c timeout=5s: flights-0@0: m1"]
    assert outputs[10][1].startswith("elect sideways flights-0: error: INVALID_REQUEST")


def test_time_passes_in_the_story_and_planned_faults_come_true():
    outputs, teller = play("after 2s crash b2", "run 1s", "at 4s start b2", "run 5s")
    assert teller.world.now > 6_000_000
    told = "\n".join(outputs[3])
    assert "b2: crashed" in told and "T+4.000 s  b2: started (life 2)" in told


def test_a_controlled_shutdown_returns_when_it_is_done():
    outputs, teller = play("shut_down b1")
    assert outputs[0][-1].endswith("b1: stopped in good order")
    assert teller.world.place("primary/b1").state == "down"


def test_people_are_named_by_their_roles():
    outputs, _ = play("crash leader:flights-0", "crash follower:flights-0", "crash follower:flights-0:2",
                      "crash controller")  # fmt: skip
    assert [line[0].split("  ")[1].split(":")[0] for line in outputs] == ["b1", "b2", "b3", "controller"]


def test_a_byte_can_be_damaged():
    told = say("crash b3", "damage b3 flights-0/partition.metadata 3")
    assert told.endswith("the byte at position 3 of flights-0/partition.metadata was damaged")


# -- looking ----------------------------------------------------------------------------------------------------------


def test_a_log_is_dumped_as_kafka_does_it():
    told = say("events none", "send p flights m1 partition=0", "flush p", "dump b1 flights-0")
    assert "baseOffset: 0 lastOffset: 0 count: 1 baseSequence: 0" in told
    assert say("crash b1", "dump b1 flights-0").endswith("error: b1 has no open log of flights-0 now")


def test_because_tells_the_chain_of_causes():
    told = say("shut_down b1", "because LeaderElected").splitlines()
    assert told[-1].endswith("elected broker 2 as leader of flights-0 for epoch 1 (controlled shutdown); ISR [2, 3]")
    assert any('sent "heartbeat: shutting down"' in line for line in told[:-1])


def test_a_digest_is_the_worlds():
    outputs, teller = play("digest")
    assert outputs == [teller.digests]


@pytest.mark.parametrize("name", ["world", "cluster", "topic", "producer", "consumer", "flights", "region", "connect"])
def test_what_sets_the_scene_says_so(name):
    assert COMMANDS[name].sets_the_scene


def test_the_same_story_twice_is_the_same():
    lines = ["flights d rate=200 limit=40", "run 100ms", "crash leader:flights-0", "until settled d", "digest"]
    assert say(*lines) == say(*lines)
    assert say(*lines) != say(*lines, scene=SCENE.replace("seed=7", "seed=8"))
