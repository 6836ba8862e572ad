"""Every story goes as it is written down, goes so each time, and breaks a law only under an old rule."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from minikafka.story.commands import COMMANDS
from minikafka.story.demo import DEMO
from minikafka.story.teller import tell_file
from minikafka.story.transcript import differences, read_story, title, write_story

FOLDER = Path(__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))
TEXTS = {name: (FOLDER / f"{name}.txt").read_text(encoding="utf-8") for name in NAMES}
LONGEST = 140
BY_OLD_RULES = [name for name in NAMES if "\n> old_rule " in TEXTS[name]]


@pytest.mark.parametrize("name", NAMES)
def test_a_story_goes_as_it_is_told(story, name):
    told = story(name).text
    how = f"minikafka story --rewrite {name} writes it down so; commit only what you can explain"
    assert told == TEXTS[name], f"{differences(TEXTS[name], told, name)}\n\n{how}"


@pytest.mark.parametrize("name", NAMES)
def test_a_story_goes_the_same_way_again(story, name):
    first, again = story(name), tell_file(FOLDER / f"{name}.txt", COMMANDS)
    assert write_story(again[0]) == first.text
    assert again[1].digests == first.teller.digests


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BY_OLD_RULES])
def test_no_law_is_broken_by_todays_rules(story, name):
    assert story(name).teller.broken == []


@pytest.mark.parametrize("name", BY_OLD_RULES)
def test_an_old_rule_breaks_laws_and_todays_rule_does_not(story, name):
    before, today = story(name).text.split("\n> world ")[1:]
    assert "> old_rule" in before and "LAW BROKEN" in before
    assert "> old_rule" not in today and "LAW BROKEN" not in today


def test_every_old_rule_has_its_story():
    spec = importlib.util.spec_from_file_location("old_rules", FOLDER / "old_rules.py")
    rules = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rules)
    used = {line.split()[2] for text in TEXTS.values() for line in text.splitlines() if line.startswith("> old_rule ")}
    assert used == set(rules.RULES)


@pytest.mark.parametrize("name", NAMES)
def test_a_story_is_a_short_lesson(name):
    text = TEXTS[name]
    assert title(text), "the first line is prose, and says what the story is about"
    assert len(text.splitlines()) <= LONGEST
    assert sum(line.startswith("#") for line in text.splitlines()) >= 2, "prose says what to look at"
    assert "this world stopped" not in text and "Traceback" not in text


def test_titles_tell_the_stories_apart():
    titles = [title(text) for text in TEXTS.values()]
    assert len(set(titles)) == len(titles)


def test_the_demo_is_the_story_of_that_name():
    assert write_story([step._replace(output=[]) for step in read_story(TEXTS["demo"])]) == DEMO


@pytest.mark.parametrize("hash_seed", ["1", "4711"])
def test_a_story_does_not_depend_on_the_order_of_sets(story, hash_seed):
    names = ["demo", "kip_966_elr", "held_metadata"]
    program = (
        "import sys; from pathlib import Path; from minikafka.story.commands import COMMANDS\n"
        "from minikafka.story.teller import tell_file\n"
        "for name in sys.argv[1:]: print(*tell_file(Path(name), COMMANDS)[1].digests)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *(str(FOLDER / f"{name}.txt") for name in names)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(FOLDER.parents[1])},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.splitlines() == [" ".join(story(name).teller.digests) for name in names]
