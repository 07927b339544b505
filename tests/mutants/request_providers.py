"""Mutant providers for the clauses about requests and credentials."""

from __future__ import annotations

from dataclasses import replace

from mutants.changes import LISBON, OBSERVED, content_type, is_plain, is_signed, one_of, page_of, raw_query, when
from mutants.tools import ACCOUNT, Mutant, Seen, fresh_refusal
from ni_contract.exchanges.request_credential import basic_pair
from ni_contract.exchanges.values import Answer, Request, header

# ---------------------------------------------------------------- REQ


def _accept_decides(seen: Seen) -> Request:
    accept = header(seen.request.headers, "accept") or "*/*"
    url = seen.request.url
    return replace(seen.request, url=url.replace("/json", "/xml") if "xml" in accept else url)


def _digits_undecoded(seen: Seen) -> Request | Answer:
    return one_of("%33" in raw_query(seen), lambda: seen.again(number="%2534%2532"), seen)


def _reads_body_of_get(seen: Seen) -> Request | Answer:
    stray = seen.request.method == "GET" and bool(content_type(seen))
    return one_of(stray, lambda: Request("GET", seen.request.url.partition("?")[0]), seen)


REQUESTS = {
    "NIB-REQ-001": when(lambda seen: is_plain(seen, LISBON), page_of(404)),
    "NIB-REQ-002": when(lambda seen: "charset" in content_type(seen), page_of(415)),
    "NIB-REQ-003": when(lambda seen: content_type(seen) == "text/x-json", page_of(415)),
    "NIB-REQ-004": Mutant(_accept_decides),
    "NIB-REQ-005": Mutant(_digits_undecoded),
    "NIB-REQ-006": when(lambda seen: raw_query(seen).endswith("&"), page_of(400)),
    "NIB-REQ-007": when(lambda seen: "page_index" in raw_query(seen), fresh_refusal(3)),
    "NIB-REQ-008": Mutant(_reads_body_of_get),
    "NIB-REQ-009": when(lambda seen: "note=%C3" in raw_query(seen), page_of(400)),
    "NIB-REQ-010": when(lambda seen: seen.request.method == "HEAD", page_of(405)),
    "NIB-REQ-012": when(lambda seen: seen.request.body == b"[]", page_of(500)),
    "NIB-REQ-013": when(lambda seen: seen.request.body == b"[]", page_of(400)),
    "NIB-REQ-014": when(lambda seen: "%ZZ" in seen.request.url, page_of(500)),
    "NIB-REQ-015": when(lambda seen: seen.asked.is_chunked, fresh_refusal(3)),
    "NIB-REQ-011": when(lambda seen: seen.request.method == "DELETE", lambda seen: seen.again()),
}


# ---------------------------------------------------------------- AUT


def _secret_in_any_case(seen: Seen) -> Request | Answer:
    secret = seen.get("api_secret") or ""
    other_case = secret != ACCOUNT.api_secret and secret.lower() == ACCOUNT.api_secret.lower()
    return one_of(other_case and seen.get("api_key") == ACCOUNT.api_key, seen.again, seen)


def _any_key(seen: Seen) -> Request | Answer:
    wrong = seen.get("api_key") not in (None, ACCOUNT.api_key) and seen.get("api_secret") == ACCOUNT.api_secret
    return one_of(wrong, seen.again, seen)


def _secret_optional(seen: Seen) -> Request | Answer:
    missing = seen.get("api_secret") is None and not is_signed(seen) and seen.get("api_key") == ACCOUNT.api_key
    return one_of(missing, seen.again, seen)


def _number_first(seen: Seen) -> Request | Answer:
    wrong = seen.get("api_secret") == "not-the-secret"
    return one_of(wrong and seen.get("number") in (None, "123"), seen.again, seen)


def _any_basic(seen: Seen) -> Request | Answer:
    return one_of(basic_pair(header(seen.request.headers, "authorization")) is not None, seen.again, seen)


def _extended_signature(seen: Seen) -> Request | Answer:
    return one_of(len(seen.get("sig") or "") == 34, seen.again, seen)


def _never_stale(seen: Seen) -> Request | Answer:
    text = seen.get("timestamp") or ""
    timestamp = int(text) if text.isdigit() else 0
    latest = seen.memory["latest"] = max(timestamp, seen.memory.get("latest", 0))
    return one_of(is_signed(seen) and 0 < timestamp < latest - 3600, seen.again, seen)


CREDENTIALS = {
    "NIB-AUT-001": when(lambda seen: is_plain(seen, LISBON), fresh_refusal(4)),
    "NIB-AUT-002": Mutant(_secret_in_any_case),
    "NIB-AUT-003": Mutant(_any_key),
    "NIB-AUT-004": Mutant(_secret_optional),
    "NIB-AUT-005": Mutant(_number_first),
    "NIB-AUT-006": replace(
        when(
            lambda seen: seen.asked.authorization is not None and not seen.get("api_key"),
            lambda seen: replace(seen.request, headers=()),
        ),
        edition=OBSERVED,
    ),
    "NIB-AUT-007": Mutant(_any_basic),
    "NIB-AUT-008": when(lambda seen: (seen.get("sig") or "").isupper(), fresh_refusal(4)),
    "NIB-AUT-009": when(
        lambda seen: len(seen.get("sig") or "") > 32 and not (seen.get("number") or "").isalnum(), fresh_refusal(4)
    ),
    "NIB-AUT-010": Mutant(_extended_signature),
    "NIB-AUT-011": Mutant(_never_stale),
}
