"""Lookups by a POST whose body is written in another way, or wrong."""

from __future__ import annotations

import json
from itertools import product
from typing import Any, Final

from ni_contract.contract.vocabulary import FORM, JSON
from ni_contract.drivers.provider.controls import Fields

# A comparison that converts types, or a query language, takes these for a right secret.
_NO_TEXTS: Final[tuple[Any, ...]] = (True, 0, 12, None, {"$ne": ""})
_OTHER_TYPES: Final = (("content-type", JSON), ("Content-type", JSON), ("Content-Type", f"{JSON}; charset=utf-8"))
# Python's `int` takes 4,300 digits at most.
_LONG, _LARGE = "4" * 4400, "4" * 400


def written_otherwise(number: str) -> tuple[Fields, ...]:
    """Lookups of *number* by JSON that must be served."""
    right = _members(number)
    plain, nested = json.dumps(right), {"meta": {"a": [None, 1.5, True]}, **right}
    escapes = plain.replace(number, "".join(f"\\u{ord(digit):04x}" for digit in number))
    beyond_ascii = json.dumps({**right, "note": "\xe9\u20ac"}, ensure_ascii=False)
    bodies = (json.dumps(right, indent=2), escapes, json.dumps(nested), beyond_ascii)
    return (*map(_post, bodies), *(_post(plain, *content_type) for content_type in _OTHER_TYPES))


def with_other_types(number: str) -> tuple[Fields, ...]:
    """Lookups of *number* by JSON that must be refused: with a key or a secret that is no text."""
    wrong = product(("api_secret", "api_key"), _NO_TEXTS)
    return tuple(_post(json.dumps({**_members(number), name: value})) for name, value in wrong)


def open_bodies(number: str) -> tuple[Fields, ...]:
    """Lookups of *number*, or of far too long ones, whose result is open."""
    plain = json.dumps(_members(number))
    others = (f'"number": "{number}"', '"note": "\\ud83d"', '"note": NaN', '"note": 1e999')
    bodies = (plain.replace(f'"{number}"', _LARGE), *(plain.replace('}}"}', f'}}}}", {member}}}') for member in others))
    texts = ((_LONG, FORM), (number, "text/plain"), (f"{number}&note={{{{filler}}}}", FORM))
    forms = (_post(f"number={value}&api_key={{{{api_key}}}}", media_type=media_type) for value, media_type in texts)
    return (*map(_post, (*bodies, plain.replace(number, _LONG))), *forms)


def _members(number: str) -> dict[str, Any]:
    return {"number": number, "api_key": "{{api_key}}", "api_secret": "{{api_secret}}"}


def _post(body: str, name: str = "Content-Type", media_type: str = JSON) -> Fields:
    return {"method": "POST", "path": "/json", "headers": {name: media_type}, "body": body}
