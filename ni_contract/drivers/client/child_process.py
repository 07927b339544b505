"""A process that exchanges lines, and the end of it and of all processes that it started."""

import ctypes
import os
import queue
import re
import select
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, Final, Literal
from uuid import uuid4

import psutil

from ni_contract.clock import RealClock
from ni_contract.errors import UsageError

MAX_LINE_BYTES: Final = 1_000_000
MAX_OUTPUT_BYTES: Final = 4_000_000
MAX_WAITING_LINES: Final = 10_000  # in lines
LAST_WORDS: Final = 2_000
_ERROR = re.compile(r"(?:Uncaught )?[\w.]*(?:Error|Exception|Panic|panic)\b")
# More than is shown: output is masked before it is cut, or half a secret could stay.
_KEPT_WORDS: Final = 20_000
MAX_PRINTED_BYTES: Final = 200_000  # in a lookup, beside the outcome
MAX_CHUNKS: Final = 16  # of stderr, as they are read
# Inherited by every descendant, so that detached processes can be found by it.
MARK: Final = "NI_WITNESS_RUN"

_READ_BYTES: Final = 65_536
_SET_CHILD_SUBREAPER: Final = 36  # prctl(2)
_END_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.02
# How long what was written to stderr before the outcome is waited for; a client that goes on writing is not.
_UNREAD_SECONDS: Final = 1.0

# Commands that are still running are not orphans; several may run at once.
_STARTED: Final[set[int]] = set()
_STARTING: Final = threading.Lock()

Event = tuple[Literal["line", "flood", "end"], bytes]


class ChildProcess:
    """*command*, started in a session of its own. Raises UsageError where there is no such command."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], has_input: bool = True) -> None:
        self._mark = uuid4().hex
        self._before = orphans()
        self._events: queue.Queue[Event] = queue.Queue()
        self._output = 0
        self._last_words = b""
        # Its methods are atomic: one thread appends, another takes.
        self._errors: deque[bytes] = deque(maxlen=MAX_CHUNKS)
        self._is_keeping = False  # whether a chunk is being read, until it is among the errors
        with _STARTING:
            self._process = self._start(command, environment, has_input)
            _STARTED.add(self._process.pid)
        self._threads = [_thread(self._read_lines), _thread(self._read_errors)]

    def _start(
        self, command: Sequence[str], environment: Mapping[str, str], has_input: bool
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603  the command is what its user typed
                list(command),
                stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**environment, MARK: self._mark},
                start_new_session=True,
                bufsize=0,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"cannot start {command[0]!r}: {reason}; give the client's command after --") from None

    def write_line(self, line: str) -> None:
        """Sends *line*; does nothing where the process has closed its input."""
        if self._process.stdin is not None:
            with suppress(OSError, ValueError):
                self._process.stdin.write(line.encode() + b"\n")

    def expect_output(self) -> None:
        """Resets the bound: from now on another `MAX_OUTPUT_BYTES` bytes are accepted."""
        self._output = 0

    def next_event(self, seconds: float) -> Event | None:
        """The next line, the end of the output, or that it is too large; None after *seconds* without one."""
        try:
            return self._events.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return None

    def lines_left(self) -> list[bytes]:
        """The lines that were not taken, at most `MAX_WAITING_LINES` of them."""
        events = [self._events.get_nowait() for _ in range(self._events.qsize())]
        return [line for kind, line in events if kind == "line"]

    def ending(self, redact: Callable[[str], str]) -> str:
        """A phrase for the end of the process, with the last of its output to stderr, masked by *redact*."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        self._threads[1].join(_END_SECONDS)
        words = _telling(self.last_words(redact))
        ending = f"the command {_how(self._process.returncode)}"
        if words:
            return f"{ending}; its last words: {words}"
        return ending

    def last_words(self, redact: Callable[[str], str]) -> str:
        """The last of its output to stderr, masked by *redact*."""
        return redact(self._last_words.decode("utf-8", "backslashreplace"))[-LAST_WORDS:].strip()

    def take_errors(self) -> bytes:
        """The output to stderr that was written since the last call, the last `MAX_CHUNKS` reads of it."""
        end = RealClock.monotonic() + _UNREAD_SECONDS
        while self._has_unread() and RealClock.monotonic() < end:
            RealClock.sleep(_LOOK_SECONDS / 10)
        return b"".join([self._errors.popleft() for _ in range(len(self._errors))])

    def stop(self, at_once: bool = False) -> list[str]:
        """Ends the process, *at_once* or when its input ends, and its descendants. Returns a note of what that took."""
        remarks = []
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        if not at_once and not self._ends_by_itself():
            remarks.append(f"the command did not end within {_END_SECONDS:g} s of the end of its input")
        if not at_once and self._process.returncode:
            remarks.append(f"the command {_how(self._process.returncode)}")
        self._kill()
        self._process.wait()
        if not at_once and (left := self._left_behind()):
            remarks.append(f"the command left {left} process{'es' if left > 1 else ''} behind")
        self._kill_left_behind()
        _STARTED.discard(self._process.pid)
        for thread in self._threads:
            thread.join(_END_SECONDS)
        for stream in filter(None, (self._process.stdout, self._process.stderr)):
            stream.close()
        return remarks

    def _ends_by_itself(self) -> bool:
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if self._process.poll() is None and hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def _left_behind(self) -> int:
        """The number of processes that still run a moment later, since children of an ended one may be ending too."""
        end = RealClock.monotonic() + _END_SECONDS / 4
        while (left := self._others()) and RealClock.monotonic() < end:
            RealClock.sleep(_LOOK_SECONDS)
        return len(left)

    def _others(self) -> set[psutil.Process]:
        """The descendants that are left: found by the mark, or re-parented to this process."""
        with _STARTING:
            adopted = {process for process in orphans() - self._before if process.pid not in _STARTED}
        return {process for process in marked_processes(self._mark) if process.pid != self._process.pid} | adopted

    def _kill_left_behind(self) -> None:
        for process in self._others():
            with suppress(psutil.Error):
                process.kill()
                # Re-parented children are reaped here, or they stay zombies.
                process.wait(_END_SECONDS)

    def _read_lines(self) -> None:
        line = b""
        for chunk in _chunks(self._process.stdout):
            self._output += len(chunk)
            *whole, line = (line + chunk).split(b"\n")
            for one in whole:
                self._events.put(("line", one))
            if (
                len(line) > MAX_LINE_BYTES
                or self._output > MAX_OUTPUT_BYTES
                or self._events.qsize() > MAX_WAITING_LINES
            ):
                self._events.put(("flood", b""))
                return
        if line:
            self._events.put(("line", line))
        self._events.put(("end", b""))

    def _read_errors(self) -> None:
        chunks = _chunks(self._process.stderr)
        while True:
            self._is_keeping = _is_readable(self._process.stderr, None)
            chunk = next(chunks, b"")
            if not chunk:
                break
            self._last_words = (self._last_words + chunk)[-_KEPT_WORDS:]
            self._errors.append(chunk)
            self._is_keeping = False
        self._is_keeping = False

    def _has_unread(self) -> bool:
        """Whether something was written to stderr that is not among the errors yet."""
        return self._threads[1].is_alive() and (_is_readable(self._process.stderr, 0.0) or self._is_keeping)


def _telling(words: str) -> str:
    """The line of *words* that names an error, the last of them; all of it in one line where none does."""
    named = [line for line in words.splitlines() if _ERROR.match(line)]
    return " ".join((named[-1] if named else words).split())


def _how(code: int | None) -> str:
    if code is None:
        return "closed its output and goes on"
    if code < 0:
        return f"was ended by signal {-code}"
    return f"ended with exit code {code}"


def _thread(run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _chunks(stream: IO[bytes] | None) -> Iterator[bytes]:
    """The bytes of a pipe as they arrive, until its end or until it is closed."""
    while stream is not None:
        try:
            chunk = stream.read(_READ_BYTES)
        except (OSError, ValueError):
            return
        if not chunk:
            return
        yield chunk


def _is_readable(stream: IO[bytes] | None, seconds: float | None) -> bool:
    """Whether *stream* has something to read, once it has with None; False where a pipe cannot be asked."""
    try:
        return stream is not None and bool(select.select([stream], [], [], seconds)[0])
    except (OSError, ValueError):
        return False


def marked_processes(mark: str) -> set[psutil.Process]:
    """The processes whose environment has *mark*, where the system shows environments."""
    # The environment is None where it belongs to another user or the process has ended.
    return {p for p in psutil.process_iter(["environ"]) if (p.info["environ"] or {}).get(MARK) == mark}


def adopt_orphans() -> None:
    """Makes this process the parent of orphaned descendants, on Linux; does nothing elsewhere."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def orphans() -> set[psutil.Process]:
    """The children of this process that still run."""
    return {child for child in psutil.Process().children() if _is_alive(child)}


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:  # it has ended
        return False
