"""The result of `verify` for a right provider, or a mutant of one: Python in this process, node at a port of its own.

Each run has a process of its own, which ends after MAX_CPU_SECONDS of its own, or after MAX_SECONDS. A provider in
Python has the clock of the run.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from mutation.mutate import Mutant, mutants_of
from mutation.mutate_text import text_mutants_of
from mutation.numbers_service import serve_numbers
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.provider.find_target import find_target
from ni_contract.exchanges.credentials import Credentials
from ni_contract.runs.embedded import VirtualClock
from ni_contract.runs.run import Run
from ni_contract.runs.session import VerifyPlan
from ni_contract.runs.verify import verify

RIGHT: Final = Path(__file__).parent / "right" / "providers"
EDITIONS: Final = {"asgi_fake.py": "documented", "wsgi_fake.py": "observed", "node_fake.mjs": "documented"}
CLAIMS: Final = "xml,post-form,post-json,cnam,basic-auth,signature=md5hash+hmac-md5+hmac-sha1+hmac-sha256+hmac-sha512"
# A run in this process never waits, and is only as slow as a busy machine makes it.
NO_MAX_SECONDS: Final = 3_600.0
RATE, NO_RATE = 5, 10**9
# The same digits in the signatures of each run: some faults show in few of them.
NOW: Final = 1_795_427_367.0
EXAMPLES: Final = 150
MAX_SECONDS, MAX_CPU_SECONDS, MAX_RUN_SECONDS, MAX_START_SECONDS, REQUEST_SECONDS = 400, 30, 120, 20, 10.0
DOES_NOT_START, DOES_NOT_END = "does not start", "does not end"


def programs() -> dict[str, str]:
    """The sources of the right providers, by file name."""
    return {name: (RIGHT / name).read_text("utf-8") for name in EDITIONS}


def mutants_in(name: str, source: str) -> Iterator[Mutant]:
    """The mutants of the right provider *name*."""
    return mutants_of(source) if name.endswith(".py") else text_mutants_of(source)


def noticed(name: str, source: str) -> str:
    """The finding of `verify`: the clause that it shows first, DOES_NOT_START or DOES_NOT_END; "" where nothing."""
    if name.endswith(".py"):
        return _in_child(lambda: noticed_in_python(name, source))
    with _node(source) as port:
        if port is None:
            return DOES_NOT_START
        return _in_child(lambda: _noticed_at(name, port))


def _in_child(work: Callable[[], str]) -> str:
    """The result of *work* in a process of its own."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.alarm(MAX_SECONDS)
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
        try:
            os.write(writing, f"{work()}\n".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        told = pipe.readline()
    os.waitpid(pid, 0)
    return told.strip() if told else DOES_NOT_END


def noticed_in_python(name: str, source: str) -> str:
    """The result of `noticed` for a provider in Python, in this process and without a time limit."""
    has_rate = "RATE" in source
    try:
        return _first_shown(name, [
            lambda: _run_python(name, source, 0, {}, f",throttle={RATE}" if has_rate else ""),
            lambda: _run_python(name, source, EXAMPLES, {"RATE": NO_RATE}),
        ])  # fmt: skip
    except Exception:  # noqa: BLE001  whatever a mutant raises when it is loaded
        return DOES_NOT_START


def _noticed_at(name: str, port: int) -> str:
    url = f"http://127.0.0.1:{port}/ni/basic"
    return _first_shown(name, [lambda: _run(url, CLAIMS, 0, time.time, time.sleep, MAX_RUN_SECONDS)])


def _first_shown(name: str, runs: list[Callable[[], Run]]) -> str:
    """The clause that the first of *runs* with a failure shows first; the fixed requests cost less than all."""
    for make in runs:
        run = make()
        if run.causes[EDITIONS[name]]:
            return run.causes[EDITIONS[name]][0].clause_id
        if run.error:
            return f"error: {run.error}"
    return ""


def _run_python(name: str, source: str, examples: int, settings: dict[str, Any], more: str = "") -> Run:
    clock = VirtualClock(NOW)
    space: dict[str, Any] = {"__name__": "fake", "__file__": str(RIGHT / name)}
    exec(compile(source, name, "exec"), space)  # noqa: S102  a program of our own
    space.update({"time": SimpleNamespace(time=clock), **settings})
    return _run(space["app"], CLAIMS + more, examples, clock, clock.sleep, NO_MAX_SECONDS)


def _run(
    what: Any,
    claims: str,
    examples: int,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    max_seconds: float,
) -> Run:
    account = Credentials()
    clauses = load_catalogue().select("provider")
    claimed = parse_claims(claims, True)
    plan = VerifyPlan(account, claimed, clauses, examples=examples, max_seconds=max_seconds)
    target = find_target(what, REQUEST_SECONDS, name="mutant", account=account)
    try:
        return verify(target, plan, clock=clock, sleep=sleep)
    finally:
        target.close()


@contextmanager
def _node(source: str) -> Iterator[int | None]:
    """The port of the program, which runs in node; None where it does not tell one."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "fake.mjs")
        file.write_text(source, "utf-8")
        env = {**os.environ, "NUMBERS_URL": serve_numbers()}
        process = subprocess.Popen(["node", str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env)  # noqa: S607
        late = threading.Timer(MAX_START_SECONDS, process.kill)
        late.start()
        try:
            line = process.stdout.readline().strip() if process.stdout else b""
            late.cancel()
            yield int(line) if line.isdigit() else None
        finally:
            late.cancel()
            process.kill()
            process.communicate()
