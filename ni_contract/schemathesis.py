"""The clauses as a check of Schemathesis, with hooks that fill in credentials and bodies.

    spec=$(ni-contract spec --path)
    schemathesis --config-file $spec/schemathesis.toml run $spec/openapi.yaml --url http://localhost:8080

The config names this module as its hooks. The account is NI_API_KEY, NI_API_SECRET and NI_SIGNATURE_SECRET, else the
published examples; NI_EDITION is `documented` (default) or `observed`.

No credential ever enters Schemathesis: its cases hold stand-ins, which `_Stamp` exchanges for the credentials when
requests has prepared the request, and takes back when the answer is there. So none gets into its output, its reports
or its crash files, which mask no bodies.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterable
from datetime import date
from typing import Any, Final
from urllib.parse import quote_plus
from weakref import WeakKeyDictionary
from zlib import crc32

import requests
import schemathesis
from requests.auth import AuthBase

from ni_contract.contract.catalogue import DOCUMENTED, EDITIONS, Clause, load_catalogue
from ni_contract.contract.signature import METHODS, sign
from ni_contract.contract.vocabulary import CREDENTIAL_NAMES, FORM, JSON_TYPES
from ni_contract.errors import UsageError
from ni_contract.exchanges.account import environment_credentials
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.exchanges.xml_document import Element, parse_xml
from ni_contract.judge import Judge, Violation
from ni_contract.judge.deviations import deviations_for, read_deviations
from ni_contract.judge.verdicts import FAIL, STALE, Tally, Verdict, apply_deviation, verdict_of
from ni_contract.report.failure import request_text

KEY, SECRET, SIGNATURE, TIMESTAMP = "NI_API_KEY", "NI_API_SECRET", "NI_SIGNATURE", "NI_TIMESTAMP"
BASIC: Final = "Basic NI_BASIC_TOKEN"
CREDENTIALS: Final = frozenset({*CREDENTIAL_NAMES, "timestamp"})

# Headers of the HTTP client and of Schemathesis: irrelevant for the answer, and different every time.
IGNORED_HEADERS: Final = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "user-agent", "x-schemathesis-testcaseid"}
)

# One request in this many keeps the credentials that Schemathesis drew, nearly all of them wrong or missing.
DRAWN_ONE_IN: Final = 8

_account = environment_credentials()
_redact = _account.redactor()


# ---------------------------------------------------------------- bodies: media types that Schemathesis lacks


def _json_by_another_name(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """The JSON text of a body that its media type does not call JSON; text that begins with `{` is kept as it is."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "replace")


schemathesis.serializer(*(name for name in JSON_TYPES if name != "application/json"))(_json_by_another_name)


@schemathesis.deserializer("text/xml")
def _read_xml(_context: schemathesis.DeserializationContext, response: schemathesis.Response) -> dict[str, Any]:
    """The answer as `XmlAnswer` of the OpenAPI document describes it. Raises ValueError.

    Any other exception would end Schemathesis' worker, and the run would still exit with 0.
    An element that occurs twice becomes a list, so that the schema refuses it.
    """
    values: dict[str, Any] = {}
    for child in parse_xml(response.content).children:
        value = _element_value(child)
        values[child.name] = [values[child.name], value] if child.name in values else value
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


# ---------------------------------------------------------------- credentials: in the request, and nowhere else

# The exchange as sent, by the request that Schemathesis has.
_exchanges: WeakKeyDictionary[requests.PreparedRequest, Exchange] = WeakKeyDictionary()


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Puts stand-ins for valid credentials into *case*, but one in `DRAWN_ONE_IN`, and has the request filled in."""
    choice = _choice(case)
    if choice % DRAWN_ONE_IN:
        _put_stand_ins(case)
    stamp = _Stamp(METHODS[choice % len(METHODS)])
    kwargs["auth"] = stamp
    kwargs["hooks"] = {"response": stamp.take_back}


@schemathesis.hook
def after_network_error(
    _context: schemathesis.HookContext, _case: schemathesis.Case[Any], request: requests.PreparedRequest
) -> None:
    """Removes the credentials from a request that got no answer, and from the text of the error."""
    request.url = _redact(request.url or "")
    request.body = _redact(_text(request.body)) if request.body else None
    request.headers.pop("Authorization", None)
    error = sys.exception()
    for each in (error, *error.args) if error is not None else ():
        _mask_error(each)


@schemathesis.hook
def after_call(
    _context: schemathesis.HookContext, _case: schemathesis.Case[Any], response: schemathesis.Response
) -> None:
    """Masks credentials that the answer repeats, because Schemathesis shows answers unchanged."""
    body = (response.content or b"").decode("utf-8", "surrogateescape")
    masked = _redact(body)
    if masked != body:
        response.content = masked.encode("utf-8", "surrogateescape")
    for values in response.headers.values():
        values[:] = map(_redact, values)


def _mask_error(error: object) -> None:
    """Masks the text of *error*; urllib3 keeps the URL beside it."""
    if isinstance(error, BaseException):
        error.args = tuple(_redact(part) if isinstance(part, str) else part for part in error.args)
        if isinstance(url := getattr(error, "url", None), str):
            setattr(error, "url", _redact(url))  # noqa: B010 - only some errors have it


def _choice(case: schemathesis.Case[Any]) -> int:
    """A number that is equal for equal requests, credentials aside."""
    params = {**case.query, **(case.body if isinstance(case.body, dict) else {})}
    asked = sorted((name, repr(value)) for name, value in params.items() if name not in CREDENTIALS)
    return crc32(repr((case.method, case.path, case.media_type, asked)).encode("utf-8", "replace"))


def _put_stand_ins(case: schemathesis.Case[Any]) -> None:
    """Stand-ins in the form in which the credentials were drawn: signature, HTTP Basic, key and secret."""
    drawn = case.body if case.method == "POST" else case.query
    if not isinstance(drawn, dict):
        return
    basic = case.headers.pop("Authorization", None) is not None
    params = {name: value for name, value in drawn.items() if name not in CREDENTIALS}
    if "sig" in drawn and _can_be_signed(case, params):
        params |= {"api_key": KEY, "timestamp": TIMESTAMP, "sig": SIGNATURE}
    elif basic:
        case.headers["Authorization"] = BASIC
    else:
        params |= {"api_key": KEY, "api_secret": SECRET}
    # A new value, never a change in place: Schemathesis shares parts of its values between cases.
    if case.method == "POST":
        case.body = params
    else:
        case.query = params


def _can_be_signed(case: schemathesis.Case[Any], params: dict[str, Any]) -> bool:
    """Whether the parameters can be signed: the reference defines that for text, not for lists and numbers."""
    return case.media_type in (None, FORM) and all(isinstance(value, str) for value in params.values())


class _Stamp(AuthBase):
    """Fills the credentials of the account into a prepared request, and removes them after the answer."""

    def __init__(self, method: str) -> None:
        self._method = method
        self._known: requests.PreparedRequest | None = None
        self._sent: tuple[Request, float] | None = None

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        self._known, now = prepared.copy(), time.time()
        _fill(prepared, {KEY: _account.api_key, SECRET: _account.api_secret, TIMESTAMP: str(int(now))})
        if SIGNATURE in (prepared.url or "") or SIGNATURE in _text(prepared.body):
            params = parse_request(_request(prepared)).params
            _fill(prepared, {SIGNATURE: sign(params, _account.signature_secret, self._method)})
        self._sent = _request(prepared), now
        return prepared

    def take_back(self, response: requests.Response, **_kwargs: Any) -> None:
        """Gives *response* the request with stand-ins, and keeps the exchange as sent for the check."""
        if self._known is not None and self._sent is not None:
            request, sent_at = self._sent
            answer = Answer(response.status_code, tuple(response.headers.items()), response.content)
            _exchanges[self._known] = Exchange(request, answer, "schemathesis", sent_at)
            response.request = self._known


def _fill(prepared: requests.PreparedRequest, values: dict[str, str]) -> None:
    is_json = _text(prepared.headers.get("Content-Type")).partition(";")[0] in JSON_TYPES
    body = _text(prepared.body)
    for stand_in, value in values.items():
        prepared.url = (prepared.url or "").replace(stand_in, quote_plus(value))
        body = body.replace(stand_in, json.dumps(value)[1:-1] if is_json else quote_plus(value))
    if prepared.body:
        prepared.body = body.encode("utf-8", "surrogateescape")
    if prepared.headers.get("Authorization") == BASIC:
        prepared.headers["Authorization"] = f"Basic {_account.basic_token()}"


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, str):
        return value
    return ""


def _request(prepared: requests.PreparedRequest) -> Request:
    body = _text(prepared.body).encode("utf-8", "surrogateescape")
    headers = ((name, _text(value)) for name, value in prepared.headers.items())
    return Request(prepared.method or "", prepared.url or "", tuple(h for h in headers if _is_relevant(*h)), body)


def _is_relevant(name: str, value: str) -> bool:
    return name.lower() not in IGNORED_HEADERS and (name.lower(), value) != ("accept", "*/*")


# ---------------------------------------------------------------- the check


@schemathesis.check
class NumberInsightContract:
    """The check: clauses about one exchange after each answer, clauses about several when the run ends.

    *deviations* is a file of declared deviations, as `ni-contract verify` takes it.
    """

    def __init__(self, *, deviations: str | None = None) -> None:
        self._edition = _edition()
        self._declared = read_deviations(deviations) if deviations else ()
        self._target = ""
        self._judge = Judge(_account)
        self._tally = Tally()
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def after_response(
        self, _ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
    ) -> None:
        """Fails for each MUST that this exchange alone breaks. Raises AssertionError."""
        exchange = _exchange(response)
        with self._lock:
            broken = [judged for judged in self._broken(exchange, case.id) if self._counts(judged)]
        if broken:
            raise AssertionError(_failures(broken))

    def after_run(self, _ctx: schemathesis.CheckContext) -> None:
        """Fails for clauses about several exchanges, and lists every broken clause. Raises AssertionError.

        Schemathesis reports one failure of a check for each operation: the list includes those that it omitted.
        """
        verdicts = [v for v in map(self._verdict, self._binding()) if v.word in (FAIL, STALE)]
        if verdicts:
            raise AssertionError("\n\n".join(_verdict_text(verdict) for verdict in verdicts))

    def _broken(self, exchange: Exchange, case_id: str) -> list[Violation]:
        """The violations of the exchange by itself; the tally gets those of relations too, once for each case."""
        self._target = self._target or exchange.request.url.partition("?")[0].rpartition("/")[0]
        if case_id in self._seen:
            return [judged for judged in Judge(_account).provider(exchange) if judged.other is None]
        self._seen.add(case_id)
        broken = self._judge.provider(exchange)
        self._tally.add(self._judge, broken)
        return [judged for judged in broken if judged.other is None]

    def _counts(self, judged: Violation) -> bool:
        clause = load_catalogue()[judged.clause_id]
        return clause in self._binding() and clause.id not in self._deviations()

    def _binding(self) -> tuple[Clause, ...]:
        provider = load_catalogue().select("provider")
        return tuple(c for c in provider if c.level == "MUST" and c.binds(self._edition))

    def _deviations(self) -> dict[str, Any]:
        return deviations_for(self._target, self._declared, date.today())

    def _verdict(self, clause: Clause) -> Verdict:
        return apply_deviation(verdict_of(clause, self._tally, {}), self._deviations().get(clause.id))


def _edition() -> str:
    edition = os.environ.get("NI_EDITION", DOCUMENTED)
    if edition not in EDITIONS:
        raise UsageError(f"NI_EDITION is {edition!r}: choose one of {', '.join(EDITIONS)}")
    return edition


def _exchange(response: schemathesis.Response) -> Exchange:
    """The exchange as sent; for a response that did not pass `before_call`, as Schemathesis has it."""
    kept = _exchanges.get(response.request)
    if kept is not None:
        return kept
    headers = tuple((name, value) for name, values in response.headers.items() for value in values)
    answer = Answer(response.status_code, headers, response.content or b"")
    return Exchange(_request(response.request), answer, "schemathesis", time.time())


def _failures(broken: Iterable[Violation]) -> str:
    return "\n\n".join(_failure_text(judged) for judged in broken)


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
