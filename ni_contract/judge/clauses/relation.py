"""Clauses about several exchanges together.

Most of them state: requests that differ in one thing alone get the same outcome. Each exchange has a `RequestKey`; a
relation groups exchanges whose keys agree in all but the field that it varies, and compares them.
"""

from collections.abc import Callable, Hashable
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, Final, NamedTuple

from ni_contract.exchanges.finding import BEYOND_XML, Finding, shown
from ni_contract.exchanges.response import NUMBER_KEYS
from ni_contract.exchanges.values import Exchange, Request
from ni_contract.judge.clauses.open_requests import has_open_option, unspecified
from ni_contract.judge.clauses.registry import Stage, clause
from ni_contract.judge.clauses.request_key import RequestKey
from ni_contract.judge.context import EXCUSED, EvaluationContext

MAX_COMPARED: Final = 50
MAX_EXCHANGES_KEPT: Final = 1_000


class ComparedFields(NamedTuple):
    """The compared values of an answer: the status, its text, the facts. The request_id is not among them."""

    status: int | None
    text: str
    facts: tuple[Any, ...]


class Comparable(NamedTuple):
    """An exchange as relations compare it.

    *refused_alone*: it was not served, which is wrong and reported by other clauses, or open for this request alone;
    variations skip it.
    """

    exchange: Exchange
    shape: RequestKey
    outcome: ComparedFields
    refused_alone: bool


def relate(reading: EvaluationContext) -> Comparable | None:
    """The exchange as relations compare it; None when it is not to be compared (refused credentials, busy, …)."""
    answered = reading.answered
    if answered is None or not reading.is_lookup or reading.ambiguous or reading.credential.valid is False:
        return None
    if reading.exchange.partial or unspecified(reading):
        return None
    if answered.status is None or answered.status in EXCUSED:
        return None
    text = answered.text if isinstance(answered.text, str) else ""
    facts = tuple(map(answered.keys.get, NUMBER_KEYS)) if answered.status == 0 else ()
    outcome = ComparedFields(answered.status, text, facts)
    is_to_be_served = reading.meaning.facts is not None and reading.meaning.certain
    is_refused_alone = answered.status != 0 and (is_to_be_served or has_open_option(reading))
    return Comparable(reading.exchange, reading.key, outcome, is_refused_alone)


class Variation:
    """A relation that varies the field *varied* of a shape, between shapes that *counts* accepts."""

    def __init__(
        self,
        clause_id: str,
        varied: str,
        expected: str,
        counts: Callable[[RequestKey], bool] = lambda _shape: True,
        with_text: bool = True,
    ) -> None:
        self.clause_id, self.varied, self.expected = clause_id, varied, expected
        self.counts, self.with_text = counts, with_text
        self.key: Callable[[RequestKey], Hashable] = itemgetter(
            *(i for i, n in enumerate(RequestKey._fields) if n != varied)
        )
        self.value: Callable[[RequestKey], Hashable] = attrgetter(varied)


def _plain_carrier(shape: RequestKey) -> bool:
    return shape.carrier in ("query", "application/x-www-form-urlencoded; None")


def _posted(shape: RequestKey) -> bool:
    return shape.carrier != "query"


VARIATIONS: Final = (
    Variation("NIB-REL-001", "format", "the same in JSON and in XML"),
    Variation("NIB-REL-002", "carrier", "the same for GET and POST", _plain_carrier),
    Variation("NIB-REL-003", "carrier", "the same for every media type", _posted),
    Variation("NIB-REL-004", "noise", "the same with and without noise", with_text=False),
    Variation("NIB-REL-005", "order", "the same in any order"),
    Variation("NIB-REL-006", "extras", "the same with and without unknown parameters"),
    Variation("NIB-REL-012", "credential", "the same with every form of credentials"),
    Variation("NIB-REL-013", "cnam", "the same with and without cnam"),
)
REPETITION: Final = Variation("NIB-REL-009", "format", "the same as for the same request before")
RELATION: Final[Stage[Variation]] = Stage()
for _variation in VARIATIONS:
    clause(_variation.clause_id, RELATION)(_variation)
SEQUENCE: Final[Stage[Callable[..., list["Comparison"]]]] = Stage()


def difference(
    first: ComparedFields, second: ComparedFields, with_text: bool = True
) -> tuple[str, object, object] | None:
    """The first place in which two outcomes differ, with both values; None where they agree.

    A value that is missing or no string is skipped: the clause about its format reports it.
    """
    if first == second:
        return None
    if first.status != second.status:
        return "status", first.status, second.status
    for name, one, other in zip(NUMBER_KEYS, first.facts, second.facts, strict=False):
        if one != other and isinstance(one, str) and isinstance(other, str):
            return name, one, other
    # The reference does not say what stands for a character that XML cannot represent.
    is_in_both = with_text and first.text and second.text and not BEYOND_XML.search(first.text + second.text)
    # Nor does it settle the case of a text.
    if is_in_both and first.text.casefold().split() != second.text.casefold().split():
        return ("text", first.text, second.text)
    return None


class Comparison(NamedTuple):
    """A judgement of two exchanges: the clause, both of them, and the finding (None: they agree)."""

    clause_id: str
    first: Exchange
    second: Exchange
    finding: Finding | None


class ComparisonGroup:
    """The exchanges about one number and country, the only ones that can be related: one of each key."""

    __slots__ = ("groups", "members")

    def __init__(self, first: Comparable) -> None:
        self.members = {first.shape: first}
        self.groups: dict[tuple[str, Hashable], list[Comparable]] = {}
        for variation in VARIATIONS:
            self._compare(variation, first)

    def add(self, related: Comparable) -> list[Comparison]:
        """The comparisons of *related* with earlier members, under every variation."""
        known = self.members.setdefault(related.shape, related)
        if known is not related and known.outcome == related.outcome:
            return []
        return list(chain.from_iterable(self._compare(variation, related) for variation in VARIATIONS))

    def _compare(self, variation: Variation, related: Comparable) -> list[Comparison]:
        if not variation.counts(related.shape):
            return []
        group = self.groups.setdefault((variation.clause_id, variation.key(related.shape)), [])
        value = variation.value(related.shape)
        others = [other for other in group if variation.value(other.shape) != value]
        if len(others) == len(group) and len(group) < MAX_COMPARED:
            group.append(related)
        if others:
            return [compare(variation.clause_id, others[0], related, variation)]
        return []


class Relations:
    """Compares each exchange with the related earlier ones."""

    def __init__(self) -> None:
        self._families: dict[tuple[str, str], Comparable | ComparisonGroup] = {}
        self._first: dict[Request, Comparable] = {}
        self._previous: Comparable | None = None
        self._ids: dict[str, Exchange | None] = {}

    def add(self, exchange: Exchange, request_id: str, related: Comparable | None) -> list[Comparison]:
        """The comparisons that *exchange* makes possible; *related* is what `relate` says of it."""
        found = self._request_ids(exchange, request_id)
        previous, self._previous = self._previous, related
        if related is None:
            return found
        found.extend(self._repetition(previous, related))
        if not related.refused_alone:
            found.extend(self._compare_in_family(related))
        return found

    def _compare_in_family(self, related: Comparable) -> list[Comparison]:
        """A number that came once has no group yet, only its exchange: most traffic is of such numbers."""
        name = (related.shape.number, related.shape.country)
        family = self._families.setdefault(name, related)
        if isinstance(family, Comparable):
            if family.shape == related.shape:
                return []
            self._families[name] = family = ComparisonGroup(family)
        return family.add(related)

    @clause("NIB-REL-008", SEQUENCE)
    def _request_ids(self, exchange: Exchange, value: str) -> list[Comparison]:
        if not value:
            return []
        if value in self._ids:
            finding = Finding("request_id", "an id of its own", shown(value))
            return [Comparison("NIB-REL-008", self._ids[value] or exchange, exchange, finding)]
        # Keeping every exchange only for its id would cost more memory than the comparison is worth.
        self._ids[value] = exchange if len(self._ids) < MAX_EXCHANGES_KEPT else None
        if len(self._ids) > 1:
            return [Comparison("NIB-REL-008", exchange, exchange, None)]
        return []

    @clause(["NIB-REL-007", "NIB-REL-009"], SEQUENCE)
    def _repetition(self, previous: Comparable | None, related: Comparable) -> list[Comparison]:
        request = related.exchange.request
        earlier = self._first.setdefault(request, related)
        if previous is not None and previous.exchange.request == request and _is_in_a_row(previous, related):
            return [compare("NIB-REL-007", previous, related, REPETITION)]
        if earlier is related:
            return []
        return [compare("NIB-REL-009", earlier, related, REPETITION)]


def _is_in_a_row(previous: Comparable, related: Comparable) -> bool:
    """Whether nothing was sent between two exchanges judged one after the other: a control may be sent much later."""
    return (previous.exchange.origin == "control") == (related.exchange.origin == "control")


def compare(clause_id: str, first: Comparable, second: Comparable, variation: Variation) -> Comparison:
    """The judgement of *first* and *second*, which differ in what *variation* varies."""
    found = difference(first.outcome, second.outcome, variation.with_text)
    if found is None:
        return Comparison(clause_id, first.exchange, second.exchange, None)
    at, one, other = found
    finding = Finding(at, f"{variation.expected}: {shown(one)}", shown(other))
    return Comparison(clause_id, first.exchange, second.exchange, finding)
