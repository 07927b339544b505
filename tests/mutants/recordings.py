"""One mutant recording a clause about secrets: an exchange with one unmasked secret."""

from __future__ import annotations

from mutants.clients import NOW, URL
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Request

MASK = "***"
# Not the published examples, which are no secrets.
ACCOUNT = Credentials("abcd1234", "s3cretS3cret")
BODY = b'{"status": 4, "error_text": "Invalid credentials", "request_id": "11111111-2222-4333-8444-555555555555"}'
JSON = (("content-type", "application/json"),)


def recorded(query: str, headers: tuple[tuple[str, str], ...] = (), answer: bytes = BODY) -> Exchange:
    request = Request("GET", f"{URL}?number=442079460018{query}", headers)
    return Exchange(request, Answer(200, JSON, answer), "recording", NOW)


def _masked(secret: str = MASK, key: str = MASK) -> str:
    return f"&api_key={key}&api_secret={secret}"


CORRECT = {
    "masked parameters": recorded(_masked()),
    "masked by another tool": recorded(_masked("[FILTERED]", "xxxxxxxx")),
    "masked Basic": recorded("", (("Authorization", f"Basic {MASK}"),)),
    "masked signature": recorded(f"&api_key={MASK}&timestamp={NOW}&sig={MASK}"),
    "left out": recorded(""),
}

_BASIC = recorded("", (("Authorization", f"Basic {ACCOUNT.basic_token()}"),))
# The secret is in a header that the clause about headers cannot recognise by its name alone.
_ECHO = recorded(
    "", (("Authorization", f"Basic {ACCOUNT.basic_token()}"),), BODY.replace(b"Invalid", ACCOUNT.api_secret.encode())
)

RECORDINGS = {
    "NIB-SEC-001": recorded(_masked(secret=ACCOUNT.api_secret)),
    "NIB-SEC-002": _BASIC,
    "NIB-SEC-003": recorded(f"&api_key={MASK}&timestamp={NOW}&sig=28d248306b16b2b59615089424e18953"),
    "NIB-SEC-004": recorded(_masked(key=ACCOUNT.api_key)),
    "NIB-SEC-005": _ECHO,
}
# A secret in an answer is known only where the request contains it.
FALLS_WITH = {"NIB-SEC-005": {"NIB-SEC-002"}}
