"""The identity of a request: its bytes except credentials and the time of its signature; and the account of ours."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Final

from ni_contract.contract.vocabulary import CREDENTIAL_NAMES, JSON_TYPES
from ni_contract.exchanges.credential import Credential, basic_pair
from ni_contract.exchanges.credentials import RECORDED_ACCOUNT, Credentials
from ni_contract.exchanges.request import ParsedRequest, parse_request
from ni_contract.exchanges.values import Exchange

_RIGHT: Final = "the account's"
_CHANGING: Final = ("sig", "timestamp")


def identity(
    asked: ParsedRequest, credential: Credential, account: Credentials | None, with_credentials: bool = True
) -> Hashable:
    """A key that is equal for the same request of another account, at another time.

    *with_credentials*: right and wrong ones make different requests, as far as *account* shows which they are.
    """
    accept = None if asked.accept in (None, "*/*") else asked.accept
    way = (asked.method, asked.format, asked.content_type, accept)
    if not with_credentials:
        return (*way, without_credentials(asked.query), without_credentials(asked.body))
    signature = None
    if credential.kind == "signature":
        signature = (credential.valid, credential.reason, credential.method)
    return (*way, *_parameters(asked, account), _basic(asked, account), signature)


def without_credentials(params: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """*params* without credentials and their time."""
    return tuple(pair for pair in params if pair[0] not in (*CREDENTIAL_NAMES, "timestamp"))


def _parameters(asked: ParsedRequest, account: Credentials | None) -> tuple[Hashable, Hashable]:
    """The parameters in the query and in the body."""
    if asked.method != "POST":
        return _raw(asked.raw_parameters, asked.query, account), ()
    if asked.media_type in JSON_TYPES:
        return _neutral(asked.query, account), _neutral(asked.body, account)
    return _neutral(asked.query, account), _raw(asked.raw_parameters, asked.body, account)


def _raw(text: str, pairs: Sequence[tuple[str, str]], account: Credentials | None) -> Hashable:
    """The undecoded parts of a form, because encodings matter; credentials by their kind."""
    parts = tuple(part for part in text.split("&") if part.partition("=")[0] not in (*CREDENTIAL_NAMES, "timestamp"))
    return parts, _neutral([pair for pair in pairs if pair[0] in CREDENTIAL_NAMES], account)


def _neutral(pairs: Iterable[tuple[str, str]], account: Credentials | None) -> Hashable:
    """*pairs* without values that depend on the account and the time."""
    right = {"api_key": account.api_key, "api_secret": account.api_secret} if account else {}
    return tuple(
        (name, _RIGHT if right.get(name) == value or (value and name in _CHANGING) else value) for name, value in pairs
    )


def _basic(asked: ParsedRequest, account: Credentials | None) -> Hashable:
    pair = basic_pair(asked.authorization)
    if pair is None:
        return asked.authorization
    return _neutral(zip(("api_key", "api_secret"), pair, strict=True), account)


def account_of(exchanges: Iterable[Exchange]) -> Credentials | None:
    """`RECORDED_ACCOUNT` when a live run made these *exchanges*, else None: the account is not known."""
    if any(map(_is_ours, exchanges)):
        return RECORDED_ACCOUNT
    return None


def _is_ours(exchange: Exchange) -> bool:
    asked = parse_request(exchange.request)
    basic = basic_pair(asked.authorization) or (None, None)
    return RECORDED_ACCOUNT.api_key in (asked.get("api_key"), basic[0])
