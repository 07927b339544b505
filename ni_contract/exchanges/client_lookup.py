"""Frozen values of one lookup by a client: what it was asked to do, what it told its user, what was seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ni_contract.exchanges.values import Exchange

# A client is waited for so much longer than the time-out that it was told, counted from its latest request: it may be
# slow, and pause before it asks again, but not hang.
GRACE_SECONDS: Final = 8.0


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a client is asked: a number as people write it, a country (ISO 3166-1 alpha-2) where the number needs one.

    *timeout*: seconds without an answer after which it has to give up.
    """

    number: str
    country: str | None = None
    timeout: float = 2.0


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """What a client told its user: *ok* with a *result* (documented names to values), or the *status* and *reason*.

    *status* is the API's, None where the client does not tell it or there was none; *reason* is a text for people.
    """

    ok: bool
    result: Mapping[str, Any] | None = None
    status: int | None = None
    reason: str | None = None

    def __repr__(self) -> str:
        """Short, for a client may tell more than it should."""
        return f"Outcome(ok={self.ok}, status={self.status})"


@dataclass(frozen=True, slots=True)
class MissingOutcome:
    """Why a client told nothing: *message* is a sentence without secrets, *kind* "late", "crash" or "unreadable".

    *kind* "status" is a failure that is not of the protocol only because its status is no integer. *detail* is what the
    client wrote to stderr, in its own lines.
    """

    kind: str
    message: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LookupRecord:
    """One lookup as it was seen: what was asked, the exchanges made of it in order, what was told, how long it took.

    *case* names the scenario, *shape* how its answer was written (see `simulator.answer_variants`). *trusted*: whether
    the CA that the client was given vouches for the server.
    """

    case: str
    lookup: Lookup
    told: Outcome | MissingOutcome
    exchanges: tuple[Exchange, ...] = ()
    shape: str | None = None
    trusted: bool = True
