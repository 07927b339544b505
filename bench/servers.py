"""The simulator beside a constant answer on the same server and beside servers of others: CPU time per request."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import peers
from figures import Figure
from load import get, load, new_numbers, post
from processes import Server, environment, loops, ni_contract, of_bench

CASES: dict[str, Callable[[str], bytes]] = {"GET json": get, "POST form, xml": partial(post, path="xml")}
REPEATING, NEW = "1,000 numbers", "new numbers"
LIMITS = {REPEATING: 1.6, NEW: 3.2}
DISTINCT = 1_000
SIMULATOR, CONSTANT, TWO_WORKERS = "simulator", "constant answer", "simulator, two workers"
READING = "constant answer, body read"


@dataclass(frozen=True)
class Effort:
    """The amount of measuring: rounds, and requests of one round to one server in one case."""

    rounds: int = 5
    requests: int = 5_000


QUICK = Effort(rounds=2, requests=2_000)


class Candidate:
    """A running server, the numbers that it has not seen yet, and the CPU microseconds a request by case and round."""

    def __init__(self, server: Server, requests: int) -> None:
        self.server, self.requests = server, requests
        self.repeating = cycle(list(islice(new_numbers(1), DISTINCT)))
        self.new = new_numbers(2)
        self.samples: dict[tuple[str, str], list[float]] = {}

    def warm_up(self) -> None:
        """Fills the caches with the repeating numbers, and lets compilers have their say."""
        for encode in CASES.values():
            load(self.server.port, [encode(number) for number in islice(self.repeating, 2 * DISTINCT)])

    def measure(self, case: str, traffic: str) -> None:
        """One round of *case*."""
        numbers: Iterator[str] = self.repeating if traffic == REPEATING else self.new
        # Created before the clock starts, because the server is measured.
        requests = list(map(CASES[case], islice(numbers, self.requests)))
        before = self.server.cpu_seconds()
        answers = load(self.server.port, requests).answers
        self.samples.setdefault((case, traffic), []).append((self.server.cpu_seconds() - before) / answers * 1e6)


def compare(effort: Effort, say: Callable[[str], None]) -> list[Figure]:
    """Measures all servers, the rounds of each case in turns. All are ended afterwards. Raises MeasuringError."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-servers-")))
        others, missing = peers.commands(folder)
        ours = {
            SIMULATOR: ni_contract("serve", loop=loops()[0]),
            CONSTANT: of_bench("constant_server", loops()[0]),
            READING: of_bench("constant_server", loops()[0], "main_reading"),
            TWO_WORKERS: ni_contract("serve", "--workers", "2", loop=loops()[0]),
        }
        candidates = {}
        for name, command in (ours | others).items():
            say(f"starting {name}")
            server = stack.enter_context(Server(name, command, environment(SCARF_ANALYTICS="false")))
            candidates[name] = Candidate(server, effort.requests)
        _measure(candidates, effort.rounds, say)
        return [*_figures(candidates, missing), *_starts(candidates)]


def _measure(candidates: dict[str, Candidate], rounds: int, say: Callable[[str], None]) -> None:
    """All with repeating numbers first: new ones would push them out of the caches."""
    for name, candidate in candidates.items():
        say(f"warming up: {name}")
        candidate.warm_up()
    for traffic in (REPEATING, NEW):
        for turn in range(rounds):
            for case in CASES:
                say(f"{traffic}, {case}, round {turn + 1} of {rounds}")
                for candidate in candidates.values():
                    candidate.measure(case, traffic)


def _figures(candidates: dict[str, Candidate], missing: dict[str, str]) -> Iterator[Figure]:
    ours = candidates[SIMULATOR].samples
    for traffic, limit in LIMITS.items():
        for case in CASES:
            what = f"{SIMULATOR}: {case}, {traffic}, CPU"
            for name, candidate in candidates.items():
                if name != SIMULATOR:
                    bound = ("<=", limit) if name == CONSTANT else None
                    yield Figure(what, ours[case, traffic], "µs", name, candidate.samples[case, traffic], bound)
    first = next(iter(ours.values()))
    yield from (Figure(f"{SIMULATOR}: CPU", first, "µs", name, missing=reason) for name, reason in missing.items())


def _starts(candidates: dict[str, Candidate]) -> Iterator[Figure]:
    mine = candidates[SIMULATOR].server
    ready, memory = [mine.ready_seconds], [mine.rss_mb(peak=True)]
    for name, candidate in candidates.items():
        if name != SIMULATOR:
            yield Figure(f"{SIMULATOR}: first answer, wall", ready, "s", name, [candidate.server.ready_seconds])
            yield Figure(f"{SIMULATOR}: memory, all done", memory, "MB", name, [candidate.server.rss_mb(peak=True)])
