"""Lookups of clients at the edges of clauses, by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from edges import BASIC, IN_XML, JSON, REFUSED, answer_to, changed, labelled
from mutants.clients import ACCOUNT, HOST, KEYS, NOW, NUMBER, get, post, signed
from mutants.tools import with_body

from ni_contract.exchanges.client_lookup import (
    CLOSED,
    LATE_SECONDS,
    NO_INTEGER,
    PLAIN_HTTP,
    Lookup,
    LookupRecord,
    MissingOutcome,
    Outcome,
)
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import REQUEST_CUT, Answer, Exchange, Failure, Request

ASKED = Lookup(NUMBER[1])
RIGHT, RIGHT_XML = answer_to(JSON), answer_to(IN_XML)
FACTS = ParsedResponse(RIGHT, False).keys
GOOD, BAD = Outcome(True, FACTS), Outcome(False, reason="it failed")
BUSY = changed(REFUSED, status=1, status_message="Busy (Throttled) Please re-try")
BUSY_WITH_ID = changed(REFUSED, status=1, status_message="Busy (Throttled) Please re-try", request_id="b")
RIGHT_OF_OLD = changed(JSON, request_id="o")
NO = changed(REFUSED, status=3, error_text="Invalid request", status_message="Invalid request")
JSON_LABEL = (("content-type", "application/json"),)
LATE, CRASH = MissingOutcome("late", "too late"), MissingOutcome("crash", "it crashed")
CLOSED_PORT: Any = {"shape": CLOSED, "trusted": False}
NAMELESS = changed(JSON, country_name=None)
SIGNED = signed(NUMBER)
GATEWAY = Answer(502, (("content-type", "text/html"),), b"<html>")
ELSEWHERE = get(NUMBER, *KEYS, url="https://other.example/ni/basic/json")


def page(http_status: int) -> Answer:
    return replace(GATEWAY, http_status=http_status)


def record(
    answers: list[Answer | Failure],
    told: Outcome | MissingOutcome,
    request: Request = JSON,
    lookup: Lookup = ASKED,
    **more: Any,
) -> LookupRecord:
    exchanges = tuple(Exchange(request, answer, "client", NOW) for answer in answers)
    return LookupRecord("case", lookup, told, exchanges, **more)


def with_requests(seen: LookupRecord, requests: list[Request]) -> LookupRecord:
    """*seen* with other *requests*, one for each exchange."""
    pairs = zip(seen.exchanges, requests, strict=True)
    return replace(seen, exchanges=tuple(replace(one, request=wanted) for one, wanted in pairs))


def late_again() -> LookupRecord:
    """Another request two seconds after the first, as of a client whose time-out was over."""
    seen = record([RIGHT, RIGHT], GOOD)
    first, second = seen.exchanges
    return replace(seen, exchanges=(first, replace(second, sent_at=NOW + 2)))


PLAIN = record([RIGHT], GOOD)
PLAIN_NO = record([NO], Outcome(False, status=3, reason="Invalid request"))
LOOKUPS: dict[str, LookupRecord] = {
    "right": PLAIN,
    "right in XML": record([RIGHT_XML], Outcome(True, ParsedResponse(RIGHT_XML, True).keys), IN_XML),
    "no request": record([], GOOD),
    "a time-out at once, without a request": record([], Outcome(False, None, None, "timed out")),
    "a time-out in time, without a request": record([], Outcome(False, None, None, "timed out"), waited=1.9),
    "half a body": record([REQUEST_CUT], BAD),
    "late, without a request": record([], LATE),
    "method in small letters": record([], BAD, unread=b"get /ni/basic/json HTTP/1.1"),
    "blank in the URL": record([], BAD, unread=b"GET /ni/basic/json?number=44 20 HTTP/1.1"),
    "HTTPS without TLS": record([], BAD, tls_fault=PLAIN_HTTP),
    "TLS without HTTPS": record([], BAD, unread=b"\x16\x03\x01"),
    "more bytes behind a body": record([RIGHT], GOOD, unread=b"POST /ni/basic/json HTTP/1.1"),
    "TLS, and then a request": record([RIGHT], GOOD, unread=b"\x16\x03\x01"),
    "no HTTP": record([], BAD, unread=b"GET /"),
    "secret in a parameter beside a signature": record([RIGHT], GOOD, signed(NUMBER, ("debug", ACCOUNT.api_secret))),
    "another number": record([RIGHT], GOOD, lookup=Lookup("33612345678")),
    "another country": record([RIGHT], GOOD, lookup=Lookup("07700900000", "GB")),
    "national with its country": record(
        [RIGHT], GOOD, get(("number", "02079460018"), ("country", "gb"), *KEYS), Lookup("020 7946 0018", "GB")
    ),
    "national without its country": record(
        [RIGHT], GOOD, get(("number", "02079460018"), *KEYS), Lookup("020 7946 0018", "GB")
    ),
    "national without its zero": record(
        [RIGHT], GOOD, get(("number", "642012345"), ("country", "IT"), *KEYS), Lookup("06 4201 2345", "IT")
    ),
    "international without its zero": record(
        [RIGHT], GOOD, get(("number", "+39642012345"), *KEYS), Lookup("06 4201 2345", "IT")
    ),
    "a country of its own": record([RIGHT], GOOD, get(NUMBER, ("country", "US"), *KEYS)),
    "a blank before a national number": record(
        [RIGHT], GOOD, get(("number", " 555-0105"), ("country", "US"), *KEYS), Lookup("(415) 555-0105", "US")
    ),
    "a bare plus before a national number": record(
        [RIGHT], GOOD, get(("number", " 14155550105"), *KEYS), Lookup("(415) 555-0105", "US")
    ),
    "secret in a header too": record([RIGHT], GOOD, replace(JSON, headers=(("X-Api-Secret", ACCOUNT.api_secret),))),
    "secret in a parameter too": record([RIGHT], GOOD, get(NUMBER, *KEYS, ("debug", ACCOUNT.api_secret))),
    "secret in a cookie too": record([RIGHT], GOOD, replace(JSON, headers=(("Cookie", f"s={ACCOUNT.api_secret}"),))),
    "URL in a header too": record([RIGHT], GOOD, replace(JSON, headers=(("X-Original-URL", JSON.url),))),
    "URL in a header of its own": record([RIGHT], GOOD, replace(JSON, headers=(("X-Debug-URL", JSON.url),))),
    "answered anew after the outcome": record([page(503), RIGHT], BAD, before_outcome=1),
    "international for a national": record([RIGHT], GOOD, lookup=Lookup("020 7946 0018", "GB")),
    "number of spaces": record([RIGHT], GOOD, get(("number", " "), *KEYS)),
    "twelve requests": record([page(503)] * 12, BAD),
    "eleven requests": record([page(503)] * 11, BAD),
    "again after a success": record([RIGHT, RIGHT], GOOD),
    "again after a success that came late": late_again(),
    "again after a refusal": record([NO, RIGHT], GOOD),
    "again after HTTP 404": record([page(404), RIGHT], GOOD),
    "again after HTTP 429": record([page(429), RIGHT], GOOD),
    "again after HTTP 500": record([page(500), RIGHT], GOOD),
    "again after a reset": record([Failure("reset", "gone"), RIGHT], GOOD),
    "again after busy": record([BUSY, RIGHT], GOOD),
    "the id of busy for a success": record([BUSY_WITH_ID, RIGHT], Outcome(True, {**FACTS, "request_id": "b"})),
    "the first id of two": record([RIGHT_OF_OLD, RIGHT], Outcome(True, {**FACTS, "request_id": "o"})),
    "busy twelve times": record([BUSY] * 12, BAD),
    "busy and late": record([BUSY, BUSY], LATE),
    "busy, then silent, and late": record([BUSY, Failure("timeout", "silent")], LATE),
    "busy, then silent, told as busy": record([BUSY, Failure("timeout", "silent")], Outcome(False, None, 1, "busy")),
    "busy, then silent, told as refused": record([BUSY, Failure("timeout", "silent")], Outcome(False, None, 4, "no")),
    "busy, and nothing reported": record([BUSY], LATE),
    "busy and crashed": record([BUSY], CRASH),
    "busy as a success": record([BUSY], GOOD),
    "busy with another reason": record([BUSY], BAD),
    "busy twice, then given up": record([BUSY] * 2, Outcome(False, reason="no answer in time")),
    "busy twice, with another reason": record([BUSY] * 2, Outcome(False, status=1, reason="no answer in time")),
    "success as a failure": record([RIGHT], BAD),
    "success and crashed": record([RIGHT], CRASH),
    "success without facts": record([RIGHT], Outcome(True)),
    "one fact missing": record([RIGHT], Outcome(True, {k: v for k, v in FACTS.items() if k != "country_prefix"})),
    "a fact of another type": record([RIGHT], Outcome(True, {**FACTS, "country_prefix": 44})),
    "a time-out of its own": replace(record([Failure("timeout", "late")], BAD), waited=9.0),
    "its user's time-out": replace(record([Failure("timeout", "late")], BAD), waited=ASKED.timeout + LATE_SECONDS),
    "a status without an answer": record([Failure("reset", "gone")], Outcome(False, None, 4, "no")),
    "a status of HTTP 403": record([page(403)], Outcome(False, None, 4, "no")),
    "the status of HTTP 503": record([page(503)], Outcome(False, None, 503, "no")),
    "the status of a redirect": record([Answer(302)], Outcome(False, None, 302, "no")),
    "a status of a redirect": record([Answer(302)], Outcome(False, None, 4, "no")),
    "the status of HTTP 503 with a success": record([replace(RIGHT, http_status=503)], Outcome(False, None, 503, "no")),
    "the status of HTTP for a page": record([page(200)], Outcome(False, None, 200, "no")),
    "the status of HTTP for a refusal": record([NO], Outcome(False, None, 200, "Invalid request")),
    "a refusal's status as text": record([NO], MissingOutcome(NO_INTEGER, "its status is text")),
    "busy's status as text": record([BUSY], MissingOutcome(NO_INTEGER, "its status is text")),
    "more members, and a status as text": record([NO], MissingOutcome(NO_INTEGER, "it is text"), shape="extra"),
    "no answer, and a status as text": record([page(503)], MissingOutcome(NO_INTEGER, "its status is text")),
    "busy of HTTP 503": record([page(503)], Outcome(False, None, 1, "busy")),
    "busy of HTTP 429": record([page(429)], Outcome(False, None, 1, "busy")),
    "busy without an answer": record([Failure("reset", "gone")], Outcome(False, None, 1, "busy")),
    "a status of a page": record([page(200)], Outcome(False, None, 4, "no")),
    "a status of an empty answer": record([with_body(RIGHT, b"")], Outcome(False, None, 4, "no")),
    "a status of silence": record([Failure("timeout", "silent")], Outcome(False, None, 4, "no")),
    "the status of a success without an answer": record([Failure("reset", "gone")], Outcome(False, None, 0, "no")),
    "the status of half an answer": record([with_body(RIGHT, RIGHT.body[:-9])], Outcome(False, None, 0, "no")),
    "a number of its own without an answer": record([Failure("reset", "gone")], Outcome(False, None, -1, "no")),
    "white space around a fact": record([RIGHT], Outcome(True, {**FACTS, "country_code": "GB\n"})),
    "another id": record([RIGHT], Outcome(True, {**FACTS, "request_id": "x"})),
    "a refusal's status for a success": record([RIGHT], replace(GOOD, status=4)),
    "the status of HTTP for a success": record([RIGHT], replace(GOOD, status=200)),
    "a null fact told as text": record([NAMELESS], Outcome(True, {**FACTS, "country_name": "None"})),
    "a null fact told as null": record([NAMELESS], Outcome(True, {**FACTS, "country_name": None})),
    "a null fact refused": record([NAMELESS], BAD),
    "a null fact and crashed": record([NAMELESS], CRASH),
    "again after a null fact": record([NAMELESS, RIGHT], GOOD),
    "an empty id": record([RIGHT], Outcome(True, {**FACTS, "request_id": ""})),
    "no id": record([RIGHT], Outcome(True, {k: v for k, v in FACTS.items() if k != "request_id"})),
    "refusal as a success": record([NO], GOOD),
    "refusal without a text and crashed": record([with_body(RIGHT, b'{"status": 4}')], CRASH),
    "refusal without a text and late": record([with_body(RIGHT, b'{"status": 4}')], LATE),
    "refusal and late": record([NO], LATE),
    "refusal with more members, and late": record([NO], LATE, shape="extra"),
    "refusal with more members, without a reason": record([NO], Outcome(False, status=3), shape="extra"),
    "refusal with more members, and another status": record(
        [NO], Outcome(False, status=7, reason="Invalid request"), shape="extra"
    ),
    "refusal with more members, without a status": record(
        [NO], Outcome(False, reason="Invalid request"), shape="extra"
    ),
    "refusal with another status": record([NO], Outcome(False, status=4, reason="Invalid request")),
    "refusal without a reason": record([NO], Outcome(False, status=3)),
    "refusal with white space": record([NO], Outcome(False, status=3, reason="x  Invalid\n request y")),
    "unknown status as a success": record([changed(REFUSED, status=77, error_text="odd")], GOOD),
    "unknown status as a failure": record([changed(REFUSED, status=77, error_text="odd")], BAD),
    "untrusted and asked": record([RIGHT], GOOD, trusted=False),
    "untrusted and not asked": record([], BAD, trusted=False),
    "untrusted, and a secret in the output": record([], BAD, trusted=False, printed=ACCOUNT.api_secret),
    "untrusted, and a URL in the output": record([], BAD, trusted=False, printed=f"GET {JSON.url}"),
    "no connection, told": record([], BAD, **CLOSED_PORT),
    "no connection, and crashed": record([], CRASH, **CLOSED_PORT),
    "no connection, and late": record([], LATE, **CLOSED_PORT),
    "no connection as a success": record([], GOOD, **CLOSED_PORT),
    "no connection, and a status of HTTP": record([], replace(BAD, status=503), **CLOSED_PORT),
    "no connection, and a secret in the output": record([], BAD, printed=ACCOUNT.api_secret, **CLOSED_PORT),
    "a number that may be refused": record([], BAD, may_refuse=True),
    "a number that may be refused, and is asked about too": record([RIGHT], BAD, may_refuse=True),
    "a number that may be refused, and is told as invalid": record([RIGHT], replace(BAD, status=3), may_refuse=True),
    "a number that may be refused, with a secret": record([], replace(BAD, reason=ACCOUNT.api_secret), may_refuse=True),
    "a number that may be refused, as it is": record([RIGHT], GOOD, get(("number", "44&7"), *KEYS), may_refuse=True),
    "a number that may be refused, with underscores": record(
        [RIGHT], GOOD, get(("number", "44_7"), *KEYS), Lookup("44&7"), may_refuse=True
    ),
    "reset as a success": record([Failure("reset", "gone")], GOOD),
    "silence and late": record([Failure("timeout", "silent")], LATE),
    "not waited for": record([page(503)], LATE, hurried=True),
    "not waited for, and another number": record([RIGHT], LATE, lookup=Lookup("33612345678"), hurried=True),
    "not waited for, and a country of its own": record(
        [RIGHT], LATE, get(NUMBER, ("country", "US"), *KEYS), hurried=True
    ),
    "not waited for, and again after a success": record([RIGHT, RIGHT], LATE, hurried=True),
    "not waited for, and a secret in the output": record([RIGHT], LATE, printed=ACCOUNT.api_secret, hurried=True),
    "not waited for, and a URL in the output": record([GATEWAY], LATE, printed=f"GET {JSON.url}", hurried=True),
    "crashed in a hurry": record([page(503)], CRASH, hurried=True),
    "a success without a request": record([], GOOD),
    "silence and told": record([Failure("timeout", "silent")], BAD),
    "gateway told": record([GATEWAY], BAD),
    "gateway as a success": record([GATEWAY], GOOD),
    "HTML under 200 as a success": record([page(200)], GOOD),
    "empty as a success": record([with_body(RIGHT, b"")], GOOD),
    "cut off as a success": record([with_body(RIGHT, RIGHT.body[:-9])], GOOD),
    "cut off, with a length": record(
        [replace(RIGHT, body=RIGHT.body[:-9], headers=(*RIGHT.headers, ("content-length", "9999")))], GOOD
    ),
    "whole, with a longer length": record([replace(RIGHT, headers=(*JSON_LABEL, ("content-length", "9999")))], GOOD),
    "a list as a success": record([with_body(RIGHT, b"[]")], GOOD),
    "a success in a list as a success": record([with_body(RIGHT, b"[" + RIGHT.body + b"]")], GOOD),
    "another root as a success": record(
        [with_body(RIGHT_XML, RIGHT_XML.body.replace(b"format>", b"response>"))], GOOD, IN_XML
    ),
    "a wrong label as a failure": record([labelled(RIGHT, "text/plain")], BAD),
    "status as text as a success": record([changed(JSON, status="0")], GOOD),
    "status as text, told": record([changed(JSON, status="0")], MissingOutcome("status", "its status is text")),
    "status of another type, told": record([changed(JSON, status=True)], MissingOutcome("status", "it is true")),
    "status false as a success": record([changed(JSON, status=False)], GOOD),
    "status true and crashed": record([changed(JSON, status=True)], CRASH),
    "status true as a success": record([changed(JSON, status=True)], GOOD),
    "no facts as a success": record([with_body(RIGHT, b'{"status": 0}')], Outcome(True, {"country_name": ""})),
    "no facts, and some made up": record([with_body(RIGHT, b'{"status": 0}')], GOOD),
    "no status and crashed": record([with_body(RIGHT, b"{}")], CRASH),
    "a fraction as a success": record([changed(JSON, status=0.5)], GOOD),
    "an empty status, and nothing readable": record([changed(JSON, status="")], MissingOutcome("unreadable", "what")),
    "a status beyond 32 bits, without its text": record([changed(REFUSED, status=2**31, error_text="odd")], BAD),
    "a status of four digits, without its text": record([changed(REFUSED, status=1000, error_text="odd")], BAD),
    "the greatest status of the page, without its text": record([changed(REFUSED, status=999, error_text="odd")], BAD),
    "unknown status as a failure without its text": record(
        [changed(REFUSED, status=77, error_text="odd")], Outcome(False, status=77, reason="refused")
    ),
    "a status beyond 32 bits and crashed": record([changed(REFUSED, status=2**31, error_text="odd")], CRASH),
    "redirected sixty-one times": record([Answer(302, (("location", JSON.url),))] * 61, BAD),
    "redirected fifty-one times": record([Answer(302, (("location", JSON.url),))] * 51, BAD),
    "no status as a success": record([with_body(RIGHT, b"{}")], GOOD),
    "status null as a success": record([changed(JSON, status=None)], GOOD),
    "status below 0 as a success": record([changed(JSON, status=-1)], GOOD),
    "HTTP 503 with a success": record([replace(RIGHT, http_status=503)], GOOD),
    "a redirect": record([Answer(302, (("location", ELSEWHERE.url),))], BAD),
    "a DTD as a success": record(
        [with_body(RIGHT_XML, b'<!DOCTYPE x><format><error code="0"/></format>')], GOOD, IN_XML
    ),
    "wrong credentials": record([RIGHT], GOOD, get(NUMBER, KEYS[0], ("api_secret", "no"))),
    "another path": record([RIGHT], GOOD, get(NUMBER, *KEYS, url=f"{HOST}/other")),
}


def redirected(request: Request) -> LookupRecord:
    first = Exchange(JSON, Answer(302, (("location", ELSEWHERE.url),)), "client", NOW)
    return LookupRecord("case", ASKED, BAD, (first, Exchange(request, RIGHT, "client", NOW)))


LOOKUPS |= {
    "credentials after a redirect": redirected(ELSEWHERE),
    "wrong Basic after a redirect": redirected(
        Request("GET", "https://other.example/ni/basic/json?number=44", (("Authorization", "Basic YTpi"),))
    ),
    "another secret after a redirect": redirected(
        get(NUMBER, ("api_secret", "no"), url="https://other.example/ni/basic/json")
    ),
    "credentials after a redirect, not waited for": replace(redirected(ELSEWHERE), reported=LATE, hurried=True),
    "Basic after a redirect, not waited for": replace(
        redirected(Request("GET", "https://other.example/", (BASIC,))), reported=LATE, hurried=True
    ),
    "form after a redirect": redirected(replace(post(urlencode((NUMBER, *KEYS))), url=ELSEWHERE.url.partition("?")[0])),
    "none after a redirect": redirected(get(NUMBER, url="https://other.example/ni/basic/json")),
    "back to the same host": redirected(JSON),
    "Basic after a redirect": redirected(Request("GET", "https://other.example/", (BASIC,))),
}
