"""Exchanges at the edges of clauses: the clauses that each one breaks, and where. Found by mutants of the judge."""

from __future__ import annotations

from dataclasses import replace

import pytest
from edges import BAD_REFUSAL, BAD_TEXTS, BASIC, IN_XML, JSON, REFUSED, Broken, answer_to, changed, labelled, places
from mutants.clients import ACCOUNT, KEYS, NOW, NUMBER, XML, get, signed

from ni_contract.contract.signature import sign
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge import Judge

US = get(("number", "14155550100"), *KEYS)
PHONEWORD = get(("number", "1800FLOWERS"), *KEYS)
KOSOVO = get(("number", "38343201234"), *KEYS)
REFUSAL = answer_to(REFUSED)
PARAMS = (NUMBER, KEYS[0], ("timestamp", str(NOW)))
HMAC = get(*PARAMS, ("sig", sign(PARAMS, ACCOUNT.signature_secret, "hmac-sha256")))
# Status 4 for right credentials, with a text of another status.
OF_ANOTHER_STATUS: Broken = {
    "NIB-AUT-001": "$.status",
    **BAD_TEXTS,
    "NIB-ERR-006": "$.error_text",
    "NIB-ERR-007": "$.status_message",
}
BAD_HMAC: Broken = {"NIB-AUT-009": "$.status", **BAD_TEXTS}
ANSWERS: dict[str, tuple[Request, Answer | Failure, Broken]] = {
    "right": (JSON, answer_to(JSON), {}),
    "label in capitals": (JSON, labelled(answer_to(JSON), "Application/JSON"), {"NIB-RES-002": "header Content-Type"}),
    "label with a charset": (JSON, labelled(answer_to(JSON), "application/json; charset=UTF8"), {}),
    "label with latin-1": (
        JSON,
        labelled(answer_to(JSON), "application/json; charset=latin-1"),
        {"NIB-RES-002": "header Content-Type"},
    ),
    "XML label in capitals": (IN_XML, labelled(answer_to(IN_XML), "Text/XML"), {}),
    "disabled account, says status 3": (
        JSON,
        changed(REFUSED, status=3, error_text="Bad credentials: the key you supplied has been disabled"),
        {"NIB-NUM-001": "$.status", **BAD_TEXTS, "NIB-ERR-006": "$.error_text"},
    ),
    "application/xml": (IN_XML, labelled(answer_to(IN_XML), "application/xml"), {}),
    "XML with latin-1": (
        IN_XML,
        labelled(answer_to(IN_XML), "text/xml; charset=latin-1"),
        {"NIB-XML-002": "header Content-Type"},
    ),
    "text cut short": (JSON, changed(JSON, status_message="Succes"), {"NIB-RES-017": "$.status_message"}),
    "text of something else": (JSON, changed(JSON, status_message="OK"), {"NIB-RES-017": "$.status_message"}),
    "busy, says status 4": (
        JSON,
        changed(REFUSED, status=4, error_text="Busy (Throttled)"),
        OF_ANOTHER_STATUS,
    ),
    "internal error, says status 4": (
        JSON,
        changed(REFUSED, status=4, error_text="INTERNAL ERROR"),
        OF_ANOTHER_STATUS,
    ),
    "number format, says status 4": (
        JSON,
        changed(REFUSED, status=4, error_text="The format of the recipient address is not valid"),
        OF_ANOTHER_STATUS,
    ),
    "number format, says status 3": (
        JSON,
        changed(REFUSED, status=3, error_text="Not valid number format"),
        {"NIB-NUM-001": "$.status", **BAD_TEXTS},
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
    "missing credentials, says status 3": (
        get(NUMBER, KEYS[0]),
        changed(REFUSED, status=3, error_text="Credentials are required"),
        BAD_TEXTS,
    ),
    "wrong credentials, says status 3": (
        get(NUMBER, KEYS[0]),
        changed(REFUSED, status=3, error_text="Invalid credentials"),
        {"NIB-ERR-006": "$.error_text", **BAD_TEXTS},
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
            **BAD_TEXTS,
        },
    ),
    "success, says status 5": (
        JSON,
        changed(REFUSED, status=5, error_text="success"),
        {
            "NIB-NUM-001": "$.status",
            **BAD_TEXTS,
            "NIB-ERR-006": "$.error_text",
        },
    ),
    "prefix of another country": (
        JSON,
        changed(JSON, country_prefix="1"),
        {"NIB-NUM-014": "$.country_prefix"},
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
    "alpha-3 of no official country": (KOSOVO, changed(KOSOVO, country_code_iso3="KOS"), {}),
    "name with a line break": (JSON, changed(JSON, country_name="United Kingdom\n"), {"NIB-NUM-017": "$.country_name"}),
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
            **BAD_TEXTS,
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
        answer_to(IN_XML),
        {"NIB-RES-002": "header Content-Type", "NIB-RES-003": "body"},
    ),
    "XML by Accept": (
        replace(JSON, headers=(("Accept", "text/xml"),)),
        answer_to(IN_XML),
        {"NIB-REQ-004": "HTTP status"},
    ),
    "refused in XML by Accept": (
        replace(get(("number", "12"), *KEYS), headers=(("Accept", "text/xml"),)),
        answer_to(get(("number", "12"), *KEYS, url=XML)),
        {"NIB-NUM-005": "HTTP status", "NIB-NUM-006": "HTTP status", "NIB-REQ-004": "body"},
    ),
    "cnam abroad, refused": (
        get(NUMBER, ("cnam", "true"), *KEYS),
        changed(REFUSED, status=3, error_text="no"),
        BAD_TEXTS,
    ),
    "cnam in the US, refused": (
        get(("number", "14155550100"), ("cnam", "true"), *KEYS),
        changed(REFUSED, status=3, error_text="no"),
        {
            "NIB-NUM-011": "$.status",
            **BAD_TEXTS,
        },
    ),
    "PUT served": (Request("PUT", JSON.url), answer_to(JSON), {"NIB-REQ-011": "HTTP status"}),
    "PUT without an answer": (
        Request("PUT", JSON.url),
        Failure("timeout", "no answer"),
        {"NIB-REQ-011": "HTTP status"},
    ),
    "HEAD refused": (
        Request("HEAD", JSON.url),
        replace(answer_to(JSON), http_status=405, body=b""),
        {"NIB-REQ-010": "HTTP status"},
    ),
    "OPTIONS refused": (Request("OPTIONS", JSON.url), replace(answer_to(JSON), http_status=405, body=b""), {}),
    "OPTIONS with an empty page": (Request("OPTIONS", JSON.url), replace(answer_to(JSON), body=b""), {}),
    "OPTIONS, HTTP 500": (
        Request("OPTIONS", JSON.url),
        replace(REFUSAL, http_status=500),
        {"NIB-REQ-011": "HTTP status"},
    ),
    "OPTIONS, HTTP 501": (Request("OPTIONS", JSON.url), replace(REFUSAL, http_status=501), {}),
    "OPTIONS served": (Request("OPTIONS", JSON.url), answer_to(JSON), {"NIB-REQ-011": "HTTP status"}),
    "letters served": (PHONEWORD, answer_to(get(("number", "18003569377"), *KEYS)), {}),
    "letters answered as another number": (
        PHONEWORD,
        answer_to(JSON),
        {"NIB-NUM-012": "$.international_format_number"},
    ),
    "missing number, status 4": (
        get(*KEYS),
        changed(REFUSED, status=4, error_text="Invalid credentials"),
        {
            "NIB-AUT-001": "$.status",
            **BAD_TEXTS,
        },
    ),
    "missing secret, HTTP 500": (
        get(NUMBER, KEYS[0]),
        replace(REFUSAL, http_status=500, body=b""),
        {"NIB-REQ-012": "HTTP status"},
    ),
    "missing secret, served": (get(NUMBER, KEYS[0]), answer_to(JSON), {"NIB-AUT-004": "$.status"}),
    "missing secret, status 3": (
        get(NUMBER, KEYS[0]),
        changed(REFUSED, status=3),
        {
            **BAD_TEXTS,
            "NIB-ERR-006": "$.error_text",
        },
    ),
    "wrong secret, status 3": (
        get(NUMBER, KEYS[0], ("api_secret", "no")),
        changed(REFUSED, status=3),
        {
            "NIB-AUT-002": "$.status",
            **BAD_TEXTS,
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
