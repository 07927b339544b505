"""The results of one run of a command, which all reports use."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.controls import Fields
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Request
from ni_contract.judge import Violation
from ni_contract.judge.root_causes import RootCause
from ni_contract.judge.verdicts import CONFORMANT, ERROR, NONCONFORMANT, PARTIAL, JudgedExchange, Verdict
from ni_contract.runs.ledger import Ledger

EMBEDDED_NAME = "the embedded simulator"
# The exit code of a command by the result.
EXIT_CODES = {CONFORMANT: 0, PARTIAL: 0, NONCONFORMANT: 1, ERROR: 3}


@dataclass(frozen=True, slots=True)
class Discovery:
    """A clause that only drawn requests broke: the simplest of them as a vector's fields, and the judgement."""

    fields: Fields
    judged: Violation


@dataclass(frozen=True, slots=True)
class Traffic:
    """The traffic of an audit: the number of files, of judged exchanges, and of conforming ones in each edition.

    *skipped* counts by reason; *unreadable* has the first places that could not be read, each with the reason.
    """

    files: int
    judged: int
    conforming: Mapping[str, int]
    skipped: Mapping[str, int] = field(default_factory=dict)
    unreadable: tuple[tuple[str, str], ...] = ()
    unreadable_places: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Run:
    """The results for one target: verdicts by edition, results, features found, discoveries, the cost.

    *error* is the reason when the run could not be finished, "" otherwise. *command* is the one that drove, *repeat*
    makes of a clause's id the command line that judges it again, of "" that for all clauses; a command sets it.
    *repeats_requests*: that command takes requests, as --vectors. *is_part*: --only left clauses out. *reachable*:
    *base_url* is where a curl line can ask the target. *deviation_target* is the name for deviations where they need
    one. *ledger* is a live run's: when each clause was confirmed last. *command_line* holds no secret, *ended* is in
    UTC, *exchanges* are all that were judged one by one, in order; *show_exchanges*: a report shows them all. *causes*
    are the failing clauses by edition, grouped by root cause, *asked* the requests of the run as the fields of vectors.
    *signal* is the number of the signal that ended the run early, if any; *is_cut*: its time was over before its end.
    """

    target: str
    account: Credentials
    verdicts: Mapping[str, tuple[Verdict, ...]]
    results: Mapping[str, str]
    command: str = "verify"
    base_url: str = ""
    reachable: bool = False
    claims: Claims = field(default_factory=lambda: Claims(frozenset()))
    found: frozenset[str] = frozenset()
    discoveries: tuple[Discovery, ...] = ()
    notes: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    error: str = ""
    repeat: Callable[[str], str] = str
    repeats_requests: bool = False
    is_part: bool = False
    deviation_target: str = ""
    traffic: Traffic | None = None
    ledger: Ledger | None = None
    seed: int | None = None
    command_line: str = ""
    ended: datetime = field(default_factory=lambda: datetime.now(UTC))
    exchanges: tuple[JudgedExchange, ...] = ()
    show_exchanges: bool = False
    causes: Mapping[str, tuple[RootCause, ...]] = field(default_factory=dict)
    asked: Mapping[Request, Mapping[str, Any]] = field(default_factory=dict)
    signal: int | None = None
    is_cut: bool = False

    def all_verdicts(self) -> Iterator[Verdict]:
        return chain.from_iterable(self.verdicts.values())

    def verdicts_with(self, edition: str, *words: str) -> list[Verdict]:
        """The verdicts of *edition* whose word is one of *words*."""
        return [verdict for verdict in self.verdicts[edition] if verdict.word in words]

    def __repr__(self) -> str:
        """A short form, because the exchanges may contain text that the provider sent back."""
        return f"Run({self.target!r}, {dict(self.results)!r}, {self.requests} requests)"
