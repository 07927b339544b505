"""Judges each refusal by its controls, the served requests about the same number, from the records of all traffic."""

from itertools import chain
from typing import Final

from ni_contract.contract.catalogue import DOCUMENTED, EDITIONS
from ni_contract.errors import option
from ni_contract.exchanges.finding import Finding, shorten
from ni_contract.exchanges.known_secrets import secrets_in
from ni_contract.exchanges.redaction import MASK
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import ClauseResults
from ni_contract.judge.context import EvaluationContext
from ni_contract.judge.unserved import BASIC_ACCEPTED, NOT_OFFERED, SERVED_NUMBER, Unserved, broken_clause, unserved
from ni_contract.runs.audit.plan import AuditRules
from ni_contract.runs.audit.records import FAULT_RECORDS, Records, unpacked
from ni_contract.runs.audit.results import Refusal, fault_record
from ni_contract.runs.audit.summary import FirstFailure, Position, Summary

NO_CONTROL: Final = "were refused, and nothing about the same number was served: none of their properties is blamed"
OTHER_NUMBER: Final = f"were refused, about numbers that {option('numbers')} does not name: not judged"
# Each refusal, with the served groups about its number: their first exchange, and the properties of them all.
_JUDGED: Final = """
    SELECT hash, MIN(position), SUM(count), data, control, properties FROM refusals LEFT JOIN (
        SELECT number AS served, MIN(position) AS control, GROUP_CONCAT(DISTINCT properties) AS properties
        FROM groups WHERE number IN (SELECT number FROM refusals) GROUP BY number
    ) ON served = number GROUP BY hash ORDER BY hash"""
_CREDENTIALS: Final = "SELECT DISTINCT credential FROM groups WHERE credential IS NOT NULL"


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


def judge_refusals(summary: Summary, rules: AuditRules, records: Records) -> None:
    """Adds to *summary* the results of the clauses that the refusals in *records* break."""
    found = records.query(_JUDGED)
    # Most traffic has no refusals; then the credentials of all groups are not read.
    if first := next(found, None):
        credentials = {credential for (credential,) in records.query(_CREDENTIALS)}
        judge = _Refusals(summary, rules, records, credentials)
        for refusal in chain([first], found):
            judge.judge(*refusal)


class _Refusals:
    """Judges refusals; *credentials* are the forms of those of all served requests."""

    def __init__(self, summary: Summary, rules: AuditRules, records: Records, credentials: set[str]) -> None:
        self._summary, self._chosen, self._musts = summary, rules.chosen, rules.musts()
        self._numbers_known, self._records, self._credentials = rules.numbers, records, credentials

    def judge(
        self, group: int, first: Position, count: int, data: bytes, control: Position | None, properties: str | None
    ) -> None:
        """Judges the *count* exchanges of *group*; *control* is the first of those served, which had *properties*."""
        fields, found = unpacked(data)
        one = Unserved(*fields)
        served = None if properties is None else properties.split(",")
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
        self._summary.causes.add(FirstFailure(first, clause_id, Finding(*found), control))
        self._records.add(FAULT_RECORDS, [fault_record(group, clause_id, self._musts_for(clause_id), count)])

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
