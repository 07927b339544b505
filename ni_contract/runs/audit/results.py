"""Results of exchanges that are alike, kept once and counted each time; records of faults by comparison."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, NamedTuple

from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.values import Answer, Failure
from ni_contract.judge.clauses.relation import Comparable
from ni_contract.judge.repetition import BrokenClause
from ni_contract.judge.unserved import Unserved
from ni_contract.runs.audit.records import Record, packed, unpacked
from ni_contract.runs.audit.summary import Position

MAX_CACHED_RESULTS: Final = 110_000
MAX_ALIKE_RESULTS: Final = 12_000
# The bits of a group's hash for the editions in which its exchanges fail by themselves.
FAULTS: Final = 0b11

# The clauses that hold, the broken ones, why the answer is not the API's, and remarks.
ResultKey = tuple[tuple[str, ...], tuple[str, ...], str, tuple[str, ...]]


@dataclass(slots=True, eq=False)
class DistinctResult:
    """One distinct result of the clauses with its number of exchanges; *key* distinguishes it from the others."""

    key: ResultKey
    faults: int
    count: int = 0


class Refusal(NamedTuple):
    """A refusal with its finding, which is masked and short."""

    unserved: Unserved
    finding: Finding

    def about(self, international: str) -> bytes:
        """The record of such a refusal about the number *international*; b"" where it cannot be written."""
        one, found = self.unserved, self.finding
        about = one._replace(number=one.number and international)
        return packed((tuple(about), (found.at, found.expected, found.actual)))


class AlikeResult(NamedTuple):
    """The result for all exchanges of one likeness: what is compared of one of them, the *kind* of their credentials,
    the *properties* of their requests, their refusal. *secrets*: those of one request. *about_id*: the broken clauses
    whose findings show the id, which is another one in each exchange.
    """

    result: DistinctResult
    related: Comparable | None
    kind: str
    properties: tuple[str, ...]
    secrets: tuple[str, ...]
    about_id: tuple[BrokenClause, ...]
    refusal: Refusal | None

    def has_secret_in(self, answer: Answer | Failure) -> bool:
        """Whether a header of *answer* has a secret of the request: the fingerprint does not tell."""
        if not self.secrets or isinstance(answer, Failure):
            return False
        told = "\n".join(map(itemgetter(1), answer.headers))
        return any(secret in told for secret in self.secrets)


@dataclass(slots=True, eq=False)
class ResultGroup:
    """Exchanges with one result that are compared alike, or refused alike: the first place, their number, and how many
    follow another one.

    *request_id* is that of one of them, *packed* what relations compare, *refused* their refusal; b"" where they have
    none. *key*: the hash of the request key. *family*: that of its number and country. The last bits of *hash*
    encode the editions in which each of the exchanges fails by itself; the others are 0 where nothing is compared or
    refused. *properties* are those of the first request. *credential* is the form with which they were served, and
    *number* the one in the answers; None where they were not.
    """

    judged: AlikeResult
    request_id: bytes
    packed: bytes
    refused: bytes
    hash: int
    family: int = 0
    key: int = 0
    properties: str = ""
    credential: str | None = None
    number: bytes | None = None
    first: Position = 0
    count: int = 0
    following: int = 0

    def record(self) -> Record:
        """The record of what relations compare."""
        counts = (self.first, self.count, self.following)
        return self.hash, self.family, self.key, *counts, self.packed, self.properties, self.credential, self.number

    def refusal(self) -> Record:
        """The record of the refusal, with the number that it is about."""
        (_, number, *_), _ = unpacked(self.refused)
        return self.hash, self.first, self.count, self.refused, number.encode()


class ResultCache:
    """The results of one run, at most *size* of them, kept from one part of the traffic to the next."""

    def __init__(self, size: int = 0) -> None:
        self.size = size or MAX_CACHED_RESULTS
        self.groups: dict[Hashable, ResultGroup] = {}
        self.distinct: dict[ResultKey, DistinctResult] = {}
        self.alike: dict[Hashable, AlikeResult] = {}
        self.known: set[int] = set()

    def keep_alike(self, key: Hashable, result: AlikeResult) -> None:
        """Keeps *result* for all exchanges of the likeness *key*."""
        if len(self.alike) >= MAX_ALIKE_RESULTS:
            self.alike.clear()
        self.alike[key] = result

    def clear(self) -> None:
        """Empties the cache; its counts have to be added to the summary before."""
        for kept in (self.groups, self.distinct, self.alike, self.known):
            kept.clear()


def fault_record(
    group: int, clause_id: str, musts: Sequence[frozenset[str]], count: int = 1, position: Position | None = None
) -> Record:
    """The record of a fault of all *count* exchanges of the group with this hash, or only of the one at *position*."""
    return group, edition_bits(clause_id, musts), count, position


def edition_bits(clause_id: str, musts: Sequence[frozenset[str]]) -> int:
    """The editions in which *clause_id* is a MUST, a bit for each."""
    return sum((clause_id in ids) << bit for bit, ids in enumerate(musts))
