"""The catalogue is complete, every clause has a source in the reference and a check."""

from __future__ import annotations

import re
import tomllib
from itertools import groupby

import pytest

from ni_contract.contract.catalogue import EDITIONS, Clause, feature_clauses, load_catalogue
from ni_contract.contract.features import CLAIMABLE
from ni_contract.contract.spec_files import read_spec, spec_names
from ni_contract.errors import UsageError
from ni_contract.judge import client_judge  # registers the checks of lookups; the judge itself registers the others
from ni_contract.judge.clauses.registry import Stage, clause, registered_clauses

CATALOGUE = load_catalogue()
IDS = [clause.id for clause in CATALOGUE]
AREAS = ("REQ", "AUT", "NUM", "RES", "ERR", "XML", "REL", "CLI", "SEC")


def test_ids_are_unique_and_well_formed() -> None:
    assert len(set(IDS)) == len(IDS)
    assert all(re.fullmatch(rf"NIB-({'|'.join(AREAS)})-[0-9]{{3}}", clause_id) for clause_id in IDS)


def test_every_clause_has_one_check() -> None:
    """Every clause has a check, and every check a clause."""
    assert client_judge
    assert registered_clauses() == set(IDS)


def test_second_check_is_refused() -> None:
    stage: Stage[str] = Stage()
    with pytest.raises(ValueError, match="NIB-RES-009"):
        clause("NIB-RES-009", stage)("a second check")


def test_checks_run_in_catalogue_order() -> None:
    stage: Stage[int] = Stage()
    stage._checks.update({"NIB-RES-009": 1, "NIB-REQ-002": 2, "NIB-AUT-001": 3})
    assert [clause_id for clause_id, _ in stage.checks] == ["NIB-REQ-002", "NIB-AUT-001", "NIB-RES-009"]


@pytest.mark.parametrize("clause", list(CATALOGUE), ids=IDS)
def test_clause_fields_have_explained_words(clause: Clause) -> None:
    assert clause.level in ("MUST", "SHOULD")
    assert clause.side in ("provider", "client", "recording")
    assert clause.kind in ("request", "answer", "exchange", "relation", "lookup")
    assert clause.basis in ("documented", "observed", "inferred")
    assert set(clause.editions) <= set(EDITIONS)
    assert clause.editions
    assert set(clause.needs) <= set(CATALOGUE.features)
    assert clause.title
    assert clause.section


def test_sentences_are_clauses_or_excluded() -> None:
    """Every sentence is a clause, or is excluded with a reason."""
    for sentence in CATALOGUE.sentences:
        assert bool(sentence.clauses) != bool(sentence.excluded), sentence
        assert set(sentence.clauses) <= set(IDS), sentence


def test_sentences_are_numbered_without_gap() -> None:
    ordered = sorted(CATALOGUE.sentences, key=lambda s: (s.section, s.number))
    for section, sentences in groupby(ordered, key=lambda s: s.section):
        numbers = [sentence.number for sentence in sentences]
        assert numbers == list(range(1, len(numbers) + 1)), section


def test_documented_clauses_have_a_sentence() -> None:
    """Every documented clause states a sentence of the page."""
    stated = {clause_id for sentence in CATALOGUE.sentences for clause_id in sentence.clauses}
    assert {clause.id for clause in CATALOGUE if clause.basis == "documented"} <= stated


def test_documented_only_clauses_are_documented() -> None:
    """A clause of the documented edition only is not taken from observation."""
    assert not [clause for clause in CATALOGUE if clause.editions == ("documented",) and clause.basis == "observed"]


def test_features_have_a_failing_clause() -> None:
    """Every feature that can be claimed has a clause that fails without it."""
    assert set(feature_clauses()) == set(CLAIMABLE)
    for feature, clause_id in feature_clauses().items():
        assert feature in CATALOGUE[clause_id].needs


def test_side_and_glob_select_clauses() -> None:
    assert [c.id for c in CATALOGUE.select("provider", ("NIB-RES-00[12]",))] == ["NIB-RES-001", "NIB-RES-002"]
    with pytest.raises(UsageError, match="NIB-CLI"):
        CATALOGUE.select("provider", ("NIB-CLI-*",))


def test_unknown_clause_is_usage_error() -> None:
    with pytest.raises(UsageError, match="NIB-XXX-001"):
        CATALOGUE["NIB-XXX-001"]


def test_data_files_are_readable_by_name() -> None:
    names = spec_names()
    assert {"openapi.yaml", "clauses.toml", "response.xsd", "response-1.0.xsd", "report.schema.json"} <= set(names)
    assert tomllib.loads(read_spec("clauses.toml"))["clause"]
    with pytest.raises(KeyError):
        read_spec("../pyproject.toml")
