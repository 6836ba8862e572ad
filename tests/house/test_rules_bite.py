"""The rules themselves are tried: each finds what it is there to find, and leaves good code alone."""

import pytest
from conduct import (
    core_needs_only_msgpack,
    dice_come_from_chance,
    import_goes_down,
    nothing_global_changes,
    outside_is_reached_through_the_world,
)
from house import Module, the_house
from order import no_order_comes_from_a_set
from shape import (
    file_is_short,
    file_name_is_unique,
    function_is_short,
    init_is_a_docstring,
    public_name_is_documented,
    room_is_described,
)
from usage import setting_is_read

HEADED = '"""A room.\n\nPromises     a\nStands for   b\nLeft out     c\nDiffers      d\n"""\n'
SET_USES = r"""
for x in {1, 2}: pass
for x in set(y): pass
[x for x in {x for x in y}]
list(set(y) - set(z))
", ".join(frozenset(y))
[*{1, 2}]
found = set()\nfor x in found: pass
found: set[int] = y\nfor x in found | z: pass
def f(them: set[str]): return list(them)
def f(them: frozenset): return next(x for x in them)
def f(): return {1, 2}.pop()
for x in a.keys() & b.keys(): pass
class C:\n    def f(self):\n        self.s = set()\n    def g(self):\n        return [x for x in self.s]
""".strip().split("\n")
FINE_USES = r"""
for x in sorted({1, 2}): pass
sorted(x for x in set(y))
len(set(y)); max({1, 2}); any(x for x in {1})
{x for x in {1, 2}}
3 in {1, 2}
for x in {1: 2}: pass
def f(them: set[str]): return sorted(them)
def f(them: dict[str, set]): return list(them)
for x in a.keys(): pass
""".strip().split("\n")


def complaints(rule, source, path="broker/room.py"):
    return list(rule([Module(path, source.replace("\\n", "\n"))]))


@pytest.mark.parametrize(
    ("rule", "source", "path"),
    [
        (file_is_short, "x = 1\n" * 401, "broker/room.py"),
        (function_is_short, "def f():\n" + "    pass\n" * 50, "broker/room.py"),
        (function_is_short, "class C:\n    async def f(self):\n" + "        pass\n" * 50, "broker/room.py"),
        (init_is_a_docstring, '"""The floor."""\nfrom minikafka.broker import broker', "broker/__init__.py"),
        (init_is_a_docstring, "", "broker/__init__.py"),
        (room_is_described, '"""A room."""', "broker/room.py"),
        (room_is_described, HEADED.replace("Differs      d", "Differs"), "broker/room.py"),
        (room_is_described, HEADED.replace("Left out", "Left"), "broker/room.py"),
        (public_name_is_documented, '"""A room."""\ndef f(): pass', "broker/room.py"),
        (public_name_is_documented, '"""A."""\nclass C:\n    """A thing."""\n    def f(self): pass', "broker/room.py"),
        (public_name_is_documented, "x = 1", "broker/room.py"),
        (import_goes_down, "import minikafka.broker.broker", "log/room.py"),
        (import_goes_down, "from minikafka import World", "log/room.py"),
        (import_goes_down, "from minikafka.client.producer import Producer", "controller/room.py"),
        (import_goes_down, "if TYPE_CHECKING:\n    from minikafka.broker.broker import Broker", "log/room.py"),
        (core_needs_only_msgpack, "import networkx as nx", "deploy/room.py"),
        (outside_is_reached_through_the_world, "import logging", "world/room.py"),
        (outside_is_reached_through_the_world, "from time import monotonic", "world/room.py"),
        (outside_is_reached_through_the_world, "def f(): print('here')", "world/room.py"),
        (outside_is_reached_through_the_world, "now = datetime.datetime.now()", "world/room.py"),
        (outside_is_reached_through_the_world, "slot = hash(name) % 3", "client/room.py"),
        (dice_come_from_chance, "import random\nx = random.random()", "client/room.py"),
        (dice_come_from_chance, "from random import choice", "client/room.py"),
        (dice_come_from_chance, "from random import Random\ndice = Random(7)", "client/room.py"),
        (nothing_global_changes, "def f():\n    global x\n    x = 1", "log/room.py"),
        (nothing_global_changes, "seen: dict[str, int] = {}", "log/room.py"),
    ],
)
def test_a_rule_finds_what_breaks_it(rule, source, path):
    assert complaints(rule, source, path)


@pytest.mark.parametrize(
    ("rule", "source", "path"),
    [
        (file_is_short, "x = 1\n" * 400, "broker/room.py"),
        (function_is_short, "def f():\n" + "    pass\n" * 49, "broker/room.py"),
        (init_is_a_docstring, '"""The floor."""', "broker/__init__.py"),
        (init_is_a_docstring, "from minikafka.deploy.world import World", "__init__.py"),
        (room_is_described, HEADED, "broker/room.py"),
        (public_name_is_documented, '"""A room."""\ndef _f(): pass', "broker/room.py"),
        (
            public_name_is_documented,
            '"""A room."""\nclass A:\n    """A."""\n    def f(self):\n        """It."""\n'
            'class B(A):\n    """B."""\n    def f(self): pass',
            "broker/room.py",
        ),
        (import_goes_down, "from minikafka.world.kernel import Kernel\nimport minikafka.log.segment", "log/room.py"),
        (core_needs_only_msgpack, "import json\nimport msgpack\nimport minikafka.world.kernel", "log/room.py"),
        (core_needs_only_msgpack, "import tqdm", "cli.py"),
        (outside_is_reached_through_the_world, "import time\nprint(time.time())", "cli.py"),
        (dice_come_from_chance, "from random import Random\ndef f(dice: Random): dice.random()", "client/room.py"),
        (dice_come_from_chance, "import random\ndice = random.Random(7)", "world/chance.py"),
        (nothing_global_changes, "NAMES = {1: 'one'}", "log/room.py"),
    ],
)
def test_a_rule_leaves_good_code_alone(rule, source, path):
    assert not complaints(rule, source, path)


@pytest.mark.parametrize("source", SET_USES)
def test_the_order_of_a_set_is_found(source):
    assert complaints(no_order_comes_from_a_set, source)


@pytest.mark.parametrize("source", FINE_USES)
def test_a_set_without_order_is_fine(source):
    assert not complaints(no_order_comes_from_a_set, source)


def test_two_files_of_one_name_are_found():
    house = [Module("broker/fetch.py", ""), Module("client/fetch.py", ""), Module("client/__init__.py", "")]
    assert [what for what, _ in file_name_is_unique(house)] == ["client.fetch"]


def test_a_setting_without_a_reader_is_found():
    tables = [module for module in the_house() if module.name.endswith("_settings")]
    unread = dict(setting_is_read(tables))
    assert unread["producer linger.ms"] == "is read by nobody"
    reader = Module("client/accumulator.py", 'def f(config): return config.us("linger.ms")')
    assert "producer linger.ms" not in dict(setting_is_read([*tables, reader]))
    elsewhere = Module("client/elsewhere.py", reader.source)
    assert "no such room" in dict(setting_is_read([*tables, elsewhere]))["producer linger.ms"]
