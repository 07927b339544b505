"""Clauses about several exchanges together.

Most of them say: requests that differ in one thing alone get the same outcome. Each exchange is described by its
`Shape`; a relation groups exchanges whose shapes agree in all but the thing that it varies, and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ni_contract.exchange import Exchange, Request
from ni_contract.forms import Pairs
from ni_contract.judge.answered import NUMBER_KEYS
from ni_contract.judge.asked import CREDENTIAL_NAMES, KNOWN
from ni_contract.judge.reading import Reading
from ni_contract.judge.registry import readable
from ni_contract.judge.result import HOLDS, Finding, Result, shown

_NOISE = str.maketrans("", "", " -+()\t")
_UNCOMPARED = (1, 9)
# cnam has a field of its own; the order of credentials differs with their form.
_ORDERED = KNOWN - {"cnam", "timestamp", *CREDENTIAL_NAMES}


class Shape(NamedTuple):
    """A request taken apart into the things that a relation can vary."""

    format: str
    carrier: str
    credential: str
    number: str
    noise: str
    country: str
    cnam: str
    order: tuple[str, ...]
    extras: Pairs
    headers: tuple[str | None, ...]


class Outcome(NamedTuple):
    """What is compared: the status, its text, the facts. The request_id is not among them."""

    status: int | None
    text: str
    facts: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """An exchange as the relations see it, with its place in the sequence.

    *wronged* is one that was not served though it had to be: other clauses say so, and variations leave it out.
    """

    exchange: Exchange
    shape: Shape
    outcome: Outcome
    position: int
    wronged: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A judgement of two exchanges: *result* of comparing *second* with *first*."""

    first: Exchange
    second: Exchange
    result: Result


def relate(reading: Reading, position: int) -> Related | None:
    """The exchange as the relations see it, or None when it is not to be compared (refused credentials, busy, …)."""
    answered = reading.answered
    if answered is None or not reading.is_lookup or reading.ambiguous or reading.credential.valid is False:
        return None
    if not readable(answered) or answered.status in _UNCOMPARED:
        return None
    facts = tuple(answered.keys.get(name) for name in NUMBER_KEYS) if answered.status == 0 else ()
    outcome = Outcome(answered.status, answered.text if isinstance(answered.text, str) else "", facts)
    wronged = reading.meaning.facts is not None and reading.meaning.certain and answered.status != 0
    return Related(reading.exchange, _shape(reading), outcome, position, wronged)


def _shape(reading: Reading) -> Shape:
    asked, credential = reading.asked, reading.credential
    number = asked.get("number")
    return Shape(
        format=asked.format or "",
        carrier=f"{asked.media_type}; {asked.charset}" if asked.method == "POST" else "query",
        credential=f"{credential.kind} {credential.method}",
        number="missing" if number is None else number.translate(_NOISE),
        noise=number or "",
        country=asked.get("country") or "",
        cnam=asked.get("cnam") or "false",
        order=tuple(name for name, _ in asked.params if name in _ORDERED),
        extras=tuple(sorted(pair for pair in asked.params if pair[0] not in KNOWN)),
        headers=(asked.accept, None if asked.method == "POST" else asked.content_type, _stray(reading)),
    )


def _stray(reading: Reading) -> str | None:
    return None if reading.credential.kind == "basic" else reading.asked.authorization


@dataclass(frozen=True, slots=True)
class Variation:
    """A relation that varies the fields *varied* of a shape, between shapes that *counts* accepts."""

    clause_id: str
    varied: tuple[str, ...]
    expected: str
    counts: Callable[[Shape], bool] = lambda _shape: True
    with_text: bool = True

    def key(self, shape: Shape) -> Hashable:
        """What two exchanges have to share to be compared."""
        return tuple(value for name, value in zip(Shape._fields, shape, strict=True) if name not in self.varied)

    def value(self, shape: Shape) -> Hashable:
        """What has to differ between them."""
        return tuple(getattr(shape, name) for name in self.varied)


def _plain_carrier(shape: Shape) -> bool:
    return shape.carrier in ("query", "application/x-www-form-urlencoded; None")


def _posted(shape: Shape) -> bool:
    return shape.carrier != "query"


VARIATIONS: Final = (
    Variation("NIB-REL-001", ("format",), "the same in JSON and in XML"),
    Variation("NIB-REL-002", ("carrier",), "the same for GET and POST", _plain_carrier),
    Variation("NIB-REL-003", ("carrier",), "the same for every media type", _posted),
    Variation("NIB-REL-004", ("noise",), "the same with and without noise", with_text=False),
    Variation("NIB-REL-005", ("order",), "the same in any order"),
    Variation("NIB-REL-006", ("extras",), "the same with and without unknown parameters"),
    Variation("NIB-REL-012", ("credential",), "the same with every form of credentials"),
    Variation("NIB-REL-013", ("cnam",), "the same with and without cnam"),
)
RELATION_CLAUSES: Final = (*(v.clause_id for v in VARIATIONS), "NIB-REL-007", "NIB-REL-008", "NIB-REL-009")


def difference(first: Outcome, second: Outcome, with_text: bool = True) -> tuple[str, object, object] | None:
    """The first place in which two outcomes differ, with both values, or None.

    A value that is missing or no string is not compared: the clause about its format has spoken already.
    """
    if first.status != second.status:
        return "status", first.status, second.status
    for name, one, other in zip(NUMBER_KEYS, first.facts, second.facts, strict=False):
        if one != other and isinstance(one, str) and isinstance(other, str):
            return name, one, other
    texts = with_text and first.text and second.text and first.text != second.text
    return ("text", first.text, second.text) if texts else None


class Relations:
    """Compares each exchange with the earlier ones that it is related to. Holds one exchange a group in memory."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, Hashable], dict[Hashable, Related]] = {}
        self._first: dict[Request, Related] = {}
        self._previous: Related | None = None
        self._ids: dict[str, Exchange] = {}
        self._position = 0

    def add(self, reading: Reading) -> list[tuple[str, Pair]]:
        """The judgements that *reading* makes possible, each with its clause id."""
        self._position += 1
        pairs = self._request_ids(reading)
        related = relate(reading, self._position)
        if related is None:
            return pairs
        pairs.extend(self._repetition(related))
        for variation in () if related.wronged else VARIATIONS:
            pairs.extend(self._variation(variation, related))
        return pairs

    def _request_ids(self, reading: Reading) -> list[tuple[str, Pair]]:
        value = reading.answered.keys.get("request_id") if reading.answered is not None and reading.is_lookup else None
        if not isinstance(value, str) or not value:
            return []
        earlier = self._ids.setdefault(value, reading.exchange)
        if earlier is reading.exchange:
            return [("NIB-REL-008", Pair(earlier, earlier, HOLDS))] if len(self._ids) > 1 else []
        finding = Finding("request_id", "an id that no other answer has", shown(value))
        return [("NIB-REL-008", Pair(earlier, reading.exchange, finding))]

    def _repetition(self, related: Related) -> list[tuple[str, Pair]]:
        previous, self._previous = self._previous, related
        request = related.exchange.request
        earlier = self._first.setdefault(request, related)
        expected = "the same as for the same request before"
        same = previous is not None and previous.exchange.request == request
        if previous is not None and same and related.position == previous.position + 1:
            return [("NIB-REL-007", _compare(previous, related, expected, True))]
        return [] if earlier is related else [("NIB-REL-009", _compare(earlier, related, expected, True))]

    def _variation(self, variation: Variation, related: Related) -> list[tuple[str, Pair]]:
        if not variation.counts(related.shape):
            return []
        group = self._groups.setdefault((variation.clause_id, variation.key(related.shape)), {})
        value = variation.value(related.shape)
        others = [other for key, other in group.items() if key != value]
        group.setdefault(value, related)
        if not others:
            return []
        return [(variation.clause_id, _compare(others[0], related, variation.expected, variation.with_text))]


def _compare(first: Related, second: Related, expected: str, with_text: bool) -> Pair:
    found = difference(first.outcome, second.outcome, with_text)
    if found is None:
        return Pair(first.exchange, second.exchange, HOLDS)
    at, one, other = found
    return Pair(first.exchange, second.exchange, Finding(at, f"{expected}: {shown(one)}", shown(other)))
