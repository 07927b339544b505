"""Mutants of a Python source: each differs from it in one comparison, constant, text, branch, call or statement."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any, Final

_SWAPPED: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
}  # fmt: skip
_BLOCKS: Final = ("body", "orelse", "finalbody", "handlers")
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
MAX_SHOWN: Final = 80
# What `return` returns too; the second is the judge's name for it.
_NOTHING: Final = ("None", "NOT_APPLICABLE")
# Mutants of one source share its tree, which is changed and restored while one of them is written.
_ONE_AT_A_TIME: Final = Lock()


@dataclass(frozen=True, slots=True)
class Mutant:
    """A `source` with one fault; *name* is its place and kind, and does not change when lines move."""

    name: str
    write: Callable[[], str]

    @property
    def source(self) -> str:
        """The source, written when it is asked for: a sample of thousands needs few."""
        with _ONE_AT_A_TIME:
            return self.write()


def mutants_of(source: str) -> Iterator[Mutant]:
    """Every mutant of *source*, in the order of its lines."""
    tree, names = ast.parse(source), Counter[str]()
    for scope, parent, field, index, node in _places(tree, ""):
        for new in _replacements(node, field):
            name = f"{scope or 'module'}: {_words(node)} -> {_words(new)}"
            names[name] += 1
            number = f" #{names[name]}" if names[name] > 1 else ""
            yield Mutant(name + number, partial(_with, tree, parent, field, index, new))


# A place in the tree: the names of its functions, the node above, its field there, the index in a list or None.
Place = tuple[str, ast.AST, str, int | None, ast.AST]


def _places(parent: ast.AST, scope: str) -> Iterator[Place]:
    for field, value in ast.iter_fields(parent):
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, node in children:
            if isinstance(node, ast.AST) and not _is_untouched(node, field):
                yield scope, parent, field, index, node
                inner = f"{scope}.{node.name}".lstrip(".") if isinstance(node, _SCOPES) else scope
                yield from _places(node, inner)


def _is_untouched(node: ast.AST, field: str) -> bool:
    """Whether a mutant is pointless: in imports, annotations and docstrings it fails to start or changes nothing.

    So it is in the options of a dataclass: whether it has slots or may be changed is no result.
    """
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_dataclass = field == "decorator_list" and ast.unparse(node).startswith("dataclass")
    is_import = isinstance(node, ast.Import | ast.ImportFrom)
    return is_text or is_dataclass or is_import or field in ("annotation", "returns")


def _replacements(node: ast.AST, field: str) -> Iterator[ast.AST]:
    """The nodes that may replace *node*."""
    if swapped := _SWAPPED.get(type(node)):
        yield swapped()
    elif isinstance(node, ast.Constant):
        yield from (ast.Constant(value) for value in _other_values(node.value))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BoolOp):
        yield from node.values
    elif isinstance(node, ast.Call):
        yield from _other_calls(node)
    elif isinstance(node, ast.expr) and field == "test":
        yield from (ast.Constant(True), ast.Constant(False))
    elif isinstance(node, ast.stmt) and field in _BLOCKS:
        yield from _other_statements(node)
    elif isinstance(node, ast.Dict | ast.List | ast.Tuple | ast.Set) and not isinstance(_context(node), ast.Store):
        yield from _shorter(node)


def _other_values(value: object) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, -value if value else 2)
    elif isinstance(value, bytes) and value:
        yield value[:-1]
    elif isinstance(value, str) and value:
        yield value[:-1]
        yield value.upper() if value.upper() != value else f"{value}{value[-1]}"
    elif value is None:
        yield 0


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    """The call replaced by its first argument, and the call without each keyword argument."""
    if len(node.args) == 1 and not node.keywords:
        yield node.args[0]
    elif isinstance(node.func, ast.Attribute) and not node.args:
        yield node.func.value
    for index in range(len(node.keywords)):
        shorter = copy.deepcopy(node)
        del shorter.keywords[index]
        yield shorter


def _other_statements(node: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, ast.Return):
        if node.value is not None and ast.unparse(node.value) not in _NOTHING:
            yield ast.Return(None)
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Raise | ast.Continue | ast.Break | ast.If):
        yield ast.Pass()


def _context(node: ast.AST) -> ast.AST | None:
    return getattr(node, "ctx", None)


def _shorter(node: ast.AST) -> Iterator[ast.AST]:
    parts = node.values if isinstance(node, ast.Dict) else getattr(node, "elts", [])
    for index in range(len(parts)):
        shorter = copy.deepcopy(node)
        for field in ("elts", "keys", "values"):
            if hasattr(shorter, field):
                del getattr(shorter, field)[index]
        if not (isinstance(shorter, ast.Set) and not shorter.elts):
            yield shorter


def _with(tree: ast.Module, parent: ast.AST, field: str, index: int | None, new: ast.AST) -> str:
    """The source of *tree* with *new* in that place; the tree itself is restored afterwards."""
    if index is None:
        old = getattr(parent, field)
        setattr(parent, field, new)
        text = ast.unparse(ast.fix_missing_locations(tree))
        setattr(parent, field, old)
        return text
    nodes = getattr(parent, field)
    old, nodes[index] = nodes[index], new
    text = ast.unparse(ast.fix_missing_locations(tree))
    nodes[index] = old
    return text


def _words(node: ast.AST) -> str:
    if isinstance(node, ast.operator | ast.cmpop | ast.boolop | ast.unaryop):
        return type(node).__name__
    text = " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
