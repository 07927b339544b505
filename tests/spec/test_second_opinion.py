"""Other validators agree with the judge on an answer's form, clause by clause."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest
import xmlschema
from hypothesis import HealthCheck, Phase, given, settings
from reference_answer import SUCCESS
from spec.drawn_answers import BAD, answers, document_of, documents, right_answers
from spec.opinions import (
    ADVICE,
    FORM_OF_JSON,
    differences,
    jsonschema_of_json,
    jsonschema_rs_of_json,
    judge_of_json,
    judge_of_xml,
    judged,
    lxml_of_xml,
    seen_by_profile,
    xmlschema_of_xml,
)
from spec.stated_rules import broken_rules, every_form
from thoroughness import draws

from ni_contract import schemas
from ni_contract.contract.spec_files import read_spec
from ni_contract.judge.clauses import form
from spec import opinions

pytestmark = pytest.mark.slow

# Spread over many tests, so that they can run side by side: 360 answers, 10,080 with `tox -e everything`.
PARTS = range(3)
FAULTS = (0, 1, 4)
drawn = settings(
    max_examples=draws(20, 560),
    deadline=None,
    database=None,
    derandomize=False,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("faults", FAULTS)
@pytest.mark.parametrize("part", PARTS)
def test_json_validators_agree(part: int, faults: int) -> None:
    """`jsonschema` and `jsonschema-rs`, with the schemas of both editions."""

    @drawn
    @given(answers(faults, False) if faults else right_answers(False))
    def agree(values: dict[str, Any]) -> None:
        assert not differences(values, judge_of_json, (jsonschema_of_json, jsonschema_rs_of_json))

    agree()


@pytest.mark.parametrize("faults", FAULTS)
@pytest.mark.parametrize("part", PARTS)
def test_xml_validators_agree(part: int, faults: int) -> None:
    """`xmlschema` with XSD 1.1, and libxml2 as far as XSD 1.0 goes."""

    @drawn
    @given(documents(faults))
    def agree(document: str) -> None:
        assert not differences(document, judge_of_xml, (xmlschema_of_xml,))
        assert lxml_of_xml(document) == seen_by_profile(document), document

    agree()


@pytest.mark.parametrize("text", ["\U00010000", "\U000103ff", "\ud800", "\U00010000\ud800"], ids=ascii)
def test_pairs_of_surrogates_are_agreed(text: str) -> None:
    """In JSON that is ASCII, a letter beyond the first 65,536 has the same first half as a half that is alone."""
    values = SUCCESS | {"country_name": text}
    assert not differences(values, judge_of_json, (jsonschema_of_json, jsonschema_rs_of_json))


# Differences that cannot be mended: JSON Schema compares numbers by value, so that 0.0 is 0.
KNOWN: list[dict[str, Any]] = [SUCCESS | {"status": 0.0}, {"status": 4.0, "error_text": "no"}]


@pytest.mark.parametrize("values", KNOWN, ids=str)
def test_known_difference_still_exists(values: dict[str, Any]) -> None:
    """An entry that no longer differs has to be removed."""
    found = differences(values, judge_of_json, (jsonschema_of_json, jsonschema_rs_of_json))
    assert len(found) == 2
    assert all(ours - theirs == {"NIB-RES-005"} for ours, theirs in found.values())


REFUSALS: list[dict[str, Any]] = [{"status": 4, "error_text": "no"}, {"status": 4, "status_message": "no"}]
BROKEN: list[dict[str, Any]] = [
    *({**SUCCESS, name: value} for name, bad in BAD.items() for value in (*bad, None)),
    *({key: SUCCESS[key] for key in SUCCESS if key != name} for name in SUCCESS),
    *({**refusal, "country_code": "GB"} for refusal in REFUSALS),
    *({**refusal, "error_text": "no", "status_message": "no"} for refusal in REFUSALS),
    *({**refusal, "error_text": "", "status_message": ""} for refusal in REFUSALS),
]
JSON_CLAUSES = sorted(key for key in FORM_OF_JSON - ADVICE - {"NIB-RES-003"} if key.startswith("NIB-"))


# The clauses about each key of a success: stated here once more, for judge and validators read the same schema.
CLAUSES_OF = {
    "status": {"NIB-RES-005", "NIB-RES-006", "NIB-ERR-005"},
    "status_message": {"NIB-RES-007"},
    "error_text": {"NIB-RES-016"},
    "request_id": {"NIB-RES-004", "NIB-RES-008", "NIB-RES-009"},
    "international_format_number": {"NIB-RES-010"},
    "national_format_number": {"NIB-RES-011"},
    "country_code": {"NIB-RES-012"},
    "country_code_iso3": {"NIB-RES-013"},
    "country_name": {"NIB-RES-014"},
    "country_prefix": {"NIB-RES-015"},
}


def test_judge_keeps_stated_rules() -> None:
    """A changed definition would make no two validators differ in JSON, for all of them read it."""
    assert [values for values in every_form() if form_clauses(values) != broken_rules(values)] == []


def form_clauses(values: dict[str, Any]) -> frozenset[str]:
    """The clauses about the form that the judge finds broken, those of both editions and advice too."""
    return judged(json.dumps(values), "json") & FORM_OF_JSON


def test_schemas_state_same_rules() -> None:
    """The judge reads the status itself; a schema has to say which statuses are readable."""
    assert [one for one in every_form() if jsonschema_rs_of_json(one) != broken_rules(one) - ADVICE] == []


def test_common_schema_accepts_either_edition() -> None:
    """The schema for both editions has a definition of its own for the text of a refusal."""
    accepts = jsonschema_rs.Draft202012Validator(json.loads(read_spec("schemas/answer.schema.json"))).is_valid
    assert [values for values in every_form() if accepts(values) != fits_an_edition(values)] == []


def fits_an_edition(values: dict[str, Any]) -> bool:
    broken = broken_rules(values) - ADVICE
    return not broken - {"NIB-ERR-001", "NIB-ERR-002"} or not broken - {"NIB-ERR-003", "NIB-ERR-004"}


@pytest.mark.parametrize("name", BAD)
def test_bad_values_break_clause_of_key(name: str) -> None:
    """A definition that accepts one of them too many would not make validators differ in JSON."""
    accepted = [value for value in (*BAD[name], None) if not judge_of_json(SUCCESS | {name: value}) & CLAUSES_OF[name]]
    assert accepted == []


def test_bad_values_are_agreed_in_xml() -> None:
    """Each alone, for few of the drawn documents have one and no other fault."""
    assert [document for document in DOCUMENTS if differences(document, judge_of_xml, (xmlschema_of_xml,))] == []


def broken_by(clause_id: str) -> dict[str, Any]:
    """An answer that breaks the clause."""
    return next(values for values in BROKEN if clause_id in judge_of_json(values))


@pytest.mark.parametrize("clause_id", JSON_CLAUSES)
def test_broken_definition_is_noticed(clause_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A definition that accepts everything makes `jsonschema` differ from the judge."""
    values = broken_by(clause_id)
    assert not differences(values, judge_of_json, (jsonschema_of_json,))
    monkeypatch.setattr(schemas, "read_spec", lambda name: without_definition(name, clause_id))
    schemas._registry.cache_clear()
    try:
        assert differences(values, judge_of_json, (jsonschema_of_json,))
    finally:
        schemas._registry.cache_clear()


def without_definition(name: str, clause_id: str) -> str:
    schema = json.loads(read_spec(name))
    if clause_id in schema.get("$defs", {}):
        schema["$defs"][clause_id] = True
    return json.dumps(schema)


@pytest.mark.parametrize("clause_id", JSON_CLAUSES)
def test_broken_json_check_is_noticed(clause_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that accepts everything makes the judge differ from both validators."""
    values = broken_by(clause_id)
    (definition,) = (one for key, one in form.FORM.checks if key == clause_id)
    monkeypatch.setattr(definition, "accepts", lambda _values: True)
    assert len(differences(values, judge_of_json, (jsonschema_of_json, jsonschema_rs_of_json))) == 2


ASSERTS = sorted(re.findall(r'<xs:assert id="([^"]+)"', read_spec("response.xsd")))
TYPES = sorted(re.findall(r'<xs:simpleType name="([^"]+)"', read_spec("response.xsd")))
DOCUMENTS = [document_of(values) for values in BROKEN if not any(value is None for value in values.values())]


@pytest.mark.parametrize("clause_id", [*ASSERTS, *TYPES])
def test_broken_xsd_is_noticed(clause_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An assert or a type that accepts everything makes `xmlschema` differ from the judge."""
    document = next(one for one in DOCUMENTS if clause_id in judge_of_xml(one))
    assert not differences(document, judge_of_xml, (xmlschema_of_xml,))
    xsd = re.sub(rf'(id="{clause_id}" test=)"[^"]*"', r'\1"true()"', read_spec("response.xsd"))
    facet = rf'(name="{clause_id}">\s*<xs:restriction base="[^"]*">\s*<xs:pattern value=)"[^"]*"'
    xsd = re.sub(facet, r'\1"[\\s\\S]*"', xsd)
    assert xsd != read_spec("response.xsd")
    monkeypatch.setattr(schemas.xml_validator(), "native", xmlschema.XMLSchema11(xsd))
    assert differences(document, judge_of_xml, (xmlschema_of_xml,))


@pytest.mark.parametrize("clause_id", ["NIB-XML-003", "NIB-XML-004", "NIB-XML-005", "NIB-RES-009", "NIB-RES-019"])
def test_broken_xml_check_is_noticed(clause_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that never fails makes the judge differ from `xmlschema`."""
    odd = {"NIB-XML-003": "answer", "NIB-RES-019": "twice request_id"}.get(clause_id)
    document = document_of(SUCCESS, odd) if odd else next(one for one in DOCUMENTS if clause_id in judge_of_xml(one))
    assert not differences(document, judge_of_xml, (xmlschema_of_xml,))
    real = opinions.judged
    monkeypatch.setattr(opinions, "judged", lambda *body: real(*body) - {clause_id})
    assert differences(document, judge_of_xml, (xmlschema_of_xml,))
