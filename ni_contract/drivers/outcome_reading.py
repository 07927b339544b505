"""Converts a return value or exception of a Python client to an outcome."""

from collections.abc import Mapping
from typing import Any, Final

from ni_contract.exchanges.client_lookup import MissingOutcome, Outcome
from ni_contract.exchanges.response import KEYS, NUMBER_KEYS

_TEXTS = ("error_text", "status_message", "reason")
_HTTP_STATUSES: Final = range(100, 600)
_NAMES = ("status", *_TEXTS, "request_id", *NUMBER_KEYS)


def outcome_of(value: Any) -> Outcome | MissingOutcome:
    """The outcome in *value*: an Outcome, a mapping or an object with the documented names, or an exception.

    A status other than 0 in it is a failure; without status and text, it is a success.
    None and False are failures without a reason.
    """
    if isinstance(value, Outcome):
        return value
    if value is None or value is False:
        return Outcome(ok=False)
    members = _members(value)
    status = _status(members.get("status"))
    if isinstance(value, BaseException):
        # An exception without a status of the API has 0, or in libraries of HTTP the status of HTTP.
        if status == 0 or status in _HTTP_STATUSES:
            status = None
        return Outcome(False, None, status, " ".join([str(value), *_texts(members)]))
    facts = {name: member for name, member in members.items() if name in KEYS}
    if not facts:
        return MissingOutcome(
            "unreadable",
            f"the client returned a {type(value).__name__} without any of the documented names; "
            "define the fixture ni_outcome, a function that turns it into an Outcome",
        )
    # A text without a status comes from an answer of the API that lacks the status.
    if status == 0 or ("status" not in members and not facts.keys() & {"status_message", "error_text"}):
        return Outcome(True, facts, status)
    return Outcome(False, None, status, " ".join(_texts(members)) or None)


def _members(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        found = {name: value.get(name) for name in _NAMES}
    else:
        found = {name: getattr(value, name, None) for name in _NAMES}
    return {name: member for name, member in found.items() if member is not None and not callable(member)}


def _texts(members: Mapping[str, Any]) -> list[str]:
    return [members[name] for name in _TEXTS if isinstance(members.get(name), str)]


def _status(value: Any) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
