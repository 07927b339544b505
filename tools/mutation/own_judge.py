"""Runs our tests of the judge on mutants of the judge itself: `python -m mutation.own_judge [--sample N]`.

A mutant is killed when a test fails, or does not end in time. Survivors are listed in judge_survivors.toml, with the
reason; the exit code is 1 when one survives that is not listed, or when an entry of the list is no longer true. A
sample changes with the code: there, a tenth may survive without an entry.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from zlib import crc32

import ni_contract
from mutation.mutate import Mutant, mutants_of

HERE = Path(__file__).parent
TESTS = HERE.parents[1] / "tests"
JUDGE = Path(ni_contract.__file__).parent / "judge"
SURVIVORS = HERE / "judge_survivors.toml"
# One group after the other, each only for what has survived those before it: the quickest come first.
TEST_GROUPS = (
    ("test_judged_words.py", "test_judge_edges.py", "test_request_edges.py", "test_lookup_edges.py"),
    ("test_catalogue.py", "test_request_traits.py", "test_request_keys.py", "test_rate_clauses.py", "test_unserved.py"),
    (
        "test_counterexamples.py",
        "test_recording_edges.py",
        "test_signature_mistakes.py",
        "test_credential_mistakes.py",
        "test_comparisons.py",
        "test_request_clauses.py",
        "test_recording_clauses.py",
        "test_forms.py",
        "test_earlier_answers.py",
        "test_one_mistake.py",
    ),
    ("test_vectors.py", "test_repetitions.py", "test_outcome_reading.py", "test_features_and_deviations.py"),
)
# What a run makes of judgements: only these are about it, but for tests of runs and reports, which take too long.
TESTS_OF = {
    "likeness.py": (("test_repetitions.py",), ("audit/test_audit_unread.py",)),
    "unread.py": (("test_repetitions.py",), ("audit/test_audit_unread.py",)),
    "verdicts.py": (("test_verdicts.py", "test_masked_findings.py"),),
    "root_causes.py": (("test_root_causes.py", "test_one_mistake.py"),),
    "deviations.py": (("test_features_and_deviations.py",),),
    "unserved.py": (("test_unserved.py", "audit/test_audit_controls.py"),),
}
# What the tests need of the package and does not need the judge: imported once, before the mutants part.
UNCHANGED = (
    "hypothesis",
    "pytest",
    "phonenumbers",
    "ni_contract.simulator",
    "ni_contract.drivers.provider.http_target",
)
# Only the plugins that these tests need; assertions as they are, for nobody reads what they say.
PLUGINS = ("pytest_asyncio.plugin", "ni_contract.pytest_plugin", "syrupy")
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "--tb=no", *(f"-p{name}" for name in PLUGINS))
MAX_CPU_SECONDS, MAX_SECONDS = 60, 900
KILLED, SURVIVED = 1, 0


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutant by its *key* in the list of survivors, and whether a test noticed it."""

    key: str
    killed: bool


def key_of(file: Path, mutant: Mutant) -> str:
    """The name of *mutant* in the list of survivors: its module and what is changed."""
    return f"{file.relative_to(JUDGE).as_posix()}: {mutant.name}"


class _Mutated(MetaPathFinder, Loader):
    """Imports one module from another source."""

    def __init__(self, name: str, source: str, is_package: bool) -> None:
        self._name, self._source, self._is_package = name, source, is_package

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        """The spec of the mutated module; of others the usual finders know."""
        if fullname != self._name:
            return None
        spec = spec_from_loader(fullname, self, is_package=self._is_package)
        if spec is not None and self._is_package:
            spec.submodule_search_locations = [str(JUDGE)]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Runs the mutated source."""
        exec(compile(self._source, f"<mutant of {self._name}>", "exec"), module.__dict__)  # noqa: S102  our own code


def listed() -> set[str]:
    """The keys of the survivors that are known, each of which has a reason."""
    rows = tomllib.loads(SURVIVORS.read_text("utf-8"))["survivor"]
    return {row["mutant"] for row in rows if row["reason"]}


def module_of(file: Path) -> str:
    """The full name of the module in *file*, which is part of the judge."""
    parts = file.relative_to(JUDGE).with_suffix("").parts
    return ".".join(("ni_contract", "judge", *(part for part in parts if part != "__init__")))


def all_mutants() -> Iterator[tuple[Path, Mutant]]:
    """Every mutant of every module of the judge, in the order of the files."""
    for file in sorted(JUDGE.rglob("*.py")):
        for mutant in mutants_of(file.read_text("utf-8")):
            yield file, mutant


def start(file: Path, mutant: Mutant) -> int:
    """The id of a new process, forked from this one, that runs the tests on *mutant* of the module in *file*."""
    source = mutant.source
    child = os.fork()
    if child == 0:
        os._exit(_run_tests(file, source))
    return child


def _run_tests(file: Path, source: str) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    signal.alarm(MAX_SECONDS)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.meta_path.insert(0, _Mutated(module_of(file), source, file.name == "__init__.py"))
    try:
        groups = TESTS_OF.get(file.name, TEST_GROUPS)
        return KILLED if any(_fails(group) for group in groups) else SURVIVED
    except BaseException:  # noqa: BLE001  a mutant may raise whatever it likes, and even that ends its process
        return KILLED


def _fails(group: Iterable[str]) -> bool:
    import pytest

    return pytest.main([*OPTIONS, *(str(TESTS / name) for name in group)]) != pytest.ExitCode.OK


def judge(mutants: Iterable[tuple[Path, Mutant]], jobs: int) -> Iterator[Judged]:
    """Each of *mutants* with the result of the tests, in the order in which they end; *jobs* at a time."""
    running: dict[int, tuple[Path, Mutant]] = {}
    for file, mutant in mutants:
        if len(running) == jobs:
            yield _ended(running)
        running[start(file, mutant)] = file, mutant
    while running:
        yield _ended(running)


def _ended(running: dict[int, tuple[Path, Mutant]]) -> Judged:
    child, status = os.wait()
    file, mutant = running.pop(child)
    return Judged(key_of(file, mutant), os.waitstatus_to_exitcode(status) != SURVIVED)


def main(arguments: list[str] | None = None) -> int:
    """Judges, prints the score and what survives; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="judge so many mutants; all when not given")
    parser.add_argument("--seed", default="", help="draw another sample")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="only modules whose path in the judge begins so, as clauses/")
    args = parser.parse_args(arguments)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in UNCHANGED:
        import_module(name)
    unchanged = Mutant("nothing is changed", (JUDGE / "__init__.py").read_text)
    if any(one.killed for one in judge([(JUDGE / "__init__.py", unchanged)], 1)):
        sys.exit(f"the tests fail without any mutant: run `pytest {TESTS}` first")
    known = listed()
    existing = {key_of(*one) for one in all_mutants()}
    every = [one for one in all_mutants() if one[0].relative_to(JUDGE).as_posix().startswith(args.only)]
    results = []
    for result in judge(sampled(every, args.sample, args.seed), args.jobs):
        results.append(result)
        if not result.killed and result.key not in known:
            print(f"survived: {result.key}", flush=True)
    return report_score(results, known, existing, len(results) // 10 if args.sample else 0)


def sampled(mutants: list[tuple[Path, Mutant]], size: int, seed: str = "") -> list[tuple[Path, Mutant]]:
    """*size* of *mutants*, spread by their names, so that a change of other code leaves the choice as it is; 0: all.

    Another *seed* draws others.
    """
    spread = sorted(mutants, key=lambda one: crc32((seed + key_of(*one)).encode()))
    return spread[:size] if size else mutants


def report_score(results: list[Judged], known: set[str], existing: set[str], tolerated: int = 0) -> int:
    """Prints the score; 1 where more than *tolerated* survive unlisted, or a listed one is killed or gone."""
    killed = {one.key for one in results if one.killed}
    unknown = [one for one in results if one.key not in killed | known]
    print(f"{len(results)} mutants, {len(killed)} killed, {len(unknown)} survived without an entry")
    stale = sorted((known & killed) | (known - existing))
    for key in stale:
        print(f"stale entry: {key}")
    return 1 if len(unknown) > tolerated or stale else 0


if __name__ == "__main__":
    sys.exit(main())
