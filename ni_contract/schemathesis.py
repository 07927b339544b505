"""The clauses as a check of Schemathesis, with hooks that fill in credentials and bodies.

    spec=$(ni-contract spec --path)
    schemathesis --config-file $spec/schemathesis.toml run $spec/openapi.yaml --url http://localhost:8080

The config names this module as its hooks. The account is NI_API_KEY, NI_API_SECRET and NI_SIGNATURE_SECRET, else the
published examples; NI_EDITION is `documented` (default) or `observed`.

No credential ever enters Schemathesis: its cases hold stand-ins, which `_stamp` exchanges for the credentials when
requests has prepared the request, and takes back when the answer is there. So none gets into its output, its reports
or its crash files, which mask no bodies.
"""

import json
import os
import sys
import threading
import time
from functools import partial
from itertools import chain, repeat
from typing import Any, Final
from urllib.parse import quote_plus
from weakref import WeakKeyDictionary
from zlib import crc32

import requests
import schemathesis
from schemathesis import Case, CheckContext, DeserializationContext, HookContext, Response, SerializationContext

from ni_contract.contract.catalogue import DOCUMENTED, EDITIONS, Clause, load_catalogue
from ni_contract.contract.signature import METHODS, sign
from ni_contract.contract.vocabulary import CREDENTIAL_NAMES, FORM, JSON, JSON_TYPES, XML
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import credentials_from
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.exchanges.xml_document import Element, parse_xml
from ni_contract.judge import Judge, Violation
from ni_contract.judge.deviations import deviations_for, read_all_deviations
from ni_contract.judge.verdicts import FAIL, STALE, Tally, Verdict, apply_deviation, verdict_of
from ni_contract.report.failure import request_text

KEY, SECRET, SIGNATURE, TIMESTAMP = "NI_API_KEY", "NI_API_SECRET", "NI_SIGNATURE", "NI_TIMESTAMP"
BASIC: Final = "Basic NI_BASIC_TOKEN"
CREDENTIALS: Final = frozenset({*CREDENTIAL_NAMES, "timestamp"})

_CASE_ID: Final = "x-schemathesis-testcaseid"
# Headers of the HTTP client and of Schemathesis: irrelevant for the answer, and different every time.
IGNORED_HEADERS: Final = ("accept-encoding", "connection", "content-length", "host", "user-agent", _CASE_ID)

# One request in this many keeps the credentials that Schemathesis drew, nearly all of them wrong or missing.
DRAWN_ONE_IN: Final = 8

# The exchange as sent, by the request that Schemathesis has.
_exchanges: WeakKeyDictionary[requests.PreparedRequest, Exchange] = WeakKeyDictionary()


def _redact(text: str) -> str:
    return credentials_from().redactor()(text)


def _json_by_another_name(_context: SerializationContext, value: Any) -> bytes:
    """The JSON text of a body that its media type does not call JSON; text that begins with `{` is kept as it is."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        value = json.dumps(value)
    return bytes(value.encode("utf-8", "replace"))


schemathesis.serializer(*(name for name in JSON_TYPES if name != JSON))(_json_by_another_name)


@schemathesis.deserializer(XML)
def _read_xml(_context: DeserializationContext, response: Response) -> dict[str, Any]:
    """The answer as `XmlAnswer` of the OpenAPI document describes it. Raises ValueError.

    Any other exception would end Schemathesis' worker, and the run would still exit with 0.
    An element that occurs twice becomes a list, so that the schema refuses it.
    """
    values: dict[str, Any] = {}
    for child in parse_xml(response.content).children:
        value = _element_value(child)
        values[child.name] = value if child.name not in values else [values[child.name], value]
    return values


def _element_value(element: Element) -> Any:
    match element.name:
        case "local_number":
            return {**element.attributes, "national_format_number": element.text}
        case "error":
            return {**element.attributes, "code": _number(element.attributes.get("code")), "message": element.text}
    return element.text


def _number(text: str | None) -> int | str | None:
    if text is not None and len(text) < 10 and text.isascii() and text.isdigit():
        return int(text)
    return text


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Puts stand-ins for valid credentials into *case*, but one in `DRAWN_ONE_IN`, and has the request filled in."""
    choice = _choice(case)
    if choice % DRAWN_ONE_IN:
        _put_stand_ins(case)
    kwargs["auth"] = partial(_stamp, METHODS[choice % len(METHODS)])


@schemathesis.hook
def after_network_error(_context: HookContext, _case: Case[Any], request: requests.PreparedRequest) -> None:
    """Removes the credentials from a request that got no answer, and from the text of the error."""
    request.url = _redact(request.url or "")
    request.body = _redact(_text(request.body)) or None
    request.headers.pop("Authorization", None)
    error = sys.exception()
    for each in (error, *getattr(error, "args", ())):
        _mask_error(each)


@schemathesis.hook
def after_call(_context: HookContext, _case: Case[Any], response: Response) -> None:
    """Masks credentials that the answer repeats, because Schemathesis shows answers unchanged."""
    if response.content:
        response.content = _redact(_text(response.content)).encode("utf-8", "surrogateescape")
    for values in response.headers.values():
        values[:] = map(_redact, values)


def _mask_error(error: object) -> None:
    """Masks the text of *error*; urllib3 keeps the URL beside it."""
    if isinstance(error, BaseException):
        error.args = tuple(_redact(part) if isinstance(part, str) else part for part in error.args)
        if isinstance(url := getattr(error, "url", None), str):
            setattr(error, "url", _redact(url))  # noqa: B010 - only some errors have it


def _choice(case: Case[Any]) -> int:
    """A number that is equal for equal requests, credentials aside."""
    params = dict(case.query)
    if isinstance(case.body, dict):
        params |= case.body
    asked = sorted((name, repr(value)) for name, value in params.items() if name not in CREDENTIALS)
    return crc32(repr((case.method, case.path, case.media_type, asked)).encode("utf-8", "replace"))


def _put_stand_ins(case: Case[Any]) -> None:
    """Stand-ins in the form in which the credentials were drawn: signature, HTTP Basic, key and secret."""
    place = ("query", "body")[case.method == "POST"]
    drawn = getattr(case, place)
    if not isinstance(drawn, dict):
        return
    basic = case.headers.pop("Authorization", None) is not None
    params = {name: value for name, value in drawn.items() if name not in CREDENTIALS}
    # The reference says how text is signed; of lists and numbers it says nothing.
    is_text = case.media_type in (None, FORM) and all(isinstance(value, str) for value in params.values())
    if "sig" in drawn and is_text:
        params |= {"api_key": KEY, "timestamp": TIMESTAMP, "sig": SIGNATURE}
    elif basic:
        case.headers["Authorization"] = BASIC
    else:
        params |= {"api_key": KEY, "api_secret": SECRET}
    # A new value, never a change in place: Schemathesis shares parts of its values between cases.
    setattr(case, place, params)


def _stamp(method: str, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Fills the credentials of the account into *prepared*; when the answer is there, it gets the stand-ins back.

    The exchange as sent is kept for the check.
    """
    account, now, known = credentials_from(), time.time(), prepared.copy()
    _fill(prepared, {KEY: account.api_key, SECRET: account.api_secret, TIMESTAMP: str(int(now))})
    if SIGNATURE in (prepared.url or "") or SIGNATURE in _text(prepared.body):
        _fill(prepared, {SIGNATURE: sign(parse_request(_request(prepared)).params, account.signature_secret, method)})
    if prepared.headers.get("Authorization") == BASIC:
        prepared.headers["Authorization"] = f"Basic {account.basic_token()}"
    sent = _request(prepared)

    def take_back(response: requests.Response, **_kwargs: Any) -> None:
        answer = Answer(response.status_code, tuple(response.headers.items()), response.content)
        _exchanges[known] = Exchange(sent, answer, "schemathesis", now)
        response.request = known

    prepared.register_hook("response", take_back)
    return prepared


def _fill(prepared: requests.PreparedRequest, values: dict[str, str]) -> None:
    is_json = _text(prepared.headers.get("Content-Type")).partition(";")[0] in JSON_TYPES
    body = _text(prepared.body)
    for stand_in, value in values.items():
        prepared.url = (prepared.url or "").replace(stand_in, quote_plus(value))
        body = body.replace(stand_in, json.dumps(value)[1:-1] if is_json else quote_plus(value))
    if prepared.body:
        prepared.body = body.encode("utf-8", "surrogateescape")


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value or "")


def _request(prepared: requests.PreparedRequest) -> Request:
    body = _text(prepared.body).encode("utf-8", "surrogateescape")
    headers = [(name, _text(value)) for name, value in prepared.headers.items() if name.lower() not in IGNORED_HEADERS]
    telling = (pair for pair in headers if (pair[0].lower(), pair[1]) != ("accept", "*/*"))
    return Request(prepared.method or "", prepared.url or "", tuple(telling), body)


@schemathesis.check
class NumberInsightContract:
    """The check: clauses about one exchange after each answer, clauses about several when the run ends.

    *deviations* is a file of declared deviations, as `ni-contract verify` takes it.
    """

    def __init__(self, *, deviations: str | None = None) -> None:
        self._edition = os.environ.get("NI_EDITION", DOCUMENTED)
        if self._edition not in EDITIONS:
            raise UsageError(f"NI_EDITION is {self._edition!r}: choose one of {', '.join(EDITIONS)}")
        self._declared = read_all_deviations(filter(None, (deviations,)))
        self._account = credentials_from()
        self._judge, self._tally, self._lock = Judge(self._account), Tally(), threading.Lock()
        self._target = ""
        self._seen: set[str] = set()

    def after_response(self, _ctx: CheckContext, response: Response, case: Case[Any]) -> None:
        """Fails for each MUST that this exchange alone breaks. Raises AssertionError."""
        with self._lock:
            found = self._broken(_exchange(response), case.id)
        counted = {clause.id for clause in self._binding()} - self._deviations().keys()
        broken = [judged for judged in found if judged.clause_id in counted]
        if broken:
            raise AssertionError("\n\n".join(map(_failure_text, broken)))

    def after_run(self, _ctx: CheckContext) -> None:
        """Fails for clauses about several exchanges, and lists every broken clause. Raises AssertionError.

        Schemathesis reports one failure of a check for each operation: the list includes those that it omitted.
        """
        declared = self._deviations()
        verdicts = [apply_deviation(verdict_of(c, self._tally, {}), declared.get(c.id)) for c in self._binding()]
        if broken := [verdict for verdict in verdicts if verdict.word in (FAIL, STALE)]:
            raise AssertionError("\n\n".join(map(_verdict_text, broken)))

    def _broken(self, exchange: Exchange, case_id: str) -> list[Violation]:
        """The violations of the exchange by itself; the tally gets those of relations too, once for each case."""
        self._target = self._target or exchange.request.url.partition("?")[0].rpartition("/")[0]
        judge = Judge(self._account) if case_id in self._seen else self._judge
        broken = judge.provider(exchange)
        if case_id not in self._seen:
            self._seen.add(case_id)
            self._tally.add(judge.counted(), broken)
        return [judged for judged in broken if judged.other is None]

    def _binding(self) -> tuple[Clause, ...]:
        provider = load_catalogue().select("provider")
        return tuple(c for c in provider if c.level == "MUST" and c.binds(self._edition))

    def _deviations(self) -> dict[str, Any]:
        return deviations_for(self._target, self._declared)


def _exchange(response: Response) -> Exchange:
    """The exchange as sent; for a response that did not pass `before_call`, as Schemathesis has it."""
    if (kept := _exchanges.get(response.request)) is not None:
        return kept
    headers = tuple(chain.from_iterable(zip(repeat(name), values) for name, values in response.headers.items()))
    answer = Answer(response.status_code, headers, response.content or b"")
    return Exchange(_request(response.request), answer, "schemathesis", time.time())


def _verdict_text(verdict: Verdict) -> str:
    if not verdict.failures:
        return f"{verdict.clause.id} {verdict.clause.title}\n  stale     {verdict.reason}"
    return f"{_failure_text(verdict.failures[0])}\n  failed    {verdict.failed} of {verdict.evaluated} times"


def _failure_text(judged: Violation) -> str:
    """The failure in the words of `verify`; the line that repeats it is from Schemathesis."""
    clause, finding = load_catalogue()[judged.clause_id], judged.finding
    rows = [("request", request_text(judged.exchange.request))] if judged.exchange else []
    if judged.other is not None and judged.other is not judged.exchange:
        rows.append(("compared", request_text(judged.other.request)))
    rows += [("at", finding.at), ("expected", finding.expected), ("actual", finding.actual)]
    rows.append(("source", f"Number Insight Basic, {clause.section}"))
    lines = [f"{clause.id} {clause.title}  {clause.level} · {clause.basis}", *(f"  {n:<9} {v}" for n, v in rows)]
    return _redact("\n".join(lines))
