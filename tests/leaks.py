"""Lookups of clients that show a secret in what they report or print, by name."""

from __future__ import annotations

from dataclasses import replace

from edges import JSON, Broken, changed
from lookup_records import BAD, BUSY, CRASH, FACTS, GATEWAY, GOOD, NO, RIGHT, SIGNED, page, record
from mutants.clients import ACCOUNT
from mutants.tools import with_body

from ni_contract.exchanges.client_lookup import Outcome

_URL = f"GET /?api_secret={ACCOUNT.api_secret}"
_FORM = f"POST number=1&api_secret={ACCOUNT.api_secret}"

LEAKS = {
    "secret in the reason": record([NO], Outcome(False, status=3, reason=f"Invalid request {ACCOUNT.api_secret}")),
    "secret in the result": record([RIGHT], Outcome(True, {**FACTS, "x": ACCOUNT.signature_secret})),
    "secret in the output": record([RIGHT], GOOD, printed=_URL),
    "form in the output": record([RIGHT], GOOD, printed=_FORM),
    "form in the output of a retry": record([BUSY, RIGHT], GOOD, printed=_FORM),
    "form in the output of a gateway's": record([GATEWAY], BAD, printed=_FORM),
    "escaped URL in the output": record(
        [RIGHT], GOOD, printed=rf"GET /?n=1\u0026api_secret={ACCOUNT.api_secret}\u0026m=2"
    ),
    "URL in the output of a crash": record([GATEWAY], CRASH, printed=_URL),
    "secret in the output of a crash": record([GATEWAY], CRASH, printed=f"api_secret={ACCOUNT.api_secret}"),
    "URL in the reason of HTTP 502": record([GATEWAY], replace(BAD, reason=f"no: /?api_secret={ACCOUNT.api_secret}")),
    "URL in the reason of a refusal": record(
        [NO], Outcome(False, status=3, reason=f"Invalid request /?api_secret={ACCOUNT.api_secret}")
    ),
    "URL in the output of a slow success": record([RIGHT], GOOD, printed=_URL, shape="slow"),
    "URL in the output of two requests": record([page(503), RIGHT], GOOD, printed=_URL),
    "URL in the reason of a status as text": record([changed(JSON, status="0")], replace(BAD, reason=JSON.url)),
    "URL in the reason of a body without status": record([with_body(RIGHT, b"{}")], replace(BAD, reason=JSON.url)),
    "URL in the reason of busy": record(
        [BUSY], Outcome(False, status=1, reason=f"Busy (Throttled) Please re-try /?api_secret={ACCOUNT.api_secret}")
    ),
    "URL in the output of a success": record([RIGHT], GOOD, printed=f"GET {JSON.url}"),
    "Basic without its last letter in the reason": record(
        [NO], Outcome(False, status=3, reason=f"Invalid request {ACCOUNT.basic_token()[:-1]}")
    ),
    "URL of a signature in the reason of HTTP 502": record([GATEWAY], replace(BAD, reason=f"no: {SIGNED.url}"), SIGNED),
    "URL and secret in the reason of HTTP 502": record(
        [GATEWAY], replace(BAD, reason=f"no: {JSON.url} {ACCOUNT.api_secret}")
    ),
    "signature in the reason": record([NO], Outcome(False, status=3, reason=f"Invalid request {SIGNED.url}"), SIGNED),
    "no secret in the output": record([RIGHT], GOOD, printed="GET /?api_secret=***"),
    "Basic in the reason": record([NO], Outcome(False, status=3, reason=f"Invalid request {ACCOUNT.basic_token()}")),
}
# The kinds of the last two answers, and the places of what each breaks.
LEAKED: dict[str, tuple[str, Broken]] = {
    "secret in the reason": ("refusal", {"NIB-CLI-058": "reason"}),
    "secret in the result": ("success", {"NIB-CLI-058": "result"}),
    "secret in the output": ("success", {"NIB-CLI-065": "output"}),
    "form in the output": ("success", {"NIB-CLI-058": "output"}),
    "form in the output of a retry": ("busy success", {"NIB-CLI-058": "output"}),
    "form in the output of a gateway's": ("gateway", {"NIB-CLI-065": "output"}),
    "escaped URL in the output": ("success", {"NIB-CLI-065": "output"}),
    "URL in the output of a crash": ("gateway", {"NIB-CLI-039": "outcome", "NIB-CLI-065": "output"}),
    "secret in the output of a crash": ("gateway", {"NIB-CLI-039": "outcome", "NIB-CLI-058": "output"}),
    "URL in the reason of HTTP 502": ("gateway", {"NIB-CLI-065": "reason"}),
    "URL in the reason of a refusal": ("refusal", {"NIB-CLI-058": "reason"}),
    "URL in the output of a slow success": ("success", {"NIB-CLI-065": "output"}),
    "URL in the output of two requests": ("gateway success", {"NIB-CLI-065": "output"}),
    "URL in the reason of a status as text": ("success with another type of status", {"NIB-CLI-065": "reason"}),
    "URL in the reason of a body without status": ("no status", {"NIB-CLI-065": "reason"}),
    "URL in the reason of busy": ("busy", {"NIB-CLI-058": "reason"}),
    "URL in the output of a success": ("success", {"NIB-CLI-065": "output"}),
    "Basic without its last letter in the reason": ("refusal", {"NIB-CLI-058": "reason"}),
    "URL of a signature in the reason of HTTP 502": ("gateway", {"NIB-CLI-065": "reason"}),
    "URL and secret in the reason of HTTP 502": ("gateway", {"NIB-CLI-058": "reason"}),
    "signature in the reason": ("refusal", {"NIB-CLI-058": "reason"}),
    "no secret in the output": ("success", {}),
    "Basic in the reason": ("refusal", {"NIB-CLI-058": "reason"}),
}
