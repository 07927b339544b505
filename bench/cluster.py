"""What an audit on 10 or 100 Dask workers costs, from its parts measured here on one core.

    python bench/cluster.py [--amount N]

Prints one row for each kind of traffic: what a worker does for an exchange, what a task costs whatever it holds, the
bytes that are sent back, what the process that asked does alone, and what follows for W workers.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from recordings import write

from ni_contract.runs.audit import audited_clauses, sum_up
from ni_contract.runs.audit.engines import TASK_BYTES, do_task, tasks_of
from ni_contract.runs.audit.pieces import Inputs
from ni_contract.runs.audit.plan import AuditRules
from ni_contract.runs.audit.summary import Summary

KINDS = ("one", "numbers", "logins", "busters")


class Parts(NamedTuple):
    """For all exchanges: CPU seconds of a worker and of the process that asked, and the bytes that are sent back."""

    worker: float
    alone: float
    sent: int


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--amount", type=int, default=50_000)
    amount = parser.parse_args().amount
    fixed = _parts("one", 1)
    each = TASK_BYTES // 656
    print(f"a task: {fixed.worker * 1e3:.1f} ms and {fixed.sent:,} bytes, whatever it holds; some {each:,} exchanges\n")
    print("| kind | a worker | alone | sent back | 1 worker | 10 workers | 100 workers |")
    print("|---|---|---|---|---|---|---|")
    for kind in KINDS:
        _parts(kind, amount // 10)  # numbering plans and schemas are compiled once a process
        found = _parts(kind, amount)
        worker, alone = (seconds / amount * 1e6 for seconds in (found.worker, found.alone))
        rates = (f"{1e6 / (worker / workers + alone):,.0f}/s" for workers in (1, 10, 100))
        print(f"| {kind} | {worker:.0f} µs | {alone:.1f} µs | {found.sent / amount:.0f} bytes | {' | '.join(rates)} |")


def _parts(kind: str, amount: int) -> Parts:
    rules = AuditRules(None, audited_clauses())
    with tempfile.TemporaryDirectory(prefix="bench-cluster-") as name:
        file = Path(name) / "traffic.jsonl"
        write(file, amount, amount, kind=kind)
        tasks = list(tasks_of(Inputs([(str(file), file.name)]).pieces()))
        begun = time.process_time()
        summaries = [do_task(task, rules, "run") for task in tasks]
        worker = time.process_time() - begun
        sent = [pickle.dumps(summary) for summary in summaries]
        begun = time.process_time()
        sum_up(Summary(), ((pickle.loads(one), 0) for one in sent), rules)  # noqa: S301  our own bytes
        return Parts(worker, time.process_time() - begun, sum(map(len, sent)))


if __name__ == "__main__":
    main()
