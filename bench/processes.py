"""Processes of our own: run to their end, or served by; what they cost is read from /proc. Linux only."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from figures import MeasuringError
from load import get

_START_SECONDS = 60
_END_SECONDS = 10
_RUN_SECONDS = 120
_LISTENS = "0A"
_WITHOUT_UVLOOP = "import sys; sys.modules['uvloop'] = None; "
# The same as the console script, with this Python.
_CLI = "import sys; from ni_contract.cli import main; sys.exit(main())"
_UNWANTED = ("NI_", "PYTEST_", "PYTHONDONTWRITEBYTECODE")


def loops() -> list[str]:
    """The event loops that uvicorn can use here: asyncio's always, uvloop where it is installed."""
    return ["uvloop", "asyncio"] if find_spec("uvloop") else ["asyncio"]


def ni_contract(*arguments: str, loop: str = "uvloop") -> list[str]:
    """The command line `ni-contract ARGUMENTS`."""
    return [sys.executable, "-c", (_WITHOUT_UVLOOP if loop == "asyncio" else "") + _CLI, *arguments]


def of_bench(module: str, loop: str = "uvloop", function: str = "main") -> list[str]:
    """The command line that runs *function* of the server *module* in this folder."""
    run = f"import {module}; {module}.{function}()"
    here = f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parent)!r}); "
    return [sys.executable, "-c", (_WITHOUT_UVLOOP if loop == "asyncio" else "") + here + run]


def environment(**more: str) -> dict[str, str]:
    """The environment without variables that would affect the measured programs, with *more*."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_UNWANTED)} | more


@dataclass(frozen=True)
class Spent:
    """The cost of a process from its start to its end."""

    wall: float
    cpu: float
    code: int


def run(command: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Spent:
    """Runs *command* to its end. Raises MeasuringError if that takes too long."""
    before, begun = _cpu_of_children(), time.perf_counter()
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment(**(env or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_RUN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise MeasuringError(f"{' '.join(command[-3:])} took longer than {_RUN_SECONDS} s") from None
    return Spent(time.perf_counter() - begun, _cpu_of_children() - before, done.returncode)


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Server:
    """A server in a process of its own on 127.0.0.1, on a port that the system picks; end it by `end` or `with`."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None, stderr: IO[bytes] | None = None
    ) -> None:
        self.name = name
        begun = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            env=env or environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if stderr is None else stderr,
        )
        try:
            self.port = self._until_ready()
        except BaseException:
            self.end()
            raise
        self.ready_seconds = time.perf_counter() - begun
        self.ready_cpu_seconds = self.cpu_seconds()

    @property
    def url(self) -> str:
        """The base URL of the API."""
        return f"http://127.0.0.1:{self.port}/ni/basic"

    def cpu_seconds(self) -> float:
        """User and system time so far, that of living child processes included."""
        return sum(map(_cpu_seconds, _tree(self._process.pid)))

    def rss_mb(self, peak: bool = False) -> float:
        """Resident memory in MB (10^6 bytes), now or at its highest, child processes included."""
        return sum(_memory(pid, "VmHWM" if peak else "VmRSS") for pid in _tree(self._process.pid)) / 1e6

    def end(self) -> None:
        """Ends the process: first by a request, then by force."""
        self._process.terminate()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _until_ready(self) -> int:
        """The port, once a request on it was answered with 200."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise MeasuringError(f"{self.name} ended at its start, with code {self._process.returncode}")
            port = _listening_port(self._process.pid)
            if port is not None and _answers(port):
                return port
            time.sleep(0.005)
        raise MeasuringError(f"{self.name} did not answer within {_START_SECONDS} s")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(get("441632960960"))
            return connection.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def _listening_port(pid: int) -> int | None:
    """The TCP port on which process *pid* listens, for servers that do not print it."""
    try:
        inodes = {str(entry.readlink())[8:-1] for entry in Path(f"/proc/{pid}/fd").iterdir()}
        lines = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    except OSError:
        return None
    ports = (f[1].rpartition(":")[2] for f in map(str.split, lines) if f[3] == _LISTENS and f[9] in inodes)
    return next((int(port, 16) for port in ports), None)


def _tree(pid: int) -> list[int]:
    """*pid* and the processes below it."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(entry.name)):
            below.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for parent in found:
        found.extend(below.get(parent, ()))
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none if it has just ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process, none if it has just ended; /proc/PID/stat has it in steps of 10 ms alone."""
    try:
        return time.clock_gettime(~pid << 3 | 2)  # the number of the clock: clock_getcpuclockid(3)
    except OSError:
        return 0.0


def _memory(pid: int, name: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.partition(f"{name}:")[2].split()[0]) * 1024
