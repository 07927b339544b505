"""An answer of the API without its exchange: a mapping, or JSON or XML text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ni_contract.contract.vocabulary import ANSWER_TYPES
from ni_contract.exchanges.response import KEYS
from ni_contract.exchanges.values import Answer, Exchange, Request

_URL: Final = "https://api.nexmo.com/ni/basic/"


def is_answer_alone(value: Any) -> bool:
    """Whether *value* is a mapping with keys of an answer, or text or bytes that begin as JSON or XML does."""
    if isinstance(value, Mapping):
        return any(isinstance(key, str) and key in KEYS for key in value)
    return isinstance(value, str | bytes) and _text(value)[:1] in ("{", "<")


def answer_alone(value: Any) -> Exchange:
    """The exchange of the answer *value*; of its request only the format is known."""
    text = json.dumps(dict(value), default=repr) if isinstance(value, Mapping) else _text(value)
    wanted = "json"
    if text.startswith("<"):
        wanted = "xml"
    answer = Answer(200, (("Content-Type", ANSWER_TYPES[wanted]),), text.encode("utf-8", "surrogateescape"))
    return Exchange(Request("GET", _URL + wanted), answer, origin="an answer alone", filtered=True, partial=True)


def _text(value: str | bytes) -> str:
    text = value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")
    return text.lstrip("\ufeff \t\r\n")
