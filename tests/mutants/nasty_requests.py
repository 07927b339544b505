"""Nasty bugs of providers with malformed or unusual requests, and with what was asked before."""

from __future__ import annotations

from typing import Final

from mutants.nasty_texts import ASGI, SUCCESS, Bug

_FORM: Final = "    pairs = urllib"
_RETURN: Final = "    return dict(reversed(pairs))"
_LOOKUP: Final = '    number, country = params.get("number"), params.get("country")\n'
_HEADERS: Final = "    try:\n        params = params_of"
_PATH: Final = '    if scope["method"] not in'
_POSSIBLE: Final = "        return None\n    return number\n"


def _crash(condition: str, old: str) -> tuple[str, str]:
    return old, f"    if {condition}:\n        raise RuntimeError\n{old}"


def _after_lookup(line: str) -> tuple[str, str]:
    return _LOOKUP, f"{_LOOKUP}    {line}\n"


UNUSUAL_BUGS: Final = {
    "500 for repeated parameters": Bug(ASGI, *_crash("len(dict(pairs)) < len(pairs)", _RETURN), "NIB-REQ-014"),
    "500 for a stray percent sign": Bug(
        ASGI, *_crash('re.search(rb"%(?![0-9A-Fa-f]{2})", text)', _FORM), "NIB-REQ-014"
    ),
    "500 for a long query": Bug(ASGI, *_crash("len(text) > 4000", _FORM), "NIB-REQ-014"),
    "500 for empty parameters": Bug(ASGI, *_crash('b"&&" in text', _FORM), "NIB-REQ-006 NIB-REQ-012"),
    "500 for cookies": Bug(ASGI, *_crash('"cookie" in headers', _HEADERS), "NIB-REQ-008"),
    "500 for another cnam": Bug(
        ASGI,
        *_after_lookup("if params.get('cnam', 'true') not in ('true', 'false'): raise RuntimeError"),
        "NIB-REQ-012",
    ),
    "500 for a country without numbers": Bug(
        ASGI, *_after_lookup("if country == 'AQ': raise RuntimeError"), "NIB-REQ-012"
    ),
    "414 for what signed requests need": Bug(
        ASGI,
        _PATH,
        f'    if len(scope["query_string"]) > 150:\n        return 414, "text/plain", b"no"\n{_PATH}',
        "NIB-REQ-001",
    ),
    "the country of the request before": Bug(
        ASGI,
        *_after_lookup("country, LAST['country'] = country or LAST.get('country'), country"),
        "NIB-REL-007 NIB-REL-009 NIB-REL-004",
    ),
    "cached by number alone": Bug(
        ASGI,
        SUCCESS,
        'seen = params.get("number")\n'
        '        facts = {"status": 0, "status_message": "Success",'
        " **(LAST.get(seen) or LAST.setdefault(seen, look_up(params)))}",
        "NIB-REL-009 NIB-NUM-008",
    ),
    "valid numbers only in Germany": Bug(
        ASGI,
        _POSSIBLE,
        "        return None\n"
        "    if number.country_code == 49 and not phonenumbers.is_valid_number(number):\n"
        "        return None\n"
        "    return number\n",
        "NIB-NUM-001",
    ),
}
