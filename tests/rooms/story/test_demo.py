"""The demo: its text is tests/stories/demo.txt; here, what it promises."""

from minikafka.story.demo import DEMO, told_demo
from minikafka.story.transcript import lines_of


def test_the_demo_is_short_and_tells_of_a_death_and_no_loss():
    lines = [line for step in told_demo() for line in lines_of(step)]
    text = "\n".join(lines)
    assert 40 <= len(lines) <= 75
    assert "b1: crashed" in text and "b2: became leader of flights-0 for epoch 1" in text
    assert "b1: truncated flights-0 from offset 25 to 24" in text
    assert text.count("LOST: acknowledged, and not there     0") == 1
    assert "error" not in text and "LAW BROKEN" not in text


def test_stage_directions_are_not_shown():
    assert "\n> events" in DEMO
    assert not any(line.startswith("> events") for step in told_demo() for line in lines_of(step))
