"""Selects the answer to a request: of a recording, or by credentials, throttle, quota and parameters, in this order.

No input or output here. Sections: Authentication information; wire facts, `sig`.
"""

import re
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from hmac import compare_digest
from math import inf
from typing import Final

from ni_contract.contract.form_encoding import Pairs, first
from ni_contract.contract.numbering import MAX_TEXT_LENGTH
from ni_contract.contract.signature import matching_method
from ni_contract.contract.vocabulary import BAD_CREDENTIALS, BUSY, INVALID, NO_CREDIT, SUCCESS
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.request_credential import basic_pair, is_fresh
from ni_contract.simulator.answer_variants import WITH_FACTS, render_variant
from ni_contract.simulator.asgi import HttpError, RawHeaders, Reply, Scope
from ni_contract.simulator.decode import Call, parameters
from ni_contract.simulator.lookup import ApiResult, example, look_up, refusal
from ni_contract.simulator.recording import request_of
from ni_contract.simulator.render import Template, render
from ni_contract.simulator.script import Step
from ni_contract.simulator.settings import Settings

_BAD_REQUEST = 400
_NOT_RECORDED: Final = "The recording that is replayed here holds no such request."
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_WINDOW_SECONDS: Final = 1.0


class Throttle:
    """Allows at most *rate* requests in any one second; refused ones do not count."""

    def __init__(self, rate: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._served: deque[float] = deque(maxlen=rate)

    def admits(self) -> bool:
        """Whether one more request is allowed now; if so, it is counted."""
        now, served = self._clock(), self._served
        if len(served) == served.maxlen and 0 <= now - served[0] < _WINDOW_SECONDS:
            return False
        # Clock moved backwards, so the oldest request lies in the future: restart the window.
        if served and now < served[-1]:
            served.clear()
        served.append(now)
        return True


class Answerer:
    """The account and the number plans of a simulator. Its only state is that of the rate limit and of the quota."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._throttle = None if settings.rate is None else Throttle(settings.rate, settings.clock)
        self._credit = inf if settings.quota is None else settings.quota

    def reply(self, call: Call, scope: Scope) -> Reply:
        """The answer to *call*: that of the recording which is replayed, or our own. Raises HttpError."""
        return self._recorded(call, scope) or self._own(call).reply()

    def _own(self, call: Call) -> Template:
        """Our answer to *call*; parameters that cannot be read are invalid. Raises HttpError for another body."""
        try:
            params = parameters(call)
        except HttpError as error:
            if error.http_status != _BAD_REQUEST:
                raise
            return render(ApiResult(INVALID, f"Invalid request - {error}"), self._settings.edition, call.format)
        settings = self._settings
        if not is_authorised(params, call.headers, settings.credentials, settings.clock()):
            return _refused(BAD_CREDENTIALS, settings.edition, call.format)
        if self._throttle is not None and not self._throttle.admits():
            return _refused(BUSY, settings.edition, call.format)
        if self._credit <= 0:
            return _refused(NO_CREDIT, settings.edition, call.format)
        found = _looked_up(first(params, "number"), first(params, "country"), settings.edition, call.format)
        if found.status == SUCCESS:
            self._credit -= 1
        return found

    def _recorded(self, call: Call, scope: Scope) -> Reply | None:
        """The replayed answer to *call*; without one None, or HttpError (404) if only recorded answers are allowed."""
        settings = self._settings
        if settings.replay is None:
            return None
        from ni_contract.recordings.replay import MARK, NOTHING

        found = settings.replay.answer(request_of(scope, call.body), settings.credentials, settings.clock())
        if found is None and not settings.replay_only:
            return None
        if found is None:
            raise HttpError(404, _NOT_RECORDED, ((MARK.encode(), NOTHING.encode()),))
        # In a file, a header with a line end would begin another answer.
        given = found.answer.headers
        valid = [(n, v) for n, v in given if _HEADER_NAME.fullmatch(n) and _HEADER_VALUE.fullmatch(v)]
        headers = tuple((n.encode("latin-1"), v.encode("latin-1")) for n, v in (*valid, (MARK, found.mark)))
        return Reply(found.answer.http_status, headers, found.answer.body)

    def scripted(self, step: Step, call: Call) -> Reply:
        """The answer with the status of *step*, whatever the credentials; a success is about the requested number."""
        facts = None
        if step.status == SUCCESS or step.shape == WITH_FACTS:
            facts = self._success(call).facts
        ordered = refusal(step.status or 0)
        outcome = ApiResult(ordered.status, step.text or ordered.text, facts)
        return render_variant(outcome, step.edition or self._settings.edition, call.format, step.shape)

    def _success(self, call: Call) -> ApiResult:
        params = parameters(call)
        outcome = look_up(first(params, "number"), first(params, "country"), self._settings.edition)
        if outcome.status == SUCCESS:
            return outcome
        return example()


@lru_cache(maxsize=64)
def _refused(status: int, edition: str, wanted: str) -> Template:
    return render(refusal(status), edition, wanted)


def _looked_up(number: str | None, country: str | None, edition: str, wanted: str) -> Template:
    """The result for a number, cached because number work takes most of the time; long ones would fill memory."""
    if len(number or "") > MAX_TEXT_LENGTH or len(country or "") > MAX_TEXT_LENGTH:
        return render(look_up(number, country, edition), edition, wanted)
    return _kept(number, country, edition, wanted)


@lru_cache(maxsize=10_000)
def _kept(number: str | None, country: str | None, edition: str, wanted: str) -> Template:
    return render(look_up(number, country, edition), edition, wanted)


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
    """Whether the first Authorization header of scheme Basic (RFC 7617) is right; other schemes are ignored."""
    found = (v.decode("latin-1") for n, v in headers if n == b"authorization" and v[:6].lower() == b"basic ")
    given = basic_pair(next(found, None))
    key = first(params, "api_key")
    if given is None or (key is not None and not _same(key, credentials.api_key)):
        return False
    return _same(":".join(given), f"{credentials.api_key}:{credentials.api_secret}")


def _signature_is_right(params: Pairs, sig: str, credentials: Credentials, now: float) -> bool:
    is_now = is_fresh(first(params, "timestamp") or "", now)
    return is_now and matching_method(params, credentials.signature_secret, sig) is not None


def _same(given: str | None, right: str) -> bool:
    return given is not None and compare_digest(given.encode(), right.encode())
