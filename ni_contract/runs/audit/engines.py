"""Engines of an audit: this process, several processes of this machine, or a Dask cluster."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import chain, repeat
from multiprocessing import get_context
from pathlib import Path
from queue import Empty, Full
from secrets import token_hex
from typing import Any, Final

from ni_contract.errors import HarnessError, UsageError
from ni_contract.runs.audit.collector import Collector
from ni_contract.runs.audit.pieces import PIECE_BYTES, Inputs, Piece, read_piece
from ni_contract.runs.audit.plan import AuditPlan, AuditRules
from ni_contract.runs.audit.results import MAX_CACHED_RESULTS, ResultCache
from ni_contract.runs.audit.summary import Summary

Progress = Callable[[int], None]

# A task of a cluster is large, because equal exchanges are aggregated within a task.
TASK_BYTES: Final = 16_000_000
BATCH_TASK_BYTES: Final = 8_000_000
_SET_PARENT_DEATH_SIGNAL: Final = 1  # prctl(2)
_POLL_SECONDS: Final = 0.2


def summaries(plan: AuditPlan, inputs: Inputs, folder: Path, progress: Progress) -> Iterator[Summary]:
    """The summaries of all parts of *inputs*; after a signal, those of the finished parts.

    Raises HarnessError when an engine cannot be reached or a worker dies, UsageError when it is not installed.
    """
    # The first N exchanges are known only to a reader of all in order.
    if plan.rules.limit is not None:
        return run_here(inputs, plan.rules, folder, progress)
    if plan.engine == "dask":
        return run_dask(inputs, plan.rules, plan.address, plan.workers, progress)
    workers = min(plan.workers, inputs.size() // PIECE_BYTES)
    if workers < 2:
        return run_here(inputs, plan.rules, folder, progress)
    return run_pool(inputs, plan.rules, workers, folder, progress)


def run_here(inputs: Inputs, rules: AuditRules, folder: Path, progress: Progress) -> Iterator[Summary]:
    """The summary of all parts, by this process."""
    collector = Collector(rules, folder)
    try:
        for piece in inputs.pieces():
            if not collector.take(read_piece(piece)):
                break
            progress(piece.size)
    except KeyboardInterrupt as interrupt:
        collector.summary.signal = number_of(interrupt)
    yield collector.finish()


def number_of(interrupt: KeyboardInterrupt) -> int:
    """The number of the signal behind *interrupt*."""
    return getattr(interrupt, "number", signal.SIGINT)


def run_pool(inputs: Inputs, rules: AuditRules, workers: int, folder: Path, progress: Progress) -> Iterator[Summary]:
    """The summaries of *workers* processes of this machine, each of which takes the next piece."""
    context = get_context("spawn")
    shared = _Shared(context, workers)
    with ProcessPoolExecutor(workers, context, _prepare, (shared,)) as pool:
        # All workers together cache as much as a single process.
        cached = MAX_CACHED_RESULTS // workers
        futures: list[Future[Summary]] = []
        try:
            futures += [pool.submit(_work, rules, str(folder), str(number), cached) for number in range(workers)]
            for piece in chain(inputs.pieces(), repeat(None, workers)):
                _put(shared, piece, futures, progress)
            while wait(futures, _POLL_SECONDS).not_done:
                progress(shared.news())
        except KeyboardInterrupt as interrupt:
            yield Summary(signal=number_of(interrupt))
        finally:
            # After any error too: the pool waits for workers, and a worker for a piece.
            if len(futures) < workers or not all(future.done() for future in futures):
                shared.stop(workers)
            shared.pieces.cancel_join_thread()
        progress(shared.news())
        yield from map(_result, futures)


class _Shared:
    """The shared state of the processes: the remaining pieces, the number of judged bytes, whether to stop."""

    def __init__(self, context: Any, workers: int) -> None:
        self.pieces, self.done, self.stopped = context.Queue(2 * workers), context.Value("Q", 0), context.Event()
        self._told = 0

    def count(self, more: int) -> None:
        """Counts bytes that were judged."""
        with self.done.get_lock():
            self.done.value += more

    def news(self) -> int:
        """The number of bytes judged since the last call."""
        news = self.done.value - self._told
        self._told += news
        return int(news)

    def stop(self, workers: int) -> None:
        """Makes all workers end after their current piece."""
        self.stopped.set()
        with suppress(Empty):
            while True:
                self.pieces.get(timeout=_POLL_SECONDS)
        with suppress(Full):
            for _ in range(workers):
                self.pieces.put(None, timeout=_POLL_SECONDS)


def _put(shared: _Shared, piece: Piece | None, futures: list[Future[Summary]], progress: Progress) -> None:
    is_put = False
    while not is_put and not any(future.done() and future.exception() for future in futures):
        progress(shared.news())
        with suppress(Full):
            shared.pieces.put(piece, timeout=_POLL_SECONDS)
            is_put = True


def _result(future: Future[Summary]) -> Summary:
    try:
        return future.result()
    except BrokenProcessPool:
        raise HarnessError("a worker process died; was it out of memory? try --workers 1") from None


_shared: _Shared


def _prepare(shared: _Shared) -> None:
    """Prepares a worker. A terminal sends its signals to all processes; only the main process handles them."""
    global _shared
    _shared = shared
    # The main process stops this one at a signal; if the main process is killed, this one ends too.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def _work(rules: AuditRules, folder: str, name: str, cached: int) -> Summary:
    collector = Collector(rules, Path(folder), name, ResultCache(cached))
    while (piece := _shared.pieces.get()) is not None:
        if not collector.take(read_piece(piece), _shared.stopped.is_set):
            break
        _shared.count(piece.size)
    return collector.finish()


def tasks_of(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """The pieces, grouped into tasks."""
    task: list[Piece] = []
    size = batched = 0
    for piece in pieces:
        task.append(piece)
        size += PIECE_BYTES if not piece.data else len(piece.data)
        batched += len(piece.data)
        if size >= TASK_BYTES or batched >= BATCH_TASK_BYTES:
            yield task
            task, size, batched = [], 0, 0
    if task:
        yield task


_kept = threading.local()


def do_task(task: list[Piece], rules: AuditRules, run: str) -> Summary:
    """Judges a task on a cluster's worker. Results are cached for later tasks of the same *run*, an id."""
    start = (run, task[0].file, task[0].start)
    before, cache = getattr(_kept, "last", (("", 0, 0), None))
    # A cached failure with a later position would hide the first one.
    cache = cache if before[0] == run and before < start else ResultCache()
    _kept.last = start, cache
    collector = Collector(rules, cache=cache)
    for piece in task:
        collector.take(read_piece(piece))
    return collector.finish()


def run_dask(
    inputs: Inputs, rules: AuditRules, address: str | None, workers: int, progress: Progress
) -> Iterator[Summary]:
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
        try:
            for summary, size in _on_dask(client, inputs, rules):
                progress(size)
                yield summary
        except KeyboardInterrupt as interrupt:
            yield Summary(signal=number_of(interrupt))
        except Exception as error:  # noqa: BLE001  whatever a task or a worker ended with
            raise HarnessError(f"Dask could not finish: {type(error).__name__}: {error}") from None


def _on_dask(client: Any, inputs: Inputs, rules: AuditRules) -> Iterator[tuple[Summary, int]]:
    """The summary of each task as it comes, with how many bytes it is about."""
    from dask.distributed import as_completed

    running = as_completed(with_results=True)
    run = token_hex(8)
    sizes: dict[str, int] = {}
    slots = 2 * max(1, sum(client.ncores().values()))
    for task in tasks_of(inputs.pieces()):
        future = client.submit(do_task, task, rules, run, pure=False)
        sizes[future.key] = sum(piece.size for piece in task)
        running.add(future)
        if running.count() >= slots:
            yield _taken(running, sizes)
    while running.count():
        yield _taken(running, sizes)


def _taken(running: Any, sizes: dict[str, int]) -> tuple[Summary, int]:
    future, summary = next(running)
    size = sizes.pop(future.key)
    future.release()
    return summary, size


def cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
