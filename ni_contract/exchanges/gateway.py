"""Distinguishes answers of the API from those of a gateway in front of it. Section: wire facts, Answer."""

from functools import lru_cache

from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import Answer, Exchange

TOO_MANY_REQUESTS, SERVER_ERROR = 429, 500
_BUSY_OR_DOWN = frozenset({TOO_MANY_REQUESTS, 502, 503, 504})
_GATEWAYS = frozenset({403, 404, 407, 408, *_BUSY_OR_DOWN, *range(500, 600)})
_METHODS_OF_THE_API = ("GET", "HEAD", "POST")


def is_gateway_answer(exchange: Exchange) -> bool:
    """Whether the answer is an error of HTTP without an answer of the API in its body: 403, 404, 429, 5xx and similar.

    For methods that the API must refuse, only statuses of a busy or broken gateway count.
    """
    answer = exchange.answer
    errors = _GATEWAYS if exchange.request.method in _METHODS_OF_THE_API else _BUSY_OR_DOWN
    if not isinstance(answer, Answer) or answer.http_status not in errors:
        return False
    return is_without_status(answer)


def is_gateway_failure(exchange: Exchange) -> bool:
    """Whether a gateway in front of the API failed: HTTP 429 or 5xx without an answer of the API in the body."""
    answer = exchange.answer
    if not isinstance(answer, Answer):
        return False
    is_failed = answer.http_status == TOO_MANY_REQUESTS or answer.http_status >= SERVER_ERROR
    return is_failed and is_without_status(answer)


def is_without_status(answer: Answer) -> bool:
    """Whether no status of the API is in the body, read as JSON or as XML."""
    return all(ParsedResponse(answer, is_xml).status is None for is_xml in (False, True))


def is_preflight(exchange: Exchange) -> bool:
    """Whether the request is a browser's preflight (CORS), sent before the lookup itself."""
    return exchange.request.method.upper() == "OPTIONS"


def status_of(exchange: Exchange) -> int | None:
    """The status in the body of the answer; None where there is none."""
    if not isinstance(exchange.answer, Answer):
        return None
    return _status(exchange.answer, exchange.request.url.partition("?")[0].endswith("/xml"))


# A run asks for the status of an exchange several times while it takes it.
@lru_cache(maxsize=64)
def _status(answer: Answer, is_xml: bool) -> int | None:
    return ParsedResponse(answer, is_xml).status
