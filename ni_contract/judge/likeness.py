"""The common part of exchanges with one result: all but their request ids, plain numbers, and what no clause reads."""

import re
from collections.abc import Hashable, Iterable
from dataclasses import replace
from itertools import chain
from typing import Final, NamedTuple

from ni_contract.contract.disputed_numbers import is_layout_disputed, is_national_form_disputed
from ni_contract.contract.form_encoding import Pairs
from ni_contract.contract.numbering import Meaning, NumberFacts, interpret
from ni_contract.contract.vocabulary import KNOWN, REQUEST_ID
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.response import NUMBER_KEYS, ParsedResponse
from ni_contract.exchanges.values import Answer, Exchange, Failure, header
from ni_contract.judge.clauses.relation import Comparable, ComparedFields
from ni_contract.judge.clauses.secret import secrets_of
from ni_contract.judge.context import EvaluationContext, moment_of
from ni_contract.judge.unread import UNREAD, inspected_in_request, values_of, without_unread

# Longer exchanges, in characters of the URL and bytes of both bodies, are judged each time: few of them come again.
MAX_ALIKE_LENGTH: Final = 2_000
MAX_KNOWN: Final = 12_000
_REQUEST_ID: Final = re.compile(
    rf'"request_id"\s*:\s*"({REQUEST_ID})"|<request_id>\s*({REQUEST_ID})\s*</request_id>'.encode()
)
_NUMBER: Final = re.compile(r"(?:^|[?&])number=([0-9]{4,20})(?=&|\Z)")
_COUNTRY: Final = re.compile(r"(?:^|[?&])country=([A-Z]{2})(?=&|\Z)")
# Values that no exchange has, to see whether the parsers read a value at the place where it was found.
_OTHER_NUMBER, _OTHER_ID, _OTHER_FORMS = "0" * 20, "-", ("0" * 15, "0 0")
# A secret that is in an answer, or not, whatever the number there.
_NOT_IN_NUMBERS: Final = re.compile(r'[^"<>]*[A-Za-z][^"<>]*')


class PlainNumber(NamedTuple):
    """A number asked in digits alone, its country (None: without one) and facts, and what is around the number.

    *parameters* are the text before and behind it, *body* the parts of the answer's body around the request id and, if
    they are there, the two forms of the number. *unread* are the parameters whose values were taken out of the text.
    """

    number: str
    country: str | None
    facts: NumberFacts
    parameters: tuple[str, str]
    body: tuple[bytes, ...]
    unread: Pairs = ()

    @property
    def extras(self) -> Pairs:
        """The unknown parameters among the unread, as a `RequestKey` has them."""
        return tuple(sorted(pair for pair in self.unread if pair[0] not in KNOWN))


class Likeness(NamedTuple):
    """The part of an exchange that others have too (*key*), and the parts that are its own.

    Exchanges of one key differ at most in their valid request ids, their origins, and the time of a request without a
    signature; with a *plain* number also in the number, as it was asked and as the answer has it in its two forms, in
    the values of unread parameters, and in headers that no clause inspects.
    """

    key: Hashable
    request_id: bytes
    plain: PlainNumber | None = None

    @property
    def unread(self) -> Pairs:
        """The parameters whose values are not in the key."""
        return self.plain.unread if self.plain else ()

    @property
    def international(self) -> str:
        """The plain number in the international form, "" without one."""
        return self.plain.facts.international if self.plain else ""

    def stands_for_others(self, reading: EvaluationContext, found: Iterable[Finding] = ()) -> bool:
        """Whether the result of *reading*, of this likeness, with the findings *found*, is that of all of its key."""
        own, plain = [self.request_id.decode()], self.plain
        if own[0] != reading.request_id or not _is_short(reading.exchange):
            return False
        if plain is not None:
            own += [plain.number, *plain.facts[:2], *(value for _, value in plain.unread)]
        for one in found:
            if any(value and value in one.expected + one.actual for value in own):
                return False
        if plain is None:
            return True
        return _is_free_of_digits(plain, reading) and _is_asked(plain, reading) and _is_told(plain, reading)

    def related(self, other: Comparable | None, exchange: Exchange) -> Comparable | None:
        """The values of *exchange* that relations compare, made from those of an *other* one of this key."""
        if other is None or self.plain is None:
            return other and other._replace(exchange=exchange)
        number, facts = self.plain.number, self.plain.facts
        shape, outcome = other.shape._replace(number=number, noise=number), other.outcome
        if self.plain.unread:
            shape = shape._replace(extras=self.plain.extras or shape.extras)
        if exchange.request.headers != other.exchange.request.headers:
            shape = shape._replace(headers=(header(exchange.request.headers, "accept"), *shape.headers[1:]))
        if outcome.facts:
            stated = (facts.international, facts.national, *outcome.facts[2:])
            outcome = ComparedFields(outcome.status, outcome.text, stated)
        return Comparable(exchange, shape, outcome, other.refused_alone)


def _is_free_of_digits(plain: PlainNumber, reading: EvaluationContext) -> bool:
    """Whether nothing else depends on the digits of the number: no signature, no header, no secret."""
    headers = inspected_in_request(reading.exchange.request.headers, values_of(reading.account))
    if reading.credential.kind == "signature" or any(plain.number in value for _, value in headers):
        return False
    unread = {value for _, value in plain.unread}
    return all(secret in unread or _NOT_IN_NUMBERS.fullmatch(secret) for secret in secrets_of(reading))


def _is_asked(plain: PlainNumber, reading: EvaluationContext) -> bool:
    """Whether the parser reads number and unread values at their places, so that it reads others there; the country."""
    asked, request = reading.asked, reading.exchange.request
    text = _OTHER_NUMBER.join(plain.parameters)
    other = replace(request, body=text.encode("latin-1")) if request.method == "POST" else replace(request, url=text)
    others = {**asked.values, **dict.fromkeys((name for name, _ in plain.unread), UNREAD), "number": _OTHER_NUMBER}
    is_read = parse_request(other).values == others and plain.extras in ((), reading.key.extras)
    return is_read and asked.get("country") == plain.country


def _is_told(plain: PlainNumber, reading: EvaluationContext) -> bool:
    """Whether the parser reads the id and both forms of the number at their places, with the prefix of the number."""
    answer, answered = reading.exchange.answer, reading.answered
    if answered is None or isinstance(answer, Failure):
        return False
    others = (_OTHER_ID, *_OTHER_FORMS)[: len(plain.body) - 1]
    expected = answered.keys | dict(zip(("request_id", *NUMBER_KEYS), others, strict=False))
    quoted = [_quoted(answer.body, form) for form in others[1:]]
    if others:
        quoted.insert(0, others[0].encode())
    body = b"".join(chain.from_iterable(zip(plain.body, [*quoted, b""], strict=True)))
    if ParsedResponse(replace(answer, body=body), answered.is_xml).keys != expected:
        return False
    return answered.status != 0 or (others[1:] != () and answered.keys.get("country_prefix") == plain.facts.prefix)


def likeness_with_number(exchange: Exchange) -> Likeness:
    """The likeness of *exchange* to others about the same number."""
    answer, request_id = _without_id(exchange.answer)
    return Likeness((exchange.request, answer, moment_of(exchange), _marks(exchange)), request_id)


def likeness_without_number(exchange: Exchange, known: set[int], own: tuple[str, ...]) -> Likeness | None:
    """The likeness of *exchange* to others about any number; None where its number is not plain, or is signed.

    *known* are the hashes of earlier requests without their numbers. A new one is added, and has no likeness yet; nor
    has one that is new without its unread values, too. *own* is what the account has: `values_of`.
    """
    request, answer = exchange.request, exchange.answer
    is_post = request.method == "POST"
    text = request.body.decode("latin-1") if is_post else request.url
    match = _NUMBER.search(text)
    if match is None or isinstance(answer, Failure) or "sig=" in text or len(text) > MAX_ALIKE_LENGTH:
        return None
    unread: Pairs = ()
    around = (text[: match.start(1)], text[match.end(1) :])
    asked = (request.method, inspected_in_request(request.headers, own), request.url if is_post else request.body)
    if is_new((asked, around), known):
        around, unread = without_unread(around, answer, own)
        if not unread or is_new((asked, around), known):
            return None
    country = _COUNTRY.search(text) if "country" in text else None
    number, region = match[1], country and country[1]
    meaning = interpret(number, region)
    if meaning.facts is None:
        return None
    body, request_id = _without_id_and_number(answer.body, meaning.facts)
    plain = PlainNumber(number, region, meaning.facts, around, body, unread)
    told = (answer.http_status, answer.headers, body, answer.body_recorded)
    names = tuple(name for name, _ in unread)
    key = (asked, around, names, told, _marks(exchange), _judged_of_number(plain, meaning))
    return Likeness(key, request_id, plain)


def _judged_of_number(plain: PlainNumber, meaning: Meaning) -> Hashable:
    """All that clauses ask of a number: its countries, what is certain, what releases of its plan dispute."""
    facts, number = plain.facts, plain.number
    plan = (facts.countries, facts.prefix, meaning.certain, len(meaning.readings), number == facts.international)
    disputed = (is_layout_disputed(facts.international), is_national_form_disputed(facts.international))
    return plan, disputed, number.encode() in b"".join(plain.body)


def is_new(asked: Hashable, known: set[int]) -> bool:
    """Whether *asked* comes for the first time: its hash is added to those *known*, at most `MAX_KNOWN`."""
    hashed = hash(asked)
    if hashed in known:
        return False
    if len(known) >= MAX_KNOWN:
        known.clear()
    known.add(hashed)
    return True


def _marks(exchange: Exchange) -> tuple[Hashable, ...]:
    return exchange.filtered, exchange.partial, exchange.templated


def _is_short(exchange: Exchange) -> bool:
    length = len(exchange.request.url) + len(exchange.request.body)
    if isinstance(exchange.answer, Answer):
        length += len(exchange.answer.body)
    return length <= MAX_ALIKE_LENGTH


def _without_id(answer: Answer | Failure) -> tuple[Hashable, bytes]:
    if isinstance(answer, Failure):
        return answer, b""
    before, request_id, after = split_at_id(answer.body)
    return (answer.http_status, answer.headers, before, after, answer.body_recorded), request_id


def _without_id_and_number(body: bytes, facts: NumberFacts) -> tuple[tuple[bytes, ...], bytes]:
    """The parts of *body* around its id and, if they follow it, around the two forms of the number; and the id."""
    before, request_id, rest = split_at_id(body)
    if not request_id:
        return (body,), b""
    between, international, end = rest.partition(_quoted(body, facts.international))
    middle, national, after = end.partition(_quoted(body, facts.national))
    if international and national:
        return (before, between, middle, after), request_id
    return (before, rest), request_id


def _quoted(body: bytes, value: str) -> bytes:
    """*value* as a string in JSON, or as the text of an element, whichever *body* is."""
    if body.startswith(b"<"):
        return b">%b<" % value.encode()
    return b'"%b"' % value.encode()


def split_at_id(body: bytes) -> tuple[bytes, bytes, bytes]:
    """*body* before its request id, the id, and the rest; without a valid id that occurs once, all is before it."""
    match = _REQUEST_ID.search(body)
    if match is None or match[match.lastindex or 1] in body[match.end() :]:
        return body, b"", b""
    start, end = match.span(match.lastindex or 1)
    return body[:start], body[start:end], body[end:]
