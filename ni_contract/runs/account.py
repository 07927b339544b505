"""The account of a run: whether its credentials are refused, its credit is used up, or it is Busy for good."""

from collections.abc import Iterable
from typing import Final

from ni_contract.contract.vocabulary import BAD_CREDENTIALS, NO_CREDIT
from ni_contract.drivers.provider.driver import BUSY_PAUSE_SECONDS, Driver, Sent, is_busy, plan, run_vectors
from ni_contract.drivers.provider.liveness import TargetEndedError
from ni_contract.drivers.provider.vectors import Vector, lookup_vectors
from ni_contract.errors import HarnessError
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.values import Exchange
from ni_contract.runs.session import Session

MAX_BUSY_CHECKS: Final = 3  # a run
_TIMES: Final = 3
REFUSED: Final = "every lookup was refused with status 4: are these the key and the secret of the target?"


def is_locked_out(session: Session) -> bool:
    """Whether every lookup is refused with status 4, in a POST, in XML and with HTTP Basic too."""
    if not are_refused(session.sent):
        return False
    ways = [vector for vector in plan(session.plan.claims, session.plan.account) if _is_way_in(vector)]
    run_vectors(session.driver, ways, session.sent)
    return are_refused(session.sent)


def _is_way_in(vector: Vector) -> bool:
    return vector.id in ("basic", "post-form-json", "post-application-json", "reference-xml")


def are_refused(sent: Iterable[Sent]) -> bool:
    return all(status_of(one.exchange) == BAD_CREDENTIALS for one in sent)


def refuse_exhausted(driver: Driver, exchanges: Iterable[Exchange]) -> None:
    """Raises HarnessError when the account has no credit left: then status 9 was right, and nothing can be judged."""
    if not any(status_of(exchange) == NO_CREDIT for exchange in exchanges):
        return
    again = driver.send_vector(_usual())
    if status_of(again.exchange) == NO_CREDIT:
        raise HarnessError(
            f"the account is out of credit (status 9) after {driver.requests} requests; "
            "give it more, or start the target anew"
        )


def refuse_endlessly_busy(session: Session, exchanges: Iterable[Exchange]) -> None:
    """Raises TargetEndedError where the target has served lookups, and is Busy now however slowly it is asked."""
    busy = [exchange for exchange in exchanges if is_busy(exchange)]
    if not busy or not session.has_served or session.busy_checks >= MAX_BUSY_CHECKS:
        return
    session.busy_checks += 1
    if all(_is_busy_after_pause(session.driver) for _ in range(_TIMES)):
        words = f"the target is Busy (status 1) for good after {session.driver.requests} requests"
        raise TargetEndedError(words, busy, (), True)


def _is_busy_after_pause(driver: Driver) -> bool:
    driver.sleep(BUSY_PAUSE_SECONDS)
    return is_busy(driver.send(driver.build(_usual().request), "control"))


def _usual() -> Vector:
    return next(vector for vector in lookup_vectors() if vector.id == "london-json")
