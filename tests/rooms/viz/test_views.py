"""The smaller views: strips, connectors, space and time, the map."""

import networkx
import pytest

from minikafka.viz.log_strip import LogStrip
from minikafka.viz.space_time import SpaceTime
from minikafka.viz.topology_map import TopologyMap
from minikafka.viz.two_strips import TwoStrips
from minikafka.viz.view import View


def check_forms(view: View, tmp_path):
    bundle = view._repr_mimebundle_()
    assert (
        bundle["text/plain"].startswith(view.sentence())
        and 'alt="' in bundle["text/html"]
        and "<th scope" in bundle["text/html"]
    )
    assert view.svg().startswith("<svg") and "http" not in view.svg().replace("http://www.w3.org/2000/svg", "")
    page = view.to_html(tmp_path / "view.html").read_text(encoding="utf-8")
    assert "<script" not in page and view.title in page


def test_a_log_strip(watched, tmp_path):
    digest = watched.recorder.digest()
    view = LogStrip(watched, "flights-0", at="3s")
    check_forms(view, tmp_path)
    assert len(view.rows) == 3 and "LEO" in view.svg()
    assert len(LogStrip(watched, "flights-0", broker="primary/b2").rows) == 1
    assert watched.recorder.digest() == digest
    with pytest.raises(ValueError, match="nothing was told of gates-0: partitions by then: flights-0"):
        LogStrip(watched, "gates-0")


def test_two_strips(tmp_path):
    view = TwoStrips(range(96, 102), range(0, 6), [(96, 0), (97, 1), (98, 2), (98, 3), (100, 4)], ("east", "west"))
    check_forms(view, tmp_path)
    assert (view.lost, view.duplicated, view.strangers) == ([99, 101], [98], [5])
    assert (
        view.sentence()
        == "5 offsets of east stand in west; 2 lost (99, 101), 1 duplicated (98), 1 of other origin (5)."
    )
    assert view.svg().count("<line") == 6  # the hatch, and the five connectors


def test_space_and_time(watched, tmp_path):
    view = SpaceTime(watched, "1s", "1100ms")
    check_forms(view, tmp_path)
    assert any("produce" in row[3] for row in view.table().rows) and len(view.machines) >= 3
    two = SpaceTime(watched, "1s", "2s", ["primary/b1", "primary/b2"])
    assert {name for path in two.paths for name in (path.sender, path.receiver)} <= {"primary/b1", "primary/b2"}
    with pytest.raises(ValueError, match="'b9' is not a machine"):
        SpaceTime(watched, "1s", "2s", ["b9"])


def test_the_map_is_a_graph(stretched, tmp_path):
    view = TopologyMap(stretched, at="40s", where={"us-west": (0.1, 0.5)})
    check_forms(view, tmp_path)
    assert view.where["us-west"] == (0.1, 0.5) and view.graph.number_of_edges() == 3
    assert (
        view.graph.edges["us-east", "us-west"]["cut"] and view.graph.edges["us-east", "us-central"]["latency"] == 20_000
    )
    assert list(networkx.articulation_points(view.open_graph())) == ["us-central"]
    assert (
        "cut between us-east and us-west" in view.sentence() and "none of them cut" in TopologyMap(stretched).sentence()
    )


def test_one_region_is_a_map_too(watched):
    assert TopologyMap(watched).graph.number_of_nodes() == 1
