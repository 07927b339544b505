"""The work on engines that people operate already. What a task is does not show in the result: see `summary`."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ni_contract.errors import HarnessError, UsageError
from ni_contract.runs.audit.chunks import Chunk
from ni_contract.runs.audit.engines import Progress, fewer_collections
from ni_contract.runs.audit.summary import Summary
from ni_contract.runs.audit.worker import AuditRules, summarise

# A task reads this many chunks (a gigabyte of lines) and judges those lines of them that are its own; more parts than
# that would read more than they judge.
CHUNKS_A_TASK: Final = 256
MAX_PARTS: Final = 16
CONNECT_SECONDS: Final = 10.0

Task = tuple[tuple[Chunk, ...], int, int]


def tasks_of(chunks: Sequence[Chunk], workers: int) -> list[Task]:
    """Tasks for *workers*: the chunks, and which of how many parts of them. What is about one number is in one part."""
    parts = max(1, min(workers, MAX_PARTS))
    pieces = [tuple(chunks[start : start + CHUNKS_A_TASK]) for start in range(0, len(chunks), CHUNKS_A_TASK)]
    return [(piece, part, parts) for piece in pieces for part in range(parts)]


def do_task(task: Task, rules: AuditRules) -> Summary:
    """What a worker does."""
    chunks, part, parts = task
    with fewer_collections():
        return summarise(chunks, rules, part, parts)


def run_dask(
    chunks: Sequence[Chunk], rules: AuditRules, address: str | None, workers: int, progress: Progress
) -> Iterator[Summary]:
    """The summaries from a Dask scheduler at *address*, or from a local cluster of *workers* processes.

    Raises UsageError where Dask is not installed, HarnessError where no scheduler answers or a task fails.
    """
    try:
        from dask.distributed import Client, as_completed
    except ImportError:
        raise UsageError("--engine dask needs Dask: pip install 'ni-contract[dask]'") from None
    own = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    try:
        client = Client(address, timeout=30) if address else Client(**own)
    except (OSError, ValueError) as error:
        raise HarnessError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        tasks = tasks_of(chunks, sum(client.ncores().values()))
        futures = client.map(do_task, tasks, rules=rules, pure=False)
        try:
            for future, summary in as_completed(futures, with_results=True):
                future.release()
                progress(summary.judged)
                yield summary
        except Exception as error:  # noqa: BLE001  whatever a task or a worker ended with
            raise HarnessError(f"Dask could not finish: {type(error).__name__}: {error}") from None


def run_ray(
    chunks: Sequence[Chunk], rules: AuditRules, address: str | None, workers: int, progress: Progress
) -> Iterator[Summary]:
    """The summaries from the Ray cluster at *address*, or from a local one of *workers* processes.

    Raises UsageError where Ray is not installed, HarnessError where no cluster answers or a task fails.
    """
    try:
        import ray
    except ImportError:
        raise UsageError("--engine ray needs Ray: pip install 'ni-contract[ray]'") from None
    if address:
        _check_answers(address)
    # A cluster of our own is for this machine alone, and tells nobody that it is there.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    own = {"num_cpus": workers, "_node_ip_address": "127.0.0.1"}
    settings: dict[str, Any] = {"address": address} if address else own
    try:
        ray.init(**settings, log_to_driver=False, include_dashboard=False, configure_logging=False)
    except (ConnectionError, ValueError) as error:
        raise HarnessError(f"no Ray cluster answers at {address}: {error}") from None
    try:
        task, shared = ray.remote(do_task), ray.put(rules)
        tasks = tasks_of(chunks, int(ray.cluster_resources().get("CPU", 1)))
        waiting = [task.remote(one, shared) for one in tasks]
        while waiting:
            finished, waiting = ray.wait(waiting, num_returns=1)
            summary: Summary = ray.get(finished[0])
            progress(summary.judged)
            yield summary
    except ray.exceptions.RayError as error:
        raise HarnessError(f"Ray could not finish: {type(error).__name__}") from None
    finally:
        ray.shutdown()


def _check_answers(address: str) -> None:
    """Ray tries for minutes to reach what is not there. Raises HarnessError."""
    host, colon, port = address.rpartition("//")[2].rpartition(":")
    if colon and port.isascii() and port.isdigit():
        try:
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
        except (OSError, OverflowError) as error:
            raise HarnessError(f"no Ray cluster answers at {address}: {error}") from None
