"""Consumer groups on the exported stage: their box, their committed positions, their tables."""

import pytest

STABLE, LEADERLESS = 17_000_000, 19_000_000


@pytest.fixture
def crew(stage):
    def crew(time, **options):
        shown = stage("crew", **options)
        shown.part("scrub").fill(str(time))
        return shown

    return crew


def box(shown):
    return shown.root.locator(".mk-group-box").text_content()


def test_a_group_is_a_box_that_tells_who_reads_what(crew):
    shown = crew(STABLE)
    told = box(shown)
    assert "group billing · Stable, generation 2, coordinator b" in told
    assert "c1 (leader): flights-0, 1" in told and "c2: flights-2, 3" in told
    assert "coordinates billing" in shown.part("scene").inner_html()
    shown.part("scrub").fill(str(LEADERLESS))
    assert "no coordinator" in box(shown) and "coordinates billing" not in shown.part("scene").inner_html()
    assert shown.page.troubles == []


def test_a_committed_position_is_a_dot_and_where_a_consumer_reads_is_a_triangle(crew):
    shown = crew(STABLE)
    assert shown.root.locator(".mk-strip circle.mk-reader").count() == 4
    assert shown.root.locator(".mk-strip path.mk-reader").count() == 4
    assert "● billing 6" in shown.part("scene").inner_html() and "▴ c2 6" in shown.part("scene").inner_html()


def test_the_inspector_and_the_table_have_its_numbers(crew):
    shown = crew(STABLE)
    shown.part("choose").select_option(label="group billing")
    told = shown.part("panel").inner_text()
    assert "range" in told and "coordinator" in told and "lag 0" in told
    shown.part("tab-table").click()
    rows = shown.part("group-table").locator("tbody tr").all_inner_texts()
    assert [row.split("\t")[0] for row in rows] == ["flights-0", "flights-1", "flights-2", "flights-3"]
    assert rows[2].split("\t")[-1] == "c2"


def test_news_of_groups_can_be_jumped_to(crew):
    shown = crew(LEADERLESS)
    shown.choose_kind("kind GroupsLoaded")
    shown.part("jump").click()
    assert "coordinates the groups of __consumer_offsets-0" in shown.sentence()
    shown.part("code").click()
    assert "GroupsLoaded" in shown.part("source").first.inner_text()


def test_kafkas_own_topics_are_shown_when_they_are_asked_for(crew):
    shown = crew(STABLE)
    assert "__consumer_offsets" not in shown.part("scene").inner_html()
    shown.part("partitions").select_option("__consumer_offsets-0")
    assert "__consumer_offsets-0" in shown.part("scene").inner_html()


@pytest.mark.parametrize("options", [{}, {"width": 700, "color_scheme": "dark"}], ids=["plain", "narrow dark"])
def test_axe_finds_nothing(crew, options):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    shown = crew(STABLE, **options)
    shown.part("tab-table").click()
    results = axe.Axe().run(shown.page)
    assert results.violations_count == 0, results.generate_report()
