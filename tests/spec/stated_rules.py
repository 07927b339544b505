"""The rules about a JSON answer's form, stated a second time, in Python: judge and validators read the same schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from reference_answer import SUCCESS
from spec.drawn_answers import BAD, Clauses, Values

from ni_contract.exchanges.response import NUMBER_KEYS

STATUSES = (0, 1, 3, 4, 5, 9)
ODD_STATUSES: list[Any] = [True, False, None, 0.5, [], {}, "9" * 18, "9" * 19, "\u0661"]
KEYS = frozenset(SUCCESS) | {"error_text"}
PATTERNS = {
    "NIB-RES-010": ("international_format_number", "[1-9][0-9]{4,14}"),
    "NIB-RES-012": ("country_code", "[A-Z]{2}"),
    "NIB-RES-013": ("country_code_iso3", "[A-Z]{3}"),
    "NIB-RES-015": ("country_prefix", "[1-9][0-9]{0,2}"),
}
TEXTS = {"NIB-RES-011": "national_format_number", "NIB-RES-014": "country_name", "NIB-RES-007": "status_message"}

# The shortest and the longest that are right.
GOOD = {
    "request_id": ("a", "Z-9" + "x" * 37),
    "international_format_number": ("12345", "9" * 15),
    "country_code": ("AZ",),
    "country_code_iso3": ("AZB",),
    "country_prefix": ("1", "999"),
}


def broken_rules(values: Values) -> Clauses:
    """The ids of all clauses, of both editions, that an answer with *values* breaks."""
    status = readable(values.get("status"))
    broken = {"NIB-RES-005": type(values.get("status")) is not int}
    if status is not None:
        broken |= _of_any_status(values, status)
    if status == 0:
        broken |= _of_success(values)
    if status in (0, 1):
        broken |= {"NIB-RES-007": _is_blank(values, "status_message"), "NIB-RES-016": "error_text" in values}
    if status in (1, 3, 4, 5, 9):
        broken |= _of_refusal(values)
    if status in (3, 4, 5, 9):
        broken |= _of_refusal_text(values)
    return frozenset(clause_id for clause_id, is_broken in broken.items() if is_broken)


def readable(status: Any) -> int | None:
    """The status, also if it is written as text of at most 18 digits, else None."""
    if type(status) is int:
        return status
    if isinstance(status, str) and re.fullmatch("0|[1-9][0-9]{0,17}", status):
        return int(status)
    return None


def _of_any_status(values: Values, status: int) -> dict[str, bool]:
    request_id: Any = values.get("request_id")
    is_text = isinstance(request_id, str)
    return {
        "NIB-RES-004": is_text and not 1 <= len(request_id) <= 40,
        "NIB-RES-006": status not in STATUSES,
        "NIB-RES-008": ("request_id" in values or status == 0) and not is_text,
        "NIB-RES-009": is_text and bool(re.search("[^0-9A-Za-z-]", request_id)),
        "NIB-RES-018": not values.keys() <= KEYS,
    }


def _of_success(values: Values) -> dict[str, bool]:
    broken = {key: _is_blank(values, TEXTS[key]) for key in ("NIB-RES-011", "NIB-RES-014")}
    for clause_id, (name, pattern) in PATTERNS.items():
        value = values.get(name)
        broken[clause_id] = not (isinstance(value, str) and re.fullmatch(pattern, value))
    return broken


def _of_refusal(values: Values) -> dict[str, bool]:
    has_id = "request_id" in values
    return {
        "NIB-ERR-005": any(name in values for name in NUMBER_KEYS),
        "NIB-ERR-009": not has_id,
        "NIB-ERR-010": has_id,
    }


def _of_refusal_text(values: Values) -> dict[str, bool]:
    return {
        "NIB-ERR-001": _is_blank(values, "error_text"),
        "NIB-ERR-002": "status_message" in values,
        "NIB-ERR-003": _is_blank(values, "status_message"),
        "NIB-ERR-004": "error_text" in values,
    }


def _is_blank(values: Values, name: str) -> bool:
    """Whether there is no text under *name* but white space of XML."""
    value = values.get(name)
    return not (isinstance(value, str) and value.strip(" \t\r\n"))


def every_form() -> Iterator[Values]:
    """Answers of every status and of odd ones, in the form of a success and of a refusal, with one key changed."""
    for status in (*STATUSES, *map(str, STATUSES), *BAD["status"], *ODD_STATUSES):
        for rest in (SUCCESS, {"error_text": "no"}, {"status_message": "no"}, {"request_id": "a"}, {}):
            yield from _changed(rest | {"status": status})
    yield from _changed({name: value for name, value in SUCCESS.items() if name != "status"})


def _changed(answer: Values) -> Iterator[Values]:
    yield answer | {"ported": "no"}
    for name in sorted(KEYS - {"status"}):
        yield {key: value for key, value in answer.items() if key != name}
        for value in (*GOOD.get(name, ("\u00a0", "x y")), *BAD[name], None, 1, [], {}):
            yield answer | {name: value}
