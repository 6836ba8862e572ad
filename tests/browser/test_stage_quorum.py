"""The controllers' quorum on the exported stage: roles, epochs, metadata logs, tables."""

import pytest


@pytest.fixture
def at(stage):
    def at(time, **options):
        shown = stage("quorum", **options)
        shown.part("scrub").fill(str(time))
        return shown

    return at


def roles(shown):
    """What stands on the card of each controller."""
    return [card.text_content() for card in shown.root.locator(".mk-controller").all()]


def test_a_controllers_card_tells_its_role_its_epoch_and_its_log(at):
    shown = at(2_000_000)
    told = roles(shown)
    assert len(told) == 3 and sum("★ leader e" in card for card in told) == 1
    assert all("metadata: HW " in card for card in told)
    shown.part("scrub").fill("15000000")
    told = roles(shown)
    assert sum("★ leader e" in card for card in told) == 1 and sum("crashed" in card for card in told) == 1
    assert shown.page.troubles == []


def test_the_table_and_the_inspector_have_its_numbers(at):
    shown = at(15_000_000)
    shown.part("tab-table").click()
    rows = [row.split("\t") for row in shown.part("voter-table").locator("tbody tr").all_inner_texts()]
    assert [row[0] for row in rows] == ["c1", "c2", "c3"]
    assert sorted(row[1] for row in rows) == ["down", "follower", "leader"]
    shown.part("choose").count()
    shown.part("tab-inspector").click()
    shown.part("choose").select_option("machine primary/c2")
    assert "as a voter of the quorum" in shown.part("panel").inner_text()
    shown.part("choose").select_option("machine primary/b1")
    assert "the metadata that it has applied" in shown.part("panel").inner_text()


def test_an_election_can_be_jumped_to(at):
    shown = at(2_000_000)
    shown.choose_kind("kind BecameQuorumLeader")
    shown.part("jump").click()
    assert "leads the quorum in epoch" in shown.sentence()
    shown.part("code").click()
    assert "BecameQuorumLeader" in shown.part("source").first.inner_text()


@pytest.mark.parametrize("options", [{}, {"width": 700, "color_scheme": "dark"}], ids=["plain", "narrow dark"])
def test_axe_finds_nothing(at, options):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    shown = at(15_000_000, **options)
    shown.part("tab-table").click()
    results = axe.Axe().run(shown.page)
    assert results.violations_count == 0, results.generate_report()
