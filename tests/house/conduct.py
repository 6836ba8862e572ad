"""The rules about what the house may do: import, touch the outside, depend on chance. Each yields (what, complaint)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator

from house import Module, floors

Complaints = Iterator[tuple[str, str]]

DEPENDENCIES = ("msgpack",)
BANNED_MODULES = (
    "asyncio", "concurrent", "logging", "multiprocessing", "queue", "sched", "secrets", "select", "selectors", "signal",
    "socket", "subprocess", "threading", "time", "uuid", "warnings",
)
BANNED_CALLS = {
    "print": "record an event instead; only the roofs speak",
    "input": "only the roofs ask",
    "breakpoint": "take it out",
    "hash": "it differs from run to run for strings; use zlib.crc32 or murmur2",
    "id": "it differs from run to run; give the thing a number",
}
WALL_CLOCKS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")


def import_goes_down(house: Iterable[Module]) -> Complaints:
    """Also for types: a room that names a higher floor knows it. (import-linter looks at the rest.)"""
    level = {name: number for number, names in enumerate(reversed(floors())) for name in names}
    for module in house:
        for imported, node in module.imports():
            package, _, rest = imported.partition(".")
            floor = rest.split(".")[0]
            if package != "minikafka" or module.is_front_door or floor == module.floor:
                continue
            if level.get(floor, len(level)) >= level.get(module.floor, len(level)):
                yield module.name, f"line {node.lineno} imports {imported}, which is not below {module.floor}"


def core_needs_only_msgpack(house: Iterable[Module]) -> Complaints:
    """Below the roofs the house stands on Python and msgpack; so it also runs in a browser."""
    for module in house:
        for imported, node in module.imports():
            package = imported.split(".")[0]
            known = package in sys.stdlib_module_names or package in ("minikafka", *DEPENDENCIES)
            if module.below_the_roofs and not known:
                yield module.name, f"line {node.lineno} imports {package}; below the roofs only msgpack may be needed"


def outside_is_reached_through_the_world(house: Iterable[Module]) -> Complaints:
    """No clock, thread, socket or printer of the real machine. storm.sweep alone starts processes: it stands outside of
    every world, and each process has worlds of its own."""
    for module in house:
        if not module.below_the_roofs or module.name == "storm.sweep":
            continue
        for imported, node in module.imports():
            if imported.split(".")[0] in BANNED_MODULES:
                yield module.name, f"line {node.lineno} imports {imported}; reach the outside through minikafka.world"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BANNED_CALLS:
                yield module.name, f"line {node.lineno} calls {node.func.id}(): {BANNED_CALLS[node.func.id]}"
            if isinstance(node, ast.Attribute) and ast.unparse(node).endswith(WALL_CLOCKS):
                yield module.name, f"line {node.lineno} asks {ast.unparse(node)}; the time is `now`"


def dice_come_from_chance(house: Iterable[Module]) -> Complaints:
    """`random.Random` may be named as a type; made, and rolled without a stream, only in world/chance.py."""
    for module in house:
        if not module.below_the_roofs or module.name == "world.chance":
            continue
        for imported, node in module.imports():
            if imported.startswith("random.") and imported != "random.Random":
                yield module.name, f"line {node.lineno} imports {imported}; ask for machine.dice(room)"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "random" and node.attr != "Random":
                yield module.name, f"line {node.lineno} uses {ast.unparse(node)}; ask for machine.dice(room)"
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Random", "random.Random"):
                yield module.name, f"line {node.lineno} makes dice of its own; ask for machine.dice(room)"


def nothing_global_changes(house: Iterable[Module]) -> Complaints:
    """Two worlds in one process do not know each other."""
    for module in house:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Global):
                yield module.name, f"line {node.lineno} changes a global: {', '.join(node.names)}"
        for node in module.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and _is_empty_container(node.value):
                yield module.name, f"line {node.lineno} makes an empty global, which is of use only if it changes"


def _is_empty_container(value: ast.expr) -> bool:
    return ast.unparse(value) in ("{}", "[]", "set()", "dict()", "list()") or (
        isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1] in ("defaultdict", "deque", "Counter"))


RULES = (import_goes_down, core_needs_only_msgpack, outside_is_reached_through_the_world, dice_come_from_chance,
         nothing_global_changes)
