"""What a client reported: its facts beside those of the answer, and the finding of a wrong outcome."""

from collections.abc import Mapping
from typing import Final

from ni_contract.contract.vocabulary import SUCCESS
from ni_contract.exchanges.client_lookup import Outcome, words_of
from ni_contract.exchanges.finding import Finding, shown, shown_apart
from ni_contract.exchanges.response import NUMBER_KEYS
from ni_contract.judge.clauses.result import PASSED, Result
from ni_contract.judge.observed_lookup import OF_ONE_LOOKUP, Kind, ObservedLookup, on_one_line

_MISREAD: Final = "UTF-8 that was read as ISO-8859-1"
_MISREADERS: Final = ("latin-1", "cp1252")


def made_up_fact(seen: ObservedLookup, told: Outcome) -> Finding | None:
    """The finding of a text for a fact that the answer has not; an empty one is none."""
    answered, result = seen.answered.keys, told.result or {}
    for name in NUMBER_KEYS:
        if answered.get(name) is None and result.get(name):
            actual = f"{fact(result, name)}{_origin(seen, result[name])}"
            return Finding(f"result, {name}", "nothing: the answer has no such fact, or null", actual)
    return None


def reported(seen: ObservedLookup, holds: bool, expected: str, at: str = "outcome") -> Result:
    """PASSED if *holds*, else the finding with what the client reported instead of what was *expected*."""
    if holds:
        return PASSED
    words = words_of(seen.record.reported).replace("a success", f"a success{of_an_earlier_one(seen)}", 1)
    return Finding(at, expected, words)


def of_an_earlier_one(seen: ObservedLookup) -> str:
    """The remark that the number or the request_id in a reported success is of an earlier lookup; "" where none is."""
    told = seen.reported
    if told is None or not told.ok or told.result is None:
        return ""
    others = [told.result.get(name) for name in OF_ONE_LOOKUP if told.result.get(name) not in seen.values]
    return next(filter(None, map(seen.earlier.words_about, others)), "")


def gave_up_while_busy(seen: ObservedLookup, told: Outcome) -> bool:
    """Whether the client asked again while the API was busy and reports an end of its own, not the refusal."""
    return seen.kind == Kind.BUSY and told.status is None and len(seen.record.exchanges) > 1


def reason_beside(seen: ObservedLookup, told: Outcome) -> Result:
    """Whether the reported reason has the text of the answer."""
    text = on_one_line(seen.answered.text)
    if text in on_one_line(told.reason or ""):
        return PASSED
    words = words_of(told)
    if _is_misread(text, told.reason):
        words = f"{_MISREAD}: {words}"
    return Finding("reason", f"the text of the answer, {shown(text)}", words)


def fact_of_an_earlier_lookup(seen: ObservedLookup, told: Outcome) -> Finding | None:
    """The finding of the number or the request_id of an earlier lookup in the result of a failure."""
    for name in OF_ONE_LOOKUP:
        value = (told.result or {}).get(name)
        words = "" if value in seen.values else seen.earlier.words_about(value)
        if words:
            return Finding(f"result, {name}", "nothing of another lookup", f"{shown(value)}{words}")
    return None


def wrong_fact(seen: ObservedLookup, told: Outcome) -> Finding | None:
    """The finding of the first fact that was reported otherwise than it was answered, or is of another answer."""
    result = told.result or {}
    for name in NUMBER_KEYS:
        answered, value = seen.answered.keys.get(name), result.get(name)
        if not isinstance(value, str) or value != answered:
            return _unlike(name, answered, result, _origin(seen, value))
    # A client that asks several times may report any of its successes.
    ids = [one.keys.get("request_id") for one in seen.answers if one.status == SUCCESS]
    told_id = result.get("request_id")
    if told_id not in (None, "", *ids):
        expected = f"{shown(ids[-1])}, as in the answer, or none"
        return Finding("result, request_id", expected, f"{shown(told_id)}{_origin(seen, told_id)}")
    return None


def _origin(seen: ObservedLookup, value: object) -> str:
    """The remark that *value* is the number that was asked, or of an earlier lookup; "" where it is neither."""
    if value == seen.record.lookup.number:
        return ", the number as it was given"
    if value in seen.values:
        return ""
    return seen.earlier.words_about(value)


def _unlike(name: str, answered: object, result: Mapping[str, object], remark: str) -> Finding:
    at = f"result, {name}"
    if name not in result:
        return Finding(at, f"{shown(answered)}, as in the answer", "nothing")
    told_value = result[name]
    if isinstance(told_value, str) and told_value.strip() == answered:
        return Finding(at, f"{shown(answered)}, as in the answer", "the same with white space around it")
    wanted, told = shown_apart(answered, told_value)
    if _is_misread(answered, told_value):
        told = f"{_MISREAD}: {told}"
    return Finding(at, f"{wanted}, as in the answer", f"{told}{remark}")


def _is_misread(answered: object, told: object) -> bool:
    """Whether the text *answered* stands in *told* as it looks if its UTF-8 is read as a text of one byte a letter."""
    if not isinstance(answered, str) or not isinstance(told, str) or answered.isascii():
        return False
    forms = (on_one_line(answered.encode().decode(codec, "replace")) for codec in _MISREADERS)
    return any(form in on_one_line(told) for form in forms)


def fact(result: Mapping[str, object], name: str) -> str:
    """The reported fact *name* in words."""
    if name in result:
        return shown(result[name])
    return "nothing"
