"""The JSON Schemas: valid, and they accept right answers only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from reference_answer import SUCCESS

Accepts = Callable[[str, Any], bool]
Answer = dict[str, Any]

SCHEMAS = sorted((Path(__file__).parents[2] / "spec" / "schemas").glob("*.schema.json"))
EITHER, DOCUMENTED, OBSERVED = (f"schemas/answer{edition}.schema.json" for edition in ("", ".documented", ".observed"))
JSON, FORM, LETTERS = (f"schemas/request.schema.json{part}" for part in ("", "#/$defs/form", "#/$defs/observed"))

NUMBER_KEYS = list(SUCCESS)[3:]
BUSY: Answer = {"status": 1, "status_message": "Busy"}
REFUSED: Answer = {"status": 4, "error_text": "Invalid credentials"}
REFUSED_OBSERVED: Answer = {"status": 4, "status_message": "Invalid credentials"}
ARABIC_44 = "\u0664\u0664"
FULL_WIDTH_GB = "\uff27\uff22"


def without(answer: Answer, key: str) -> Answer:
    return {name: value for name, value in answer.items() if name != key}


def keywords(node: Any) -> Iterator[tuple[str, Any]]:
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in members:
        yield str(name), value
        yield from keywords(value)


# The files


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_schema_is_valid_2020_12(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_schemas_have_no_id(path: Path) -> None:
    """A schema has no id, because bundlers keep it and it would move the base of their references."""
    assert "$id" not in dict(keywords(json.loads(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_schemas_show_cause_of_fault(path: Path) -> None:
    """A schema does not hide the cause of a fault in alternatives of whole answers."""
    assert "oneOf" not in dict(keywords(json.loads(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_patterns_define_digits_and_letters(path: Path) -> None:
    """No pattern leaves the meaning of a digit or a letter to the engine."""
    patterns = [v for k, v in keywords(json.loads(path.read_text(encoding="utf-8"))) if k == "pattern"]
    assert not [pattern for pattern in patterns if any(escape in pattern for escape in (r"\d", r"\w", r"\s"))]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_whole_patterns_are_anchored(path: Path) -> None:
    """A pattern for a whole text is anchored at both ends."""
    patterns = {v for k, v in keywords(json.loads(path.read_text(encoding="utf-8"))) if k == "pattern"}
    looking_for_one_character = {pattern for pattern in patterns if re.fullmatch(r"\[\^[^]]*\]", pattern)}
    assert all(re.fullmatch(r"\^.*\$", pattern) for pattern in patterns - looking_for_one_character)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_schema_examples_fit_their_schema(path: Path, accepts: Accepts) -> None:
    """Every example in a schema fits the schema that contains it."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    for place in ("$defs", "properties"):
        for name, part in schema.get(place, {}).items():
            for example in part.get("examples", ()) if isinstance(part, dict) else ():
                assert accepts(f"schemas/{path.name}#/{place}/{name}", example)


# Answers

GOOD: dict[str, tuple[Answer, set[str]]] = {
    "success": (SUCCESS, {EITHER, DOCUMENTED, OBSERVED}),
    "busy": (BUSY, {EITHER, DOCUMENTED, OBSERVED}),
    "refused, documented": (REFUSED, {EITHER, DOCUMENTED}),
    "refused, observed": (REFUSED_OBSERVED, {EITHER, OBSERVED}),
    "a request id on an error": ({**BUSY, "request_id": "a"}, {EITHER, DOCUMENTED, OBSERVED}),
    "a request id of 40 characters": ({**SUCCESS, "request_id": "x" * 40}, {EITHER, DOCUMENTED, OBSERVED}),
    "a request id that is no UUID": ({**SUCCESS, "request_id": "0A-z"}, {EITHER, DOCUMENTED, OBSERVED}),
    "a number of 5 digits": ({**SUCCESS, "international_format_number": "12345"}, {EITHER, DOCUMENTED, OBSERVED}),
    "a number of 15 digits": ({**SUCCESS, "international_format_number": "1" * 15}, {EITHER, DOCUMENTED, OBSERVED}),
    "a calling code of 3 digits": ({**SUCCESS, "country_prefix": "351"}, {EITHER, DOCUMENTED, OBSERVED}),
    "a country name in its own script": ({**SUCCESS, "country_name": "\u65e5\u672c"}, {EITHER, DOCUMENTED, OBSERVED}),
    "a key nobody knows": ({**SUCCESS, "ported": None}, {EITHER, DOCUMENTED, OBSERVED}),
    # JSON Schema compares by value; a judge that distinguishes has to read the JSON text.
    "status 0.0, which JSON Schema cannot tell from 0": ({**SUCCESS, "status": 0.0}, {EITHER, DOCUMENTED, OBSERVED}),
}


@pytest.mark.parametrize("edition", [EITHER, DOCUMENTED, OBSERVED])
@pytest.mark.parametrize("case", GOOD)
def test_good_answer_fits_its_editions(case: str, edition: str, accepts: Accepts) -> None:
    """A good answer is accepted in its editions only."""
    answer, editions = GOOD[case]
    assert accepts(edition, answer) == (edition in editions)


@pytest.mark.parametrize("status", [3, 4, 5, 9])
def test_refusal_needs_text_of_edition(status: int, accepts: Accepts) -> None:
    """Every refusal is accepted with the text key of the edition."""
    assert accepts(DOCUMENTED, {"status": status, "error_text": "no"})
    assert accepts(OBSERVED, {"status": status, "status_message": "no"})


BAD_VALUES: dict[str, list[Any]] = {
    "status": ["0", None, False, True, 0.5, -1, 2, 19, 43, 999, [], {}],
    "status_message": ["", " ", "\n", None, 0, ["Success"]],
    "request_id": ["", "x" * 41, "a_b", "a b", "id\n", "\u0661", "\u00e9", None, 7],
    "international_format_number": [
        "", "+441632960960", "0441632960960", "1234", "1" * 16, "441632960960\n", "44 1632", "1234" + ARABIC_44,
        None, 441632960960,
    ],
    "national_format_number": ["", " \t", None, 1632960960],
    "country_code": ["", "gb", "GBR", "G", "G1", "GB\n", " GB", FULL_WIDTH_GB, None, 44],
    "country_code_iso3": ["", "gbr", "GB", "GBRX", "GB1", "GBR\n", None],
    "country_name": ["", "  ", None, 44],
    "country_prefix": ["", "+44", "044", "0", "4444", "44\n", ARABIC_44, "4x", None, 44],
}  # fmt: skip
BAD_SUCCESSES = [(key, value) for key, values in BAD_VALUES.items() for value in values]


@pytest.mark.parametrize("edition", [EITHER, DOCUMENTED, OBSERVED])
@pytest.mark.parametrize(("key", "value"), BAD_SUCCESSES)
def test_success_with_bad_value_is_refused(key: str, value: Any, edition: str, accepts: Accepts) -> None:
    assert not accepts(edition, {**SUCCESS, key: value})


@pytest.mark.parametrize("edition", [EITHER, DOCUMENTED, OBSERVED])
@pytest.mark.parametrize("key", SUCCESS)
def test_success_without_key_is_refused(key: str, edition: str, accepts: Accepts) -> None:
    assert not accepts(edition, without(SUCCESS, key))


@pytest.mark.parametrize(("edition", "error"), [(DOCUMENTED, REFUSED), (OBSERVED, REFUSED_OBSERVED), (EITHER, BUSY)])
@pytest.mark.parametrize("value", [SUCCESS, dict.fromkeys(SUCCESS), dict.fromkeys(SUCCESS, "")], ids=str)
@pytest.mark.parametrize("key", NUMBER_KEYS)
def test_error_with_fact_is_refused(
    key: str, value: dict[str, Any], edition: str, error: dict[str, Any], accepts: Accepts
) -> None:
    """An error with a number or country key is refused, even if it is empty or null."""
    assert accepts(edition, error)
    assert not accepts(edition, {**error, key: value[key]})


BAD_ANSWERS: dict[str, tuple[str, Any]] = {
    "a success that speaks by error_text": (EITHER, {**without(SUCCESS, "status_message"), "error_text": "Success"}),
    "a success with both texts": (EITHER, {**SUCCESS, "error_text": "Success"}),
    "a busy that speaks by error_text": (EITHER, {"status": 1, "error_text": "Busy"}),
    "a refusal with both texts": (EITHER, {**REFUSED, **REFUSED_OBSERVED}),
    "a refusal without a text": (EITHER, {"status": 4}),
    "a documented refusal with both texts": (DOCUMENTED, {**REFUSED, **REFUSED_OBSERVED}),
    "a documented refusal with an empty text": (DOCUMENTED, {"status": 4, "error_text": ""}),
    "a documented refusal with a blank text": (DOCUMENTED, {"status": 4, "error_text": " "}),
    "a documented refusal with null for a text": (DOCUMENTED, {"status": 4, "error_text": None}),
    "an observed refusal with both texts": (OBSERVED, {**REFUSED, **REFUSED_OBSERVED}),
    "an observed refusal with an empty text": (OBSERVED, {"status": 4, "status_message": ""}),
    "an error with a bad request id": (EITHER, {**BUSY, "request_id": ""}),
    "an error with null for a request id": (EITHER, {**BUSY, "request_id": None}),
    "a text alone": (EITHER, {"status_message": "Success"}),
    "nothing": (EITHER, {}),
    "a list": (EITHER, [SUCCESS]),
    "null": (EITHER, None),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_a_bad_answer_is_refused(case: str, accepts: Accepts) -> None:
    edition, answer = BAD_ANSWERS[case]
    assert not accepts(edition, answer)


@pytest.mark.parametrize("status", [1, 3, 4, 5, 9])
def test_any_error_with_number_is_refused(status: int, accepts: Accepts) -> None:
    """An error of any status is refused with a number key."""
    assert not accepts(EITHER, {"status": status, "status_message": "no", "country_prefix": "44"})


@pytest.mark.parametrize("status", [3, 4, 5, 9])
def test_refusal_with_other_text_is_refused(status: int, accepts: Accepts) -> None:
    """A refusal of any status is refused with the text key of the other edition."""
    assert not accepts(DOCUMENTED, {"status": status, "status_message": "no"})
    assert not accepts(OBSERVED, {"status": status, "error_text": "no"})


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ({**SUCCESS, "status": "0"}, ("status",)),
        ({**BUSY, "status": 2}, ("status",)),
        (without(SUCCESS, "status"), ()),
        (without(BUSY, "status"), ()),
        (without(REFUSED, "status"), ()),
    ],
    ids=str,
)
def test_bad_status_breaks_one_rule(answer: Answer, place: tuple[str, ...], spec: Path) -> None:
    """A bad or missing status does not count as a broken rule too."""
    schema = json.loads((spec / "schemas" / "answer.schema.json").read_text(encoding="utf-8"))
    faults = list(Draft202012Validator(schema).iter_errors(answer))
    assert {tuple(fault.absolute_path) for fault in faults} == {place}
    assert {fault.validator for fault in faults} <= {"required", "type", "enum"}
    assert all(fault.validator != "required" or "'status'" in fault.message for fault in faults)
