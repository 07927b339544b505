"""Reads the credential of a request and checks it: parameters, HTTP Basic, signature."""

import base64
import math
import re
from typing import NamedTuple

from ni_contract.contract.signature import WINDOW_SECONDS, matching_method
from ni_contract.contract.vocabulary import CREDENTIAL_NAMES
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import is_mask
from ni_contract.exchanges.request import ParsedRequest

# The exact limit on the age of a timestamp is not known: in between, a provider may accept it or not.
FRESH_SECONDS, STALE_SECONDS = 60, 3600
_SECONDS = re.compile("[0-9]{1,12}")  # milliseconds have 13 digits


class Credential(NamedTuple):
    """The credential of a caller: *kind* none, secret, basic or signature; *valid* is None where that is not known.

    *reason* is what is wrong: missing, key, secret, basic, signature or timestamp. *method* is the signature's.
    *masked*: it was removed from the recording, so that clauses about credentials do not apply.
    """

    kind: str
    valid: bool | None
    reason: str = ""
    method: str = ""
    masked: bool = False

    @property
    def missing(self) -> bool:
        """Whether the request has no credentials that can be read, or only a part of them."""
        return self.kind == "none" or self.reason == "missing"


def credential_of(
    asked: ParsedRequest, account: Credentials | None, sent_at: float | None, filtered: bool = False
) -> Credential:
    """The credential in *asked*, checked against *account* (None: unknown); timestamps count from *sent_at*.

    *filtered*: a missing credential may have been removed by the recorder.
    """
    found = _credential_of(asked, account, sent_at)
    if not _is_masked(asked, account) and not (filtered and found.missing):
        return found
    # A masked Basic token is invalid Base64, but it is still of kind Basic.
    kind = "basic" if found.kind == "none" and asked.authorization is not None else found.kind
    return Credential(kind, None, masked=True)


def _is_masked(asked: ParsedRequest, account: Credentials | None) -> bool:
    """Whether a credential was removed. Live recordings have an example account instead of masks."""
    known = () if account is None else (account.api_key, account.api_secret)
    values = [value for name, value in (*asked.query, *asked.body) if name in CREDENTIAL_NAMES and value not in known]
    if asked.authorization is not None:
        values.append(asked.authorization.partition(" ")[2] or asked.authorization)
    return any(map(is_mask, values))


def _credential_of(asked: ParsedRequest, account: Credentials | None, sent_at: float | None) -> Credential:
    key, secret, sig = map(asked.values.get, CREDENTIAL_NAMES)
    if sig is not None:
        return _signature(asked, account, sent_at)
    if key is not None or secret is not None:
        return _secret(account, key, secret)
    basic = basic_pair(asked.authorization)
    if basic is None:
        return Credential("none", False, "basic" if is_basic(asked.authorization) else "missing")
    if account is None:
        return Credential("basic", None)
    return _compared("basic", basic == (account.api_key, account.api_secret))


def _secret(account: Credentials | None, key: str | None, secret: str | None) -> Credential:
    if key is None or secret is None:
        return Credential("secret", False, "missing")
    if account is None:
        return Credential("secret", None)
    if key != account.api_key:
        return Credential("secret", False, "key")
    return _compared("secret", secret == account.api_secret)


def _compared(kind: str, is_right: bool) -> Credential:
    if is_right:
        return Credential(kind, True)
    return Credential(kind, False, kind)


def _signature(asked: ParsedRequest, account: Credentials | None, sent_at: float | None) -> Credential:
    key, secret, sig = map(asked.values.get, CREDENTIAL_NAMES)
    if key is None:
        return Credential("signature", False, "missing")
    if account is None:
        return Credential("signature", None)
    if key != account.api_key:
        return Credential("signature", False, "key")
    # A secret beside the signature is not signed; where only one is right, the reference does not say which one counts.
    is_wrong_secret = secret not in (None, account.api_secret)
    method = matching_method(asked.params, account.signature_secret, sig or "")
    if method is None and is_wrong_secret:
        return Credential("signature", False, "secret")
    if method is None:
        return Credential("signature", False if secret is None else None, "signature")
    if is_wrong_secret:
        return Credential("signature", None)
    age = _age_of(asked.get("timestamp") or "", sent_at)
    if age > STALE_SECONDS:
        return Credential("signature", False, "timestamp", method)
    return Credential("signature", age <= FRESH_SECONDS or None, method=method)


def is_fresh(timestamp: str, sent_at: float | None) -> bool:
    """Whether *timestamp* is seconds since the epoch, no further from *sent_at* than the window (None: not checked)."""
    return _age_of(timestamp, sent_at) <= WINDOW_SECONDS


def _age_of(timestamp: str, sent_at: float | None) -> float:
    """The seconds between *timestamp* and *sent_at* (None: 0); without end where *timestamp* is no time in seconds."""
    if not _SECONDS.fullmatch(timestamp):
        return math.inf
    if sent_at is None:
        return 0.0
    return abs(int(timestamp) - sent_at)


def is_basic(authorization: str | None) -> bool:
    """Whether the header is one of HTTP Basic, readable or not."""
    return (authorization or "").partition(" ")[0].lower() == "basic"


def basic_pair(authorization: str | None) -> tuple[str, str] | None:
    """User and password of an `Authorization: Basic` header; None for any other value."""
    if not is_basic(authorization):
        return None
    _, _, token = (authorization or "").partition(" ")
    try:
        user, colon, password = base64.b64decode(token.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:
        return None
    if colon:
        return user, password
    return None
