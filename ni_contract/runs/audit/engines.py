"""Engines of an audit: this process, several processes of this machine, or a Dask cluster."""

import atexit
import ctypes
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from secrets import token_hex
from typing import Final

from ni_contract.errors import HarnessError, UsageError
from ni_contract.interruption import signal_of, uninterrupted
from ni_contract.runs.audit.collector import Collector
from ni_contract.runs.audit.pieces import PIECE_BYTES, Inputs, Piece, input_bytes, read_piece
from ni_contract.runs.audit.plan import AuditPlan, AuditRules
from ni_contract.runs.audit.results import MAX_CACHED_RESULTS, ResultCache
from ni_contract.runs.audit.summary import Summary

# A task of a cluster is large, because equal exchanges are aggregated within a task.
TASK_BYTES: Final = 16_000_000
MAX_BATCHES: Final = 16
_SET_PARENT_DEATH_SIGNAL: Final = 1  # prctl(2)


def summaries(plan: AuditPlan, inputs: Inputs) -> Iterator[tuple[Summary, int]]:
    """The summary of each part of *inputs* with its size in bytes; after a signal, those of the finished parts.

    Raises HarnessError when an engine cannot be reached or a worker dies, UsageError when it is not installed.
    """
    workers = min(plan.workers, input_bytes(plan.files) // PIECE_BYTES)
    # The first N exchanges are known only to a reader of all in order.
    if plan.rules.limit is not None or (plan.engine == "local" and workers < 2):
        return run_here(inputs, plan.rules)
    if plan.engine == "dask":
        return run_dask(inputs, plan.rules, plan.address, plan.workers)
    return run_pool(inputs, plan.rules, workers)


def run_here(inputs: Inputs, rules: AuditRules) -> Iterator[tuple[Summary, int]]:
    """The summaries of all parts, by this process."""
    cache, left = ResultCache(), rules.limit or math.inf
    for piece in inputs.pieces():
        collector = Collector(rules, cache, left)
        try:
            collector.take(read_piece(piece))
        except KeyboardInterrupt as interrupt:
            collector.summary.signal = signal_of(interrupt)
        yield collector.finish(), piece.size
        left = collector.left
        if not left or collector.summary.signal is not None:
            return


def run_pool(inputs: Inputs, rules: AuditRules, workers: int) -> Iterator[tuple[Summary, int]]:
    """The summaries of *workers* processes of this machine, each of which takes the next piece."""
    pool = ProcessPoolExecutor(workers, get_context(_start_method()), _prepare, (MAX_CACHED_RESULTS // workers,))
    do = partial(do_task, rules=rules, run="pool")
    try:
        yield from _in_parallel(pool, do, ([piece] for piece in inputs.pieces()), 2 * workers)
    except BrokenProcessPool:
        raise HarnessError("a worker process died; was it out of memory? try --workers 1") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _start_method() -> str:
    """The fastest safe way to start a worker: a fork has all imports, but a process with threads must not be forked."""
    if sys.platform == "linux" and threading.active_count() == 1:
        return "fork"
    return "spawn"


def _prepare(cached: int) -> None:
    """Prepares a worker, which caches *cached* results: all together as many as one process."""
    _kept.size = cached
    # A terminal sends its signals to all processes; only the main one handles them. If it is killed, this one ends too.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    # At the end, freeing each cached result would take as long as judging thousands of exchanges.
    atexit.register(os._exit, 0)
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def _in_parallel(
    executor: Executor, do: Callable[[list[Piece]], Summary], tasks: Iterable[list[Piece]], most: int
) -> Iterator[tuple[Summary, int]]:
    """The summary of each task, by *do*, as it comes, with its size in bytes; at most *most* tasks are under way."""
    sizes: dict[Future[Summary], int] = {}
    try:
        for task in tasks:
            # The first call starts the workers: in the middle of a fork, a signal would get lost.
            with uninterrupted():
                sizes[executor.submit(do, task)] = sum(piece.size for piece in task)
            if len(sizes) >= most:
                yield from _finished(sizes)
        while sizes:
            yield from _finished(sizes)
    except KeyboardInterrupt as interrupt:
        yield Summary(signal=signal_of(interrupt)), 0
        for future in [one for one in sizes if not one.cancel()]:
            yield future.result(), sizes[future]


def _finished(sizes: dict[Future[Summary], int]) -> Iterator[tuple[Summary, int]]:
    for future in wait(sizes, return_when=FIRST_COMPLETED).done:
        yield future.result(), sizes.pop(future)


def tasks_of(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    task: list[Piece] = []
    size = batches = 0
    for piece in pieces:
        task.append(piece)
        size += piece.size
        batches += bool(piece.batch)
        if size >= TASK_BYTES or batches >= MAX_BATCHES:
            yield task
            task, size, batches = [], 0, 0
    if task:
        yield task


_kept = threading.local()


def do_task(task: list[Piece], rules: AuditRules, run: str) -> Summary:
    """Judges a task. Results are cached for later tasks of the same *run*, an id."""
    start = (run, task[0].file, task[0].start)
    before, cache = getattr(_kept, "last", (("", 0, 0), None))
    # A cached failure with a later position would hide the first one.
    cache = cache if before[0] == run and before < start else ResultCache(getattr(_kept, "size", 0))
    _kept.last = start, cache
    collector = Collector(rules, cache)
    for piece in task:
        collector.take(read_piece(piece))
    return collector.finish()


def run_dask(inputs: Inputs, rules: AuditRules, address: str | None, workers: int) -> Iterator[tuple[Summary, int]]:
    """The summaries from a Dask scheduler at *address*, or from a local cluster of *workers* processes.

    Raises UsageError where Dask is not installed, HarnessError where no scheduler answers or a task fails.
    """
    try:
        from dask.distributed import Client
    except ImportError:
        raise UsageError("--engine dask needs Dask: pip install 'ni-contract[dask]'") from None
    own = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    try:
        client = Client(address, timeout=30) if address else Client(**own)
    except (OSError, ValueError) as error:
        raise HarnessError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        most = 2 * max(1, sum(client.ncores().values()))
        do = partial(do_task, rules=rules, run=token_hex(8))
        try:
            yield from _in_parallel(client.get_executor(), do, tasks_of(inputs.pieces()), most)
        except Exception as error:  # noqa: BLE001  whatever a task or a worker ended with
            raise HarnessError(f"Dask could not finish: {type(error).__name__}: {error}") from None


def cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
