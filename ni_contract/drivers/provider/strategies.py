"""Strategies for drawn requests: numbers of every region and form, right and wrong credentials, every way to send."""

from collections.abc import Sequence
from functools import cache
from itertools import product, starmap
from typing import Any, TypeVar

from hypothesis import strategies as st
from phonenumbers import SUPPORTED_REGIONS, PhoneNumberType, country_code_for_region

from ni_contract.contract.features import Claims
from ni_contract.contract.numbering import digits_of, interpret
from ni_contract.contract.signature import METHODS
from ni_contract.contract.vocabulary import FORM, JSON, JSON_TYPES, XML
from ni_contract.drivers.provider.controls import KEY, SECRET, Fields, escaped, with_parameters
from ni_contract.drivers.provider.numbers import example_of
from ni_contract.exchanges.credentials import WRONG_KEY, WRONG_SECRETS

Drawn = Fields
Pairs = list[tuple[str, str]]
T = TypeVar("T")

_TYPES = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE)
_NOISE = ("", "", "", " ", "-", "(", ")", "  ")
_ODD = (".", "/", "#", "*", "x5", ";ext=5", " ext. 5", "\u0665", "\uff15")
_WRONG: tuple[Pairs, ...] = (
    *([KEY, ("api_secret", wrong)] for wrong in WRONG_SECRETS),
    [("api_key", WRONG_KEY), SECRET],
    [KEY],
    [SECRET],
    [],
)
_OTHER_FORMAT = {"/json": XML, "/xml": JSON}


@cache
def example_numbers() -> tuple[tuple[str, str, str], ...]:
    """(region, international digits, national digits) of libphonenumber's examples, for every region."""
    return tuple(filter(None, starmap(example_of, product(sorted(SUPPORTED_REGIONS), _TYPES))))


@cache
def _rows(known: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    readings = [facts for number in known if (facts := interpret(number, None).facts) is not None]
    return tuple((facts.country, facts.international, digits_of(facts.national)) for facts in readings)


def _choose(draw: st.DrawFn, options: Sequence[T]) -> T:
    """One of *options*, the first being the simplest.

    Made of booleans: into every other draw Hypothesis mixes constants that it finds in the modules of the user's
    project, so that the verdict would depend on them, and stores these constants in the current folder.
    """
    bits = max(1, (len(options) - 1).bit_length())
    index = sum(1 << bit for bit in range(bits) if draw(st.booleans()))
    return options[index % len(options)]


@st.composite
def numbers(draw: st.DrawFn, known: tuple[str, ...] = ()) -> Pairs:
    """The parameters number and country (where they are sent), decoded: most can be served, some cannot.

    *known* are the numbers to draw from; none: those of all regions, and some close to them.
    """
    region, international, national = _choose(draw, _rows(known) or example_numbers())
    tail = 0 if known else _choose(draw, (0, 1, 2, 3))
    if tail:
        changed = "".join(_choose(draw, "0123456789") for _ in range(tail))
        international, national = international[:-tail] + changed, national[:-tail] + changed
    form = _choose(
        draw, ("international", "plus", "national", "confirmed", "mismatch", "unknown", "short", "odd", "none")
    )
    if form == "none":
        return []
    plain = {
        "plus": "+" + international,
        "national": national,
        "mismatch": _choose(draw, ("", "+")) + international,
        "short": international[:3],
        "odd": international + _choose(draw, _ODD),
    }.get(form, international)
    country = {"national": region, "confirmed": region, "mismatch": _another(region), "unknown": "ZZ"}.get(form)
    number = [("number", _with_noise(draw, plain))]
    if country is None:
        return number
    return [*number, ("country", country)]


def _another(region: str) -> str:
    """A country of another calling code."""
    if country_code_for_region(region) != 1:
        return "US"
    return "GB"


def _with_noise(draw: st.DrawFn, plain: str) -> str:
    noise = _choose(draw, _NOISE)
    position = 0
    if noise:
        position = _choose(draw, range(1, max(2, len(plain))))
    return plain[:position] + noise + plain[position:]


@st.composite
def lookups(draw: st.DrawFn, claims: Claims, known: tuple[str, ...] = ()) -> Drawn:
    """A request; most have valid credentials in their parameters."""
    path = _choose(draw, ["/json", *_if_claimed(claims, "xml", "/xml")])
    pairs = draw(numbers(known)) + [("cnam", cnam) for cnam in _choose(draw, ([], [], [], ["true"], ["false"]))]
    credentials, headers, sign = _credentials(draw, claims)
    pairs += credentials
    first = _choose(draw, range(max(1, len(pairs))))
    if not _choose(draw, (True, True, True, False)):
        headers["Accept"] = _OTHER_FORMAT[path]
    carriers = ["query", *_if_claimed(claims, "post-form", FORM)]
    if path == "/json":
        carriers += _if_claimed(claims, "post-json", *JSON_TYPES)
    carrier = _choose(draw, carriers)
    if carrier != "query":
        headers["Content-Type"] = carrier
    optional = {"headers": headers, "sign": sign}
    fields: dict[str, Any] = {"method": "GET" if carrier == "query" else "POST", "path": path}
    fields |= {name: value for name, value in optional.items() if value}
    return with_parameters(fields, [(name, escaped(value)) for name, value in pairs[first:] + pairs[:first]])


def _credentials(draw: st.DrawFn, claims: Claims) -> tuple[Pairs, dict[str, str], dict[str, str]]:
    """Parameters, headers, and how the request is signed."""
    basic = _if_claimed(claims, "basic-auth", "{{basic}}", "{{basic.wrong_secret}}")
    signed = _if_claimed(claims, "signature", "signed", "signed-wrong")
    kind = _choose(draw, ["valid", "valid", "valid", "wrong", "wrong", *basic, *signed])
    if kind in signed:
        sign = {"method": _choose(draw, claims.methods or METHODS), "secret": kind.removeprefix("signed").strip("-")}
        sign = {name: value for name, value in sign.items() if value}
        return [KEY, ("timestamp", "{{timestamp}}"), ("sig", "{{sig}}")], {}, sign
    if kind in basic:
        return [], {"Authorization": f"Basic {kind}"}, {}
    if kind == "wrong":
        return _choose(draw, _WRONG), {}, {}
    return [KEY, SECRET], {}, {}


def _if_claimed(claims: Claims, feature: str, *values: str) -> list[str]:
    if feature in claims.claimed:
        return list(values)
    return []
