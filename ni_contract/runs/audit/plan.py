"""What an audit is to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ni_contract.contract.catalogue import EDITIONS, Clause, load_catalogue
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.judge.deviations import Deviation

# What a client makes of an answer shows only where the client runs.
_CLIENT_KIND = "request"


@dataclass(frozen=True, slots=True)
class AuditRules:
    """How everything is judged.

    *account*: the valid credentials, None when nobody knows them. *clauses*: those that were chosen. *since*: earlier
    exchanges are passed over. *limit*: no more exchanges than this are judged.
    """

    account: Credentials | None
    clauses: tuple[Clause, ...]
    since: float | None = None
    limit: int | None = None

    @property
    def chosen(self) -> frozenset[str]:
        """The ids of the clauses."""
        return frozenset(clause.id for clause in self.clauses)

    def musts(self) -> list[frozenset[str]]:
        """For each edition the chosen clauses that an exchange has to keep to conform; secrets in it are no matter."""
        musts = [clause for clause in self.clauses if clause.level == "MUST" and clause.side != "recording"]
        return [frozenset(clause.id for clause in musts if clause.binds(edition)) for edition in EDITIONS]


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """*files*: paths with their names for messages. *engine* with its *address*, or on this machine with *workers*.

    *name* is what the report calls the recordings, and what declared deviations have as their target. *signal* is
    the number of the one that ended the reading of the input.
    """

    files: tuple[tuple[str, str], ...]
    rules: AuditRules
    deviations: tuple[Deviation, ...] = ()
    engine: str = "local"
    address: str | None = None
    workers: int = 1
    name: str = "recordings"
    signal: int | None = None


def audited_clauses(only: Sequence[str] = ()) -> tuple[Clause, ...]:
    """The clauses that recorded traffic can be judged by, of these those that match one of the globs *only*.

    Raises UsageError when a glob matches none.
    """
    clauses = [c for c in load_catalogue() if c.side != "client" or c.kind == _CLIENT_KIND]
    for glob in only:
        if not any(fnmatchcase(c.id, glob) for c in clauses):
            raise UsageError(f"{glob!r} matches no clause about recorded traffic; `ni-contract explain` lists them all")
    return tuple(c for c in clauses if not only or any(fnmatchcase(c.id, glob) for glob in only))
