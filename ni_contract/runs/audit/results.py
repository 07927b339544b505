"""Results of exchanges that are alike, kept once and counted each time."""

from __future__ import annotations

from collections.abc import Hashable
from operator import itemgetter
from typing import Final, NamedTuple

from ni_contract.exchanges.values import Answer, Failure
from ni_contract.judge.clauses.relation import Comparable
from ni_contract.judge.repetition import BrokenClause
from ni_contract.runs.audit.faults import FAULTS
from ni_contract.runs.audit.partition import hash_of, packed
from ni_contract.runs.audit.refusals import Refusal
from ni_contract.runs.audit.summary import Position

MAX_CACHED_RESULTS: Final = 110_000
MAX_ALIKE_RESULTS: Final = 12_000


# The clauses that hold, the broken ones, why the answer is not the API's, and remarks.
ResultKey = tuple[tuple[str, ...], tuple[str, ...], str, tuple[str, ...]]


class ResultGroup:
    """Exchanges that are equal for the relations: the first place, their number, and how many follow another one.
    *shape*: the hash of the request key. *family*: its number and country. The last bits of *hash* encode the editions
    in which each of the exchanges fails by itself. *properties* are those of the first request. Refused ones also agree
    in their refusal, of which *refused* is packed.
    """

    __slots__ = ("count", "family", "first", "following", "hash", "packed", "properties", "shape")

    def __init__(
        self, related: Comparable, kind: str, data: bytes, faults: int, properties: tuple[str, ...], refused: bytes
    ) -> None:
        self.packed, self.hash, self.properties = data, hash_of(data + refused) & ~FAULTS | faults, properties
        self.family = hash_of(packed((related.shape.number, related.shape.country)) or b"")
        self.shape = hash_of(packed((tuple(related.shape), kind)) or b"")
        self.first: Position = 0
        self.count = self.following = 0


class DistinctResult:
    """One distinct result of the clauses with its number of exchanges; *key* distinguishes it from the others."""

    __slots__ = ("count", "faults", "key")

    def __init__(self, key: ResultKey, faults: int) -> None:
        self.key, self.faults, self.count = key, faults, 0


class RefusedResult:
    """A refusal to be judged by its controls: the record of `refusals`, its first place and number of exchanges.
    *hash* is that of their `ResultGroup`, if they have one.
    """

    __slots__ = ("count", "first", "hash", "packed")

    def __init__(self, data: bytes, group: ResultGroup | None, faults: int) -> None:
        self.packed, self.hash = data, hash_of(data) & ~FAULTS | faults if group is None else group.hash
        self.first: Position = 0
        self.count = 0


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


class CachedResult(NamedTuple):
    """The result for all exchanges of one fingerprint. *request_id*: b"" where they have none."""

    judged: AlikeResult
    request_id: bytes
    group: ResultGroup | None
    refused: RefusedResult | None

    @property
    def fault_key(self) -> int:
        """The key of fault records of one of the exchanges."""
        known = self.group or self.refused
        return self.judged.result.faults if known is None else known.hash


class ResultCache:
    """The results of one run, at most *size* of them, kept from one part of the traffic to the next."""

    def __init__(self, size: int = 0) -> None:
        self.size = size or MAX_CACHED_RESULTS
        self.results: dict[bytes, CachedResult] = {}
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
        self.__init__(self.size)  # type: ignore[misc]
