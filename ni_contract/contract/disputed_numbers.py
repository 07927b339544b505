"""Facts about numbers on which releases of libphonenumber disagree. The data is `spec/disputed_numbers.json`."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from functools import cache
from typing import Any

from ni_contract.contract.numbering_plans import PlanNumber
from ni_contract.contract.spec_files import spec_folder


def is_length_disputed(number: PlanNumber) -> bool:
    """Whether only some releases take a number of this length for possible."""
    return len(number.national) in _data()["lengths"].get(str(number.calling_code), ())


def countries_by_release(international: str) -> tuple[str, ...]:
    """The countries (alpha-2) that releases name for a number (digits without plus); none where they agree."""
    prefix = _prefix(international, _data()["countries"])
    return tuple(_data()["countries"].get(prefix, ()))


def is_national_form_disputed(international: str) -> bool:
    """Whether the digits of the number's national form differ from release to release."""
    return bool(_prefix(international, _data()["national_forms"]))


def is_layout_disputed(international: str) -> bool:
    """Whether the layout of the number's national form differs from release to release."""
    return bool(_prefix(international, _data()["layouts"]))


def _prefix(international: str, known: Container[str]) -> str:
    prefixes = (international[:length] for length in range(2, 8))
    return next((prefix for prefix in prefixes if prefix in known), "")


@cache
def _data() -> Mapping[str, Any]:
    text = (spec_folder() / "disputed_numbers.json").read_text("utf-8")
    rows: dict[str, Any] = json.loads(text)
    return {**rows, "national_forms": frozenset(rows["national_forms"]), "layouts": frozenset(rows["layouts"])}
