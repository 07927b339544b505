"""Sends the requests of a live run: slowly, within the budget, and none after a problem."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ni_contract.contract.vocabulary import BAD_CREDENTIALS, BUSY, NO_CREDIT
from ni_contract.drivers.live.signal_guard import SignalGuard
from ni_contract.drivers.provider.driver import Driver, Sent, refuse_unusable
from ni_contract.drivers.provider.liveness import FAILURES_IN_A_ROW
from ni_contract.drivers.provider.vectors import Vector, build
from ni_contract.errors import HarnessError, option
from ni_contract.exchanges.gateway import TOO_MANY_REQUESTS, is_gateway_answer, status_of
from ni_contract.exchanges.values import Answer, Exchange, Failure, header

# Accounts are permitted whole requests a second, so less than one a second is below every limit.
DEFAULT_RATE = 0.9
BACK_OFF_SECONDS = (2.0, 4.0, 8.0)
MAX_BACK_OFF_SECONDS = 60.0
MAX_BACK_OFFS = 6

Record = Callable[[Vector, Exchange, float], None]


class BudgetSpent(Exception):
    """The budget allows no further request."""


@dataclass(slots=True)
class LiveDriver(Driver):
    """A driver with a *budget* of requests, which hands each finished exchange and its seconds to *record*.

    *unanswered* are the exchanges without an answer of the API: time-outs, broken connections, gateways' pages.
    """

    budget: int = 1
    record: Record = lambda _vector, _exchange, _seconds: None
    interruption: SignalGuard = field(default_factory=SignalGuard)
    unanswered: list[Exchange] = field(default_factory=list)
    _back_offs: int = 0
    _unanswered_in_a_row: int = 0

    def send_step(self, step: "PlannedRequest") -> Sent | None:
        """The exchange of *step*, asked again while the API is busy; None when the API did not answer.

        Raises HarnessError when nothing more may be sent, BudgetSpent, and Interrupted.
        """
        for pause in (*BACK_OFF_SECONDS, None):
            exchange = self._once(step.vector)
            if not self._has_to_wait(exchange):
                return self._checked(step, exchange)
            self._back_off(exchange, pause)
        return None

    def _once(self, vector: Vector) -> Exchange:
        self.interruption.check()
        if self.requests >= self.budget:
            raise BudgetSpent
        self._pace()
        now = self.clock()
        request = build(vector, self.target.base_url, self.account, now)
        self.requests += 1
        exchange = Exchange(request, self.target.send(request), f"vector {vector.id}", now)
        self.record(vector, exchange, max(0.0, self.clock() - now))
        return exchange

    def _has_to_wait(self, exchange: Exchange) -> bool:
        answer = exchange.answer
        if status_of(exchange) == BUSY:
            self.busy.append(exchange)
            return True
        return isinstance(answer, Answer) and answer.http_status == TOO_MANY_REQUESTS and is_gateway_answer(exchange)

    def _back_off(self, exchange: Exchange, pause: float | None) -> None:
        """Waits and slows down for the rest of the run. Raises HarnessError after `MAX_BACK_OFFS` times."""
        self._back_offs += 1
        if pause is None or self._back_offs > MAX_BACK_OFFS:
            raise HarnessError(
                f"the API is still busy after {self.requests} requests and {self._back_offs} answers to say so; "
                "nothing more was sent: try later, or give a lower --rate"
            )
        if self.rate:
            self.rate /= 2
        self.sleep(max(pause, _asked_to_wait(exchange)))

    def _checked(self, step: "PlannedRequest", exchange: Exchange) -> Sent | None:
        """Raises HarnessError for an answer that ends the run."""
        status = status_of(exchange)
        if status == NO_CREDIT:
            raise HarnessError(
                f"the account is out of credit (status 9) after {self.requests} requests; nothing more was sent"
            )
        if status == BAD_CREDENTIALS and step.credentials_are_right:
            raise HarnessError(_refused_text(step, self.requests))
        if isinstance(exchange.answer, Answer) and not is_gateway_answer(exchange):
            if self.requests == 1:
                refuse_unusable(exchange)
            self._unanswered_in_a_row = 0
            return Sent(step.vector, exchange)
        self._count_unanswered(exchange)
        return None

    def _count_unanswered(self, exchange: Exchange) -> None:
        self.unanswered.append(exchange)
        self._unanswered_in_a_row += 1
        if self.requests == 1 and isinstance(exchange.answer, Failure):
            refuse_unusable(exchange)
        if self._unanswered_in_a_row >= FAILURES_IN_A_ROW:
            raise HarnessError(
                f"{FAILURES_IN_A_ROW} requests in a row got no answer of the API, the last one: {why_not(exchange)}; "
                f"nothing more was sent after {self.requests} requests"
            )


def why_not(exchange: Exchange) -> str:
    """The reason, in words, why *exchange* has no answer of the API."""
    answer = exchange.answer
    if isinstance(answer, Failure):
        return answer.message
    return f"HTTP {answer.http_status} from a gateway"


def _asked_to_wait(exchange: Exchange) -> float:
    """The seconds of a Retry-After header, bounded; 0 without one."""
    answer = exchange.answer
    asked = (header(answer.headers, "retry-after") if isinstance(answer, Answer) else None) or ""
    if asked.isascii() and asked.isdigit():
        return min(float(asked[:9]), MAX_BACK_OFF_SECONDS)
    return 0.0


def _refused_text(step: "PlannedRequest", requests: int) -> str:
    told = f"status 4 for the request {step.vector.id}, whose credentials were meant to be right; nothing more was sent"
    needs = {"basic-auth", "signature"} & set(step.vector.needs)
    if requests > 1 and needs:
        return f"{told}: if the API is not meant to take these, give {option('features')} no-{min(needs)}"
    return f"{told}: check NI_API_KEY and NI_API_SECRET" + (" and NI_SIGNATURE_SECRET" if "signature" in needs else "")


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One request of a plan: the vector, the clauses that it is the first to evaluate, and whether it is charged for.

    *credentials*: whether they are right, so that a status 4 ends the run.
    """

    vector: Vector
    serves: tuple[str, ...]
    charged: bool
    credentials_are_right: bool
