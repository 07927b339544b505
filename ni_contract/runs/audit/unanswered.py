"""Tells answers of the API from what a recording has in their place: a page of a gateway, nothing; what it lacks."""

import re
from collections.abc import Iterator
from typing import Final

from ni_contract.exchanges.gateway import is_gateway_answer, is_gateway_failure, status_of
from ni_contract.exchanges.values import Exchange, Failure, header
from ni_contract.judge import ClauseResults, judge_provider, judge_recording, judge_request
from ni_contract.judge.context import EvaluationContext
from ni_contract.recordings.templates import named_places

GATEWAY: Final = "a gateway failed (HTTP 429 or 5xx), the API said nothing"
REFUSED: Final = "a gateway refused (HTTP 401, 403, 404, 413 or similar), the API said nothing"
UNCHANGED: Final = "not modified (HTTP 304), the answer is in the browser's cache"
REDIRECTED: Final = "plain HTTP was redirected to HTTPS, the API said nothing"
ABORTED: Final = "ended without an answer by the client or the recorder"
UNCREDITED = "have no credentials, or only masks of them, so that the clauses about credentials had nothing to look at"
TEMPLATE = "have a template or a pattern instead of a value, which is not judged"
NO_REQUEST_BODY = "have no recorded body of the request, so that what it lacks is not missed"
NO_BODY = "have no recorded body of the answer, so that nothing is said about it"
_NOT_MODIFIED: Final = 304
_REDIRECTS: Final = frozenset({301, 302, 307, 308})
# A page under one of these is a gateway's; JSON is judged, because an API may refuse so by mistake.
_REFUSALS: Final = frozenset({401, 413, 414, 431})
# Errors of the connection are the provider's as well; the others of a browser are its own: aborted, blocked, offline.
_OWN_ERROR: Final = re.compile(
    r"the recording has no answer|(?:(?:request|connection|user|the (?:user|operation|request)(?: was)?) )?"
    r"(?:killed|aborted|cancell?ed|blocked)(?: (?:a|the|this) (?:request|operation))?|AbortError|NS_BINDING_ABORTED"
    r"|client (?:has )?(?:disconnected|closed (?:the )?connection|aborted)"
    r"|net::ERR_(?!CONNECTION_|EMPTY_RESPONSE|TIMED_OUT|HTTP2_|QUIC_|SSL_|CERT_|INVALID_|CONTENT_|INCOMPLETE_|RESPONSE_)\w+",
    re.IGNORECASE,
)
# HTML: a document or a fragment of one, and no XML document.
_PAGE: Final = re.compile(rb"\s*<(?:!--|(?:!doctype html|html|head|body|h[1-6]|center|title|p)\b)", re.IGNORECASE)


def why_unanswered(exchange: Exchange) -> str:
    """The reason why the recorded answer is not the API's, so that it says nothing of the provider; "" if it is."""
    answer = exchange.answer
    if isinstance(answer, Failure):
        return _why_failed(answer)
    if is_gateway_failure(exchange):
        return GATEWAY
    is_refusal = answer.http_status in _REFUSALS and _PAGE.match(answer.body) and status_of(exchange) is None
    if is_refusal or is_gateway_answer(exchange):
        return REFUSED
    to = (header(answer.headers, "location") or "").lower()
    if answer.http_status in _REDIRECTS and exchange.request.url.startswith("http:") and to.startswith("https:"):
        return REDIRECTED
    if answer.http_status == _NOT_MODIFIED and not answer.body.strip():
        return UNCHANGED
    return ""


def judge_recorded(reading: EvaluationContext, unanswered: str) -> ClauseResults:
    """The results for one recorded exchange: those about its answer only where it is not *unanswered* (a reason)."""
    all_results, judges = ClauseResults(), [judge_request, judge_recording]
    if not unanswered:
        judges.append(judge_provider)
    for judge in judges:
        results = judge(reading)
        all_results.held += results.held
        all_results.broken += results.broken
    return all_results


def remarks_on(reading: EvaluationContext) -> Iterator[str]:
    """What the recording lacks of an exchange, so that some clauses were not judged."""
    if reading.credential.masked and reading.exchange.filtered:
        yield UNCREDITED
    if reading.answered is None and reading.failure is None:
        yield NO_BODY
    if reading.exchange.partial and reading.asked.method == "POST" and not reading.exchange.request.body:
        yield NO_REQUEST_BODY
    if reading.exchange.templated:
        yield f"{TEMPLATE} ({named_places(reading.exchange.templated)})"


def _why_failed(failure: Failure) -> str:
    if failure.kind == "reset" and _OWN_ERROR.fullmatch(failure.message.strip(" ().")):
        return ABORTED
    return ""
