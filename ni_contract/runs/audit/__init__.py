"""Judges recorded traffic: `audit` reads, judges on an engine, sums up, and makes a `Run` of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ni_contract.files import temporary_folder
from ni_contract.runs.audit.chunks import Chunk, chunks_of
from ni_contract.runs.audit.clusters import run_dask, run_ray
from ni_contract.runs.audit.disk_buckets import BUCKETS, RELATED, DiskBuckets, read_bucket
from ni_contract.runs.audit.engines import Progress, run_local
from ni_contract.runs.audit.plan import AuditPlan, audited_clauses
from ni_contract.runs.audit.relations import IDS, GroupJudge
from ni_contract.runs.audit.report_run import finish
from ni_contract.runs.audit.summary import Summary
from ni_contract.runs.audit.worker import AuditRules
from ni_contract.runs.run import Run

__all__ = ["ENGINES", "AuditPlan", "AuditRules", "audit", "audited_clauses"]

ENGINES: Final = ("local", "dask", "ray")


def audit(plan: AuditPlan, progress: Progress = lambda _count: None) -> Run:
    """Judges all files of *plan*; *progress* is told how many exchanges were looked at since it was told last.

    What cannot be read is in the run. Raises HarnessError when an engine cannot be reached, UsageError when it is
    not installed.
    """
    start = time.monotonic()
    chunks = list(chunks_of(plan.files))
    with temporary_folder() as folder:
        summary = _summed_up(plan, chunks, folder, progress)
    return finish(plan, chunks, summary, time.monotonic() - start)


def _summed_up(plan: AuditPlan, chunks: list[Chunk], folder: Path, progress: Progress) -> Summary:
    total, spill = Summary(), DiskBuckets(folder, "merged")
    for summary in _engine(plan, chunks, folder, progress):
        total.merge(summary)
        spill.take_over(summary.relations)
    spill.flush()
    chosen = frozenset(clause.id for clause in plan.rules.clauses)
    judge = GroupJudge(total, chosen)
    for number in range(BUCKETS):
        judge.groups(read_bucket(folder, RELATED + number))
    if IDS in chosen:
        total.evaluated[IDS] += max(0, total.with_id - 1)
        for number in range(BUCKETS):
            judge.ids(read_bucket(folder, number))
    return total


def _engine(plan: AuditPlan, chunks: list[Chunk], folder: Path, progress: Progress) -> Iterator[Summary]:
    # The first N of all are known only to one who reads all in order.
    if plan.engine == "local" or plan.rules.limit is not None:
        return run_local(chunks, plan.rules, plan.workers, folder, progress)
    run = run_dask if plan.engine == "dask" else run_ray
    return run(chunks, plan.rules, plan.address, plan.workers, progress)
