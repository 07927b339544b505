"""A replayed recording as a provider: each recorded exchange is judged, once."""

from ni_contract.drivers.provider.driver import Sent
from ni_contract.errors import HarnessError
from ni_contract.exchanges.values import Answer, Exchange, header
from ni_contract.recordings.replay import MARK


def leave_out_unrecorded(sent: list[Sent], busy: list[Exchange]) -> bool:
    """Whether a replay answered; if so, removes unrecorded and repeated exchanges from both lists.

    Raises HarnessError when nothing is left.
    """
    if not any(_mark(one.exchange) for one in sent):
        return False
    seen: set[str] = set()
    busy[:] = [exchange for exchange in busy if _is_new(exchange, seen)]
    sent[:] = [one for one in sent if _is_new(one.exchange, seen)]
    if not sent and not busy:
        raise HarnessError("the recording holds none of the fixed requests; judge it with: ni-contract audit FILE")
    return True


def is_replayed(exchange: Exchange) -> bool:
    """Whether a replay answered, from its recording or with the answer for a request that it does not have."""
    return bool(_mark(exchange))


def _is_new(exchange: Exchange, seen: set[str]) -> bool:
    mark = _mark(exchange)
    if not mark.isdigit() or mark in seen:
        return False
    seen.add(mark)
    return True


def _mark(exchange: Exchange) -> str:
    answer = exchange.answer
    if isinstance(answer, Answer):
        return header(answer.headers, MARK) or ""
    return ""
