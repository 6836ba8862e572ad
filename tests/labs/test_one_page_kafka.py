"""The page keeps the laws of the house; and a page with a mistake in it is caught."""

import ast
import sys
from pathlib import Path

import pytest

LABS = Path(__file__).resolve().parents[2] / "labs"
sys.path.insert(0, str(LABS))

import one_page_kafka  # noqa: E402
import one_page_laws  # noqa: E402
from one_page_kafka import Page  # noqa: E402
from one_page_laws import LAWS, instead, lost, strips, sweep  # noqa: E402


def lines_of_code():
    """The lines of the page without its docstrings, comments and empty lines."""
    source = (LABS / "one_page_kafka.py").read_text()
    said = set()
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            said.update(range(first.lineno, first.end_lineno + 1))
    lines = enumerate(source.splitlines(), 1)
    return [line for number, line in lines if number not in said and line.strip() and not line.lstrip().startswith("#")]


def test_the_page_is_a_page():
    assert len(lines_of_code()) < 180
    roots = [line.split()[1].partition(".")[0] for line in lines_of_code() if line.startswith(("import", "from"))]
    assert all(root in sys.stdlib_module_names for root in roots), roots


def test_same_seed_same_story():
    notes = []
    for seed in (3, 3, 4):
        page = Page(seed)
        one_page_laws.storm(page, 5)
        notes.append(page.net.notes)
    assert notes[0] == notes[1] != notes[2]


def test_a_record_is_committed_one_fetch_late_on_followers():
    page = Page(seed=1)
    page.produce("UA1545")
    while page.outcomes == ["unknown"]:
        page.run(1)
    assert page.outcomes == [0]
    assert [broker.high_watermark for broker in page.brokers.values()] == [1, 0, 0]
    page.run(20)
    assert {broker.high_watermark for broker in page.brokers.values()} == {1}


@pytest.mark.parametrize(("acks", "gone"), [(1, ["AA1141"]), ("all", [])])
def test_what_a_promise_saves(acks, gone):
    page = Page(seed=7)
    page.produce("UA1545", acks)
    page.run(40)
    page.produce("AA1141", acks)
    page.run(2)
    page.crash("b1")
    page.run(100)
    assert page.controller.leader == "b2" and lost(page) == gone
    assert page.outcomes == [0, 1 if acks == 1 else "unknown"]
    page.start("b1")
    page.run(100)
    assert [record.value for record in page.brokers["b1"].log] == ["UA1545"]
    assert "ISR b2 b3 b1" in strips(page)


def test_under_min_isr_acks_all_is_refused():
    page = Page(seed=1)
    for name in ("b2", "b3"):
        page.crash(name)
    page.run(100)
    page.produce("UA1545")
    page.produce("B6725", acks=1)
    page.run(20)
    assert page.outcomes == ["not enough replicas", 0]
    assert page.brokers["b1"].high_watermark == 0, "under min.insync.replicas the high watermark stands still"


def test_the_last_of_the_isr_is_waited_for():
    page = Page(seed=1)
    for name in ("b1", "b2", "b3"):
        page.crash(name)
        page.run(100)
    assert page.controller.leader == "" and page.controller.isr == ("b3",)
    page.start("b1")
    page.run(100)
    assert page.controller.leader == ""
    page.start("b3")
    page.run(100)
    assert page.controller.leader == "b3" and page.controller.isr == ("b3", "b1")


def test_no_law_is_broken_by_any_seed():
    assert sweep(range(250)).startswith(f"It holds. 250 storms, {len(LAWS)} laws, none broken, nothing lost")


def commit_what_the_leader_has(self):
    """The high watermark follows the leader's own log, and no follower is asked."""
    if self.leader == self.name and len(self.isr) >= self.page.min_isr:
        old, self.high_watermark = self.high_watermark, len(self.log)
        if old != self.high_watermark:
            self.net.note(self.name, "committed", old=old, new=self.high_watermark)
        while self.waiting:
            self.page.settle(*self.waiting.pop(0))


def trust_every_fetch(self, follower, epoch, offset, last_epoch):
    """A leader that does not ask under which epoch a follower's last record was written."""
    return SERVE(self, follower, epoch, offset, max([record.epoch for record in self.log[:offset]], default=-1))


SERVE = one_page_kafka.Broker.serve
MUTANTS = {
    "anybody who is alive may lead": {"elect": lambda replicas, isr, alive: next(iter(alive), None)},
    "the first of the ISR leads, dead or alive": {"elect": lambda replicas, isr, alive: isr[0]},
    "nobody ever leads again": {"elect": lambda replicas, isr, alive: None},
    "followers cut to their high watermark": {"truncation": lambda follower, shared, end: follower.high_watermark},
    "followers cut nothing": {"truncation": lambda follower, shared, end: len(follower.log)},
    "the high watermark follows the leader's log": {"Broker_commit": commit_what_the_leader_has},
    "the leader trusts every fetch": {"Broker_serve": trust_every_fetch},
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mistake_is_caught(name):
    with instead(**MUTANTS[name]):
        told = sweep(range(400))
    assert told.startswith("Not yet. A counter-example, with seed "), name
    assert "law broken, " in told or "they do not agree" in told or "lost" in told
    assert one_page_kafka.Broker.serve is SERVE, "and the page is whole again"
