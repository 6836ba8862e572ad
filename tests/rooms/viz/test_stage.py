"""The stage in Python: its forms, its branches, its questions."""

import html
import re

import pytest
from watched import died_leader

from minikafka import World
from minikafka.viz.branches import VERBS, Refused
from minikafka.viz.question import Question
from minikafka.viz.stage import Stage, module
from minikafka.world.world import World as EmptyWorld


@pytest.fixture(scope="module")
def stage(watched):
    return Stage(watched, title="A <leader> & its end")


SETTING = {
    "type": "intervene",
    "verb": "alter_config",
    "targets": ["primary", "flights"],
    "at": 1_000_000,
    "extra": {"setting": "retention.ms", "value": "1"},
}


def asked(stage, **content):
    """Press a button in the browser; returns what the browser is told."""
    told = []
    stage.send = lambda message, buffers=None: told.append(message)
    stage._handle_custom_msg(content, [])
    return told[0]


def test_it_says_itself(stage):
    assert repr(stage) == stage.sentence() and "7 machines in 1 region" in repr(stage)
    lines = stage.transcript("2s", "3s").splitlines()
    assert any("crashed" in line for line in lines) and all(re.match(r" +[23]\.\d{3} s  ", line) for line in lines)
    assert len(stage.transcript(routine=True)) > len(stage.transcript())
    assert len(stage.table().rows) == 3 and "in sync" in str(stage.table())
    assert [row[2] for row in stage.table("3s").rows].count("down") == 1


def test_a_notebook_that_was_not_run_has_a_picture_and_a_table(stage):
    data, _ = stage._repr_mimebundle_()
    assert data["text/plain"] == stage.sentence() and "application/vnd.jupyter.widget-view+json" in data
    shown = data["text/html"]
    assert shown.startswith("<p>A &lt;leader&gt; &amp; its end: ") and '<img src="data:image/svg+xml;base64,' in shown
    assert "<table>" in shown
    assert html.escape(stage.title) in data["text/html"] and "<leader>" not in data["text/html"]
    assert len(data["text/html"]) < 40_000
    assert data == Stage(stage.branches[0].world, title=stage.title)._repr_mimebundle_()[0] | {
        "application/vnd.jupyter.widget-view+json": data["application/vnd.jupyter.widget-view+json"]
    }


def test_it_is_written_as_one_file(stage, tmp_path):
    page = stage.to_html(tmp_path / "stage.html").read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["']?https?:""", page) and "import(" in page
    assert (
        "A &lt;leader&gt; &amp; its end" in page and "<leader>" not in page.replace(module(), "").split('id="state"')[0]
    )


def test_nothing_is_ever_markup():
    assert "innerHTML" not in module() and "insertAdjacentHTML" not in module() and "document.write" not in module()


def test_any_number_of_stages_leave_the_digest(watched):
    digest = watched.recorder.digest()
    for _ in range(3):
        Stage(watched).intervene("crash", "primary/b2", at="1s")
    assert watched.recorder.digest() == digest


def test_an_intervention_is_a_branch_that_lives_to_the_same_end():
    world = died_leader()
    stage = Stage(world)
    assert (
        asked(stage, type="intervene", verb="crash", targets=["primary/b2"], at=1_000_000, branch=0)["type"] == "done"
    )
    fork = stage.branches[1].world
    assert fork.now == world.now and stage.forks[0]["said"] == "crash primary/b2 at 1.000 s"
    crash = next(fork.recorder.events("MachineCrashed"))
    assert (crash.time, crash.place) == (1_000_000, "primary/b2")
    before = [tuple(entry) for entry in world.recorder.events(until=999_999)]
    assert [tuple(entry) for entry in fork.recorder.events(until=999_999)] == before
    again = asked(
        stage,
        type="intervene",
        verb="slow",
        targets=["primary/b1", "primary/b3"],
        extra={"latency": "200ms"},
        at=2_500_000,
        branch=1,
    )
    assert (
        again["text"].startswith("Branch C: slow primary/b1 and primary/b3 (latency 200ms)") and len(stage.forks) == 2
    )


def test_a_branch_can_be_handed_on(stage):
    fork = stage.intervene("power_off", "primary/b1", at="1500ms")
    copy = stage.play_scenario(stage.forks[-1]["scenario"])
    assert copy.recorder.digest() == fork.recorder.digest()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"type": "intervene", "verb": "start", "targets": ["primary/b1"], "at": 1_000_000}, "cannot start"),
        ({"type": "intervene", "verb": "crash", "targets": ["nowhere"], "at": 1_000_000}, "not a place of this world"),
        (
            {"type": "intervene", "verb": "explode", "targets": ["primary/b1"], "at": 1_000_000},
            "cannot be done from the stage",
        ),
        (
            {
                "type": "intervene",
                "verb": "slow",
                "targets": ["primary/b1", "primary/b2"],
                "extra": {"latency": "soon"},
                "at": 1_000_000,
            },
            "not understood",
        ),
        (SETTING | {"targets": ["secondary", "flights"]}, "there is no cluster 'secondary': there are primary"),
        (SETTING | {"targets": ["primary", "arrivals"]}, "topic arrivals does not exist"),
        (SETTING | {"extra": {"setting": "min.insync.replicas", "value": "many"}}, "write a whole number"),
        (SETTING | {"extra": {"setting": "patience", "value": "1"}}, "patience is no setting of a topic"),
        ({"type": "paste", "text": ""}, "nothing to play"),
        ({"type": "paste", "text": "eNpnonsense"}, "damaged"),
        ({"type": "paste", "text": "ünïcode"}, "damaged"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_no_branch(stage, content, words):
    before = len(stage.branches), len(stage.forks)
    told = asked(stage, **content)
    assert told["type"] == "refused" and words in told["text"]
    assert (len(stage.branches), len(stage.forks)) == before


def test_a_half_copied_scenario_is_refused(stage):
    with pytest.raises(Refused, match="damaged or not whole"):
        stage.play_scenario(stage.scenario[: len(stage.scenario) // 2])


def test_the_verbs_are_faults():
    world = World()
    assert all(hasattr(world.faults, verb) for verb in VERBS if verb != "alter_config")


def test_a_topics_setting_can_be_changed():
    world = died_leader()
    stage = Stage(world)
    content = {"type": "intervene", "verb": "alter_config", "targets": ["primary", "flights"], "at": 1_000_000}
    told = asked(stage, **content, extra={"setting": "min.insync.replicas", "value": "3"})
    assert told["type"] == "done" and "change topic flights of primary (setting min.insync.replicas" in told["text"]
    fork = stage.branches[1].world
    change = next(fork.recorder.events("SettingChanged"))
    assert (change.event.setting, change.event.value, change.time > 1_000_000) == ("min.insync.replicas", 3, True)
    refused = [entry.event.error for entry in fork.recorder.events("ProduceRefused")]
    assert "NOT_ENOUGH_REPLICAS" not in refused, "all three are in sync until the end: nothing is refused"
    copy = stage.play_scenario(stage.forks[-1]["scenario"])
    assert copy.recorder.digest() == fork.recorder.digest()
    asked(stage, **content, extra={"setting": "min.insync.replicas", "value": ""})
    assert next(stage.branches[-1].world.recorder.events("SettingChanged")).event.value is None


def test_what_was_done_later_is_named_and_not_done():
    stage = Stage(died_leader())
    told = asked(stage, type="intervene", verb="crash", targets=["primary/b2"], at=1_000_000)["text"]
    left_out = "What was done from outside later is not done in this branch: board.poll(1s) at 2.000 s, "
    assert left_out + "faults.crash(primary/b1) at 2.017 s, faults.start(primary/b1) at 14.000 s." in told
    assert stage.forks[0]["left out"] in told
    late = asked(stage, type="intervene", verb="crash", targets=["primary/b2"], at=19_000_000)["text"]
    assert "not done" not in late and stage.forks[1]["left out"] == ""


def test_a_question_is_answered_by_the_trace(watched):
    leader = next(entry.event.leader for entry in watched.recorder.events("LeaderElected"))
    question = Question("3s", "Who leads next?", ["b1", "b2", "b3"], "LeaderElected", lambda event: f"b{event.leader}")
    stage = Stage(watched, questions=[question])
    told = stage.questions[0]
    assert (
        told["options"][told["right"]] == f"b{leader}" and "elected" in told["because"] or "leader" in told["because"]
    )


def test_a_question_about_what_does_not_happen(watched):
    never = {
        "at": "3s",
        "ask": "Is a log cut?",
        "options": ["yes", "no"],
        "answered_by": "LogTruncated",
        "reads": lambda event: "yes",
    }
    told = Stage(
        watched, questions=[Question(**never, where=lambda event: event.old_end > 10**6, otherwise="no")]
    ).questions[0]
    assert told["right"] == 1
    with pytest.raises(ValueError, match="no right option"):
        Stage(watched, questions=[Question(**never, where=lambda event: event.old_end > 10**6)])
    with pytest.raises(ValueError, match="at least two"):
        Question("3s", "?", ["yes"], "LogTruncated", str)


def test_worlds_with_little_to_show():
    assert Stage(World(seed=1)).sentence() == "Nothing has happened in this world yet."
    assert "kept no events" in Stage(died_leader(keep="digest only")).sentence()
    assert "steps" in Stage(died_leader(keep="domain events")).sentence()
    assert Stage(EmptyWorld(seed=1)).table().rows == []


def test_names_from_users_are_only_text(tmp_path):
    world = World(seed=1)
    nasty = world.region("</script><b>east")
    world.cluster("primary", brokers=1, region=nasty)
    page = Stage(world, title="</script><i>").to_html(tmp_path / "nasty.html").read_text(encoding="utf-8")
    assert page.count("</script>") == 3 and "<b>east" not in page.replace("<\\/script><b>east", "")
