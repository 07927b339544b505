"""Judges each refusal by its controls, the served requests about the same number, in bounded memory.

The stages read records bucket by bucket, as those of `relations`: the refusals of all parts of the traffic are merged,
groups of served exchanges about one of their numbers are noted, and each refusal is judged by those of its number.
"""

from pathlib import Path
from typing import Final

from ni_contract.contract.catalogue import DOCUMENTED, EDITIONS
from ni_contract.errors import option
from ni_contract.exchanges.finding import Finding, shorten
from ni_contract.exchanges.known_secrets import secrets_in
from ni_contract.exchanges.redaction import MASK
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import ClauseResults
from ni_contract.judge.clauses.relation import ComparedFields
from ni_contract.judge.clauses.request_key import MASKED, RequestKey
from ni_contract.judge.context import EvaluationContext
from ni_contract.judge.unserved import BASIC_ACCEPTED, NOT_OFFERED, SERVED_NUMBER, Unserved, broken_clause, unserved
from ni_contract.runs.audit.partition import Partition, Record, hash_of, unpacked
from ni_contract.runs.audit.plan import AuditRules
from ni_contract.runs.audit.results import Refusal, fault_record
from ni_contract.runs.audit.summary import FirstFailure, Position, Summary

REFUSALS: Final = "refusals"
NO_CONTROL: Final = "were refused, and nothing about the same number was served: none of their properties is blamed"
OTHER_NUMBER: Final = f"were refused, about numbers that {option('numbers')} does not name: not judged"
_FILTER_BITS: Final = 1 << 20


def take_refusal(reading: EvaluationContext, found: ClauseResults) -> Refusal | None:
    """The refusal among the broken clauses of *found*, removed from them; None where there is none."""
    for clause_id, finding in found.broken:
        if refusal := unserved(reading, clause_id):
            found.broken.remove((clause_id, finding))
            masked = without_secrets(reading.exchange, finding)
            return Refusal(refusal, Finding(masked.at, masked.expected, shorten(masked.actual)))
    return None


def without_secrets(exchange: Exchange, finding: Finding) -> Finding:
    """*finding* without the secrets of *exchange*."""
    for secret in secrets_in(exchange):
        finding = Finding(finding.at, finding.expected.replace(secret, MASK), finding.actual.replace(secret, MASK))
    return finding


class Refusals:
    """The stages; each method but `note_group` does one bucket. *faults* takes those of exchanges."""

    def __init__(self, summary: Summary, rules: AuditRules, folder: Path, faults: Partition) -> None:
        self._summary, self._chosen, self._musts = summary, rules.chosen, rules.musts()
        self._numbers_known = rules.numbers
        self._found, self._faults = Partition(folder, REFUSALS), faults
        self._refused, self._served = Partition(folder, "refused"), Partition(folder, "served")
        # The partitions to which stages add records.
        self.written = (self._refused, self._served)
        # The numbers of refusals by some bits of their hashes: few other groups have to be looked at.
        self._numbers = bytearray(_FILTER_BITS)
        self._credentials: set[str] = set()
        self._any = False

    def merge(self, number: int) -> None:
        """Merges the records of each refusal into one."""
        merged: dict[int, Record] = {}
        for refusal, first, count, data in self._found.bucket(number):
            if known := merged.get(refusal):
                first, count = min(first, known[1]), count + known[2]
            merged[refusal] = (refusal, first, count, data)
        for record in merged.values():
            of_number = hash_of(unpacked(record[3])[0][1].encode())
            self._refused.add(of_number, (of_number, *record), 2 * len(record[3]))
            self._numbers[of_number % _FILTER_BITS] = 1
            self._any = True

    def note_group(self, first: Position, properties: tuple[str, ...], data: bytes) -> None:
        """Notes a group of exchanges that may be controls."""
        if not self._any:
            return
        (fields, kind), packed_outcome, _ = unpacked(data)
        key, outcome = RequestKey(*fields), ComparedFields(*unpacked(packed_outcome))
        if outcome.status != 0:
            return
        self._credentials.add(f"{kind} {MASKED}" if key.credential == MASKED else key.credential)
        about = outcome.facts[0]
        if isinstance(about, str):
            of_number = hash_of(about.encode("utf-8", "surrogatepass"))
            if self._numbers[of_number % _FILTER_BITS]:
                self._served.add(of_number, (of_number, first, properties))

    def judge(self, number: int) -> None:
        """Judges the refusals of one bucket of numbers."""
        if not self._any:
            return
        controls: dict[int, tuple[Position, set[str]]] = {}
        for of_number, first, properties in self._served.bucket(number):
            known = controls.setdefault(of_number, (first, set()))
            controls[of_number] = (min(first, known[0]), known[1].union(properties))
        for of_number, refusal, first, count, data in self._refused.bucket(number):
            fields, finding = unpacked(data)
            self._judge((refusal, first, count), Unserved(*fields), Finding(*finding), controls.get(of_number))

    def _judge(
        self,
        counted: tuple[int, Position, int],
        one: Unserved,
        finding: Finding,
        control: tuple[Position, set[str]] | None,
    ) -> None:
        refusal, first, count = counted
        other, served = control or (None, None)
        clause_id = broken_clause(one, served, self._credentials)
        if clause_id == SERVED_NUMBER and self._numbers_known and one.number not in self._numbers_known:
            self._note(OTHER_NUMBER, one.clause_id, count)
            return
        if not clause_id:
            self._note(f"were {NOT_OFFERED}", one.clause_id, count)
        elif control is None and clause_id != one.clause_id:
            self._note(NO_CONTROL, one.clause_id, count)
        if clause_id not in self._chosen:
            return
        self._summary.evaluated[clause_id] += count
        self._summary.failed[clause_id] += count
        self._summary.causes.add(FirstFailure(first, clause_id, finding, other))
        self._faults.add(*fault_record(refusal, clause_id, self._musts_for(clause_id), count=count))

    def _note(self, why: str, clause_id: str, count: int) -> None:
        self._summary.remarks[why] += count
        self._summary.unjudged[clause_id] = f"its requests {why}"

    def _musts_for(self, clause_id: str) -> list[frozenset[str]]:
        """The clauses that count in each edition; the page does not know HTTP Basic."""
        if clause_id != BASIC_ACCEPTED or self._summary.evaluated[clause_id] > self._summary.failed[clause_id]:
            return self._musts
        self._summary.undocumented.add(clause_id)
        return [
            frozenset() if edition == DOCUMENTED else ids for edition, ids in zip(EDITIONS, self._musts, strict=True)
        ]
