"""Exchanges at the edges of clauses: the clauses that each one breaks, and where. Found by mutants of the judge."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from mutants.clients import ACCOUNT, FORM, HOST, KEYS, NOW, NUMBER, URL, get, post, signed
from mutants.recordings import recorded
from mutants.tools import facts_of, with_facts

from ni_contract.contract.signature import sign
from ni_contract.drivers.provider.http_target import AsgiTarget
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge import Judge
from ni_contract.simulator import Settings, create_app

Broken = dict[str, str]
JSON_BODY = json.dumps(dict((NUMBER, *KEYS)))
XML = f"{HOST}/ni/basic/xml"
BASIC = ("Authorization", f"Basic {ACCOUNT.basic_token()}")
SIMULATOR = AsgiTarget(create_app(Settings(credentials=ACCOUNT, clock=lambda: NOW)), "simulator", 60)


def answer_to(request: Request) -> Answer:
    answer = SIMULATOR.send(replace(request, url=request.url.replace(HOST, "http://in-process.invalid")))
    assert isinstance(answer, Answer)
    return answer


def labelled(answer: Answer, content_type: str) -> Answer:
    return replace(answer, headers=(("content-type", content_type),))


def places(broken: list[Any]) -> Broken:
    return {one.clause_id: one.finding.at for one in broken}


REQUESTS: dict[str, tuple[Request, Broken]] = {
    "no URL": (
        Request("GET", f"https://[::1/ni/basic/json?{get(NUMBER, *KEYS).url.partition('?')[2]}"),
        {"NIB-CLI-003": "URL"},
    ),
    "charset utf8": (post(f"number=442079460018&{get(*KEYS).url.partition('?')[2]}", f"{FORM}; charset=utf8"), {}),
    "latin-1": (
        post(f"number=442079460018&{get(*KEYS).url.partition('?')[2]}", f"{FORM}; charset=latin-1"),
        {"NIB-CLI-009": "header Content-Type"},
    ),
    "credentials twice": (
        replace(post("api_key=n3xm0rocks"), url=get(NUMBER, *KEYS).url),
        {"NIB-CLI-004": "parameter number", "NIB-CLI-011": "credentials"},
    ),
    "credentials in the header too": (replace(get(NUMBER, *KEYS), headers=(BASIC,)), {"NIB-CLI-011": "credentials"}),
    "key alone": (get(NUMBER, KEYS[0]), {"NIB-CLI-011": "credentials"}),
    "secret in a signed query, escaped": (
        signed(NUMBER, ("cnam", ACCOUNT.signature_secret[::-1])),
        {"NIB-CLI-008": "parameter cnam"},
    ),
    "HTTP Basic": (Request("GET", f"{URL}?number=442079460018", (BASIC,)), {"NIB-CLI-019": "header Authorization"}),
    "HTTP Basic, body unreadable": (
        Request("POST", URL, (BASIC, ("Content-Type", "application/json")), b"{"),
        {"NIB-CLI-009": "parameters"},
    ),
    "JSON as a form": (post(JSON_BODY), {"NIB-CLI-010": "header Content-Type"}),
    "form as JSON": (post("number=1&api_key=x", "application/json"), {"NIB-CLI-010": "header Content-Type"}),
    "JSON to the XML path": (
        replace(post(JSON_BODY, "application/json"), url=XML),
        {"NIB-CLI-010": "header Content-Type"},
    ),
    "form to the XML path": (replace(post(f"number=442079460018&{get(*KEYS).url.partition('?')[2]}"), url=XML), {}),
    "nines": (get(("number", "999"), *KEYS), {}),
    "noughts": (get(("number", "000"), *KEYS), {}),
    "letters": (get(("number", "1800FLOWERS"), *KEYS), {"NIB-CLI-050": "parameter number"}),
    "letters first": (get(("number", "FLOWERS1"), *KEYS), {"NIB-CLI-005": "parameter number"}),
    "number twice": (get(NUMBER, NUMBER, *KEYS), {"NIB-CLI-004": "parameter number"}),
    "number of spaces": (get(("number", "  "), *KEYS), {"NIB-CLI-004": "parameter number"}),
    "plus in JSON": (post(JSON_BODY.replace('"44', '"+44'), "application/json"), {}),
    "bare plus": (
        Request("GET", f"{URL}?number=+442079460018&api_key=n3xm0rocks&api_secret=12ab34cd"),
        {"NIB-CLI-006": "parameter number"},
    ),
    "bare plus, second": (
        Request("GET", f"{URL}?api_key=n3xm0rocks&api_secret=12ab34cd&number=+442079460018"),
        {"NIB-CLI-006": "parameter number"},
    ),
    "country twice": (get(NUMBER, ("country", "GB"), ("country", "GB"), *KEYS), {"NIB-CLI-007": "parameter country"}),
    "country in small letters": (get(NUMBER, ("country", "gb"), *KEYS), {"NIB-CLI-007": "parameter country"}),
    "country that is not official": (get(NUMBER, ("country", "XK"), *KEYS), {"NIB-CLI-007": "parameter country"}),
    "cnam of another word": (get(NUMBER, ("cnam", "yes"), *KEYS), {"NIB-CLI-008": "parameter cnam"}),
    "unknown parameter": (get(NUMBER, ("callback", "x"), *KEYS), {"NIB-CLI-015": "parameters"}),
    "secret in a header of a signed request": (
        replace(signed(NUMBER), headers=(("X-Secret", ACCOUNT.signature_secret),)),
        {"NIB-CLI-014": "header X-Secret"},
    ),
    "PUT": (Request("PUT", get(NUMBER, *KEYS).url), {"NIB-CLI-002": "method"}),
    "HTTP in the open": (get(NUMBER, *KEYS, url="http://api.nexmo.com/ni/basic/json"), {"NIB-CLI-003": "URL"}),
    "name of this machine": (get(NUMBER, *KEYS, url="http://api.localhost/ni/basic/json"), {}),
    "another path": (get(NUMBER, *KEYS, url=f"{HOST}/ni/standard/json"), {"NIB-CLI-001": "path"}),
    "signed five minutes ago": (signed(NUMBER, timestamp=NOW - 299), {}),
    "signed an hour ago": (signed(NUMBER, timestamp=NOW - 3600), {"NIB-CLI-013": "parameter timestamp"}),
    "signed with another secret": (signed(NUMBER, secret="other"), {"NIB-CLI-012": "parameter sig"}),
    "wrong secret": (get(NUMBER, KEYS[0], ("api_secret", "wrong")), {"NIB-CLI-018": "credentials"}),
    "a number in JSON": (
        post(JSON_BODY.replace('"442079460018"', "442079460018"), "application/json"),
        {"NIB-CLI-020": "body"},
    ),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_request_breaks_these(case: str) -> None:
    request, expected = REQUESTS[case]
    assert places(Judge(ACCOUNT).client(Exchange(request, Answer(200), "client", NOW))) == expected


LOOKUPS = {"JSON": get(NUMBER, *KEYS), "XML": get(NUMBER, *KEYS, url=XML), "refused": get(NUMBER)}


def changed(request: Request, **facts: Any) -> Answer:
    answer = answer_to(request)
    return with_facts(answer, facts_of(answer) | facts)


JSON, REFUSED = LOOKUPS["JSON"], LOOKUPS["refused"]
US = get(("number", "14155550100"), *KEYS)
REFUSAL = answer_to(REFUSED)
PARAMS = (NUMBER, KEYS[0], ("timestamp", str(NOW)))
HMAC = get(*PARAMS, ("sig", sign(PARAMS, ACCOUNT.signature_secret, "hmac-sha256")))
BAD_TEXTS = {"NIB-ERR-003": "$.status_message", "NIB-ERR-004": "$.error_text", "NIB-ERR-010": "$.request_id"}
BAD_REFUSAL: Broken = {"NIB-NUM-001": "$.status", "NIB-ERR-006": "$.error_text", **BAD_TEXTS}
BAD_HMAC: Broken = {"NIB-AUT-009": "$.status", **BAD_TEXTS}
ANSWERS: dict[str, tuple[Request, Answer, Broken]] = {
    "right": (JSON, answer_to(JSON), {}),
    "label in capitals": (JSON, labelled(answer_to(JSON), "Application/JSON"), {"NIB-RES-002": "header Content-Type"}),
    "label with a charset": (JSON, labelled(answer_to(JSON), "application/json; charset=UTF8"), {}),
    "label with latin-1": (
        JSON,
        labelled(answer_to(JSON), "application/json; charset=latin-1"),
        {"NIB-RES-002": "header Content-Type"},
    ),
    "XML label in capitals": (
        LOOKUPS["XML"],
        labelled(answer_to(LOOKUPS["XML"]), "Text/XML"),
        {"NIB-XML-002": "header Content-Type"},
    ),
    "application/xml": (LOOKUPS["XML"], labelled(answer_to(LOOKUPS["XML"]), "application/xml"), {}),
    "XML with latin-1": (
        LOOKUPS["XML"],
        labelled(answer_to(LOOKUPS["XML"]), "text/xml; charset=latin-1"),
        {"NIB-XML-002": "header Content-Type"},
    ),
    "text cut short": (JSON, changed(JSON, status_message="Succes"), {"NIB-RES-017": "$.status_message"}),
    "text of something else": (JSON, changed(JSON, status_message="OK"), {"NIB-RES-017": "$.status_message"}),
    "busy, says status 4": (
        JSON,
        changed(REFUSED, status=4, error_text="Busy (Throttled)"),
        {
            "NIB-AUT-001": "$.status",
            "NIB-ERR-003": "$.status_message",
            "NIB-ERR-004": "$.error_text",
            "NIB-ERR-010": "$.request_id",
            "NIB-ERR-006": "$.error_text",
            "NIB-ERR-007": "$.status_message",
        },
    ),
    "internal error, says status 4": (
        JSON,
        changed(REFUSED, status=4, error_text="INTERNAL ERROR"),
        {
            "NIB-AUT-001": "$.status",
            "NIB-ERR-003": "$.status_message",
            "NIB-ERR-004": "$.error_text",
            "NIB-ERR-010": "$.request_id",
            "NIB-ERR-006": "$.error_text",
            "NIB-ERR-007": "$.status_message",
        },
    ),
    "quota, says status 1": (
        JSON,
        changed(REFUSED, status=1, error_text="quota exceeded"),
        {
            "NIB-RES-007": "$.status_message",
            "NIB-RES-016": "$.error_text",
            "NIB-ERR-010": "$.request_id",
            "NIB-ERR-006": "$.error_text",
            "NIB-ERR-007": "$.status_message",
        },
    ),
    "signed by a hash, status 3": (signed(NUMBER), changed(REFUSED, status=3), BAD_REFUSAL),
    "signed by HMAC, status 3": (HMAC, changed(REFUSED, status=3), BAD_REFUSAL),
    "signed by HMAC, status 4": (HMAC, REFUSAL, BAD_HMAC),
    "HTTP Basic, status 3": (replace(get(NUMBER), headers=(BASIC,)), changed(REFUSED, status=3), BAD_REFUSAL),
    "a quote, says status 3": (
        JSON,
        changed(REFUSED, status=3, error_text="not quoted"),
        {
            "NIB-NUM-001": "$.status",
            "NIB-ERR-003": "$.status_message",
            "NIB-ERR-004": "$.error_text",
            "NIB-ERR-010": "$.request_id",
        },
    ),
    "success, says status 5": (
        JSON,
        changed(REFUSED, status=5, error_text="success"),
        {
            "NIB-NUM-001": "$.status",
            "NIB-ERR-003": "$.status_message",
            "NIB-ERR-004": "$.error_text",
            "NIB-ERR-010": "$.request_id",
            "NIB-ERR-006": "$.error_text",
        },
    ),
    "prefix of another country": (
        JSON,
        changed(JSON, country_prefix="1"),
        {"NIB-NUM-014": "$.international_format_number"},
    ),
    "number of no country": (
        JSON,
        changed(JSON, international_format_number="99900000000", country_prefix="999", country_code="XX"),
        {"NIB-NUM-013": "$.international_format_number", "NIB-NUM-019": "$.national_format_number"},
    ),
    "prefix no number": (JSON, changed(JSON, country_prefix="x"), {"NIB-RES-015": "$.country_prefix"}),
    "alpha-3 of another country": (
        JSON,
        changed(JSON, country_code_iso3="USA"),
        {"NIB-NUM-016": "$.country_code_iso3"},
    ),
    "name of another country": (JSON, changed(JSON, country_name="France"), {"NIB-NUM-017": "$.country_name"}),
    "country of another": (
        JSON,
        changed(JSON, country_code="FR"),
        {
            "NIB-NUM-015": "$.country_prefix",
            "NIB-NUM-016": "$.country_code_iso3",
            "NIB-NUM-017": "$.country_name",
            "NIB-NUM-018": "$.country_code",
        },
    ),
    "another number": (
        JSON,
        changed(JSON, international_format_number="442079460019"),
        {"NIB-NUM-013": "$.international_format_number", "NIB-NUM-019": "$.national_format_number"},
    ),
    "number with letters": (
        JSON,
        changed(JSON, international_format_number="44x"),
        {"NIB-RES-010": "$.international_format_number"},
    ),
    "national of another": (
        JSON,
        changed(JSON, national_format_number="020 7946 0019"),
        {"NIB-NUM-019": "$.national_format_number"},
    ),
    "national in another layout": (
        JSON,
        changed(JSON, national_format_number="(020) 79460018"),
        {"NIB-NUM-020": "$.national_format_number"},
    ),
    "national with letters": (
        JSON,
        changed(JSON, national_format_number="020 7946 OO18"),
        {"NIB-NUM-019": "$.national_format_number"},
    ),
    "refused without cause": (
        JSON,
        changed(REFUSED, status=3, error_text="Invalid request"),
        {
            "NIB-NUM-001": "$.status",
            "NIB-ERR-003": "$.status_message",
            "NIB-ERR-004": "$.error_text",
            "NIB-ERR-010": "$.request_id",
        },
    ),
    "status as text": (JSON, changed(JSON, status="0"), {"NIB-RES-005": "$.status"}),
    "status 0.0": (JSON, changed(JSON, status=0.0), {"NIB-RES-005": "$.status"}),
    "status 2": (JSON, changed(JSON, status=2), {"NIB-NUM-001": "$.status", "NIB-RES-006": "$.status"}),
    "half a surrogate": (
        JSON,
        replace(answer_to(JSON), body=b'{"status": 0, "request_id": "\\ud800"}'),
        {
            "NIB-RES-007": "$.status_message",
            "NIB-RES-009": "$.request_id",
            "NIB-RES-010": "$.international_format_number",
            "NIB-RES-011": "$.national_format_number",
            "NIB-RES-012": "$.country_code",
            "NIB-RES-013": "$.country_code_iso3",
            "NIB-RES-014": "$.country_name",
            "NIB-RES-015": "$.country_prefix",
        },
    ),
    "an id of 41": (JSON, changed(JSON, request_id="x" * 41), {"NIB-RES-004": "$.request_id"}),
    "an id of spaces": (JSON, changed(JSON, request_id="\u2003"), {"NIB-RES-009": "$.request_id"}),
    "HTTP 500": (JSON, replace(answer_to(JSON), http_status=500), {"NIB-RES-001": "HTTP status"}),
    "no body": (JSON, replace(answer_to(JSON), body=b""), {"NIB-RES-003": "body"}),
    "XML at the JSON path": (
        JSON,
        answer_to(LOOKUPS["XML"]),
        {"NIB-RES-002": "header Content-Type", "NIB-RES-003": "body"},
    ),
    "XML by Accept": (
        replace(JSON, headers=(("Accept", "text/xml"),)),
        answer_to(LOOKUPS["XML"]),
        {"NIB-REQ-004": "HTTP status"},
    ),
    "cnam abroad, refused": (
        get(NUMBER, ("cnam", "true"), *KEYS),
        changed(REFUSED, status=3, error_text="no"),
        {"NIB-ERR-003": "$.status_message", "NIB-ERR-004": "$.error_text", "NIB-ERR-010": "$.request_id"},
    ),
    "cnam in the US, refused": (
        get(("number", "14155550100"), ("cnam", "true"), *KEYS),
        changed(REFUSED, status=3, error_text="no"),
        {
            "NIB-NUM-011": "$.status",
            "NIB-ERR-003": "$.status_message",
            "NIB-ERR-004": "$.error_text",
            "NIB-ERR-010": "$.request_id",
        },
    ),
    "PUT served": (Request("PUT", JSON.url), answer_to(JSON), {"NIB-REQ-011": "HTTP status"}),
    "HEAD refused": (
        Request("HEAD", JSON.url),
        replace(answer_to(JSON), http_status=405, body=b""),
        {"NIB-REQ-010": "HTTP status"},
    ),
    "OPTIONS refused": (Request("OPTIONS", JSON.url), replace(answer_to(JSON), http_status=405, body=b""), {}),
    "OPTIONS with an empty page": (Request("OPTIONS", JSON.url), replace(answer_to(JSON), body=b""), {}),
    "OPTIONS served": (Request("OPTIONS", JSON.url), answer_to(JSON), {"NIB-REQ-011": "HTTP status"}),
    "letters served": (get(("number", "1800FLOWERS"), *KEYS), answer_to(JSON), {}),
    "missing number, status 4": (
        get(*KEYS),
        changed(REFUSED, status=4, error_text="Invalid credentials"),
        {
            "NIB-AUT-001": "$.status",
            "NIB-ERR-003": "$.status_message",
            "NIB-ERR-004": "$.error_text",
            "NIB-ERR-010": "$.request_id",
        },
    ),
    "missing secret, served": (get(NUMBER, KEYS[0]), answer_to(JSON), {"NIB-AUT-004": "$.status"}),
    "missing secret, status 3": (
        get(NUMBER, KEYS[0]),
        changed(REFUSED, status=3),
        {
            "NIB-ERR-003": "$.status_message",
            "NIB-ERR-004": "$.error_text",
            "NIB-ERR-010": "$.request_id",
            "NIB-ERR-006": "$.error_text",
        },
    ),
    "wrong secret, status 3": (
        get(NUMBER, KEYS[0], ("api_secret", "no")),
        changed(REFUSED, status=3),
        {
            "NIB-AUT-002": "$.status",
            "NIB-ERR-003": "$.status_message",
            "NIB-ERR-004": "$.error_text",
            "NIB-ERR-010": "$.request_id",
            "NIB-ERR-006": "$.error_text",
        },
    ),
    "wrong secret, busy": (
        get(NUMBER, KEYS[0], ("api_secret", "no")),
        changed(REFUSED, status=1),
        {
            "NIB-AUT-002": "$.status",
            "NIB-RES-007": "$.status_message",
            "NIB-RES-016": "$.error_text",
            "NIB-ERR-010": "$.request_id",
            "NIB-ERR-006": "$.error_text",
            "NIB-ERR-007": "$.status_message",
        },
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_answer_breaks_these(case: str) -> None:
    request, answer, expected = ANSWERS[case]
    assert places(Judge(ACCOUNT).provider(Exchange(request, answer, "provider", NOW))) == expected


RECORDED: dict[str, tuple[Exchange, Broken]] = {
    "a user in the URL": (
        replace(recorded(""), request=Request("GET", URL.replace("//", "//k3y:s3cr3t@"))),
        {"NIB-SEC-002": "URL"},
    ),
    "masks in the URL": (replace(recorded(""), request=Request("GET", URL.replace("//", "//***:***@"))), {}),
    "a token": (recorded("", (("Authorization", "Bearer s3cr3t-token"),)), {"NIB-SEC-002": "header Authorization"}),
    "a masked token": (recorded("", (("Authorization", "Bearer ***"),)), {}),
    "a cookie": (recorded("", (("Cookie", "s3cr3t-token"),)), {}),
    "a secret in another spelling": (recorded("&apiSecret=s3cr3t-9"), {"NIB-SEC-001": "parameter apiSecret"}),
    "a key": (recorded("&api_key=k3y-of-mine"), {"NIB-SEC-004": "parameter api_key"}),
    "a signature": (recorded("&sig=0123456789abcdef"), {"NIB-SEC-003": "parameter sig"}),
    "a secret that comes back": (
        recorded("&api_secret=s3cr3t-9", answer=b"s3cr3t-9"),
        {"NIB-SEC-001": "parameter api_secret", "NIB-SEC-005": "answer, body"},
    ),
    "a token that comes back": (
        recorded("", (("Authorization", "Bearer s3cr3t-token"),), b"s3cr3t-token"),
        {"NIB-SEC-002": "header Authorization", "NIB-SEC-005": "answer, body"},
    ),
    "a password that comes back": (
        recorded("", (("Authorization", "Basic azpwYXNzd29yZC05"),), b"password-9"),
        {"NIB-SEC-002": "header Authorization", "NIB-SEC-005": "answer, body"},
    ),
    "a secret in a header that comes back": (
        replace(recorded("&api_secret=s3cr3t-9"), answer=Answer(200, (("X-Echo", "is s3cr3t-9"),))),
        {"NIB-SEC-001": "parameter api_secret", "NIB-SEC-005": "answer, header X-Echo"},
    ),
    "a short one that comes back": (recorded("&api_secret=ab", answer=b"ab"), {"NIB-SEC-001": "parameter api_secret"}),
    "no answer": (
        replace(recorded("&api_secret=s3cr3t-9"), answer=Failure("reset", "gone")),
        {"NIB-SEC-001": "parameter api_secret"},
    ),
}


@pytest.mark.parametrize("pairs", [(("number", "02079460018"),), (("country", "GB"),)])
def test_stub_leaves_the_rest_open(pairs: tuple[tuple[str, str], ...]) -> None:
    """A stub that does not say number or country is not judged by the status that depends on it."""
    exchange = Exchange(get(*pairs, *KEYS), answer_to(JSON), "stub", NOW)
    assert places(Judge(ACCOUNT).provider(exchange)) != {}
    assert places(Judge(ACCOUNT).provider(replace(exchange, partial=True))) == {}


@pytest.mark.parametrize("case", RECORDED)
def test_recording_breaks_these(case: str) -> None:
    exchange, expected = RECORDED[case]
    assert places(Judge(None).recording(exchange)) == expected


def test_template_of_a_stub_is_unjudged() -> None:
    broken = Exchange(JSON, changed(JSON, request_id="x" * 41, country_code="gb"), "stub", NOW)
    assert places(Judge(ACCOUNT).provider(broken)) == {"NIB-RES-004": "$.request_id", "NIB-RES-012": "$.country_code"}
    templated = replace(broken, templated=("$.request_id",))
    assert places(Judge(ACCOUNT).provider(templated)) == {"NIB-RES-012": "$.country_code"}
