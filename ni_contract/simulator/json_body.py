"""A JSON object as parameters. Section: Request (posting parameters as a JSON object)."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from ni_contract.contract.form_encoding import MAX_FIELDS, Pairs
from ni_contract.contract.vocabulary import KNOWN
from ni_contract.simulator.reply import HttpError


def parse_json(body: bytes) -> Pairs:
    """The members of the JSON object *body* as text; null is absent. Raises Refusal (400) for any other body.

    Unknown members that are no text, number or boolean are ignored, as all unknown parameters are.
    """
    members = _load(body)
    if not isinstance(members, dict):
        raise HttpError(400, "The JSON body is not an object.")
    if len(members) > MAX_FIELDS:
        raise HttpError(400, f"The JSON body has more than {MAX_FIELDS} members.")
    texts = ((name, _text(name, value)) for name, value in members.items())
    pairs = tuple((name, text) for name, text in texts if text is not None)
    _check_unicode(pairs)
    return pairs


def _load(body: bytes) -> Any:
    try:
        return _DECODER.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise HttpError(400, "The JSON body is not UTF-8.") from None
    except (ValueError, RecursionError):
        # The parser's own message would quote the body with its credentials.
        raise HttpError(400, "The body is not well-formed JSON.") from None


def _text(name: str, value: object) -> str | None:
    if isinstance(value, bool):
        if value:
            return "true"
        return "false"
    if isinstance(value, str):
        return value
    if name in KNOWN and value is not None:
        raise HttpError(400, f"The JSON member {name} is not text, a whole number or a boolean.")
    return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise HttpError(400, "The JSON body names a member twice.")
    return members


def _no_constant(_: str) -> NoReturn:
    raise HttpError(400, "NaN and Infinity are not JSON.")


def _check_unicode(pairs: Pairs) -> None:
    try:
        "".join(map("".join, pairs)).encode()
    except UnicodeEncodeError:
        raise HttpError(400, "The JSON body holds half a surrogate pair.") from None


# An integer stays the text as written, because a phone number is no quantity.
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_int=str, parse_constant=_no_constant)
