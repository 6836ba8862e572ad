"""What a notebook is saved without."""

import json
from copy import deepcopy
from importlib import import_module
from pathlib import Path

import pytest

from minikafka.classroom.saving import CHART, COPY, without_copies_of_charts

ROOT = Path(__file__).resolve().parents[3]
FIGURE = {"data": {CHART: {"data": []}, COPY: "iVBOR"}}
PICTURE = {"data": {COPY: "iVBOR", "text/plain": "a picture"}}
TEXT = {"output_type": "stream", "text": "hello"}


def test_the_copy_beside_a_chart_goes_and_everything_else_stays():
    cells = [{"outputs": [deepcopy(FIGURE), PICTURE, TEXT]}, {"source": "words"}]
    without_copies_of_charts({"type": "notebook", "content": {"cells": cells}}, path="lab.ipynb", contents_manager=None)
    assert cells == [{"outputs": [{"data": {CHART: {"data": []}}}, PICTURE, TEXT]}, {"source": "words"}]


@pytest.mark.parametrize("model", [{"type": "file", "content": "text"}, {"type": "notebook", "content": None}, {}])
def test_what_is_no_notebook_is_left_alone(model):
    before = deepcopy(model)
    without_copies_of_charts(model)
    assert model == before


def test_the_servers_setting_names_it():
    setting = json.loads((ROOT / "binder" / "saving.json").read_text())["ContentsManager"]["pre_save_hook"]
    module, _, name = setting.rpartition(".")
    assert getattr(import_module(module), name) is without_copies_of_charts
