"""A client at a simulator: how it is asked, the script of the answers, and the watch of its requests."""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from ni_contract.clock import RealClock
from ni_contract.contract.numbering import interpret
from ni_contract.contract.vocabulary import HTTP_OK
from ni_contract.drivers.client.cases import Case
from ni_contract.drivers.client.patience import MAX_REQUESTS, Patience
from ni_contract.exchanges.client_lookup import Lookup, MissingOutcome, Outcome
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Answer, Exchange, header
from ni_contract.interruption import Interrupted
from ni_contract.simulator.script import Script

MAX_LINE_BYTES: Final = 2_000
# Asks the client; the second argument bounds the wait.
Ask = Callable[[Lookup, Patience], Outcome | MissingOutcome]


@dataclass(slots=True)
class LookupWatch:
    """Takes in what a simulator records, lookup by lookup. A request belongs to the lookup with its number.

    A client may send more requests about a number after its outcome: they do not belong to the next lookup.
    *interrupted* is the signal that ended the watching early, if any; *left_out* counts the lookups for which the time
    of the run was too short, or, where it is *fruitless*, that were left out since the client reported no success;
    *withheld* those for which the client, in a state of its own, asked nothing, *resumed* those for which it did so
    until a pause or a new process; *latest* is when, by `RealClock`, the latest request was recorded; *tls_fault* is
    OpenSSL's reason for a connection of the current lookup to the port of HTTPS without TLS, or ended by the client,
    *unread* the first line of what came instead of an HTTP request.
    """

    interrupted: Interrupted | None = None
    left_out: int = 0
    fruitless: bool = False
    withheld: int = 0
    resumed: int = 0
    latest: float = 0.0
    tls_fault: str = ""
    unread: bytes = b""
    _began: float = 0.0
    _owners: dict[str, int] = field(default_factory=dict)
    _kept: list[list[Exchange]] = field(default_factory=list)
    _of_others: list[tuple[int, Exchange]] = field(default_factory=list)

    def begin(self, lookup: Lookup) -> Sequence[Exchange]:
        """Begins the next lookup and returns its exchanges; those that come are appended to them."""
        facts = interpret(lookup.number, lookup.country).facts
        # A client that does not encode & sends what is before it.
        names = [lookup.number, lookup.number.partition("&")[0]]
        if facts is not None:
            names.append(facts.international)
        for name in names:
            self._owners[_digits(name)] = len(self._kept)
        self._kept.append([])
        self._began = time.time()
        self.tls_fault, self.unread = "", b""
        self._of_others.clear()
        return self._kept[-1]

    def claim(self) -> None:
        """Moves to the current lookup the requests about numbers of earlier ones that cannot be late ones of these.

        A late one was sent before this lookup began, or comes while this one has requests of its own, unless the
        earlier lookup had its answer.
        """
        is_idle = not self._kept[-1]
        for owner, exchange in self._of_others:
            is_new = exchange.sent_at is None or exchange.sent_at >= self._began
            if is_new and (is_idle or _is_answered(self._kept[owner], exchange)):
                self._kept[owner].remove(exchange)
                self._kept[-1].append(exchange)

    def record(self, exchange: Exchange) -> None:
        """Appends one exchange; before the first lookup it belongs to none."""
        self.latest = RealClock.monotonic()
        if self._kept:
            number = _digits(parse_request(exchange.request).get("number") or "")
            current = len(self._kept) - 1
            # Without a number of a lookup it belongs to the current one, or to the one before as its redirect.
            otherwise = current - 1 if self._is_late_hop(exchange) else current
            owner = self._owners.get(number, otherwise)
            if len(self._kept[owner]) < MAX_REQUESTS:
                self._kept[owner].append(exchange)
                if owner != current:
                    self._of_others.append((owner, exchange))

    def _is_late_hop(self, exchange: Exchange) -> bool:
        """Whether the lookup before was last redirected to the URL of the request."""
        if len(self._kept) < 2 or not self._kept[-2]:
            return False
        answer = self._kept[-2][-1].answer
        return isinstance(answer, Answer) and header(answer.headers, "location") == exchange.request.url

    def note_tls_fault(self, reason: str) -> None:
        """Takes in the *reason* for a connection to the port of HTTPS without a request that can be read."""
        self.tls_fault = reason

    def note_unread(self, data: bytes) -> None:
        """Takes in the *data* that came instead of an HTTP request."""
        self.unread = data[:MAX_LINE_BYTES].partition(b"\n")[0]

    def exchanges(self) -> Iterable[tuple[Exchange, ...]]:
        """The exchanges of each lookup so far, in their order."""
        return (tuple(kept) for kept in self._kept)


def _is_answered(kept: Sequence[Exchange], exchange: Exchange) -> bool:
    """Whether the request before *exchange* was answered with HTTP 200."""
    place = kept.index(exchange)
    if place == 0:
        return False
    answer = kept[place - 1].answer
    return isinstance(answer, Answer) and answer.http_status == HTTP_OK


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


@dataclass(frozen=True, slots=True)
class ClientStage:
    """A function that asks a client, the script of the answers, and the watch of the client's requests.

    *printed* returns what the client printed since the last call beside its outcomes. *restart* ends the client, which
    starts anew for the next lookup; None where it cannot.
    """

    ask: Ask
    script: Script
    watch: LookupWatch
    printed: Callable[[], str] = lambda: ""
    restart: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Opens a stage of its own for one case, whose server has the certificate of that case.

    *beside*: the client may be asked there while it is asked on another stage.
    """

    open: Callable[[Case], AbstractContextManager[ClientStage]]
    beside: bool
