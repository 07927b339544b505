"""Requests drawn by Hypothesis: numbers of every region in every form, carried in every way the reference lists.

A request is drawn as the fields of a vector, so that what is found can be kept as one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote

import phonenumbers
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from phonenumbers import PhoneNumberType

from ni_contract.exchange import Exchange
from ni_contract.features import Claims
from ni_contract.judge import Judged
from ni_contract.judge.asked import FORM, JSON_TYPES

Fields = dict[str, Any]
T = TypeVar("T")
MOST_DISCOVERIES = 5

_TYPES = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE)
_NOISE = ("", "", "", " ", "-", "(", ")", "  ")
_ODD = (".", "/", "#", "*", "x5", ";ext=5", " ext. 5", "\u0665", "\uff15")
_CREDENTIALS = [("api_key", "{{api_key}}"), ("api_secret", "{{api_secret}}")]


@dataclass(frozen=True, slots=True)
class Discovery:
    """A clause that a drawn request broke, shrunk: the request as a vector's fields, and the judgement."""

    fields: Fields
    judged: Judged


@cache
def example_numbers() -> tuple[tuple[str, str, str], ...]:
    """(region, international digits, national digits) of libphonenumber's examples, for every region."""
    rows = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in _TYPES:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                international = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]
                national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
                rows.append((region, international, "".join(c for c in national if c.isdigit())))
    return tuple(rows)


def _choose(draw: st.DrawFn, options: Sequence[T]) -> T:
    """One of *options*, the first being the simplest.

    Made of booleans: into every other draw Hypothesis mixes constants that it finds in the modules of the user's
    project, so that the verdict would depend on them, and writes what it found into the current folder.
    """
    bits = max(1, (len(options) - 1).bit_length())
    index = sum(1 << bit for bit in range(bits) if draw(st.booleans()))
    return options[index % len(options)]


@st.composite
def numbers(draw: st.DrawFn) -> list[tuple[str, str]]:
    """The parameters number and country (where one is sent), decoded: most can be served, some cannot."""
    region, international, national = _choose(draw, example_numbers())
    tail = _choose(draw, (0, 1, 2, 3))
    if tail:
        changed = "".join(_choose(draw, "0123456789") for _ in range(tail))
        international, national = international[:-tail] + changed, national[:-tail] + changed
    form = _choose(draw, ("international", "plus", "national", "confirmed", "short", "long", "odd"))
    plain = {
        "international": international,
        "plus": "+" + international,
        "national": national,
        "confirmed": international,
        "short": international[:3],
        "long": international + "0" * (17 - len(international)),
        "odd": international + _choose(draw, _ODD),
    }[form]
    number = _with_noise(draw, plain)
    return [("number", number), ("country", region)] if form in ("national", "confirmed") else [("number", number)]


def _with_noise(draw: st.DrawFn, plain: str) -> str:
    noise = _choose(draw, _NOISE)
    position = _choose(draw, range(1, max(2, len(plain)))) if noise else 0
    return plain[:position] + noise + plain[position:]


@st.composite
def lookups(draw: st.DrawFn, claims: Claims) -> Fields:
    """A request as a vector's fields, with valid credentials in its parameters."""
    pairs = draw(numbers()) + _CREDENTIALS
    first = _choose(draw, range(len(pairs)))
    carriers = ["query"]
    carriers += [FORM] if "post-form" in claims.claimed else []
    path = _choose(draw, ["/json", "/xml"] if "xml" in claims.claimed else ["/json"])
    carriers += JSON_TYPES if "post-json" in claims.claimed and path == "/json" else []
    return _fields(path, _choose(draw, carriers), pairs[first:] + pairs[:first])


def _fields(path: str, carrier: str, pairs: list[tuple[str, str]]) -> Fields:
    if carrier == "query":
        return {"method": "GET", "path": path, "query": _form(pairs)}
    body = json.dumps(dict(pairs)) if carrier in JSON_TYPES else _form(pairs)
    return {"method": "POST", "path": path, "headers": {"Content-Type": carrier}, "body": body}


def _form(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value if value.startswith('{{') else quote(value, safe='')}" for name, value in pairs)


def one_for_each_region() -> list[Fields]:
    """A plain lookup of one number of every region: a table of countries can be wrong in one row."""
    first = {region: international for region, international, _ in reversed(example_numbers())}
    return [_fields("/json", "query", [("number", number), *_CREDENTIALS]) for number in sorted(first.values())]


Send = Callable[[Fields], Exchange]
Judging = Callable[[Exchange], list[Judged]]


def sweep(send: Send, judge: Judging, known: set[str]) -> list[Discovery]:
    """What `one_for_each_region` breaks beyond the clauses *known*: the first request for each clause."""
    found: dict[str, Discovery] = {}
    for fields in one_for_each_region():
        for judged in judge(send(fields)):
            if judged.clause_id not in known:
                found.setdefault(judged.clause_id, Discovery(fields, judged))
    return list(found.values())


def explore(
    send: Send, judge: Judging, claims: Claims, known: set[str], examples: int, seed_: int | None
) -> list[Discovery]:
    """What *examples* drawn requests break beyond the clauses *known*, one shrunk discovery a clause.

    *send* makes the exchange of a request, *judge* says what it breaks. Without *seed_* the draw is the same each time.
    """
    discoveries: list[Discovery] = []
    while examples and len(discoveries) < MOST_DISCOVERIES:
        found = _search(send, judge, claims, known, examples, seed_)
        if found is None:
            break
        discoveries.append(found)
        known = known | {found.judged.clause_id}
    return discoveries


class _BrokenError(Exception):
    pass


def _search(
    send: Send, judge: Judging, claims: Claims, known: set[str], examples: int, seed_: int | None
) -> Discovery | None:
    found: list[Discovery] = []

    def probe(fields: Fields) -> None:
        wanted = found[0].judged.clause_id if found else None
        for judged in judge(send(fields)):
            if judged.clause_id not in known and wanted in (None, judged.clause_id):
                found.append(Discovery(fields, judged))
                raise _BrokenError

    try:
        _hypothesis(probe, claims, examples, seed_)()
    except (_BrokenError, Flaky):
        return found[-1]
    return None


def _hypothesis(
    probe: Callable[[Fields], None], claims: Claims, examples: int, seed_: int | None
) -> Callable[[], None]:
    configured = settings(
        max_examples=examples,
        database=None,
        derandomize=seed_ is None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    test: Callable[[], None] = configured(given(lookups(claims))(probe))
    return test if seed_ is None else seed(seed_)(test)
