"""Files are written completely or not at all, even when the writer is killed."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ni_contract.errors import UsageError
from ni_contract.files import check_output, refuse_same_files, replacement, temporary_folder, write_file
from ni_contract.interruption import Interrupted, interruptible, uninterrupted

# Writes one content after the other, each with its digest in the first line, until it is killed.
WRITER = """
import hashlib, sys
from ni_contract.files import write_file
print("ready", flush=True)
for number in range(10**9):
    content = (f"{number} " * (number % 50_000)).encode()
    write_file("--report", sys.argv[1], hashlib.sha256(content).hexdigest().encode() + b"\\n" + content)
"""
# A file may not exceed 1,000 bytes: the effect of a full disk, on every machine.
FULL = """
import resource, sys
from ni_contract.errors import UsageError
from ni_contract.files import write_file
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_file("--report", sys.argv[1], b"x" * 5000)
except UsageError as error:
    print(error)
"""


def is_whole(file: Path) -> bool:
    digest, _, content = file.read_bytes().partition(b"\n")
    return hashlib.sha256(content).hexdigest().encode() == digest


@given(st.lists(st.integers(0, 40), min_size=10, max_size=10))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_killed_writer_leaves_a_whole_file(tmp_path: Path, pauses: list[int]) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(hashlib.sha256(b"old").hexdigest().encode() + b"\nold")
    for pause in pauses:
        with subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(pause / 1000)
            process.kill()
        assert process.returncode == -signal.SIGKILL
        assert is_whole(file)
        # The kill may fall between the name beside the file and the final name.
        assert all(is_whole(other) for other in tmp_path.iterdir())


def test_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")
    result = subprocess.run([sys.executable, "-c", FULL, str(file)], capture_output=True, text=True, check=True)
    assert "cannot be written: File too large" in result.stdout
    assert [(other.name, other.read_text()) for other in tmp_path.iterdir()] == [("report.json", "old")]


@given(st.binary(max_size=3000), st.binary(max_size=3000), st.booleans())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_file_is_old_or_new(tmp_path: Path, old: bytes, new: bytes, fails: bool) -> None:
    """The file holds the old content or the new, never a part."""
    file = tmp_path / "file"
    write_file("--report", file, old)
    try:
        with replacement(file) as out:
            out.write(new)
            _ = 1 / (not fails)
    except ZeroDivisionError:
        assert fails
    assert file.read_bytes() == (old if fails else new)
    assert [other.name for other in tmp_path.iterdir()] == ["file"]


def test_mode_of_the_old_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    file.chmod(0o640)
    write_file("--report", file, b"new")
    assert file.stat().st_mode & 0o777 == 0o640


def _fifo(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    "make",
    [Path.mkdir, _fifo, lambda path: path.symlink_to("/dev/null"), lambda path: path.symlink_to(path.parent)],
)
def test_only_regular_files_are_replaced(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """A file that is no regular file is refused."""
    make(tmp_path / "file")
    before = os.lstat(tmp_path / "file")
    with pytest.raises(UsageError, match="--record"):
        check_output("--record", str(tmp_path / "file"))
    with pytest.raises(UsageError):
        write_file("--record", tmp_path / "file", b"new")
    assert os.lstat(tmp_path / "file").st_mode == before.st_mode


def test_device_is_refused() -> None:
    with pytest.raises(UsageError, match="a device"):
        check_output("--record", "/dev/null")


def test_own_link_is_followed(tmp_path: Path) -> None:
    """A link to a file of this user is followed."""
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_file("--report", tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_foreign_link_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link to a file of another user is refused."""
    (tmp_path / "real").write_text("theirs")
    (tmp_path / "link").symlink_to("real")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(UsageError, match="not yours"):
        check_output("--report", str(tmp_path / "link"))


def test_same_file_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    os.link(tmp_path / "a", tmp_path / "b")
    (tmp_path / "c").symlink_to("a")
    for other in ("a", "b", "c", "./a"):
        with pytest.raises(UsageError, match="the same file"):
            refuse_same_files([("--record", str(tmp_path / other))], [("--ledger", str(tmp_path / "a"))])
    with pytest.raises(UsageError, match="the same file"):
        refuse_same_files([("--report", str(tmp_path / "new")), ("--record", str(tmp_path / "x/../new"))], [])
    refuse_same_files([("--report", str(tmp_path / "d"))], [("--ledger", str(tmp_path / "a"))])


def ended(work: Callable[[], object]) -> int:
    """The exit code of the signal that ended *work*."""
    try:
        with interruptible():
            work()
    except Interrupted as interrupted:
        return interrupted.exit_code
    return 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_leaves_no_temporary_folder(number: int) -> None:
    folders = []

    def work() -> None:
        with temporary_folder() as folder:
            folders.append(folder)
            (folder / "traffic").write_text("x")
            os.kill(os.getpid(), number)
            time.sleep(60)

    assert ended(work) == 128 + number
    assert not folders[0].exists()


def test_signal_waits_for_uninterrupted_block() -> None:
    """A signal waits for the end of a block that must not be left half done."""
    done = []

    def work() -> None:
        with uninterrupted():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append(1)
        done.append(2)

    assert ended(work) == 143
    assert done == [1]


def test_second_signal_does_not_disturb() -> None:
    put_away = []

    def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(60)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            put_away.append(1)

    assert ended(work) == 143
    assert put_away == [1]


class _Finalized:
    """A signal comes within its finalizer."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __del__(self) -> None:
        signal.raise_signal(self._number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_in_finalizer_is_not_lost(number: int) -> None:
    """Python swallows what is raised there."""

    def work() -> None:
        _Finalized(number)
        time.sleep(60)

    assert ended(work) == 128 + number


def test_other_error_in_finalizer_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", reported.append)
    assert ended(lambda: _Finalized(-1) and None) == 0
    assert len(reported) == 1
    assert sys.unraisablehook == reported.append
