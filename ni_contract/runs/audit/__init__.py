"""Judges recorded traffic: `audit` reads, judges on an engine, aggregates, and returns a `Run`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from ni_contract.files import temporary_folder
from ni_contract.runs.audit.engines import Progress, number_of, summaries
from ni_contract.runs.audit.partition import Partition
from ni_contract.runs.audit.pieces import Inputs, input_bytes
from ni_contract.runs.audit.plan import AuditPlan, AuditRules, audited_clauses
from ni_contract.runs.audit.relations import judge_relations
from ni_contract.runs.audit.report_run import finish
from ni_contract.runs.audit.summary import Summary
from ni_contract.runs.run import Run

__all__ = ["ENGINES", "AuditPlan", "AuditRules", "audit", "audited_clauses", "input_bytes"]

ENGINES: Final = ("local", "dask")


def audit(plan: AuditPlan, progress: Progress = lambda _count: None) -> Run:
    """Judges all files of *plan*; *progress* gets the number of bytes judged since its last call.

    Unreadable places are in the run. A signal ends the work, and the run has the results until then. Raises
    HarnessError when an engine cannot be reached, UsageError when it is not installed.
    """
    start = time.monotonic()
    with temporary_folder() as folder:
        inputs, summary = Inputs(plan.files, folder), Summary(signal=plan.signal)
        try:
            _sum_up(summary, plan, inputs, folder, progress)
        except KeyboardInterrupt as interrupt:
            summary.signal = number_of(interrupt)
        return finish(plan, inputs, summary, time.monotonic() - start)


def _sum_up(total: Summary, plan: AuditPlan, inputs: Inputs, folder: Path, progress: Progress) -> None:
    for summary in summaries(plan, inputs, folder, progress):
        total.merge(summary)
        for kind, buckets in summary.records.items():
            Partition(folder, kind, "sent").take(buckets)
    judge_relations(total, plan.rules, folder)
