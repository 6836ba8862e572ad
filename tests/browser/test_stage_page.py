"""The exported stage plays offline: buttons, keys, time, branches, questions."""

import re

import pytest


def test_it_begins_at_the_first_record_and_never_by_itself(stage):
    shown = stage("small")
    assert shown.data("playing") is None and shown.time > 0
    before = shown.time
    shown.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert shown.time == before
    assert shown.page.outside == [] and shown.page.troubles == []


def test_it_plays_and_pauses(stage):
    shown = stage("small")
    before = shown.time
    shown.part("speed").select_option("8")
    shown.part("play").click()
    shown.until("playing", "true")
    shown.page.wait_for_function(
        "(before) => +document.querySelector('.mk-stage').dataset.time > before + 1000", arg=before
    )
    shown.part("play").click()
    shown.until("playing", "false")
    after = shown.time
    shown.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert shown.time == after > before
    assert shown.page.troubles == []


def test_time_passes_by_the_clock_exactly(stage):
    """With a clock of the test's own: a second of watching at speed 0.5 is half a second of the world."""
    shown = stage("small")
    shown.part("pace").select_option("clock")
    moved = shown.page.evaluate("""() => { const stage = document.querySelector('.mk-stage').stage;
      stage.seekTime(1000000); stage.speed = 0.5;
      stage.playing = true; stage.last = 0; stage.tick(0); for (let t = 20; t <= 1000; t += 20) stage.tick(t);
        stage.setPlaying(false); return stage.time }""")
    assert abs(moved - 1_500_000) < 1


def test_it_stops_at_the_end(stage):
    shown = stage("large")
    shown.page.evaluate("() => document.querySelector('.mk-stage').stage.seekTime(59999000)")
    shown.part("pace").select_option("clock")
    shown.part("play").click()
    shown.until("playing", "false")
    assert shown.time == 60_000_000


def test_it_steps_forward_and_back_to_the_same_picture(stage):
    shown = stage("large")
    shown.page.evaluate("() => document.querySelector('.mk-stage').stage.seekTime(50400000)")
    states = []
    picture = """() => [...document.querySelectorAll('.mk-scene *')].filter((node) =>
      getComputedStyle(node).visibility !== 'hidden')
      .map((node) => node.cloneNode().outerHTML + (node.children.length ? '' : node.textContent))"""
    for _ in range(12):
        shown.part("forward").click()
        states.append((shown.data("moment"), shown.sentence(), shown.page.evaluate(picture)))
    for moment, sentence, seen in states[-2::-1]:
        shown.part("back").click()
        assert (shown.data("moment"), shown.sentence()) == (moment, sentence)
        assert shown.page.evaluate(picture) == seen


def test_it_is_scrubbed(stage):
    shown = stage("large")
    shown.part("scrub").fill("40000000")
    assert shown.time == 40_000_000 and shown.part("clock").inner_text() == "t = 40.000 s"
    assert "link cut" in shown.part("scene").inner_html()
    shown.part("scrub").fill("10000000")
    assert "link cut" not in shown.part("scene").inner_html()
    assert re.match(r"\d+\.\d{3} s: ", shown.part("scrub").get_attribute("aria-valuetext"))


def test_it_jumps_to_the_next_of_a_kind(stage):
    shown = stage("large")
    shown.choose_kind("kind LeaderElected")
    shown.part("jump").click()
    assert "leader" in shown.sentence() and shown.time > 20_000_000
    first = shown.time
    shown.part("jump").click()
    assert shown.time > first
    shown.part("jump-back").click()
    assert shown.time == first
    shown.choose_kind("fault")
    shown.part("jump-back").click()
    assert "crashed" in shown.sentence()


def test_the_cause_can_be_walked_back(stage):
    shown = stage("large")
    shown.choose_kind("kind HighWatermarkAdvanced")
    shown.part("jump").click()
    assert "high watermark" in shown.sentence() and "fetch" in shown.part("because").inner_text()
    time = shown.time
    shown.part("why").click()
    assert shown.time < time
    shown.part("jump").click()
    shown.part("code").click()
    assert "def next_high_watermark" in shown.part("source").first.inner_text()


def test_a_packet_is_where_the_time_says(stage):
    """Position is a pure function of simulated time: the same instant, reached in two ways, gives the same places."""
    shown = stage("small")
    places = """() => [...document.querySelectorAll('.mk-packet')]
      .filter((packet) => packet.getAttribute('visibility') === 'visible')
      .map((packet) => packet.getAttribute('transform'))"""
    packet = shown.page.evaluate("""() => { const stage = document.querySelector('.mk-stage').stage;
      const packet = stage.trace.packets.find((p) =>
        !p.routine && !p.reply && p.label.startsWith('produce') && p.end > p.sent);
      stage.seekTime(packet.sent + (packet.end - packet.sent) * 0.25); return packet }""")
    quarter = shown.page.evaluate(places)
    assert packet["label"] in shown.part("scene").inner_html()
    shown.page.evaluate("(t) => document.querySelector('.mk-stage').stage.seekTime(t)", packet["end"] + 5_000_000)
    shown.page.evaluate(
        "(t) => document.querySelector('.mk-stage').stage.seekTime(t)",
        packet["sent"] + (packet["end"] - packet["sent"]) * 0.25,
    )
    assert shown.page.evaluate(places) == quarter != []


def test_a_bracket_loops(stage):
    shown = stage("large")
    shown.part("scrub").fill("10000000")
    shown.part("bracket-from").click()
    shown.part("scrub").fill("10500000")
    shown.part("bracket-to").click()
    assert shown.data("bracket") == "10000000 10500000"
    moved = shown.page.evaluate("""() => { const stage = document.querySelector('.mk-stage').stage;
      stage.pace = 'clock'; stage.seekTime(10450000);
      stage.advance(0.1); return stage.time }""")
    assert moved == 10_000_000
    shown.part("zoom").click()
    assert shown.part("scrub").get_attribute("min") == "10000000"
    shown.part("bracket-off").click()
    assert shown.data("bracket") == "" and shown.part("scrub").get_attribute("min") == "0"


def test_branches_are_compared_on_one_scrubber(stage):
    shown = stage("small")
    assert shown.data("branches") == "2"
    shown.part("compare").click()
    shown.part("scrub").fill("3500000")
    assert shown.page.locator("[data-testid=scene]").count() == 2
    assert shown.part("branch-name").all_inner_texts() == [
        "A · as it happened",
        "B · cut primary/b1 from primary/b2 at 1.000 s",
    ]
    assert "producer-1: records" in shown.part("difference-table").inner_text()
    shown.part("scrub").fill("500000")
    assert "do not differ" in shown.part("differences").inner_text()
    shown.part("branch").select_option("1")
    shown.part("scrub").fill("1000000")
    shown.part("tab-inspector").click()
    assert "nothing passes" in shown.part("panel").inner_text() or "passes from" in shown.part("panel").inner_text()


def test_a_question_stops_it_and_the_trace_answers(stage):
    shown = stage("small")
    shown.choose_kind("kind LeaderElected")
    shown.part("jump").click()
    assert shown.data("asking") == "true" and shown.time == 4_000_000
    right = shown.page.evaluate("() => document.querySelector('.mk-stage').stage.questions[0].right")
    wrong = 0 if right else 1
    shown.page.keyboard.press(str(wrong + 1))
    assert shown.part("answer").inner_text().startswith(f"Not this time: b{right + 1}.")
    shown.part("skip").click()
    assert shown.data("asking") == ""
    shown.part("jump").click()
    assert f"broker {right + 1}" in shown.sentence()


def test_everything_with_the_keyboard_alone(stage):
    shown = stage("small")
    page = shown.page
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.dataset.testid") == "stage"
    start = shown.time
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    after = shown.data("moment")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert shown.data("moment") == after and shown.time >= start
    page.keyboard.press("End")
    assert shown.data("asking") == "true"
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    assert shown.data("asking") == ""
    page.keyboard.press("End")
    assert shown.time == 20_000_000
    page.keyboard.press("Home")
    assert shown.time == 0 and shown.sentence().startswith("0.000 s")
    page.keyboard.press("f")
    assert "crashed" in shown.sentence()
    page.keyboard.press("w")
    assert "outside" in shown.sentence()
    for key, tab in (("t", "transcript"), ("b", "table"), ("i", "inspector"), ("?", "keys")):
        page.keyboard.press(key)
        assert shown.data("tab") == tab
    page.keyboard.press("[")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("]")
    assert shown.data("bracket") != ""
    page.keyboard.press("\\")
    assert shown.data("bracket") == ""
    page.keyboard.press("+")
    assert shown.part("speed").input_value() == "2"
    page.keyboard.press("c")
    assert shown.data("compare") == "true"
    page.keyboard.press(" ")
    shown.until("playing", "true")
    page.keyboard.press(" ")
    shown.until("playing", "false")
    assert page.troubles == []


def test_keys_stay_inside(stage):
    """A notebook has single keys of its own: the stage takes them only while it has the focus, and gives none away."""
    shown = stage("small")
    shown.page.evaluate(
        "() => { window.heard = []; document.addEventListener('keydown', (event) => window.heard.push(event.key)); }"
    )
    shown.page.keyboard.press("t")
    assert shown.data("tab") == "inspector" and shown.page.evaluate("window.heard") == ["t"]
    shown.root.focus()
    shown.page.keyboard.press("t")
    shown.page.keyboard.press("b")
    assert shown.data("tab") == "table" and shown.page.evaluate("window.heard") == ["t"]


def test_transcript_and_table_say_what_python_says(stage, pages):
    from watched import cut_off_leader

    from minikafka.viz.stage import Stage

    told = Stage(cut_off_leader())
    shown = stage("cut")
    shown.choose_kind("kind LogTruncated")
    shown.part("jump").click()
    time = shown.time
    sentences = shown.page.evaluate(
        "() => { const t = document.querySelector('.mk-stage').stage.trace;"
        " return t.stops.map((m) => t.sentence(t.moments[m].head)) }"
    )
    assert sentences == [line.split(" s  ", 1)[1] for line in told.transcript().splitlines()]
    shown.part("tab-table").click()
    rows = [row.split("\t") for row in shown.part("replica-table").locator("tbody tr").all_inner_texts()]
    expected = [[f"{row[0].split('/')[1]} {row[1]}", *row[2:]] for row in told.table(time).rows]
    assert sorted([cell.replace("not known", "?") for cell in row] for row in rows) == sorted(expected)


def test_what_was_cut_away_is_struck_and_fades(stage):
    shown = stage("cut")
    shown.choose_kind("kind LogTruncated")
    shown.part("jump").click()
    assert shown.page.locator(".mk-ghost").count() == 1 and shown.page.locator(".mk-struck").first.inner_html() == "1"


def test_what_was_compacted_away_is_a_gap(stage):
    shown = stage("compacted")
    shown.part("last").click()
    assert shown.page.locator(".mk-gap").count() > 4
    offsets = {int(cell) for cell in shown.page.locator(".mk-offset").all_text_contents() if cell}
    assert offsets and not offsets & set(range(15))
    shown.part("partitions").focus()
    shown.part("choose").select_option("machine primary/b1")
    assert "compacted away" in shown.part("panel").inner_text()


def test_an_observer_has_a_sign_and_an_outline_of_its_own(stage):
    shown = stage("observed")
    shown.part("last").click()
    (strip,) = shown.page.locator(".mk-observer").all()
    assert "◇ observer e0" in strip.text_content() and "not counted" in strip.text_content()
    shown.part("tab-table").click()
    assert "observer" in shown.part("replica-table").inner_text()


def test_every_field_of_what_is_chosen(stage):
    shown = stage("large")
    shown.part("scrub").fill("40000000")
    shown.part("choose").select_option("machine primary/b4")
    panel = shown.part("panel").inner_text()
    for word in (
        "zone",
        "us-central-a",
        "broker epoch",
        "leader epoch",
        "log start offset",
        "high watermark, HW",
        "in-sync replicas, ISR",
        "maximal ISR",
    ):
        assert word in panel
    shown.part("choose").select_option("link us-east us-west")
    assert "35 ms" in shown.part("panel").inner_text()


def test_a_click_chooses_a_broker(stage):
    shown = stage("large")
    shown.page.locator(".mk-broker").first.click(position={"x": 40, "y": 12})
    assert shown.part("choose").input_value() == "machine primary/b1"


def test_interventions_need_a_kernel(stage):
    shown = stage("small")
    shown.part("tab-intervene").click()
    assert shown.part("do-crash").is_disabled() and "running kernel" in shown.part("panel").inner_text()
    assert len(shown.part("scenario").input_value()) > 100


def test_off_screen_it_pauses(stage):
    shown = stage("small", height=600)
    shown.page.evaluate(
        "() => { const tall = document.createElement('div'); tall.style.height = '4000px';"
        " document.body.append(tall); }"
    )
    shown.part("play").click()
    shown.until("playing", "true")
    shown.page.evaluate("() => window.scrollTo(0, 4500)")
    shown.until("visible", "false")
    time = shown.time
    shown.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert shown.time == time
    shown.page.evaluate("() => window.scrollTo(0, 0)")
    shown.until("visible", "true")


@pytest.mark.parametrize("name", ["small", "cut", "large"])
def test_a_page_asks_nothing_of_the_network(stage, name):
    shown = stage(name)
    shown.part("last").click()
    assert shown.page.outside == [] and shown.page.troubles == []


def test_the_module_closes_behind_itself(stage):
    shown = stage("small")
    shown.part("play").click()
    shown.until("playing", "true")
    shown.page.evaluate("() => document.querySelector('.mk-stage').stage.close()")
    assert shown.data("playing") == "false"
