"""The example account of our own recordings, so that they are judged as the live exchanges were."""

from __future__ import annotations

from collections.abc import Iterable

from ni_contract.exchanges.credential import basic_pair
from ni_contract.exchanges.credentials import RECORDED_ACCOUNT, Credentials
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Exchange


def account_of(exchanges: Iterable[Exchange]) -> Credentials | None:
    """`RECORDED_ACCOUNT` when a live run made these *exchanges*, else None: the account is not known."""
    if any(map(_is_ours, exchanges)):
        return RECORDED_ACCOUNT
    return None


def _is_ours(exchange: Exchange) -> bool:
    asked = parse_request(exchange.request)
    basic = basic_pair(asked.authorization) or (None, None)
    return RECORDED_ACCOUNT.api_key in (asked.get("api_key"), basic[0])
