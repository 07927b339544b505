"""What an audit is to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ni_contract.contract.catalogue import Clause, load_catalogue
from ni_contract.errors import UsageError
from ni_contract.judge.deviations import Deviation
from ni_contract.runs.audit.worker import AuditRules

# What a client makes of an answer shows only where the client runs.
_CLIENT_KIND = "request"


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """*files*: paths with their names for messages. *engine* with its *address*, or on this machine with *workers*.

    *name* is what the report calls the recordings, and what declared deviations have as their target.
    """

    files: tuple[tuple[str, str], ...]
    rules: AuditRules
    deviations: tuple[Deviation, ...] = ()
    engine: str = "local"
    address: str | None = None
    workers: int = 1
    name: str = "recordings"


def audited_clauses(only: Sequence[str] = ()) -> tuple[Clause, ...]:
    """The clauses that recorded traffic can be judged by, of these those that match one of the globs *only*.

    Raises UsageError when a glob matches none.
    """
    clauses = [c for c in load_catalogue() if c.side != "client" or c.kind == _CLIENT_KIND]
    for glob in only:
        if not any(fnmatchcase(c.id, glob) for c in clauses):
            raise UsageError(
                f"--only {glob!r} matches no clause about recorded traffic; `ni-contract explain` lists them all"
            )
    return tuple(c for c in clauses if not only or any(fnmatchcase(c.id, glob) for glob in only))
