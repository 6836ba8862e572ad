"""The rules that nothing is declared in vain: a setting has a reader and a test. Each yields (what, complaint)."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator

from house import ROOT, Module

from minikafka.protocol.settings import Table
from minikafka.protocol.topic_settings import TWINS

Complaints = Iterator[tuple[str, str]]

FALL_BACKS = {("broker", twin): name for name, twin in TWINS.items()}


def declared(house: Iterable[Module]) -> dict[tuple[str, str], object]:
    """{(thing, name): Setting} of every `Table` in a module called *_settings."""
    modules = [importlib.import_module(f"minikafka.{module.name}") for module in house if _declares(module)]
    tables = [value for module in modules for value in vars(module).values() if isinstance(value, Table)]
    return {(table.thing, name): table[name] for table in tables for name in table}


def setting_is_read(house: Iterable[Module]) -> Complaints:
    """Its name stands in some room's code, and `read_by` is a room; a fall-back is read with what falls back to it."""
    house = list(house)
    rooms = [module.path.rsplit("/", 1)[-1].removesuffix(".py") for module in house]
    read = {string for module in house if not _declares(module) for string in module.strings()}
    for (thing, name), setting in declared(house).items():
        if name not in read and FALL_BACKS.get((thing, name)) not in read:
            yield f"{thing} {name}", "is read by nobody"
        elif setting.read_by not in rooms:
            yield f"{thing} {name}", f"read_by says {setting.read_by}, but there is no such room"


def setting_is_tested(house: Iterable[Module]) -> Complaints:
    """Some test names it; a fall-back is tested with the table of fall-backs."""
    files = [path for path in sorted((ROOT / "tests").rglob("*")) if path.suffix in (".py", ".txt")]
    tests = "\n".join(path.read_text(encoding="utf-8") for path in files if path.name != "usage.py")
    for thing, name in declared(house):
        named = re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", tests)
        if not named and not ("TWINS" in tests and (thing, name) in FALL_BACKS):
            yield f"{thing} {name}", "is named in no test"


def _declares(module: Module) -> bool:
    return module.name.endswith("_settings")


RULES = (setting_is_read, setting_is_tested)
