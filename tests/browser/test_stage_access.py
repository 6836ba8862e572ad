"""WCAG 2.2 AA: what a machine can check of it."""

import pytest

MODES = [
    {},
    {"color_scheme": "dark"},
    {"forced_colors": "active"},
    {"width": 700},
    {"width": 700, "color_scheme": "dark"},
]


@pytest.mark.parametrize("options", MODES, ids=lambda mode: "-".join(map(str, mode.values())) or "plain")
@pytest.mark.parametrize("tab", ["inspector", "transcript", "table", "intervene", "keys"])
def test_axe_finds_nothing(stage, options, tab):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    shown = stage("small", **options)
    shown.part("scrub").fill("3000000")
    shown.part(f"tab-{tab}").click()
    if tab == "table":
        shown.part("compare").click()
    results = axe.Axe().run(
        shown.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert results.violations_count == 0, results.generate_report()


def test_axe_finds_nothing_in_a_question(stage):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    shown = stage("small")
    shown.part("last").click()
    assert shown.data("asking") == "true"
    results = axe.Axe().run(shown.page)
    assert results.violations_count == 0, results.generate_report()
    shown.part("option-1").click()
    assert axe.Axe().run(shown.page).violations_count == 0


@pytest.mark.parametrize("width", [700, 1400])
def test_targets_are_large_enough(stage, width):
    shown = stage("small", width=width)
    for tab in ("inspector", "transcript", "intervene"):
        shown.part(f"tab-{tab}").click()
        small = shown.page.evaluate("""() =>
          [...document.querySelectorAll('.mk-stage :is(button, select, input, textarea)')]
          .filter((node) => node.offsetParent && (node.offsetWidth < 24 || node.offsetHeight < 24)).map((node) =>
            node.outerHTML)""")
        assert small == []


@pytest.mark.parametrize(("width", "zoom"), [(700, 1), (1280, 2), (360, 1)])
def test_nothing_runs_out_of_a_narrow_window(stage, width, zoom):
    """200 % zoom is half the width for the page."""
    for name in ("small", "large"):
        shown = stage(name, width=width // zoom)
        shown.part("last").click()
        if shown.data("asking") == "true":
            shown.part("skip").click()
        over = shown.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{name} at {width // zoom} is {over} px too wide"


def test_it_is_named(stage):
    shown = stage("small")
    assert shown.root.get_attribute("role") == "group" and shown.root.get_attribute("aria-label").startswith(
        "Stage: The leader dies"
    )
    assert shown.part("sentence").get_attribute("role") == "status"
    label = shown.part("scene").get_attribute("aria-label")
    assert "leads under epoch" in label and "table view" in label
    unnamed = shown.page.evaluate("""() => [...document.querySelectorAll('.mk-stage :is(button, select, input)')]
      .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim())).length""")
    assert unnamed == 0


def test_the_status_is_silent_while_it_plays(stage):
    shown = stage("small")
    shown.part("play").click()
    shown.until("playing", "true")
    assert shown.part("sentence").get_attribute("aria-live") == "off"
    shown.part("play").click()
    shown.until("playing", "false")
    assert shown.part("sentence").get_attribute("aria-live") == "polite"


def test_focus_is_seen(stage):
    shown = stage("small")
    shown.page.keyboard.press("Tab")
    shown.page.keyboard.press("Tab")
    assert shown.page.evaluate("() => getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_reduced_motion_jumps(stage):
    """Between two stops nothing is shown: the time is always that of an event."""
    shown = stage("small", reduced_motion="reduce")
    times = shown.page.evaluate("""() => { const stage = document.querySelector('.mk-stage').stage;
      stage.seekTime(1000000); stage.rest = 0; const seen = [];
      for (let i = 0; i < 400; i++) { stage.advance(0.05); seen.push(stage.time); } return seen }""")
    stops = shown.page.evaluate(
        "() => { const t = document.querySelector('.mk-stage').stage.trace;"
        " return t.stops.map((m) => t.moments[m].time) }"
    )
    assert set(times[20:]) <= {*stops, 4_000_000} and len(set(times)) > 5


def test_shapes_tell_without_colour(stage):
    """Request and reply, committed and not, in sync and not: each differs in shape, dash or word."""
    shown = stage("large", width=1500)
    shown.part("scrub").fill("40132000")
    looks = shown.page.evaluate("""() => Object.fromEntries(['.mk-committed', '.mk-uncommitted',
      '.mk-synced .mk-outline', '.mk-strip:not(.mk-synced) .mk-outline']
      .map((name) => [name, getComputedStyle(document.querySelector(name)).strokeDasharray]))""")
    assert (
        looks[".mk-committed"] != looks[".mk-uncommitted"]
        and looks[".mk-synced .mk-outline"] != looks[".mk-strip:not(.mk-synced) .mk-outline"]
    )
    text = shown.part("scene").inner_html()
    for word in ("★ leader", "● follower", "✕ not running", "in sync", "out of sync", "link cut", "crashed since"):
        assert word in text
