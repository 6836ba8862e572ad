"""What a notebook is saved without."""

import json
from copy import deepcopy
from importlib import import_module
from pathlib import Path

import pytest

from minikafka.classroom.saving import CHART, COPY, LIVE, STILL, as_to_be_reopened

ROOT = Path(__file__).resolve().parents[3]
FIGURE = {"data": {CHART: {"data": []}, COPY: "iVBOR"}}
PICTURE = {"data": {COPY: "iVBOR", "text/plain": "a picture"}}
STAGE = {"data": {LIVE: {"model_id": "12ab"}, STILL: "<p>a picture</p>", "text/plain": "a sentence"}}
KNOB = {"data": {LIVE: {"model_id": "34cd"}, "text/plain": "IntSlider(value=3)"}}
TEXT = {"output_type": "stream", "text": "hello"}


def test_the_copy_beside_a_chart_goes_and_everything_else_stays():
    cells = [{"outputs": [deepcopy(FIGURE), PICTURE, TEXT]}, {"source": "words"}]
    as_to_be_reopened({"type": "notebook", "content": {"cells": cells}}, path="lab.ipynb", contents_manager=None)
    assert cells == [{"outputs": [{"data": {CHART: {"data": []}}}, PICTURE, TEXT]}, {"source": "words"}]


def test_a_widget_that_can_be_shown_still_is_saved_still():
    cells = [{"outputs": [deepcopy(STAGE), KNOB]}]
    as_to_be_reopened({"type": "notebook", "content": {"cells": cells}})
    assert cells == [{"outputs": [{"data": {STILL: "<p>a picture</p>", "text/plain": "a sentence"}}, KNOB]}]


@pytest.mark.parametrize("model", [{"type": "file", "content": "text"}, {"type": "notebook", "content": None}, {}])
def test_what_is_no_notebook_is_left_alone(model):
    before = deepcopy(model)
    as_to_be_reopened(model)
    assert model == before


def test_the_servers_setting_names_it():
    setting = json.loads((ROOT / "binder" / "saving.json").read_text())["ContentsManager"]["pre_save_hook"]
    module, _, name = setting.rpartition(".")
    assert getattr(import_module(module), name) is as_to_be_reopened
    for where in "Makefile", "README.md":
        assert f"--ContentsManager.pre_save_hook={setting}" in (ROOT / where).read_text(encoding="utf-8")
