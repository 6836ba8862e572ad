"""The tour and the list of words lead a reader to every room, and nowhere else."""

import re

import pytest
from house import PACKAGE, ROOT, the_house

WORDS = ROOT / "course" / "glossary.md"
TOUR = (ROOT / "course" / "architecture.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (.+?) \| (.+?) \| \[(\w+)\]\(\.\./minikafka/(\S+)\.py\) \| \[(\w+)\]\(\.\./(\S+)\) \|$")
LINES = [line for line in WORDS.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
SHOWN_ROOM_BY_ROOM = ("world", "log", "metadata", "controller", "coordinator", "broker", "client", "deploy", "recovery",
                      "patterns")  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.split("|")[1].strip())
def test_a_word_leads_to_its_room_and_its_lab(line):
    row = ROW.match(line)
    assert row, f"write it like the other rows: {line}"
    _, _, room, path, label, met_in = row.groups()
    assert path.split("/")[-1] == room and (PACKAGE / f"{path}.py").exists()
    assert (ROOT / met_in).exists()
    assert label == ("story" if met_in.startswith("tests/stories/") else met_in.removeprefix("labs/")[:2])


def test_words_stand_once_and_in_order():
    words = [re.sub(r"[^a-z ]", "", line.split("|")[1].strip().casefold()) for line in LINES]
    assert words == sorted(dict.fromkeys(words))


def test_every_lab_and_every_kind_of_epoch_has_a_word():
    text = WORDS.read_text(encoding="utf-8")
    labs = [path.name for path in (ROOT / "labs").glob("[0-9][0-9]_*.ipynb")]
    assert not [name for name in labs if f"(../labs/{name})" not in text]
    kinds = re.findall(r"^(\w+)Epoch = NewType", (PACKAGE / "protocol" / "names.py").read_text("utf-8"), re.MULTILINE)
    assert kinds and not [kind for kind in kinds if f"| {kind.lower()} epoch |" not in text]


@pytest.mark.parametrize("floor", SHOWN_ROOM_BY_ROOM)
def test_the_tour_names_every_room(floor):
    rooms = [module.path.split("/")[-1] for module in the_house() if module.floor == floor and not module.is_init]
    unnamed = [room for room in rooms if not re.search(rf"`(?:\w+/)?{re.escape(room)}`", TOUR)]
    assert not unnamed, "give it its place in the tour, course/architecture.md"


def test_every_room_that_the_tour_names_is_there():
    there = {module.path.split("/")[-1] for module in the_house()}
    named = re.findall(r"`(?:\w+/)?(\w+\.py)`", TOUR)
    assert not [name for name in named if name not in there and name != "floors.py"]
