"""The protocol of `witness`: a lookup as a line of JSON, an outcome as another. `docs/witness.md` explains it."""

from __future__ import annotations

import json
from typing import Any, Final

from ni_contract.exchanges.client_lookup import Lookup, MissingOutcome, Outcome

_TYPED_STATUS: Final = "a status that is no integer"


def lookup_line(number: int, lookup: Lookup) -> str:
    """The line, without its end, that asks for *lookup* under the id *number*."""
    members = {"id": number, "number": lookup.number, "country": lookup.country, "timeout": lookup.timeout}
    return json.dumps(members)


def read_outcome(line: bytes, number: int) -> Outcome | MissingOutcome | None:
    """The outcome of the lookup *number* in *line*; None where the line is about no lookup or another one."""
    try:
        members = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, dict) or type(members.get("id")) is not int or members["id"] != number:
        return None
    problem = _problem(members)
    if problem:
        kind = "unreadable"
        if problem == _TYPED_STATUS and members["ok"] is False:
            kind = "status"
        return MissingOutcome(kind, f"the outcome with id {number} has {problem}")
    return Outcome(members["ok"], members.get("result"), members.get("status"), members.get("reason"))


def _problem(members: dict[str, Any]) -> str:
    if not isinstance(members.get("ok"), bool):
        return "no ok that is true or false"
    if not isinstance(members.get("result"), dict | None):
        return "a result that is no object"
    if type(members.get("status")) not in (int, type(None)):
        return _TYPED_STATUS
    if isinstance(members.get("reason"), str | None):
        return ""
    return "a reason that is no text"
