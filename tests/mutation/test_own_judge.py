"""The mutation of our own judge: stable samples, one module replaced, and a list whose stale entries fail."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import pytest
from mutation import own_judge
from mutation.mutate import Mutant
from mutation.own_judge import JUDGE, Judged, all_mutants, key_of, listed, module_of, report_score, sampled


@cache
def mutants() -> list[tuple[Path, Mutant]]:
    return list(all_mutants())


def test_smaller_sample_is_part_of_larger() -> None:
    few, many = sampled(mutants(), 5), sampled(mutants(), 50)
    assert many[:5] == few
    assert sampled(mutants(), 0) == mutants()


def test_mutants_have_keys_of_their_own() -> None:
    assert len({key_of(*one) for one in mutants()}) == len(mutants())


def test_listed_survivors_exist() -> None:
    assert listed() <= {key_of(*one) for one in mutants()}


@pytest.mark.parametrize(
    ("file", "name"),
    [("__init__.py", "ni_contract.judge"), ("clauses/form.py", "ni_contract.judge.clauses.form")],
)
def test_module_is_imported_from_other_source(file: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert module_of(JUDGE / file) == name
    finder = own_judge._Mutated(name, "ANSWER = 42", file.endswith("__init__.py"))
    monkeypatch.setattr(sys, "meta_path", [finder])
    spec = finder.find_spec(name, None)
    assert spec is not None
    module = type(sys)(name)
    finder.exec_module(module)
    assert module.ANSWER == 42
    assert finder.find_spec("ni_contract.client", None) is None


@pytest.mark.parametrize(
    ("known", "killed", "code"),
    [
        ({"b"}, True, 0),
        (set(), True, 1),  # b survives, and is not listed
        ({"a", "b"}, True, 1),  # a is listed, and was killed
        ({"b", "gone"}, True, 1),
    ],
)
def test_score_fails_for_unknown_and_stale(known: set[str], killed: bool, code: int) -> None:
    assert report_score([Judged("a", killed), Judged("b", False)], known, {"a", "b"}) == code


def test_sample_tolerates_few_survivors() -> None:
    survivors = [Judged("a", False), Judged("b", False)]
    assert report_score(survivors, set(), {"a", "b"}, tolerated=2) == 0
    assert report_score(survivors, set(), {"a", "b"}, tolerated=1) == 1
