"""The rule that nothing depends on the order of a set, which differs from run to run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from house import Module

SETS = ("set", "frozenset", "AbstractSet", "MutableSet")
SET_METHODS = ("union", "intersection", "difference", "symmetric_difference", "copy")
ORDER_MATTERS = ("list", "tuple", "enumerate", "iter", "zip", "map", "filter", "fromkeys", "join", "extend", "deque")
ORDER_DOES_NOT = ("sorted", "set", "frozenset", "len", "sum", "min", "max", "any", "all", "Counter")


def no_order_comes_from_a_set(house: Iterable[Module]) -> Iterator[tuple[str, str]]:
    """Iterate over a dict, or over sorted(...). What a set is, is found from literals, calls and annotations."""
    for module in house:
        if module.below_the_roofs:
            attributes = _known_sets(module.tree, of_self=True)
            for scope in _scopes(module.tree):
                known = _known_sets(scope, of_self=False) | attributes
                for line in sorted(_iterations(scope, known)):
                    yield module.name, f"line {line} takes the order of a set; write sorted(...), or keep a dict"


def _scopes(tree: ast.Module) -> list[ast.AST]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [tree, *functions]


def _inside(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions defined in it."""
    for node in ast.iter_child_nodes(scope):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            yield from _inside(node)


def _known_sets(scope: ast.AST, of_self: bool) -> set[str]:
    known: set[str] = set()
    for node in ast.walk(scope) if of_self else _inside(scope):
        if isinstance(node, ast.Assign) and _is_set(node.value, known):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign | ast.arg) and _says_set(node.annotation):
            targets = [node] if isinstance(node, ast.arg) else [node.target]
        else:
            continue
        known.update(name for name in map(_name, targets) if name and name.startswith("self.") == of_self)
    return known


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.arg):
        return node.arg
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else None


def _says_set(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation).strip("'\"").split("[")[0].split(".")[-1] in SETS


def _is_set(node: ast.expr, known: set[str]) -> bool:
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Name() | ast.Attribute():
            return ast.unparse(node) in known
        case ast.Call(func=ast.Name(id=name)):
            return name in ("set", "frozenset")
        case ast.Call(func=ast.Attribute(value=value, attr=method)):
            return method in SET_METHODS and _is_set(value, known)
        case ast.BinOp(left=left, right=right):
            return any(_is_set(side, known) or _is_keys(side) for side in (left, right))
        case ast.IfExp(body=body, orelse=orelse):
            return _is_set(body, known) or _is_set(orelse, known)
    return False


def _is_keys(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("keys", "items")


def _iterations(scope: ast.AST, known: set[str]) -> Iterator[int]:
    harmless = [argument for node in _inside(scope) if isinstance(node, ast.Call)
                and ast.unparse(node.func).split(".")[-1] in ORDER_DOES_NOT for argument in node.args]
    for node in _inside(scope):
        match node:
            case ast.For(iter=over) | ast.Starred(value=over):
                found = [over]
            case ast.ListComp(generators=generators) | ast.DictComp(generators=generators):
                found = [generator.iter for generator in generators]
            case ast.GeneratorExp(generators=generators) if node not in harmless:
                found = [generator.iter for generator in generators]
            case ast.Call(func=ast.Attribute(value=over, attr="pop"), args=[]):
                found = [over]
            case ast.Call(func=called, args=arguments) if ast.unparse(called).split(".")[-1] in ORDER_MATTERS:
                found = arguments if node not in harmless else []
            case _:
                continue
        yield from (node.lineno for over in found if _is_set(over, known))


RULES = (no_order_comes_from_a_set,)
