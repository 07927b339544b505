"""Selects the answer to a request: credentials, then throttle, then quota, then parameters. No input or output here."""

from collections import deque
from collections.abc import Callable
from functools import lru_cache
from math import inf
from typing import Final

from ni_contract.contract.form_encoding import first
from ni_contract.contract.numbering import MAX_TEXT_LENGTH
from ni_contract.contract.vocabulary import BAD_CREDENTIALS, BUSY, INVALID, NO_CREDIT, SUCCESS
from ni_contract.simulator.account import is_authorised
from ni_contract.simulator.answer_variants import WITH_FACTS, render_variant
from ni_contract.simulator.decode import Call, parameters
from ni_contract.simulator.lookup import ApiResult, example, look_up, refusal
from ni_contract.simulator.render import Template, render
from ni_contract.simulator.reply import HttpError, Reply
from ni_contract.simulator.script import Step
from ni_contract.simulator.settings import Settings

_BAD_REQUEST = 400
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

    def answer(self, call: Call) -> Template:
        """The answer to *call*; parameters that cannot be read are invalid. Raises HttpError for another method."""
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

    def scripted(self, step: Step, call: Call) -> Reply:
        """The answer with the status of *step*, whatever the credentials; a success is about the requested number."""
        facts = self._success(call).facts if step.status == SUCCESS or step.shape == WITH_FACTS else None
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
