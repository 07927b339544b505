"""Changes from one side to the other: verdicts, and parts of the answers to the same requests."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.exchanges.gateway import is_gateway_answer
from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.runs.drift.shape import AnswerShape, Place, shape_of
from ni_contract.runs.drift.sides import Side
from ni_contract.runs.saved_report import changed_words

APPEARED, WENT = "appeared", "went"
# Headers that depend on the time, the connection or the single answer.
_VOLATILE: Final = frozenset(
    {"age", "connection", "content-length", "date", "etag", "expires", "keep-alive", "last-modified", "set-cookie"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One change: *kind* (clause, status, header, key, type, text, order, form, answer), *place*, *how*.

    *times* counts the answers, *first* is where it was seen first: the origin of the exchange on the new side.
    """

    kind: str
    place: str
    how: str
    times: int = 1
    first: str = ""


def changes_between(old: Side, new: Side) -> list[Change]:
    """All changes from *old* to *new*; reports have only verdicts to compare."""
    return [*_verdicts(old, new), *_answers(old, new)]


def unpaired(old: Side, new: Side) -> tuple[int, int]:
    """The number of requests that occur only in *old* and only in *new*."""
    first, second = old.exchanges or {}, new.exchanges or {}
    return _beyond(first, second), _beyond(second, first)


def _beyond(one: Mapping[Hashable, list[Exchange]], other: Mapping[Hashable, list[Exchange]]) -> int:
    return sum(max(0, len(found) - len(other.get(key, ()))) for key, found in one.items())


def _verdicts(old: Side, new: Side) -> Iterator[Change]:
    titles = {clause.id: clause.title for clause in load_catalogue()}
    told: dict[tuple[str, str], list[str]] = {}
    for edition, words in new.words.items():
        for clause_id, was, now in changed_words(old.words[edition], words, "unknown"):
            told.setdefault((clause_id, f"{was} -> {now}"), []).append(edition)
    for (clause_id, how), editions in sorted(told.items()):
        only = f" ({editions[0]})" if len(editions) == 1 else ""
        yield Change("clause", f"{clause_id} {titles.get(clause_id, '')}", how + only)


def _answers(old: Side, new: Side) -> Iterator[Change]:
    if old.exchanges is None or new.exchanges is None:
        return
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    shapes = []
    for key, exchanges in old.exchanges.items():
        for before, after in zip(exchanges, new.exchanges.get(key, ()), strict=False):
            one, other = _shape(before), _shape(after)
            if isinstance(one, AnswerShape) and isinstance(other, AnswerShape):
                shapes.append((one, other))
                for change in _differences(one, other):
                    found[change].append(after.origin)
            elif one != other:
                found["answer", "to the same request", f"{_named(one)} -> {_named(other)}"].append(after.origin)
    for change, origins in found.items():
        yield Change(*change, len(origins), origins[0])
    yield from _header_values(shapes)


def _shape(exchange: Exchange) -> AnswerShape | str:
    answer = exchange.answer
    if not isinstance(answer, Answer):
        return f"none ({answer.kind})"
    if is_gateway_answer(exchange):
        return f"a gateway's (HTTP {answer.http_status})"
    return shape_of(exchange, answer)


def _named(shape: AnswerShape | str) -> str:
    if isinstance(shape, str):
        return shape
    return "the API's"


def _differences(old: AnswerShape, new: AnswerShape) -> Iterator[tuple[str, str, str]]:
    if old.http_status != new.http_status:
        yield "status", "HTTP status", f"{old.http_status} -> {new.http_status}"
    if old.form != new.form:
        yield "form", "body", f"{old.form} -> {new.form}"
    for name in sorted(old.headers.keys() ^ new.headers.keys()):
        yield "header", name, WENT if name in old.headers else APPEARED
    for place in [*old.places, *(p for p in new.places if p not in old.places)]:
        yield from _place(place, old.places.get(place), new.places.get(place))
    common = [name for name in old.order if name in new.order]
    if common != [name for name in new.order if name in common]:
        yield "order", "$", f"{', '.join(common)} -> {', '.join(n for n in new.order if n in common)}"


def _place(place: str, old: Place | None, new: Place | None) -> Iterator[tuple[str, str, str]]:
    if old is None or new is None:
        yield "key", place, WENT if new is None else APPEARED
    elif old.type != new.type:
        yield "type", place, f"{old.type} -> {new.type}"
    elif old.value != new.value:
        yield "text", place, f"{old.value!r} -> {new.value!r}"


def _header_values(shapes: list[tuple[AnswerShape, AnswerShape]]) -> Iterator[Change]:
    """Headers with one constant value before and another after; headers that vary are skipped."""
    pairs: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for one, other in shapes:
        for name in (one.headers.keys() & other.headers.keys()) - _VOLATILE:
            pairs[name][one.headers[name], other.headers[name]] += 1
    for name, found in sorted(pairs.items()):
        if name == "content-type" or (len(found) == 1 and len(shapes) > 1):
            for (was, now), times in sorted(found.items(), key=str):
                if was != now:
                    yield Change("header", name, f"{was!r} -> {now!r}", times)
