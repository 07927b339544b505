"""The work on this machine: in this process, or in several, of which each reads all and judges its part."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from ni_contract.errors import HarnessError
from ni_contract.runs.audit.chunks import Chunk
from ni_contract.runs.audit.summary import Summary
from ni_contract.runs.audit.worker import AuditRules, summarise

Progress = Callable[[int], None]

# Fewer pieces are not worth the start of another process.
_WORTH_A_WORKER: Final = 3


def run_local(
    chunks: Sequence[Chunk], rules: AuditRules, workers: int, folder: Path, progress: Progress
) -> Iterator[Summary]:
    """The summaries of *workers* processes of this machine, each of which reads all and judges its part."""
    count = 1 if rules.limit is not None else min(workers, max(1, len(chunks) // _WORTH_A_WORKER))
    if count == 1:
        with fewer_collections():
            yield summarise(chunks, rules, folder=folder, progress=progress)
        return
    context = get_context("spawn")
    done = context.Value("Q", 0)
    with ProcessPoolExecutor(count, context, _prepare, (done,)) as pool:
        futures = [pool.submit(_work, tuple(chunks), rules, shard, count, str(folder)) for shard in range(count)]
        yield from _results(futures, done, progress)


def _results(futures: list[Future[Summary]], done: Any, progress: Progress) -> Iterator[Summary]:
    told = 0
    waiting = set(futures)
    while waiting:
        try:
            finished = next(as_completed(waiting, timeout=0.2))
            waiting.discard(finished)
            yield finished.result()
        except TimeoutError:
            pass
        except BrokenProcessPool:
            raise HarnessError("a worker process died; was it out of memory? try --workers 1") from None
        progress(done.value - told)
        told = done.value


_done: Any = None


def _prepare(done: Any) -> None:
    global _done
    _done = done


def _count(more: int) -> None:
    with _done.get_lock():
        _done.value += more


def _work(chunks: tuple[Chunk, ...], rules: AuditRules, shard: int, shards: int, folder: str) -> Summary:
    with fewer_collections():
        return summarise(chunks, rules, shard, shards, Path(folder), _count)


class fewer_collections:  # noqa: N801  reads as a statement
    """What is kept holds no cycles; looking for them ever again costs a tenth of the time."""

    def __enter__(self) -> None:
        self._before = gc.get_threshold()
        gc.set_threshold(50_000, 50, 100)

    def __exit__(self, *_: object) -> None:
        gc.set_threshold(*self._before)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
