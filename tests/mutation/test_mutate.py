"""Each generated mutant differs from its source in one place and has a unique name."""

from __future__ import annotations

import ast
import tomllib

import pytest
from mutation.__main__ import HERE, RIGHT, SIDES, mutants_of_side, score
from mutation.mutate import mutants_of
from mutation.mutate_text import text_mutants_of

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


SCRIPT = """
// A comment with true.
if (status !== 0 && text.trim() === "") throw new Refused(3, "no text");
const kinds = [
  "form",
];
"""


def script_names() -> list[str]:
    return [mutant.name for mutant in text_mutants_of(SCRIPT)]


def test_every_line_mutant_is_another() -> None:
    sources = {mutant.source for mutant in text_mutants_of(SCRIPT)}
    assert len(sources) == len(script_names()) == len(set(script_names()))
    assert SCRIPT not in sources


def test_lines_are_mutated_in_their_ways() -> None:
    names = " ".join(script_names())
    for part in ("!== -> ===", "&& -> ||", '-> "for"', "left out", "-> if (true ||", ".trim() ->", "3 -> 4"):
        assert part in names


def test_comments_are_left_alone() -> None:
    assert not any(name.startswith("//") for name in script_names())


def test_score_counts_and_names_faults(capsys: pytest.CaptureFixture[str]) -> None:
    found = {("a.py", RIGHT): "", ("a.py", "x"): "NIB-1", ("a.py", "y"): "", ("a.py", "z"): "", ("a.py", "w"): "NIB-2"}
    known = {("a.py", "y"): "silent", ("a.py", "w"): "missed"}
    assert score("providers", found, known) == ["survived: a.py: z", "listed, but caught: a.py: w"]
    assert capsys.readouterr().out == "providers: 4 mutants, 4 start, 3 can be seen, 2 of these caught\n"


def test_accused_right_program_is_told() -> None:
    assert score("providers", {("a.py", RIGHT): "NIB-1"}, {}) == ["accused, though right: a.py: NIB-1"]


def test_survivors_are_mutants_with_reasons() -> None:
    rows = tomllib.loads((HERE / "survivors.toml").read_text("utf-8"))["survivor"]
    made = {(program, mutant.name) for side in SIDES for program, mutant in mutants_of_side(side)}
    assert {(row["program"], row["mutant"]) for row in rows} <= made
    assert {row["kind"] for row in rows} <= {"equivalent", "silent", "missed"}
    assert all(row["reason"] for row in rows)
