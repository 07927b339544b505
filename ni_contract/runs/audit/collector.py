"""Judges exchanges one by one and sums up. What is alike is judged once."""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any, Final

from ni_contract.contract.catalogue import EDITIONS, Clause, load_catalogue
from ni_contract.contract.scope import InScope, is_recorded_lookup
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.finding import Finding, shorten
from ni_contract.exchanges.known_secrets import secrets_in
from ni_contract.exchanges.redaction import Redactor
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import ClauseResults, Violation, judge_provider, judge_recording, judge_request
from ni_contract.judge.clauses.relation import Comparable, relate
from ni_contract.judge.context import EvaluationContext, evaluation_context
from ni_contract.recordings.entry import Recorded, Unreadable
from ni_contract.runs.audit.disk_buckets import DiskBuckets, group_hash
from ni_contract.runs.audit.fingerprint import digest_of
from ni_contract.runs.audit.summary import Kept, Position, Summary

CACHE_SIZE: Final = 130_000
OTHER_PLACE, TOO_EARLY, NO_MOMENT = "not of this API", "before --since", "without a time, which --since needs"
# Their findings have nothing of the exchange in them that would have to be masked.
_SHOW_NOTHING: Final = frozenset(clause.id for clause in load_catalogue() if clause.side == "recording")
# The version of the format in which equal values have equal bytes.
CANONICAL: Final = 2


class ResultGroup:
    """Exchanges that are one to the relations: where the first is, how many there are, how many follow each other."""

    __slots__ = ("after", "count", "faults", "first", "hash", "packed", "twice")

    def __init__(self, packed: bytes, faults: int, hash_: int) -> None:
        self.packed, self.faults, self.hash = packed, faults, hash_
        self.first: Position = 0
        self.count = self.twice = 0
        self.after: dict[bytes, tuple[int, Position]] | None = None

    def add(self, position: Position) -> None:
        """Counts one exchange."""
        if not self.count:
            self.first = position
        self.count += 1

    def follows(self, packed: bytes, position: Position) -> None:
        """Counts one that directly follows one of the group *packed*, which has the same shape."""
        if packed == self.packed:
            self.twice += 1
            return
        self.after = self.after or {}
        count, first = self.after.get(packed, (0, position))
        self.after[packed] = (count + 1, first)

    def record(self) -> tuple[Any, ...]:
        """What `DiskBuckets` keeps; from here on the counting begins anew."""
        found = (self.first, self.count, self.twice, self.faults, self.packed, list((self.after or {}).items()))
        self.count, self.twice, self.after = 0, 0, None
        return found


class CachedResult:
    """What is said of all exchanges of one digest: *said* is shared by all that hold and break the same clauses."""

    __slots__ = ("group", "has_id", "is_kept", "request_id", "said", "shape")

    def __init__(self, said: SaidOf, has_id: bool, request_id: bytes) -> None:
        self.said, self.has_id, self.request_id = said, has_id, request_id
        self.group: ResultGroup | None = None
        self.shape = 0
        self.is_kept = False


class SaidOf:
    """The ids that hold and those that are broken, with how many exchanges say just this."""

    __slots__ = ("broken", "count", "faults", "held", "missing")

    def __init__(self, held: tuple[str, ...], broken: tuple[str, ...], faults: int, missing: bool) -> None:
        self.held, self.broken, self.faults, self.missing = held, broken, faults, missing
        self.count = 0


class Collector:
    """Takes exchanges in the order of a recording and sums up what the clauses say of them.

    *account*: the valid credentials, None when nobody knows them. *clauses*: those that were chosen. *since*: earlier
    exchanges are passed over. *counts*: which URLs are this API's. *most_alike*: how many judgements are remembered.
    """

    def __init__(
        self,
        account: Credentials | None,
        clauses: Iterable[Clause],
        spill: DiskBuckets,
        since: float | None = None,
        counts: InScope = is_recorded_lookup,
        most_alike: int = CACHE_SIZE,
    ) -> None:
        self.summary = Summary()
        self._account, self._since, self._counts, self._spill = account, since, counts, spill
        self._chosen = frozenset(clause.id for clause in clauses)
        self._musts = musts_of(self._chosen)
        self._relates = any(clause.kind == "relation" for clause in clauses)
        self._alike: dict[bytes, CachedResult] = {}
        self._most_alike, self._strangers = most_alike, 0
        self._groups: dict[int, ResultGroup] = {}
        self._said: dict[Any, SaidOf] = {}
        self._last: tuple[Position, CachedResult] | None = None
        self._mask = _masked(account)

    def add(self, recorded: Recorded, position: Position, after: Position | None = None) -> bool:
        """Judges *recorded*, which is at *position*, right after what is at *after*; tells whether it was judged."""
        if isinstance(recorded, Unreadable):
            self.summary.note_unreadable(position, recorded)
            return False
        if not self._counts(recorded.request.url):
            self.summary.passed_over[OTHER_PLACE] += 1
            return False
        if self._since is not None and (recorded.sent_at or 0) < self._since:
            self.summary.passed_over[NO_MOMENT if recorded.sent_at is None else TOO_EARLY] += 1
            return False
        digest, request_id = digest_of(recorded)
        alike = self._alike.get(digest) or self._judge(recorded, position, digest, request_id)
        alike.said.count += 1
        if self._relates:
            self._relate(alike, request_id or alike.request_id, position, after)
        return True

    def finish(self) -> Summary:
        """The summary of all that was added, with the rest of the spill."""
        self._forget()
        for said in self._said.values():
            self._count(said)
        self._said.clear()
        self._spill.flush()
        self.summary.relations = self._spill.rest()
        return self.summary

    def forget_previous(self) -> None:
        """What comes next does not directly follow what came before."""
        self._last = None

    def _judge(self, exchange: Exchange, position: Position, digest: bytes, request_id: bytes) -> CachedResult:
        reading = evaluation_context(exchange, self._account)
        found = (judge_provider(reading), judge_request(reading), judge_recording(reading))
        held = tuple(chosen for one in found for chosen in one.held if chosen in self._chosen)
        broken = [(i, finding) for one in found for i, finding in one.broken if i in self._chosen]
        said = self._said_of(held, tuple(clause_id for clause_id, _ in broken), reading)
        self._keep(exchange, position, broken)
        alike = self._new(reading, said)
        if _stands_for_others(alike, request_id, found):
            self._remember(digest, alike)
        return alike

    def _keep(self, exchange: Exchange, position: Position, broken: list[tuple[str, Finding]]) -> None:
        """Keeps the failures of *exchange* that differ from those before."""
        # A signature is another one each time, and to look for each would take longer than all the rest.
        is_told = any(clause_id not in _SHOW_NOTHING for clause_id, _ in broken)
        secrets = tuple(secrets_in(exchange)) if is_told else ()
        for clause_id, finding in broken:
            masked = finding if clause_id in _SHOW_NOTHING else self._mask(finding, secrets)
            if not self.summary.causes.knows(clause_id, masked):
                self.summary.causes.add(Kept(position, Violation(clause_id, exchange, masked)))

    def _remember(self, digest: bytes, alike: CachedResult) -> None:
        """Keeps *alike* while there is room; all is forgotten once it turns out to be of no use."""
        if len(self._alike) >= self._most_alike:
            self._strangers += 1
            if self._strangers <= self._most_alike:
                return
            self._forget()
        self._alike[digest] = alike
        alike.is_kept = True
        if alike.group is not None:
            alike.group = self._groups.setdefault(alike.group.hash, alike.group)

    def _said_of(self, held: tuple[str, ...], broken: tuple[str, ...], reading: EvaluationContext) -> SaidOf:
        missing = reading.credential.masked and reading.exchange.filtered
        key = (held, broken, missing)
        if key not in self._said:
            faults = sum(bool(musts.intersection(broken)) << bit for bit, musts in enumerate(self._musts))
            self._said[key] = SaidOf(held, broken, faults, missing)
        return self._said[key]

    def _new(self, reading: EvaluationContext, said: SaidOf) -> CachedResult:
        value = reading.answered.keys.get("request_id") if reading.answered is not None and reading.is_lookup else None
        has_id = isinstance(value, str) and bool(value)
        alike = CachedResult(said, has_id, value.encode("utf-8", "surrogatepass") if has_id else b"")  # type: ignore[union-attr]
        related = relate(reading, 0) if self._relates else None
        if related is not None:
            self._group(alike, related, reading.credential.kind)
        return alike

    def _group(self, alike: CachedResult, related: Comparable, kind: str) -> None:
        """Requests count as the same when they are of one shape and carry credentials of one kind."""
        shape = (tuple(related.shape), kind)
        packed = _packed((shape, tuple(related.outcome), related.wronged))
        if packed is None:
            return
        faults = alike.said.faults
        alike.group, alike.shape = ResultGroup(packed, faults, group_hash(packed, faults)), hash(shape)

    def _relate(self, alike: CachedResult, request_id: bytes, position: Position, after: Position | None) -> None:
        group, last = alike.group, self._last
        if alike.has_id:
            self.summary.with_id += 1
            hashed = int.from_bytes(blake2b(request_id, digest_size=8).digest(), "little")
            self._spill.add_id(hashed, position, alike.said.faults if group is None else group.hash)
        self._last = (position, alike)
        if group is None:
            return
        group.add(position)
        if last is not None and last[0] == after and last[1].shape == alike.shape and last[1].group is not None:
            group.follows(last[1].group.packed, position)
        if not alike.is_kept:
            self._emit(group)

    def _emit(self, group: ResultGroup) -> None:
        family = marshal.loads(group.packed)[0][0]  # noqa: S302  our own bytes
        self._spill.add_related(_hash(family[3], family[5]), group.record())

    def _forget(self) -> None:
        for group in self._groups.values():
            if group.count:
                self._emit(group)
        self._groups.clear()
        self._alike.clear()
        self._strangers = 0

    def _count(self, said: SaidOf) -> None:
        summary, count = self.summary, said.count
        summary.judged += count
        summary.uncredited += count * said.missing
        for clause_id, times in Counter(chain(said.held, said.broken)).items():
            summary.evaluated[clause_id] += times * count
        for clause_id, times in Counter(said.broken).items():
            summary.failed[clause_id] += times * count
        for bit, edition in enumerate(EDITIONS):
            if not said.faults >> bit & 1:
                summary.conforming[edition] += count


def _stands_for_others(alike: CachedResult, request_id: bytes, found: tuple[ClauseResults, ...]) -> bool:
    """Whether others of the same digest are told the same: the id that was left out is the one that the judge saw."""
    if request_id and alike.request_id != request_id:
        return False
    shown = request_id.decode()
    return not request_id or not any(
        shown in finding.expected or shown in finding.actual for said in found for _, finding in said.broken
    )


def musts_of(chosen: frozenset[str]) -> list[frozenset[str]]:
    """For each edition those of *chosen* that an exchange has to keep to conform; secrets in it are another matter."""
    musts = [clause for clause in load_catalogue() if clause.level == "MUST" and clause.side != "recording"]
    return [frozenset(c.id for c in musts if c.binds(edition)) & chosen for edition in EDITIONS]


def _packed(value: tuple[Any, ...]) -> bytes | None:
    """*value* as bytes; None where an answer holds what cannot be packed, such as a number of a thousand digits."""
    try:
        return marshal.dumps(value, CANONICAL)
    except ValueError:
        return None


def _hash(*parts: str) -> int:
    return int.from_bytes(blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little")


def _masked(account: Credentials | None) -> Callable[[Finding, tuple[str, ...]], Finding]:
    """Masks findings with the secrets of the account and of the request itself: an answer may repeat them."""
    known = () if account is None else (account.api_key, account.api_secret, account.signature_secret)

    @lru_cache(maxsize=64)
    def redactor(secrets: tuple[str, ...]) -> Redactor:
        return Redactor((*known, *secrets))

    @lru_cache(maxsize=1024)
    def mask(finding: Finding, secrets: tuple[str, ...]) -> Finding:
        redact = redactor(secrets)
        return Finding(finding.at, shorten(redact(finding.expected)), shorten(redact(finding.actual)))

    return mask
