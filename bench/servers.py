"""The simulator against a quiet and a default Prism and against a constant answer: CPU time per request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import prism
from figures import Figure, table
from load import get, load, new_numbers, post
from processes import Server, constant, loops, ni_contract

Encode = Callable[[str], bytes]
CASES: dict[str, Encode] = {
    "GET json": get,
    "GET xml": partial(get, path="xml"),
    "POST form, json": post,
    "POST form, xml": partial(post, path="xml"),
}
REPEATING, NEW = "1,000 numbers", "new numbers"
DISTINCT = 1_000


@dataclass(frozen=True)
class Effort:
    """How much is measured: rounds, requests of one round to one server in one case (Prism: fewer), starts."""

    rounds: int = 5
    requests: int = 6_000
    prism_requests: int = 1_500
    starts: int = 5


QUICK = Effort(rounds=2, requests=3_000, prism_requests=1_000, starts=3)


@dataclass
class Samples:
    """What one server spent in one case, by round: CPU microseconds and wall time, per request."""

    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    successes: list[float] = field(default_factory=list)

    def cell(self) -> str:
        """The medians, for people."""
        return f"{median(self.cpu):.0f} µs, {median(self.rate):,.0f}/s"

    def times(self, other: Samples) -> float:
        """The median over the rounds of this server's cost through the *other*'s."""
        return median(mine / theirs for mine, theirs in zip(self.cpu, other.cpu, strict=True))


class Candidate:
    """A running server, the numbers that it has not seen yet, and what it spent so far."""

    def __init__(self, server: Server, requests: int) -> None:
        self.server, self.requests = server, requests
        self.repeating = cycle(list(islice(new_numbers(1), DISTINCT)))
        self.new = new_numbers(2)
        self.samples: dict[tuple[str, str], Samples] = {}

    def warm_up(self) -> None:
        """Fills the caches with the repeating numbers, and lets Prism's compiler have its say."""
        for encode in CASES.values():
            load(self.server.port, [encode(number) for number in islice(self.repeating, 2 * DISTINCT)])

    def measure(self, case: str, traffic: str) -> None:
        """One round of *case*."""
        numbers: Iterator[str] = self.repeating if traffic == REPEATING else self.new
        # Created before the clock starts, because the server is measured.
        requests = list(map(CASES[case], islice(numbers, self.requests)))
        before = self.server.cpu_seconds()
        answered = load(self.server.port, requests)
        samples = self.samples.setdefault((case, traffic), Samples())
        samples.cpu.append((self.server.cpu_seconds() - before) / answered.answers * 1e6)
        samples.rate.append(answered.answers / answered.seconds)
        samples.successes.append(answered.successes / answered.answers)


@dataclass(frozen=True)
class Comparison:
    """The results: the figures with their goals, and the table of all cases."""

    figures: list[Figure]
    cases: str


def compare(effort: Effort, with_prism: bool, prism_directory: Path | None, say: Callable[[str], None]) -> Comparison:
    """Measures all servers, the rounds of each case interleaved. All are ended afterwards. Raises MeasuringError."""
    with ExitStack() as stack:
        commands = _commands()
        if with_prism:
            say("installing Prism, if it is not there yet")
            program = stack.enter_context(prism.installed(prism_directory))
            commands |= {name: prism.command(program, name) for name in (prism.QUIET, prism.DEFAULT)}
        figures = _starts(commands, effort.starts, say)
        candidates = {
            name: Candidate(stack.enter_context(_start(name, command)), _amount(name, effort))
            for name, command in commands.items()
        }
        _measure(candidates, effort.rounds, say)
        figures += _memory(candidates)
    return Comparison(_ratios(candidates) + figures, _cases(candidates))


def simulator_on(loop: str) -> str:
    """The simulator's name in the tables."""
    return f"simulator, {loop}"


def constant_on(loop: str) -> str:
    """The constant answer's."""
    return f"constant, {loop}"


def _commands() -> dict[str, list[str]]:
    simulators = {simulator_on(loop): ni_contract("serve", loop=loop) for loop in loops()}
    return simulators | {constant_on(loop): constant(loop) for loop in loops()}


def _start(name: str, command: Sequence[str]) -> Server:
    return Server(name, command, prism.settings())


def _amount(name: str, effort: Effort) -> int:
    return effort.prism_requests if name in (prism.QUIET, prism.DEFAULT) else effort.requests


def _starts(commands: dict[str, list[str]], starts: int, say: Callable[[str], None]) -> list[Figure]:
    """From the start of the process to its first 200, one server after the other, several times."""
    walls: dict[str, list[float]] = {name: [] for name in commands}
    cpus: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(starts):
        say(f"starts, {turn + 1} of {starts}")
        for name, command in commands.items():
            with _start(name, command) as server:
                walls[name].append(server.ready_seconds)
                cpus[name].append(server.ready_cpu_seconds)
    return [_readiness(name, walls[name], median(cpus[name])) for name in commands]


def _readiness(name: str, walls: list[float], cpu: float) -> Figure:
    beside = f"wall, median of {len(walls)}, best {min(walls):.2f}; {cpu:.2f} s CPU"
    goal = ("<", 0.6) if name.startswith("simulator") else None
    return Figure("ready after", name, median(walls), "s", goal, beside)


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


def _memory(candidates: dict[str, Candidate]) -> list[Figure]:
    return [
        Figure(
            "RSS at its highest",
            name,
            candidate.server.rss_mb(peak=True),
            "MB",
            ("<", 80) if name.startswith("simulator") else None,
            "after all of the above",
        )
        for name, candidate in candidates.items()
    ]


def _ratios(candidates: dict[str, Candidate]) -> list[Figure]:
    """The worst case of each claim."""
    claims = [(prism.QUIET, REPEATING, 0.25), (prism.QUIET, NEW, 0.7)] if prism.QUIET in candidates else []
    found = []
    for loop in loops():
        for other, traffic, limit in [(constant_on(loop), REPEATING, 2.5), *claims]:
            one, two = candidates[simulator_on(loop)].samples, candidates[other].samples
            ratios = {case: one[case, traffic].times(two[case, traffic]) for case in CASES}
            worst = max(ratios, key=ratios.__getitem__)
            beside = f"worst of {len(CASES)} cases: {worst}; best {min(ratios.values()):.2f}"
            name = f"{simulator_on(loop)} / {other.partition(',')[0]}, {traffic}"
            found.append(Figure("CPU", name, ratios[worst], "", ("<=", limit), beside))
    return found


def _cases(candidates: dict[str, Candidate]) -> str:
    rows = []
    for traffic in (REPEATING, NEW):
        for case in CASES:
            samples = [candidate.samples[case, traffic] for candidate in candidates.values()]
            share = f"{median(samples[0].successes):.0%}"
            rows.append([f"{case}, {traffic}", share, *(one.cell() for one in samples)])
    return table(["case", "status 0", *candidates], rows)
