"""Facts about numbers on which releases of libphonenumber disagree. The data is `spec/disputed_numbers.json`."""

import json
import re
from functools import cache, lru_cache
from typing import Any

from ni_contract.contract.numbering_plans import PlanNumber, is_written_nationally_only, parse_international
from ni_contract.contract.spec_files import spec_folder


def is_length_disputed(number: PlanNumber) -> bool:
    """Whether only some releases take a number of this length for possible."""
    return len(number.national) in _data()["lengths"].get(str(number.calling_code), ())


def countries_by_release(international: str) -> tuple[str, ...]:
    """The countries (alpha-2) that releases name for a number (digits without plus); none where they agree."""
    prefix = _prefixes("countries").match(international)
    if prefix is None:
        return ()
    return tuple(_data()["countries"][prefix[0]])


def is_national_form_disputed(international: str) -> bool:
    """Whether the digits of the number's national form differ from release to release."""
    return _prefixes("national_forms").match(international) is not None or _is_national_only(international)


def is_layout_disputed(international: str) -> bool:
    """Whether the layout of the number's national form differs from release to release."""
    return _prefixes("layouts").match(international) is not None or _is_national_only(international)


# Both questions above are asked of the same number, one after the other.
@lru_cache(maxsize=16)
def _is_national_only(international: str) -> bool:
    number = parse_international(international)
    return number is not None and is_written_nationally_only(number)


@cache
def _prefixes(name: str) -> re.Pattern[str]:
    """A pattern for the first digits of the numbers under *name*."""
    return re.compile("|".join(sorted(_data()[name])))


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((spec_folder() / "disputed_numbers.json").read_text("utf-8"))
    return data
