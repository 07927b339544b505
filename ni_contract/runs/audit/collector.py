"""Judges exchanges one by one and aggregates. Equal exchanges are judged once and counted each time."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.contract.scope import is_recorded_lookup
from ni_contract.exchanges.finding import Finding, shown
from ni_contract.exchanges.gateway import is_preflight
from ni_contract.exchanges.redaction import MIN_MASKED_LENGTH
from ni_contract.exchanges.values import Exchange
from ni_contract.judge.clauses.relation import REPETITION, Comparable, relate
from ni_contract.judge.clauses.request_key import MASKED
from ni_contract.judge.clauses.secret import secrets_of
from ni_contract.judge.clauses.status import SERVED_CLAUSES
from ni_contract.judge.context import evaluation_context
from ni_contract.judge.likeness import Likeness, likeness_without_number
from ni_contract.judge.repetition import shows_id
from ni_contract.judge.unread import values_of
from ni_contract.judge.unserved import properties_of
from ni_contract.recordings.entry import Recorded, Unreadable
from ni_contract.runs.audit.fingerprint import fingerprint
from ni_contract.runs.audit.plan import AuditRules
from ni_contract.runs.audit.records import FAULT_RECORDS, GROUPS, ID_RECORDS, REFUSALS, Record, hash_of, packed
from ni_contract.runs.audit.refusals import take_refusal, without_secrets
from ni_contract.runs.audit.relations import AT_ONCE, compared
from ni_contract.runs.audit.results import (
    FAULTS,
    AlikeResult,
    DistinctResult,
    ResultCache,
    ResultGroup,
    ResultKey,
    fault_record,
)
from ni_contract.runs.audit.summary import FirstFailure, Position, Summary
from ni_contract.runs.audit.unanswered import judge_recorded, remarks_on, why_unanswered

MAX_CACHED_BYTES: Final = 2_000
MAX_DISTINCT_RESULTS: Final = 5_000
OTHER_PLACE, TOO_EARLY, NO_MOMENT = "not of this API", "before --since", "without a time, which --since needs"
PREFLIGHT = "a CORS preflight, no lookup"


class Collector:
    """Judges exchanges in the order of a recording and aggregates the results; *left*: how many it may still judge."""

    def __init__(self, rules: AuditRules, cache: ResultCache | None = None, left: float = math.inf) -> None:
        self.summary, self.left = Summary(), left
        self._rules, self._chosen, self._musts = rules, rules.chosen, rules.musts()
        self._own = values_of(rules.account)
        # Refusals need their controls, also with --only.
        self._relates = any(c.kind == "relation" or c.id in SERVED_CLAUSES for c in rules.clauses)
        self._records: defaultdict[str, list[Record]] = defaultdict(list)
        self._cache = cache or ResultCache()
        self._counted: list[ResultGroup] = []
        self._last: tuple[Position, ResultGroup] | None = None

    def take(self, recorded: Iterator[tuple[Position, Recorded]]) -> None:
        """Judges consecutive exchanges, until none is left."""
        self._last = None
        for position, one in recorded:
            self.left -= self.add(one, position)
            if not self.left:
                return

    def add(self, recorded: Recorded, position: Position) -> bool:
        """Judges *recorded*, which is at *position*; returns whether it counts."""
        if isinstance(recorded, Unreadable):
            self.summary.note_unreadable(position, recorded)
        elif reason := self._passed_over(recorded):
            self.summary.skipped[reason] += 1
        else:
            self._add(recorded, position)
            return True
        self._last = None
        return False

    def _passed_over(self, exchange: Exchange) -> str:
        if not is_recorded_lookup(exchange.request.url):
            return OTHER_PLACE
        if self._rules.since is not None and (exchange.sent_at or 0) < self._rules.since:
            if exchange.sent_at is None:
                return NO_MOMENT
            return TOO_EARLY
        if is_preflight(exchange):
            return PREFLIGHT
        return ""

    def _add(self, exchange: Exchange, position: Position) -> None:
        equal = fingerprint(exchange, self._own)
        group, request_id = self._cache.groups.get(equal.key), equal.request_id
        if group is None or group.judged.has_secret_in(exchange.answer):
            group = self._judge(exchange, position, equal)
            request_id = group.request_id
        elif request_id:
            self._keep_about_id(exchange, position, group.judged, request_id)
        group.judged.result.count += 1
        if group.request_id and self._relates:
            self.summary.with_id += 1
            hashed = hash_of(request_id or group.request_id)
            self._records[ID_RECORDS].append((hashed, position, group.hash, _identity(exchange, equal)))
        last, self._last = self._last, None
        if group.packed or group.refused:
            self._count_in(group, position, last)

    def _count_in(self, group: ResultGroup, position: Position, last: tuple[Position, ResultGroup] | None) -> None:
        """Counts an exchange of *group*; one directly after the same request, the *last*, is compared with that."""
        if not group.count:
            group.first = position
            self._counted.append(group)
        group.count += 1
        if not group.packed:
            return
        self._last = (position, group)
        if last is not None and last[1].key == group.key:
            group.following += 1
            self._compare(last[1], group, position, last[0])

    def _compare(self, before: ResultGroup, group: ResultGroup, position: Position, other: Position) -> None:
        if AT_ONCE not in self._chosen:
            return
        self.summary.evaluated[AT_ONCE] += 1
        found = None if before is group else compared(before.packed, group.packed, REPETITION)
        if found is None:
            self.summary.kept_at.setdefault(AT_ONCE, position)
        else:
            self.summary.failed[AT_ONCE] += 1
            self.summary.causes.add(FirstFailure(position, AT_ONCE, found, other))
            self._records[FAULT_RECORDS].append(fault_record(group.hash, AT_ONCE, self._musts, position=position))

    def finish(self) -> Summary:
        self._write_down()
        self.summary.records = {table: packed(found) for table, found in self._records.items()}
        return self.summary

    def _judge(self, exchange: Exchange, position: Position, equal: Likeness) -> ResultGroup:
        alike = likeness_without_number(exchange, self._cache.known, self._own)
        known = alike and self._cache.alike.get(alike.key)
        if alike is None or known is None:
            return self._judge_new(exchange, position, equal, alike)
        self._keep_about_id(exchange, position, known, alike.request_id)
        related = alike.related(known.related, exchange)
        group = self._group(known, alike.request_id, related, alike.international)
        # What is new each time is not worth keeping.
        if not alike.unread:
            self._cache_group(equal, group)
        return group

    def _judge_new(
        self, exchange: Exchange, position: Position, equal: Likeness, alike: Likeness | None
    ) -> ResultGroup:
        reading = evaluation_context(exchange, self._rules.account)
        unanswered = why_unanswered(exchange)
        found = judge_recorded(reading, unanswered)
        shared = [finding for _, finding in found.broken if not shows_id(finding, reading.request_id)]
        refusal = take_refusal(reading, found)
        chosen = [(clause_id, finding) for clause_id, finding in found.broken if clause_id in self._chosen]
        for clause_id, finding in chosen:
            self._keep(exchange, position, clause_id, finding)
        about_id = tuple(one for one in chosen if shows_id(one[1], reading.request_id))
        broken = tuple(clause_id for clause_id, _ in chosen)
        result = self._distinct((tuple(found.held), broken, unanswered, tuple(remarks_on(reading))), position)
        secrets = tuple(one for one in secrets_of(reading) if len(one) >= MIN_MASKED_LENGTH)
        related, seen = None, b""
        if not unanswered:
            related, seen = relate(reading), reading.request_id.encode("utf-8", "surrogatepass")
        kind, properties = reading.credential.kind, properties_of(reading)
        judged = AlikeResult(result, related, kind, properties, secrets, about_id, refusal)
        group = self._group(judged, seen, related, refusal.unserved.number if refusal else "")
        if alike is not None and not unanswered and alike.stands_for_others(reading, shared):
            self._cache.keep_alike(alike.key, judged)
        if equal.stands_for_others(reading, shared) and not judged.has_secret_in(exchange.answer):
            self._cache_group(equal, group)
        return group

    def _keep_about_id(self, exchange: Exchange, position: Position, judged: AlikeResult, request_id: bytes) -> None:
        """Keeps the failures of *exchange*, whose result is *judged*, that show its *request_id*."""
        for clause_id, finding in judged.about_id:
            self._keep(exchange, position, clause_id, replace(finding, actual=shown(request_id.decode())))

    def _keep(self, exchange: Exchange, position: Position, clause_id: str, finding: Finding) -> None:
        """Keeps a failure if it is among the first; `finish` masks it later, with all secrets of the traffic."""
        causes = self.summary.causes
        if causes.wants(clause_id, finding, position):
            causes.add(FirstFailure(position, clause_id, without_secrets(exchange, finding)))

    def _distinct(self, key: ResultKey, position: Position) -> DistinctResult:
        held, broken, _, _ = key
        if key not in self._cache.distinct:
            if len(self._cache.distinct) >= MAX_DISTINCT_RESULTS:
                self._write_down()
                self._cache.clear()
            faults = sum(bool(musts.intersection(broken)) << bit for bit, musts in enumerate(self._musts))
            self._cache.distinct[key] = DistinctResult(key, faults)
            for clause_id in self._chosen.intersection(held):
                self.summary.note_kept(clause_id, position)
        return self._cache.distinct[key]

    def _group(
        self, judged: AlikeResult, request_id: bytes, related: Comparable | None, international: str
    ) -> ResultGroup:
        """The group of an exchange: what relations compare is *related*, and its refusal is about *international*."""
        refused = judged.refusal.about(international) if judged.refusal else b""
        data = b""
        if related is not None and self._relates:
            key, outcome = (tuple(related.shape), judged.kind), packed(tuple(related.outcome))
            data = outcome and packed((key, outcome, related.refused_alone))
        group = ResultGroup(judged, request_id, data, refused, judged.result.faults)
        if data or refused:
            group.hash |= hash_of(data + refused) & ~FAULTS
        if related is not None and data:
            group.family = hash_of(packed((related.shape.number, related.shape.country)))
            group.key, group.properties = hash_of(packed(key)), ",".join(judged.properties)
            group.credential, group.number = _served(related, judged.kind)
        return group

    def _cache_group(self, equal: Likeness, group: ResultGroup) -> None:
        cache = self._cache
        if len(group.packed) > MAX_CACHED_BYTES:
            return
        if len(cache.groups) >= cache.size:
            self._write_down()
            cache.clear()
            cache.distinct[group.judged.result.key] = group.judged.result
        cache.groups[equal.key] = group

    def _write_down(self) -> None:
        """Moves the counts from the cache to the summary."""
        for group in self._counted:
            if group.packed:
                self._records[GROUPS].append(group.record())
            if group.refused:
                self._records[REFUSALS].append(group.refusal())
            group.count = group.following = 0
        self._counted.clear()
        for result in self._cache.distinct.values():
            self._count(result)
            result.count = 0

    def _count(self, result: DistinctResult) -> None:
        summary, count = self.summary, result.count
        held, broken, unanswered, remarks = result.key
        for clause_id, times in Counter(filter(self._chosen.__contains__, chain(held, broken))).items():
            summary.evaluated[clause_id] += times * count
        for clause_id, times in Counter(broken).items():
            summary.failed[clause_id] += times * count
        for remark in remarks:
            summary.remarks[remark] += count
        if unanswered:
            summary.skipped[unanswered] += count
            return
        summary.judged += count
        for bit, edition in enumerate(EDITIONS):
            if not result.faults >> bit & 1:
                summary.conforming[edition] += count


def _identity(exchange: Exchange, equal: Likeness) -> int:
    """A hash of time, request and answer, by which an exchange that was recorded twice is known; 0 without a time."""
    if exchange.sent_at is None:
        return 0
    return hash_of(packed((equal.key, exchange.sent_at)))


def _served(related: Comparable, kind: str) -> tuple[str | None, bytes | None]:
    """The form of credentials (of this *kind*) with which *related* was served, and the number that it is about."""
    if related.outcome.status != 0:
        return None, None
    form, number = related.shape.credential, related.outcome.facts[0]
    if form == MASKED:
        form = f"{kind} {MASKED}"
    return form, number.encode("utf-8", "surrogatepass") if isinstance(number, str) else None
