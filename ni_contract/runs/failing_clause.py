"""The clause that the simplest request with a wrong status breaks: of its own, or of a header, a parameter, XML.

Each rule yields a clause, or nothing where it does not apply. The first that yields decides.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from ni_contract.drivers.provider.controls import (
    Fields,
    as_get,
    canonical,
    in_ascii,
    in_json,
    in_order,
    international,
    parameters_of,
    plain,
    value_of,
    with_secret,
    without_cnam,
    without_headers,
    without_separators,
    without_unknown,
)
from ni_contract.judge.clauses.observed_status import TRAIT_CLAUSES
from ni_contract.judge.clauses.status import CREDENTIAL_TRAITS, CREDENTIALS_FIRST, SERVED_CLAUSES
from ni_contract.judge.context import EvaluationContext
from ni_contract.runs.controls import Controls

POSSIBLE_NUMBER: Final = "NIB-NUM-001"
PLAIN_CLAUSES: Final = frozenset({"NIB-REQ-001", "NIB-AUT-001", POSSIBLE_NUMBER})
SAME_IN_XML, WELL_FORMED_XML, ANY_ORDER = "NIB-REL-001", "NIB-XML-001", "NIB-REL-005"
JSON_BODY: Final = "NIB-REQ-003"
STRAY_HEADER, DECODED, CNAM, UNKNOWN = "NIB-REQ-008", "NIB-REQ-005", "NIB-NUM-011", "NIB-REQ-007"
ENCODINGS: Final = frozenset({DECODED, "NIB-REQ-006", "NIB-REQ-009"})

# What takes the property that a clause is about out of a request.
_WITHOUT: Final[dict[str, Callable[[Fields], Fields]]] = {
    "NIB-REQ-002": as_get,
    JSON_BODY: as_get,
    DECODED: canonical,
    "NIB-REQ-006": canonical,
    UNKNOWN: without_unknown,
    STRAY_HEADER: without_headers,
    "NIB-AUT-006": with_secret,
    "NIB-AUT-008": with_secret,
    "NIB-AUT-009": with_secret,
    "NIB-NUM-002": without_separators,
    "NIB-NUM-003": international,
    "NIB-NUM-009": international,
    CNAM: without_cnam,
    "NIB-NUM-022": without_separators,
    SAME_IN_XML: in_json,
    WELL_FORMED_XML: in_json,
    ANY_ORDER: in_order,
}


@dataclass(frozen=True, slots=True)
class _Simplest:
    """The simplest request (*fields*) that breaks the clause *broken* by its status."""

    controls: Controls
    broken: str
    fields: Fields

    @property
    def reading(self) -> EvaluationContext:
        return self.controls.read(self.fields)

    @property
    def is_served(self) -> bool:
        return self.controls.status(self.fields) == 0

    @property
    def is_signed(self) -> bool:
        return "sign" in self.fields

    @property
    def has_unknown(self) -> bool:
        return parameters_of(without_unknown(self.fields)) != parameters_of(self.fields)


def failing_clause(controls: Controls, broken: str, simplest: Fields) -> str:
    """The clause to fail where *simplest* breaks the clause *broken*."""
    one = _Simplest(controls, broken, simplest)
    return next(chain.from_iterable(rule(one) for rule in _RULES))


def control_of(controls: Controls, failing: str, simplest: Fields, broken: str) -> Fields:
    """The request that lacks what the clause *failing* is about, if it is right by *broken*; else the plainest."""
    control = _WITHOUT.get(failing, plain)(simplest)
    if control == simplest or controls.fault(control, broken) is not None:
        return plain(simplest)
    return control


def _header(one: _Simplest) -> Iterator[str]:
    """A clause about plain requests does not fail where a header makes the difference."""
    if one.broken in PLAIN_CLAUSES and without_headers(one.fields) != one.fields:
        yield STRAY_HEADER


def _signed_text(one: _Simplest) -> Iterator[str]:
    """A signature is of decoded text, so that text beyond ASCII, or escaped, is what was signed wrongly."""
    for simplify, trait in ((in_ascii, "non_ascii"), (canonical, "percent_encoded")):
        if one.is_signed and trait in one.reading.traits and simplify(one.fields) != one.fields:
            yield TRAIT_CLAUSES[trait]


def _form_encoding(one: _Simplest) -> Iterator[str]:
    """Where the usual escapes make the difference, it is the encoding, or the unknown parameters that need it."""
    traits = one.reading.traits
    is_form = not one.is_signed and "json" not in traits
    if one.broken in ENCODINGS or not is_form or canonical(one.fields) == one.fields:
        return
    if "unescaped" in traits:
        yield TRAIT_CLAUSES["unescaped"]
    yield UNKNOWN if one.has_unknown else DECODED


def _cnam(one: _Simplest) -> Iterator[str]:
    """A lookup that is refused only with cnam is refused for it."""
    is_refused = one.broken not in {*SERVED_CLAUSES, CREDENTIALS_FIRST} and not one.is_served
    if is_refused and value_of(one.fields, "cnam") is not None:
        yield CNAM


def _credentials(one: _Simplest) -> Iterator[str]:
    """A possible number that is refused with credentials in one form only is refused for these."""
    credential = [trait for trait in one.reading.traits if trait in CREDENTIAL_TRAITS]
    if one.broken == POSSIBLE_NUMBER and credential:
        yield TRAIT_CLAUSES[credential[0]]


def _cnam_in_json(one: _Simplest) -> Iterator[str]:
    """A body of JSON that is served without cnam is refused for it."""
    if one.broken == JSON_BODY and value_of(one.fields, "cnam") is not None:
        yield CNAM


def _unknown_in_json(one: _Simplest) -> Iterator[str]:
    """A body of JSON in ASCII differs from one that is served by its unknown parameters."""
    if one.broken == JSON_BODY and one.has_unknown and one.fields["body"].isascii():
        yield UNKNOWN


def _order(one: _Simplest) -> Iterator[str]:
    """Not for POST: where the GET for it is served, the order of its parameters is not the cause."""
    if one.fields["method"] == "GET" and parameters_of(in_order(one.fields)) != parameters_of(one.fields):
        yield UNKNOWN if one.has_unknown else ANY_ORDER


def _own(one: _Simplest) -> Iterator[str]:
    """XML is the cause only if it alone is left of what is unusual, or the clause is about plain requests."""
    is_xml_alone = plain(one.fields) == {**one.fields, "path": "/json"} != one.fields
    if one.fields["path"] == "/json" or not (is_xml_alone or one.broken in PLAIN_CLAUSES):
        yield one.broken


def _own_in_xml(one: _Simplest) -> Iterator[str]:
    """A lookup that XML serves wrongly, or for which it checks in another order, breaks the same clause there."""
    is_wrongly_served = one.broken not in SERVED_CLAUSES and one.is_served
    if one.broken == CREDENTIALS_FIRST or is_wrongly_served:
        yield one.broken


def _xml(one: _Simplest) -> Iterator[str]:
    """A status that differs in XML shows that it is not the same there; without one it is no answer."""
    answered = one.reading.answered
    has_status = answered is not None and answered.status is not None
    yield SAME_IN_XML if has_status else WELL_FORMED_XML


_RULES: Final[tuple[Callable[[_Simplest], Iterator[str]], ...]] = (
    _header,
    _signed_text,
    _form_encoding,
    _cnam,
    _credentials,
    _cnam_in_json,
    _unknown_in_json,
    _order,
    _own,
    _own_in_xml,
    _xml,
)
