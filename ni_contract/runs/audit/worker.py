"""One piece of the work: what an engine runs anywhere, and the summary that it brings back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ni_contract.contract.catalogue import Clause
from ni_contract.exchanges.credentials import Credentials
from ni_contract.recordings.decompress import CannotRead
from ni_contract.recordings.entry import Unreadable
from ni_contract.runs.audit.chunks import FILE_SHIFT, Chunk, read_chunk
from ni_contract.runs.audit.collector import CACHE_SIZE, Collector
from ni_contract.runs.audit.disk_buckets import DiskBuckets
from ni_contract.runs.audit.summary import Summary


@dataclass(frozen=True, slots=True)
class AuditRules:
    """How everything is judged: see `Collector`. *limit*: no more exchanges than this."""

    account: Credentials | None
    clauses: tuple[Clause, ...]
    since: float | None = None
    limit: int | None = None


def summarise(
    chunks: Iterable[Chunk],
    rules: AuditRules,
    shard: int = 0,
    shards: int = 1,
    folder: Path | None = None,
    progress: Callable[[int], None] = lambda _count: None,
) -> Summary:
    """The summary of *chunks*, or of that part of them which is for *shard*.

    *progress* is told how many exchanges were looked at. *folder*: where what does not fit into memory goes.
    """
    # All workers together remember as much as one would.
    most = CACHE_SIZE // shards
    collector = Collector(rules.account, rules.clauses, DiskBuckets(folder, str(shard)), rules.since, most_alike=most)
    left = rules.limit
    for chunk in chunks:
        if left is not None and left <= 0:
            break
        left = _add(collector, chunk, left, shard, shards, progress)
    summary = collector.finish()
    summary.keep_unreadable(())
    return summary


def _add(
    collector: Collector, chunk: Chunk, left: int | None, shard: int, shards: int, progress: Callable[[int], None]
) -> int | None:
    seen = 0
    collector.forget_previous()
    try:
        for recorded, position, before in read_chunk(chunk, shard, shards):
            seen += 1
            if seen % PROGRESS_STEP == 0:
                progress(PROGRESS_STEP)
            if collector.add(recorded, position, before) and left is not None:
                left -= 1
                if not left:
                    break
    except CannotRead as error:
        collector.add(Unreadable(chunk.name, str(error), fatal=True), chunk.file << FILE_SHIFT)
    progress(seen % PROGRESS_STEP)
    return left


PROGRESS_STEP = 500
