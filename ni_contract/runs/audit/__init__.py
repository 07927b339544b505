"""Judges recorded traffic: `audit` reads, judges on an engine, aggregates, and returns a `Run`."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from ni_contract.interruption import signal_of
from ni_contract.runs.audit.engines import summaries
from ni_contract.runs.audit.pieces import Inputs, input_bytes
from ni_contract.runs.audit.plan import AuditPlan, AuditRules, audited_clauses
from ni_contract.runs.audit.records import open_records
from ni_contract.runs.audit.refusals import judge_refusals
from ni_contract.runs.audit.relations import Relations
from ni_contract.runs.audit.report_run import finish
from ni_contract.runs.audit.summary import Summary
from ni_contract.runs.run import Run

__all__ = ["ENGINES", "AuditPlan", "AuditRules", "audit", "audited_clauses", "input_bytes", "sum_up"]

ENGINES: Final = ("local", "dask")
Progress = Callable[[int], None]


def audit(plan: AuditPlan, progress: Progress = lambda _count: None) -> Run:
    """Judges all files of *plan*; *progress* gets the number of bytes judged since its last call.

    Unreadable places are in the run. A signal ends the work, and the run has the results until then. Raises
    HarnessError when an engine cannot be reached, UsageError when it is not installed.
    """
    start = time.monotonic()
    inputs, summary = Inputs(plan.files), Summary(signal=plan.signal)
    try:
        sum_up(summary, summaries(plan, inputs), plan.rules, progress)
    except KeyboardInterrupt as interrupt:
        summary.signal = signal_of(interrupt)
    return finish(plan, inputs, summary, time.monotonic() - start)


def sum_up(
    total: Summary,
    found: Iterable[tuple[Summary, int]],
    rules: AuditRules,
    progress: Progress = lambda _count: None,
) -> None:
    """Adds to *total* the summaries of all parts, and what their exchanges say together."""
    with open_records() as records:
        for summary, size in found:
            progress(size)
            total.merge(summary)
            records.take(summary.records)
        with records.ended_by_signals():
            relations = Relations(total, rules, records)
            relations.compare()
            relations.judge_ids()
            judge_refusals(total, rules, records)
            relations.count_conforming()
