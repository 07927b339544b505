"""The plan of an audit."""

from collections.abc import Sequence
from dataclasses import dataclass

from ni_contract.contract.catalogue import EDITIONS, Clause, load_catalogue, matching
from ni_contract.exchanges.credentials import Credentials
from ni_contract.judge.deviations import Deviation

# Clauses about reported outcomes cannot be evaluated without the client.
_CLIENT_KIND = "request"


@dataclass(frozen=True, slots=True)
class AuditRules:
    """The rules of judging.

    *account*: the valid credentials, None when they are not known. *clauses*: the selected ones. *since*: earlier
    exchanges are skipped. *limit*: the maximum number of exchanges. *numbers*: the international numbers that the
    provider knows, none for all.
    """

    account: Credentials | None
    clauses: tuple[Clause, ...]
    since: float | None = None
    limit: int | None = None
    numbers: frozenset[str] = frozenset()

    @property
    def chosen(self) -> frozenset[str]:
        return frozenset(clause.id for clause in self.clauses)

    def musts(self) -> list[frozenset[str]]:
        """The selected clauses of each edition that an exchange must keep to conform; secrets in it do not count."""
        return list(map(self._musts_of, EDITIONS))

    def _musts_of(self, edition: str) -> frozenset[str]:
        musts = (clause for clause in self.clauses if clause.level == "MUST" and clause.side != "recording")
        return frozenset(clause.id for clause in musts if clause.binds(edition))


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """*files*: paths with their names for messages. *engine* with its *address*, or on this machine with *workers*.

    *name* is the name of the recordings in the report, and the target of declared deviations. *signal* is the number of
    the one that ended the reading of the input.
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
    """The clauses that recorded traffic can be judged by; of these, those that match one of the globs *only*.

    Raises UsageError when a glob matches none.
    """
    clauses = tuple(c for c in load_catalogue() if c.side != "client" or c.kind == _CLIENT_KIND)
    return matching(clauses, only, "only", "about recorded traffic") or clauses
