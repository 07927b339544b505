"""One mutant client a request clause: a request with one fault."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from ni_contract.contract.signature import sign
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Request

ACCOUNT = Credentials()
NOW = 1_795_427_367
HOST = "https://api.nexmo.com"
URL, XML = f"{HOST}/ni/basic/json", f"{HOST}/ni/basic/xml"
FORM = "application/x-www-form-urlencoded"
KEYS = (("api_key", ACCOUNT.api_key), ("api_secret", ACCOUNT.api_secret))
NUMBER = ("number", "442079460018")


def get(*pairs: tuple[str, str], url: str = URL) -> Request:
    """A GET with *pairs* as its query."""
    return Request("GET", f"{url}?{urlencode(pairs)}")


def post(body: str, content_type: str = FORM) -> Request:
    return Request("POST", URL, (("Content-Type", content_type),), body.encode())


def signed(*pairs: tuple[str, str], timestamp: int = NOW, secret: str = ACCOUNT.signature_secret) -> Request:
    """A GET with *pairs*, signed."""
    params = (*pairs, ("api_key", ACCOUNT.api_key), ("timestamp", str(timestamp)))
    return get(*params, ("sig", sign(params, secret, "md5hash")))


def exchange_of(request: Request) -> Exchange:
    """The exchange for a client clause, with an answer that does not matter."""
    return Exchange(request, Answer(200), "client", NOW)


CORRECT = {
    "GET": get(NUMBER, *KEYS),
    "GET with country and cnam": get(("number", "02079460018"), ("country", "GB"), ("cnam", "false"), *KEYS),
    "GET with plus": get(("number", "+44 20 7946 0018"), *KEYS),
    "GET of XML": get(NUMBER, *KEYS, url=XML),
    "POST of a form": post(urlencode((NUMBER, *KEYS))),
    "POST with charset": post(urlencode((NUMBER, *KEYS)), f"{FORM}; charset=UTF-8"),
    "POST of JSON": post('{"number": "442079460018", "api_key": "n3xm0rocks", "api_secret": "12ab34cd"}', "text/json"),
    "signed": signed(NUMBER),
    "on this machine": get(NUMBER, *KEYS, url="http://127.0.0.1:8080/ni/basic/json"),
}

CLIENTS = {
    "NIB-CLI-001": get(NUMBER, *KEYS, url=f"{HOST}/ni/standard/json"),
    "NIB-CLI-002": replace(get(NUMBER, *KEYS), method="PUT"),
    "NIB-CLI-003": get(NUMBER, *KEYS, url="http://api.nexmo.com/ni/basic/json"),
    "NIB-CLI-004": get(*KEYS),
    "NIB-CLI-005": get(("number", "44.20.7946.0018"), *KEYS),
    "NIB-CLI-050": get(("number", "44 20 SWIM 0018"), *KEYS),
    "NIB-CLI-006": Request("GET", f"{URL}?number=+442079460018&{urlencode(KEYS)}"),
    "NIB-CLI-007": get(NUMBER, ("country", "gb"), *KEYS),
    "NIB-CLI-008": get(NUMBER, ("cnam", "yes"), *KEYS),
    "NIB-CLI-009": Request("GET", f"{URL}?number=44%E92079460018&{urlencode(KEYS)}"),
    "NIB-CLI-010": post(urlencode((NUMBER, *KEYS)), "text/plain"),
    "NIB-CLI-011": replace(get(NUMBER, *KEYS), headers=(("Authorization", f"Basic {ACCOUNT.basic_token()}"),)),
    "NIB-CLI-012": signed(NUMBER, secret="another"),
    "NIB-CLI-013": signed(NUMBER, timestamp=NOW - 3600),
    "NIB-CLI-014": signed(NUMBER, KEYS[1]),
    "NIB-CLI-015": get(NUMBER, ("page_index", "1"), *KEYS),
    "NIB-CLI-018": get(NUMBER, KEYS[0], ("api_secret", "another0")),
    "NIB-CLI-019": replace(get(NUMBER), headers=(("Authorization", f"Basic {ACCOUNT.basic_token()}"),)),
    "NIB-CLI-020": post(
        '{"number": 442079460018, "api_key": "n3xm0rocks", "api_secret": "12ab34cd"}', "application/json"
    ),
}
