"""A command that hangs, or leaves processes behind, is ended, with all its descendants."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psutil import Process

from ni_contract.drivers.client import child_process
from ni_contract.drivers.client import command_client as client_process
from ni_contract.drivers.client.child_process import MARK, marked_processes
from ni_contract.drivers.client.command_client import (
    EARLIER_ID,
    SEVERAL_LINES,
    UNFLUSHED,
    ClientCommand,
    client_environment,
    fault_of,
    lookup_line,
    read_outcome,
)
from ni_contract.drivers.client.patience import Patience
from ni_contract.exchanges.client_lookup import Lookup, MissingOutcome, Outcome

LOOKUP = Lookup("+44 7700 900000")
ECHO = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"id": json.loads(line)["id"], "ok": False, "reason": "no"}), flush=True)
"""
has_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system has no /proc")


def processes_of(mark: str) -> set[Process]:
    """The processes that still exist a moment later, because a process takes a moment to end."""
    end = time.monotonic() + 60
    while (left := marked_processes(mark)) and time.monotonic() < end:
        time.sleep(0.02)
    return left


def test_command_starts_once(started: Callable[..., ClientCommand]) -> None:
    """A command is started once and asked line by line."""
    client = started(sys.executable, "-c", ECHO)
    assert [client.ask(LOOKUP, Patience(60)).reason for _ in range(3)] == ["no"] * 3
    assert client.notes() == ()


def test_hanging_command_is_late_and_ended(
    started: Callable[..., ClientCommand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_process, "START_SECONDS", 0.2)
    monkeypatch.setattr(client_process, "RESTART_SECONDS", 0.2)
    client = started(sys.executable, "-c", "import time; time.sleep(1000)")
    assert client.ask(LOOKUP, Patience(0.1)) == MissingOutcome("late", f"no outcome came within 0.3 s{UNFLUSHED}")
    assert client.ask(LOOKUP, Patience(0.1)).kind == "late"


def test_command_that_ends_gets_hint(started: Callable[..., ClientCommand]) -> None:
    """A command that ends well after one lookup is told of --per-lookup."""
    told = started(sys.executable, "-c", "input()").ask(LOOKUP, Patience(60))
    assert told.message.endswith(
        "ended with exit code 0; for a command that ends after each lookup there is --per-lookup"
    )


def test_command_that_went_on_gets_none(started: Callable[..., ClientCommand]) -> None:
    """A command that reported two outcomes does not end after each lookup."""
    body = 'for i in (1, 2): input(); print(\'{"id": %d, "ok": false}\' % i)'
    client = started(sys.executable, "-c", f"{body}\ninput()")
    assert all(isinstance(client.ask(LOOKUP, Patience(60)), Outcome) for _ in range(2))
    told = client.ask(LOOKUP, Patience(60))
    assert isinstance(told, MissingOutcome)
    assert told.message.endswith("ended with exit code 0")


@has_proc
def test_left_processes_are_ended(started: Callable[..., ClientCommand], tmp_path: Path) -> None:
    """Processes that a command leaves behind are counted and ended."""
    detached = tmp_path / "pid"
    leave = f"""
import os, subprocess, sys
quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
for detach in (False, True):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"], start_new_session=detach, **quiet)
open({str(detached)!r}, "w").write(os.environ[{MARK!r}])
{ECHO}
"""
    client = started(sys.executable, "-c", leave)
    assert isinstance(client.ask(LOOKUP, Patience(60)), Outcome)
    mark = detached.read_text()
    assert len(marked_processes(mark)) == 3
    client.stop()
    assert client.notes() == ("the command left 2 processes behind",)
    assert processes_of(mark) == set()


@has_proc
def test_detached_processes_are_found(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    hide = f"""
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open({str(pid)!r}, "w").write(str(os.getpid()))
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.execve(sys.executable, [sys.executable, "-c", "import time; time.sleep(1000)"], {{}})
    os._exit(0)
{ECHO}
"""
    # In a process of its own, because it becomes the parent of orphans.
    run = f"""
import os, sys
from ni_contract.drivers.client.child_process import adopt_orphans
from ni_contract.drivers.client.command_client import ClientCommand
from ni_contract.drivers.client.patience import Patience
from ni_contract.exchanges.client_lookup import Lookup
adopt_orphans()
client = ClientCommand([sys.executable, "-c", {hide!r}], dict(os.environ))
client.ask(Lookup("1"), Patience(60))
client.stop()
print(client.notes())
"""
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == "('the command left 1 process behind',)\n"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_final_exit_code_is_reported(started: Callable[..., ClientCommand]) -> None:
    client = started(sys.executable, "-c", f"{ECHO}\nsys.exit(3)")
    assert isinstance(client.ask(LOOKUP, Patience(60)), Outcome)
    client.stop()
    assert client.notes() == ("the command ended with exit code 3",)


def test_surviving_command_is_ended(started: Callable[..., ClientCommand], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ni_contract.drivers.client.child_process._END_SECONDS", 0.3)
    client = started(sys.executable, "-c", f"{ECHO}\nimport time\ntime.sleep(1000)")
    assert isinstance(client.ask(LOOKUP, Patience(60)), Outcome)
    client.stop()
    assert client.notes() == ("the command did not end within 0.3 s of the end of its input",)


def test_late_outcome_is_not_mixed(started: Callable[..., ClientCommand], monkeypatch: pytest.MonkeyPatch) -> None:
    """An outcome of an earlier lookup is not taken for this one."""
    monkeypatch.setattr(client_process, "START_SECONDS", 1.0)
    late = ECHO.replace('json.loads(line)["id"]', 'json.loads(line)["id"] - 1')
    client = started(sys.executable, "-c", late)
    told = client.ask(LOOKUP, Patience(0.5))
    assert (told.kind, EARLIER_ID in told.message) == ("late", True)


def test_second_outcome_is_told(started: Callable[..., ClientCommand]) -> None:
    """A second outcome of one lookup makes the next one's useless."""
    twice = f"{ECHO}    print(json.dumps({{'id': json.loads(line)['id'], 'ok': True}}), flush=True)"
    client = started(sys.executable, "-c", twice)
    client.ask(LOOKUP, Patience(60))
    assert client.ask(LOOKUP, Patience(60)) == MissingOutcome("unreadable", f"the outcome {EARLIER_ID}")
    client.stop()


def test_lookup_is_one_json_line() -> None:
    line = lookup_line(7, Lookup("+44 7700 900000", None, 2.0))
    assert line == '{"id": 7, "number": "+44 7700 900000", "country": null, "timeout": 2.0}'


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"ok": True, "result": {"country_code": "GB"}}, Outcome(True, {"country_code": "GB"})),
        ({"ok": False, "status": 4, "reason": "no"}, Outcome(False, None, 4, "no")),
        ({"ok": False}, Outcome(False)),
        ({"ok": False, "status": None, "reason": None, "more": 1}, Outcome(False)),
    ],
)
def test_an_outcome_is_read(members: Any, told: Any) -> None:
    assert read_outcome(json.dumps({"id": 7, **members}).encode(), 7) == told


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({}, "has no ok that is true or false"),
        ({"ok": 1}, "has no ok that is true or false"),
        ({"ok": True, "result": []}, "has a result that is no object"),
        ({"ok": True, "status": "0"}, "has a status that is neither an integer nor null"),
        ({"ok": False, "reason": 4}, "has a reason that is no text"),
    ],
)
def test_invalid_outcome_is_reported(members: Any, words: str) -> None:
    told = read_outcome(json.dumps({"id": 7, **members}).encode(), 7)
    assert told == MissingOutcome("unreadable", f"the outcome {words}")


@pytest.mark.parametrize("status", ["4", True])
def test_other_status_type_is_failure(status: Any) -> None:
    """A failure may have a status of another type."""
    told = read_outcome(json.dumps({"id": 7, "ok": False, "status": status}).encode(), 7)
    assert told == MissingOutcome("status", "the outcome has a status that is neither an integer nor null")


@pytest.mark.parametrize(
    "line", [b"", b"hello", b"7", b'{"ok": true}', b'{"id": 8, "ok": true}', b'{"id": true}', b"\xff"]
)
def test_other_line_is_no_outcome(line: Any) -> None:
    """A line that is about something else is no outcome."""
    assert read_outcome(line, 7) is None
    assert read_outcome(line, 1) is None


def test_environment_has_ca_without_proxies() -> None:
    """The environment names the CA wherever libraries look, and keeps proxies away."""
    environment = client_environment({"NO_PROXY": "example.org", "PATH": "/bin"}, {"NI_API_KEY": "k"}, "ca.pem")
    names = ("NI_CA_FILE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    assert {environment[name] for name in names} == {"ca.pem"}
    assert environment["NO_PROXY"] == environment["no_proxy"] == "example.org,127.0.0.1,localhost"
    assert (environment["PATH"], environment["NI_API_KEY"]) == ("/bin", "k")


def test_output_beside_outcomes_is_kept(started: Callable[..., ClientCommand]) -> None:
    """Lines that are no outcome, and output to stderr, are there to be judged once."""
    talk = "import sys\nprint('to stdout', flush=True)\nprint('to stderr', file=sys.stderr, flush=True)"
    client = started(sys.executable, "-c", talk)
    assert isinstance(client.ask(LOOKUP, Patience(60)), MissingOutcome)
    assert client.take_printed().split() == ["to", "stdout", "to", "stderr"]
    assert client.take_printed() == ""


def test_late_read_belongs_to_its_lookup(
    started: Callable[..., ClientCommand], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written to stderr before an outcome is its output, however late this process reads it."""

    class Late(deque[bytes]):
        def append(self, chunk: bytes) -> None:
            time.sleep(0.2)
            super().append(chunk)

    monkeypatch.setattr(child_process, "deque", Late)
    client = started(sys.executable, "-c", ECHO.replace("    print(", "    print(line, file=sys.stderr)\n    print("))
    for number in (1, 2):
        assert isinstance(client.ask(LOOKUP, Patience(60)), Outcome)
        assert f'"id": {number}, "number"' in client.take_printed()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"id": "7", "ok": true}', "has the id as '7', which is no integer"),
        (b'{"id": 9, "ok": true}', "has an id that is 2 too high"),
        (b'{"id": 7.0, "ok": true}', "has the id as 7.0, which is no integer"),
        (b'\xef\xbb\xbf{"id": 7, "ok": true}', "begins with a byte order mark: it has to begin with {"),
        (b'{"id": 7, "ok": false, "reason": "\xe9"}', "is not UTF-8"),
        (b'{\n "id": 7,\n "ok": true\n}', SEVERAL_LINES),
        (b'{"id": 6, "ok": true}', EARLIER_ID),
        (b'{"id": null, "ok": true}', ""),
        (b'[7, "ok"]', ""),
        (b'{"id": 9, "message": "ok"}', ""),
        (b'{"id": 6, "message": "ok"}', ""),
        (b'{"id": 7}', ""),
        (b'{\n "id": 7,\n "ok": true', ""),
    ],
)
def test_fault_of_outcome_is_named(text: bytes, words: str) -> None:
    """An outcome in another form than that of the protocol."""
    assert fault_of(text, 7) == words


def test_outcome_over_lines_is_named(started: Callable[..., ClientCommand]) -> None:
    """A client that indents its outcomes is told of it at once."""
    client = started(sys.executable, "-c", ECHO.replace("}), flush", "}, indent=1), flush"))
    assert client.ask(LOOKUP, Patience(60)).message == f"the outcome {SEVERAL_LINES}"


def test_last_words_are_kept(started: Callable[..., ClientCommand]) -> None:
    """What a command prints at its end is there to be judged, after its outcomes."""
    client = started(sys.executable, "-c", f"{ECHO}\nprint('goodbye')\nprint('farewell', file=sys.stderr)")
    client.ask(LOOKUP, Patience(60))
    client.stop()
    assert client.take_printed().splitlines()[1:] == ["goodbye", "farewell"]
