"""Frozen values of one lookup by a client: the task, the reported outcome, the recorded exchanges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ni_contract.exchanges.finding import shown
from ni_contract.exchanges.values import Exchange

# A client gets this many seconds beyond its own time-out, counted from its latest request: it may be slow and pause
# between requests, but not hang.
GRACE_SECONDS: Final = 8.0
# A client that keeps its time-out reports within this many seconds of it, also on a busy machine.
LATE_SECONDS: Final = 1.5
# What a client does after this part of its time-out may come from the time-out, although an answer came.
MAYBE_TIMED_OUT: Final = 0.75
# OpenSSL's reason for a request without TLS at the port of HTTPS.
PLAIN_HTTP: Final = "HTTP_REQUEST"
# The shapes of an answer that cannot come, as no connection is possible, and of one that takes its time.
CLOSED, SLOW = "closed", "slow"
# The kind of a missing outcome that reports a failure, with a status that is neither an integer nor null.
NO_INTEGER: Final = "status"


@dataclass(frozen=True, slots=True)
class Lookup:
    """The task of a client: a number as people write it, and a country (ISO 3166-1 alpha-2) where the number needs one.

    *timeout*: seconds without an answer after which it has to give up.
    """

    number: str
    country: str | None = None
    timeout: float = 2.0


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """The outcome that a client reported: *ok* with a *result* (documented names to values), or *status* and *reason*.

    *status* is the API's, None where the client does not report it or there was none; *reason* is a text for people.
    """

    ok: bool
    result: Mapping[str, Any] | None = None
    status: int | None = None
    reason: str | None = None

    def __repr__(self) -> str:
        """A short form, because a client may report too much."""
        return f"Outcome(ok={self.ok}, status={self.status})"


@dataclass(frozen=True, slots=True)
class MissingOutcome:
    """The reason why a client reported no outcome that can be used, in the *message*, without secrets.

    *kind* is "late", "crash", "unreadable" or `NO_INTEGER`. *detail* is what the client wrote to stderr, in its own
    lines.
    """

    kind: str
    message: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LookupRecord:
    """The record of one lookup: the task, its exchanges in order, the reported outcome.

    *case* names the scenario, *shape* how its answer was written (see `simulator.answer_variants`). *trusted*: whether
    the CA that the client was given vouches for the server. *printed* is the client's output beside its outcome,
    *waited* the seconds from its latest request to its outcome. *before_outcome* counts the exchanges until the outcome
    was reported; later ones cannot explain it. None: all of them. *may_refuse*: whether the number is none, so that the
    client may change it, or ask nothing. *tls_fault*: OpenSSL's reason for a connection without TLS, or ended by the
    client. *unread*: the first line of what came instead of an HTTP request. *hurried*: whether the outcome was waited
    for less long than a client may take, after others that did not come.
    """

    case: str
    lookup: Lookup
    reported: Outcome | MissingOutcome
    exchanges: tuple[Exchange, ...] = ()
    shape: str | None = None
    trusted: bool = True
    printed: str = field(default="", repr=False)
    waited: float = 0.0
    before_outcome: int | None = None
    may_refuse: bool = False
    tls_fault: str = ""
    unread: bytes = field(default=b"", repr=False)
    hurried: bool = False

    @property
    def last_answered(self) -> int:
        """The index of the last exchange before the outcome; of the last one of all where none came before it."""
        return (self.before_outcome or len(self.exchanges)) - 1


def words_of(told: Outcome | MissingOutcome) -> str:
    """The reported outcome in words; secrets are not masked yet."""
    if isinstance(told, MissingOutcome):
        return f"nothing: {told.message}"
    if told.ok:
        facts = ", ".join(f"{name} {shown(value)}" for name, value in (told.result or {}).items())
        return f"a success: {facts}" if facts else "a success"
    words = "a failure"
    if told.status is not None:
        words += f", status {told.status}"
    return f"{words}: {' '.join((told.reason or '').split()) or 'no reason'}"
