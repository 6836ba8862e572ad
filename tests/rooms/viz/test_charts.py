"""Charts and pictures: plain figures that can say what they show."""

import plotly.graph_objects as go
import pytest
from quiet_morning import quiet

from minikafka.viz import charts, look, pictures, readings


@pytest.fixture(scope="module")
def figures():
    world, primary, day = quiet()
    risk = readings.at_risk(world, "flights-0")
    return {
        "offsets": charts.offsets_over_time(world, "flights-0"),
        "latency": charts.latency({"acks=all": readings.latencies(world, day)}, "Latency"),
        "risk": charts.over_time({"all": risk}, "At risk", "records", until=world.now),
        "points": charts.points([(1, 2.0), (5, 10.0)], "Twice", "one way (ms)", "commit (ms)", "two ways", 2),
        "strips": pictures.strip_picture(primary, "flights-0", "Strips"),
        "segments": pictures.segment_picture(world, primary, "flights-0", 1, "Segments"),
        "costs": charts.link_costs({("a", "a"): 9, ("a", "b"): 5_000}, 1_000_000, "What is carried", price=0.02),
        "ladder": pictures.ladder(world, "flights-0", "Who told whom", 0, 40_000),
    }


NAMES = ("offsets", "latency", "risk", "points", "strips", "segments", "costs", "ladder")


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_plain_titled_and_has_words(figures, name):
    figure = figures[name]
    assert type(figure) is go.Figure
    title = figure.layout.title.text
    assert title and look.words(figure).startswith(title.split()[0])
    axes = [axis for key, axis in figure.to_plotly_json()["layout"].items() if key[1:].startswith("axis")]
    assert any(axis.get("title", {}).get("text") for axis in axes)


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_small(figures, name):
    assert len(figures[name].to_json()) < 20_000


def test_the_same_world_gives_the_same_figure():
    one, other = (charts.offsets_over_time(quiet()[0], "flights-0").to_json() for _ in range(2))
    assert one == other


def test_words_carry_the_numbers(figures):
    assert "b1 ends at 10 with high watermark 10" in look.words(figures["offsets"]).replace("\n", " ")
    assert "10 batches" in look.words(figures["latency"])
    assert "5: 10.0" in look.words(figures["points"])
    assert "fetch @1 from b2 reaches b1" in look.words(figures["ladder"]).replace("\n", " ")


def test_a_price_is_for_what_leaves_a_place(figures):
    """5,000 bytes a second are 12.96 GB in thirty days."""
    told = look.words(figures["costs"]).replace("\n", " ")
    assert "a → b: 5.0 KB, 0.26 a month" in told and "a → a: 0.0 KB;" in told
    table = {("a", "b"): 1.0}
    figure = charts.link_costs({("a", "b"): 5_000, ("b", "a"): 5_000}, 1_000_000, "Two prices", price=table)
    assert list(figure.data[0].text) == ["5.0 KB, 12.96 a month", "5.0 KB"]


def test_nothing_carried_and_no_time_are_said():
    assert "nothing was carried" in look.words(charts.link_costs({}, 1_000_000, "An empty line"))
    with pytest.raises(ValueError, match="say how long"):
        charts.link_costs({}, 0, "No time")


def test_words_are_lines_of_a_narrow_page(figures):
    assert max(map(len, look.words(figures["ladder"]).splitlines())) <= look.COLUMNS


def test_uncommitted_cells_are_hatched():
    world, primary, _ = quiet()
    log = primary.replicas("flights-0")[2].log
    log.high_watermark = 7
    figure = pictures.strip_picture(primary, "flights-0", "Strips")
    assert [list(bar.marker.pattern.shape) for bar in figure.data][1] == [""] * 7 + [look.HATCH] * 3


def test_steps_keep_the_last_value():
    assert look.steps([(0, 1), (5, 2)], 9) == ([0, 5, 9], [1, 2, 2])
    assert look.steps([], 9) == ([], [])
