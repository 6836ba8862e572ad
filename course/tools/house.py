"""The house as its tests and pictures see it: every module of the package, as text and as syntax, and the floors."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "minikafka"
ROOFS = ("cli", "viz", "classroom")  # they may print, read the clock and import what the labs need


class Module:
    """One file of the package; `path` is relative to it, as in "world/kernel.py"."""

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.source = source

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree. Every node knows whether it stands under `if TYPE_CHECKING:` (`node.only_types`)."""
        tree = ast.parse(self.source)
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
                for child in node.body:
                    for inner in ast.walk(child):
                        inner.only_types = True
        return tree

    @property
    def name(self) -> str:
        """The dotted name below the package, as in "world.kernel"."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def floor(self) -> str:
        """The first part of the name; "__init__" for the front door."""
        return self.name.split(".")[0]

    @property
    def is_init(self) -> bool:
        """Is this an `__init__.py`?"""
        return self.path.endswith("__init__.py")

    @property
    def is_front_door(self) -> bool:
        """Is this what `import minikafka` runs?"""
        return self.path in ("__init__.py", "__main__.py")

    @property
    def below_the_roofs(self) -> bool:
        """Does this module belong to the world that must be the same every time?"""
        roof = self.floor in ROOFS or self.floor.startswith("cli_")
        return not roof and not self.is_front_door

    @property
    def lines(self) -> int:
        """Every line counts."""
        return len(self.source.splitlines())

    def definitions(self) -> Iterator[tuple[str, ast.AST, ast.AST]]:
        """(qualified name, node, its parent) of every class, function and method, but not of functions in functions."""

        def below(parent: ast.AST, prefix: str) -> Iterator[tuple[str, ast.AST, ast.AST]]:
            for node in ast.iter_child_nodes(parent):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    yield f"{prefix}.{node.name}", node, parent
                if isinstance(node, ast.ClassDef):
                    yield from below(node, f"{prefix}.{node.name}")

        yield from below(self.tree, self.name)

    def imports(self) -> Iterator[tuple[str, ast.stmt]]:
        """Every dotted name imported, with its statement: `from a.b import c` is "a.b.c"."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, node) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{self.path}, line {node.lineno}: write the whole name instead of dots"
                yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)

    def strings(self) -> set[str]:
        """Every string that stands in the code, docstrings left out."""
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        docstrings = [node.body[0].value for node in ast.walk(self.tree)
                      if isinstance(node, documented) and ast.get_docstring(node) is not None]
        return {node.value for node in ast.walk(self.tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings}


@cache
def the_house() -> list[Module]:
    """Every module of the package, in the order of their paths."""
    paths = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
    return [Module(path, (PACKAGE / path).read_text(encoding="utf-8")) for path in paths]


def floors() -> list[list[str]]:
    """The floors from the top down, as pyproject.toml has them for import-linter; siblings stand on one floor."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [layers] = [contract["layers"] for contract in project["tool"]["importlinter"]["contracts"] if "layers" in contract]
    return [[name.strip(" ()") for name in layer.split("|")] for layer in layers]
