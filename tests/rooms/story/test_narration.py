"""Which events are told, and in what words."""

from playing import play, say


def test_short_names_while_there_is_one_cluster():
    assert say("hold b1 b2").endswith(" s  faults: messages from b1 to b2 are held back")
    outputs, _ = play("cluster second brokers=1", "hold b1 b2")
    assert outputs[-1][0].endswith("messages from primary/b1 to primary/b2 are held back")


def test_none_tells_nothing_and_only_tells_what_it_is_asked_for():
    outputs, _ = play("events none", "send p flights m1 partition=0", "flush p", "events only BatchAppended",
                      "send p flights m2 partition=0", "flush p")  # fmt: skip
    assert outputs[2] == []
    assert [line.split(": ")[0][-2:] for line in outputs[5]] == ["b1", *sorted(["b2", "b3"], key=str(outputs[5]).find)]
    assert all("appended offsets 1..1" in line for line in outputs[5])


def test_some_tells_more_if_asked():
    outputs, _ = play("send p flights m1 partition=0", "flush p", "events some HighWatermarkAdvanced",
                      "send p flights m2 partition=0", "flush p")  # fmt: skip
    assert [line.split("  ")[1] for line in outputs[1]] == ["p: offset 0 of flights-0 was acknowledged (acks=all)"]
    assert "high watermark of flights-0 rose from 1 to 2" in outputs[4][0]


def test_all_tells_packets_and_routine():
    told = say("events all", "run 1s")
    assert 'sent "heartbeat"' in told or 'sent "fetch"' in told


def test_messages_that_say_nothing_new_are_left_out_even_if_messages_are_asked_for():
    told = say("events only MessageSent", "run 3s")
    assert "heartbeat" not in told


def test_a_sentence_does_not_begin_with_its_place_again():
    told = say("events only MessageSent", "send p flights m1 partition=0", "flush p").splitlines()
    assert any(line.endswith('p: sent "produce 1 record" to b1 (109 B)') for line in told)


def test_a_long_run_of_the_same_is_cut_short():
    told = say("send p flights m1 partition=0", "until end flights-0 b1 1", "crash b1", "run 5s").splitlines()
    assert len(told) == 3 and told[2].endswith("more like these")
    assert all("p: will send 1 record for flights-0 again" in line for line in told[:2])


def test_what_happened_is_told_once():
    outputs, _ = play("crash b3", "receipts p", "start b3")
    assert outputs[1] == [] and "b3: crashed" not in str(outputs[2])
