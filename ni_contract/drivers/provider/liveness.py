"""Whether a target still answers: judged by its answers so far, and by asking again what it has answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ni_contract.errors import HarnessError
from ni_contract.exchanges.gateway import SERVER_ERROR
from ni_contract.exchanges.redaction import redact_url
from ni_contract.exchanges.sending import BROKEN_BODY, Result, failure_kind
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request

FAILURES_IN_A_ROW: Final = 3
# After so many checks that the target passed, only every third failure in a row leads to another.
MAX_CHECKS_AT_ONCE: Final = 5
MAX_RETURNS: Final = 20
# A gateway may answer HTTP 503 for a second where too much is asked.
_PAUSE_SECONDS: Final = 1.1
_TIMES: Final = 3
# A supervisor starts a server that ended anew.
_WAIT_SECONDS, _WAITS = 0.25, 20


class TargetEndedError(HarnessError):
    """The error of a target that answers no more.

    *unanswered*: the exchanges since its last answer; *beside*: those that were under way with the last of them.
    *is_fault*: its connections or answers show that, so that the rest is merely untested; a target that is silent may
    be out of reach.
    """

    def __init__(self, words: str, unanswered: Sequence[Exchange], beside: Sequence[Exchange], is_fault: bool) -> None:
        super().__init__(words)
        self.unanswered, self.beside, self.is_fault = tuple(unanswered), tuple(beside), is_fault


@dataclass(slots=True)
class Liveness:
    """Watches the exchanges of a run; *send* sends a request again, *sleep* waits for seconds."""

    send: Callable[[Request], Result]
    sleep: Callable[[float], None]
    _answered: Request | None = None
    _failed: list[Exchange] = field(default_factory=list)
    _checks: int = 0
    _returns: int = 0

    def watch(self, exchange: Exchange, count: int, beside: Callable[[], Sequence[Exchange]]) -> bool:
        """Whether the target had ended at *exchange* and listens again, so that it can be asked again.

        *exchange* is the last of *count*, *beside* gives those under way with it. Raises TargetEndedError.
        """
        answer, kind = exchange.answer, failure_kind(exchange.answer)
        if not _is_failure(answer) or (kind in BROKEN_BODY and self._answered is not None):
            self._failed.clear()
            self._answered = self._answered or exchange.request
            return False
        # A server goes on after HTTP 500, and an application after an exception.
        if kind in ("", "crash") and self._answered is None:
            return False
        self._failed.append(exchange)
        is_gone = kind == "refused" and self._answered is not None
        if is_gone and self._listens_again():
            return True
        if is_gone or (self._is_to_be_checked(kind) and not self._answers(kind)):
            raise self._ended(exchange, count, [one for one in beside() if _is_failure(one.answer)])
        return False

    def _is_to_be_checked(self, kind: str) -> bool:
        is_row = len(self._failed) % FAILURES_IN_A_ROW == 0
        return is_row or (kind == "" and len(self._failed) == 1 and self._checks < MAX_CHECKS_AT_ONCE)

    def _answers(self, kind: str) -> bool:
        """Whether the first request that was answered is answered again: if so, the failures are those of requests."""
        if self._answered is None:
            return False
        self._checks += 1
        # What is too much for a second may fail in any way; each silence takes a whole time-out.
        for turn in range(1 if kind == "timeout" else 2 * _TIMES):
            if turn == _TIMES:
                self.sleep(_PAUSE_SECONDS)
            result = self.send(self._answered)
            if isinstance(result, Answer) and (kind or not _is_failure(result)):
                return True
        return False

    def _listens_again(self) -> bool:
        self._returns += 1
        for _ in range(_WAITS):
            if self._returns > MAX_RETURNS or self._answered is None:
                return False
            if failure_kind(self.send(self._answered)) != "refused":
                self._failed.clear()
                return True
            self.sleep(_WAIT_SECONDS)
        return False

    def _ended(self, last: Exchange, count: int, beside: Sequence[Exchange]) -> TargetEndedError:
        answer, kind, unanswered = last.answer, failure_kind(last.answer), tuple(self._failed)
        if self._answered is None and kind in BROKEN_BODY:
            words = f"the body of each of the first {len(self._failed)} answers stops, or cannot be decoded"
            return TargetEndedError(words, (), (), True)
        words = answer.message if isinstance(answer, Failure) else f"HTTP {answer.http_status}"
        sentence = (
            f"the target stopped answering after {count} requests: {words}; "
            f"unanswered in the end: {', '.join(map(_named, unanswered))}"
        )
        return TargetEndedError(sentence, unanswered, beside, kind in ("", "crash", "refused", "reset"))


def _is_failure(answer: Result) -> bool:
    return isinstance(answer, Failure) or answer.http_status >= SERVER_ERROR


def _named(exchange: Exchange) -> str:
    """The vector of *exchange*, or its request."""
    if exchange.origin.startswith("vector "):
        return exchange.origin
    return f"{exchange.request.method} {redact_url(exchange.request.url)}"
