"""Lookups by a POST whose body is written in another way, or wrong."""

import json
from typing import Any, Final

from ni_contract.contract.vocabulary import FORM, JSON
from ni_contract.drivers.provider.controls import AMERICAN, INHERITED, KEY, SECRET, Fields

# A comparison that converts types, or a query language, takes these for a right secret.
_NO_TEXTS: Final[tuple[Any, ...]] = (True, 0, 12, None, {"$ne": ""})
# Python's `int` takes 4,300 digits at most, a double 309.
_4400_DIGITS, _400_DIGITS = "4" * 4400, "4" * 400
_CHARSETS: Final = ('"utf-8"', "utf-99")
_OPTIONAL: Final = ("country", "cnam", "timestamp")
# The byte 0xE9, which alone is no UTF-8: see `build_request`.
_LATIN_1: Final = "\udce9"
_DEEP: Final = "[" * 300 + "]" * 300
_KEY, _SECRET, _FILLER = KEY[1], SECRET[1], "{{filler}}"


def forms_otherwise(number: str) -> tuple[Fields, ...]:
    """Lookups of *number* by forms that must be served: of several lines, long, and written as clients do."""
    plain = f"number={number}&api_key={_KEY}&api_secret={_SECRET}"
    return (
        _post(f"note=a%0Ab%0D%0A&{plain}", FORM),
        *(_post(f"note={text}&{plain}", FORM) for text in ("long" * 300, _FILLER)),
        _post(plain, f"{FORM};charset=UTF-8"),
        _post(f"{plain}&", FORM),
        _post(f"number=({number[:2]}){number[2:]}&api_key={_KEY}&api_secret={_SECRET}", FORM),
    )


def written_otherwise(number: str) -> tuple[Fields, ...]:
    """Lookups of *number* by JSON that must be served."""
    members = _members(number)
    plain = json.dumps(members)
    escapes = "".join(f"\\u{ord(digit):04x}" for digit in number)
    return (
        _post(json.dumps(members, indent=2)),
        _post(f"\n {plain}"),
        _post(plain.replace(number, escapes)),
        _post(json.dumps({**members, "cnam": False})),
        _post(json.dumps({**_members(AMERICAN), "cnam": True})),
        _post(json.dumps({"meta": True, "page_index": 1, **members})),
        _post(json.dumps({"note": _FILLER, **members})),
        _post(json.dumps({**dict.fromkeys(INHERITED, "1"), **members})),
        _post(json.dumps({**members, "note": "\xe9\u20ac"}, ensure_ascii=False)),
        _post(plain, header="content-type"),
        _post(plain, header="Content-type"),
        _post(plain, f"{JSON}; charset=utf-8"),
        _post(plain, f"{JSON};charset=utf-8"),
    )


def signed_in_pieces(number: str, method: str) -> Fields:
    """A lookup of *number* by signed JSON that must be served, and is cut, most likely within a character."""
    members = {"number": number, "note": "\U0001f600" * 300, "api_key": _KEY, "timestamp": "{{timestamp}}"}
    body = json.dumps({**members, "sig": "{{sig}}"}, ensure_ascii=False)
    return {**_post(body), "sign": {"method": method}}


def with_other_types(number: str) -> tuple[Fields, ...]:
    """Lookups of *number* by JSON that must be refused: with a key or a secret that is no text."""
    members = _members(number)
    return (
        *(_post(json.dumps({**members, "api_secret": value})) for value in _NO_TEXTS),
        *(_post(json.dumps({**members, "api_key": value})) for value in _NO_TEXTS),
    )


def open_bodies(number: str) -> tuple[Fields, ...]:
    """Lookups of *number*, or of one that is far too long, that must be answered, with whatever status."""
    plain = json.dumps(_members(number))
    unclosed = plain.removesuffix("}")
    return (
        {**_post(plain), "path": "/xml"},
        _post(f'{unclosed}, "note": {_DEEP}}}'),
        _post(f'{unclosed}, "meta": {{"a": [null, 1.5, true]}}}}'),
        _post(plain.replace(f'"{number}"', _400_DIGITS)),
        _post(f'{unclosed}, "number": "{number}"}}'),
        _post(f'{unclosed}, "note": "\\ud83d"}}'),
        _post(f'{unclosed}, "\\ud83d": 1}}'),
        _post(f'{unclosed}, "note": "{_LATIN_1}"}}'),
        _post(f'{unclosed}, "note": NaN}}'),
        _post(f'{unclosed}, "note": 1e999}}'),
        _post(plain.replace(number, _4400_DIGITS)),
        *(
            _post(f'{unclosed}, "{name}": {value}}}')
            for name in _OPTIONAL
            for value in ('["GB"]', '{"a": 1}', "7", "true", "null")
        ),
        _post(f"number={_4400_DIGITS}&api_key={_KEY}", FORM),
        _post(f"number={number}&api_key={_KEY}", "text/plain"),
        *(_post(f"number={number}&api_key={_KEY}", f"{FORM}; charset={charset}") for charset in _CHARSETS),
        *(_post(plain, f"{JSON}; charset={charset}") for charset in _CHARSETS),
        _post(f"number={number}&note={_LATIN_1}&api_key={_KEY}", FORM),
    )


def _members(number: str) -> dict[str, Any]:
    return {"number": number, **dict([KEY, SECRET])}


def _post(body: str, media_type: str = JSON, header: str = "Content-Type") -> Fields:
    return {"method": "POST", "path": "/json", "headers": {header: media_type}, "body": body}
