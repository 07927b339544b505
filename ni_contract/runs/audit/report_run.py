"""From the summary of all traffic to a `Run`: what is shown is read again, and gets its place and its mask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.exchanges.finding import Finding, shorten, shown
from ni_contract.exchanges.known_secrets import KnownSecrets
from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.judge import Violation
from ni_contract.judge.context import evaluation_context
from ni_contract.judge.deviations import deviations_for
from ni_contract.judge.verdicts import Tally, apply_deviation, by_edition, results_of, verdict_of
from ni_contract.runs.audit.chunks import Chunk, exchange_at
from ni_contract.runs.audit.places import line_places
from ni_contract.runs.audit.plan import AuditPlan
from ni_contract.runs.audit.relations import IDS, position_of
from ni_contract.runs.audit.summary import Kept, Position, Summary
from ni_contract.runs.run import Run, Traffic


def finish(plan: AuditPlan, chunks: list[Chunk], summary: Summary, seconds: float) -> Run:
    """The run whose traffic is summed up in *summary*."""
    failures, account, places = _shown(plan, chunks, summary)
    tally = Tally(summary.evaluated, summary.failed, failures)
    declared = deviations_for(plan.name, plan.deviations, date.today())
    verdicts = by_edition(plan.rules.clauses, lambda c: apply_deviation(verdict_of(c, tally, {}), declared.get(c.id)))
    error = _error(summary)
    return Run(
        target=plan.name,
        account=account,
        verdicts=verdicts,
        results=results_of(verdicts, error),
        command="audit",
        notes=tuple(_notes(summary)),
        requests=summary.judged,
        seconds=seconds,
        error=error,
        traffic=Traffic(
            files=len(plan.files),
            judged=summary.judged,
            conforming={edition: summary.conforming[edition] for edition in EDITIONS},
            passed_over=dict(sorted(summary.passed_over.items())),
            unreadable=tuple((places.get(at, place.place), place.why) for at, place in summary.unreadable),
            unreadable_places=summary.unreadable_places,
        ),
    )


def _shown(
    plan: AuditPlan, chunks: list[Chunk], summary: Summary
) -> tuple[dict[str, list[Violation]], KnownSecrets, dict[Position, str]]:
    """The failures to show by clause, what is to be masked in them, and the places of lines."""
    kept = [one for clause in plan.rules.clauses for one in summary.causes.of(clause.id)]
    positions = {position for one in kept for position in _positions(one)}
    places = line_places(chunks, positions | {at for at, _ in summary.unreadable})
    read = {at: _placed(exchange, places.get(at)) for at, exchange in exchange_at(chunks, positions).items()}
    account = KnownSecrets.of(plan.rules.account, read.values())
    failures: dict[str, list[Violation]] = {}
    for one in kept:
        failures.setdefault(one.judged.clause_id, []).append(_whole(one, read, account))
    return failures, account, places


def _positions(one: Kept) -> Iterator[Position]:
    yield one.position
    if one.judged.other is not None:
        yield position_of(one.judged.other)


def _placed(exchange: Exchange, place: str | None) -> Exchange:
    return exchange if place is None else replace(exchange, origin=place)


def _whole(one: Kept, read: dict[Position, Exchange], account: KnownSecrets) -> Violation:
    judged, redact = one.judged, account.redactor()
    exchange = read.get(one.position)
    other = None if judged.other is None else read.get(position_of(judged.other))
    finding = judged.finding
    if judged.clause_id == IDS and exchange is not None:
        finding = replace(finding, actual=_request_id(exchange))
    finding = Finding(finding.at, shorten(redact(finding.expected)), shorten(redact(finding.actual)))
    return replace(judged, exchange=exchange, other=other, finding=finding)


def _request_id(exchange: Exchange) -> str:
    answered = evaluation_context(exchange, None).answered if isinstance(exchange.answer, Answer) else None
    return shown(answered.keys.get("request_id")) if answered is not None else ""


def _error(summary: Summary) -> str:
    if summary.judged:
        return ""
    others = sum(summary.passed_over.values())
    if others:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(summary.passed_over.items()))
        return f"nothing was judged: of {others} recorded exchanges {reasons}"
    return "nothing could be read" if summary.unreadable_places else "there is no recorded exchange"


def _notes(summary: Summary) -> Iterator[str]:
    for reason, count in sorted(summary.passed_over.items()):
        yield f"{count} exchanges were passed over: {reason}"
    if summary.uncredited:
        yield (
            f"{summary.uncredited} exchanges have no credentials, or only masks of them, "
            "so that the clauses about credentials had nothing to look at"
        )
