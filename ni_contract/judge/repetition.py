"""Results of exchanges that come again: judged once, then looked up."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Final, NamedTuple

from ni_contract.contract.vocabulary import REQUEST_ID
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge.clauses.relation import Comparable
from ni_contract.judge.context import may_be_signed

MAX_KEPT: Final = 12_000
# Longer exchanges, in characters of the URL and bytes of both bodies, are judged each time: few of them come again.
MAX_KEPT_LENGTH: Final = 2_000
_REQUEST_ID: Final = re.compile(
    rf'"request_id"\s*:\s*"({REQUEST_ID})"|<request_id>\s*({REQUEST_ID})\s*</request_id>'.encode()
)


class KeptResult(NamedTuple):
    """The result of an exchange that breaks no clause by itself: the ids of those that hold, and what is compared."""

    held: tuple[str, ...]
    related: Comparable | None


class Repetitions:
    """The results of exchanges whose URL and body come again: to keep what comes once costs more than it saves.

    Two exchanges of one key differ at most in their valid request ids, their origins, and the time of a request
    without a signature. A finding may show the id, so that only results without findings are kept.
    """

    def __init__(self) -> None:
        self._results: dict[Hashable, KeptResult] = {}
        self._seen: set[int] = set()

    def is_new(self, request: Request) -> bool:
        """Whether *request* comes for the first time; a request with the same hash is taken for the same."""
        seen, hashed = self._seen, hash((request.url, request.body))
        if hashed in seen:
            return False
        if len(seen) >= MAX_KEPT:
            self._results.clear()
            seen.clear()
        seen.add(hashed)
        return True

    def get(self, key: Hashable) -> KeptResult | None:
        """The result of *key*, if it is kept."""
        return self._results.get(key)

    def keep(self, key: Hashable, result: KeptResult) -> None:
        """Keeps *result*."""
        if len(self._results) >= MAX_KEPT:
            self._results.clear()
        self._results[key] = result


def key_of(exchange: Exchange) -> tuple[Hashable, bytes]:
    """*exchange* without the request id of its answer, and this id (b"" where there is no valid one)."""
    answer, request_id = _without_id(exchange.answer)
    moment = exchange.sent_at if may_be_signed(exchange.request) else None
    return (exchange.request, answer, moment, exchange.filtered, exchange.partial, exchange.templated), request_id


def is_short(exchange: Exchange) -> bool:
    """Whether the result of *exchange* may be kept."""
    answer = 0 if isinstance(exchange.answer, Failure) else len(exchange.answer.body)
    return len(exchange.request.url) + len(exchange.request.body) + answer <= MAX_KEPT_LENGTH


def _without_id(answer: Answer | Failure) -> tuple[Hashable, bytes]:
    if isinstance(answer, Failure):
        return answer, b""
    before, request_id, after = split_at_id(answer.body)
    return (answer.http_status, answer.headers, before, after, answer.body_recorded), request_id


def split_at_id(body: bytes) -> tuple[bytes, bytes, bytes]:
    """*body* before its request id, the id, and the rest; without a valid id that occurs once, all is before it."""
    match = _REQUEST_ID.search(body)
    if match is None or match[match.lastindex or 1] in body[match.end() :]:
        return body, b"", b""
    start, end = match.span(match.lastindex or 1)
    return body[:start], body[start:end], body[end:]
