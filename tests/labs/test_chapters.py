"""What the chapters quote is what the labs' cells have printed, and their links lead somewhere."""

import re

import chapters
import pytest
from house import ROOT

CHAPTERS = chapters.chapters()


def test_the_chapters_are_found():
    assert {"01_the_log", "03_replication", "04_acks_and_min_insync_replicas"} <= {path.stem for path in CHAPTERS}


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_quotations_are_current(path):
    text = path.read_text(encoding="utf-8")
    assert chapters.current(text) == text, f"{path.name} is older than its lab: run `python course/tools/chapters.py`"


@pytest.mark.parametrize("path", [*CHAPTERS, ROOT / "course" / "misconceptions.md"], ids=lambda path: path.stem)
def test_links_lead_somewhere(path):
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    assert targets and not [target for target in targets if "://" not in target and not (path.parent / target).exists()]


def test_a_cell_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="has no cell nowhere: its cells are"):
        chapters.printed("labs/01_the_log.ipynb", "nowhere")
