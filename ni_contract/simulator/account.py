"""Authorisation of a request by its credentials. Sections: Authentication information; wire facts, `sig`."""

import re
from hmac import compare_digest

from ni_contract.contract.form_encoding import Pairs, first
from ni_contract.contract.signature import WINDOW_SECONDS, matching_method
from ni_contract.exchanges.credential import basic_pair
from ni_contract.exchanges.credentials import Credentials
from ni_contract.simulator.asgi import RawHeaders

_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def is_authorised(params: Pairs, headers: RawHeaders, credentials: Credentials, now: float) -> bool:
    """Whether *params*, or an Authorization header of scheme Basic if they hold no secret, prove the account.

    A secret and a signature that are both there must both be right. *now*: seconds since the epoch.
    """
    secret, sig = first(params, "api_secret"), first(params, "sig")
    if secret is None and sig is None:
        return _basic_is_right(params, headers, credentials)
    if not _same(first(params, "api_key"), credentials.api_key):
        return False
    if secret is not None and not _same(secret, credentials.api_secret):
        return False
    return sig is None or _signature_is_right(params, sig, credentials, now)


def _basic_is_right(params: Pairs, headers: RawHeaders, credentials: Credentials) -> bool:
    given = basic_pair(_authorization(headers))
    key = first(params, "api_key")
    if given is None or (key is not None and not _same(key, credentials.api_key)):
        return False
    return _same(":".join(given), f"{credentials.api_key}:{credentials.api_secret}")


def _authorization(headers: RawHeaders) -> str | None:
    """The first Authorization header of scheme Basic (RFC 7617); other schemes are ignored."""
    for name, value in headers:
        if name == b"authorization" and value[:6].lower() == b"basic ":
            return value.decode("latin-1")
    return None


def _signature_is_right(params: Pairs, sig: str, credentials: Credentials, now: float) -> bool:
    timestamp = first(params, "timestamp") or ""
    if not _TIMESTAMP.fullmatch(timestamp) or abs(int(timestamp) - now) > WINDOW_SECONDS:
        return False
    return matching_method(params, credentials.signature_secret, sig) is not None


def _same(given: str | None, right: str) -> bool:
    return given is not None and compare_digest(given.encode(), right.encode())
