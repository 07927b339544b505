"""Each generated mutant differs from its source in one place and has a unique name."""

from __future__ import annotations

import ast

import pytest
from mutation.mutate import mutants_of

SOURCE = '''
"""A text about the module."""
import json

def is_right(answer: dict, keys=("a", "b")) -> bool:
    """A text about the function."""
    if not answer or answer["status"] == 0:
        return True
    return json.dumps(answer, indent=2) in keys
'''


def names() -> list[str]:
    return [mutant.name for mutant in mutants_of(SOURCE)]


def test_every_mutant_is_another_program() -> None:
    sources = [mutant.source for mutant in mutants_of(SOURCE)]
    assert len({ast.dump(ast.parse(source)) for source in (SOURCE, *sources)}) == len(sources) + 1


def test_names_are_unique_and_stay() -> None:
    assert len(set(names())) == len(names())
    assert names() == [mutant.name for mutant in mutants_of("\n\n" + SOURCE)]


@pytest.mark.parametrize(
    "name",
    [
        "is_right: Eq -> NotEq",
        "is_right: 0 -> 1",
        "is_right: 'status' -> 'statu'",
        "is_right: not answer or answer['status'] == 0 -> not answer",
        "is_right: Or -> And",
        "is_right: not answer -> answer",
        "is_right: return True -> return",
        "is_right: json.dumps(answer, indent=2) -> json.dumps(answer)",
        "is_right: ('a', 'b') -> ('b',)",
    ],
)
def test_each_kind_of_change_is_made(name: str) -> None:
    assert name in names()


def test_texts_about_the_code_stay() -> None:
    assert not [name for name in names() if "about" in name or "dict" in name or "import" in name]
