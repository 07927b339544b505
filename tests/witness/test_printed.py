"""What a client in this process prints is taken, and goes its usual way too."""

import gc
import io
import sys

import pytest

from ni_contract.drivers.client.printed import MAX_PRINTED, printed_here


def test_printed_text_goes_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    with printed_here() as take:
        print("one")
        sys.stderr.writelines(["two\n", "three\n"])
        assert take() == "one\ntwo\nthree\n"
        assert not take()
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("one\n", "two\nthree\n")


def test_stream_keeps_its_properties(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="latin-1", write_through=True)
    monkeypatch.setattr(sys, "stdout", file)
    with printed_here():
        assert sys.stdout.encoding == "latin-1"
        sys.stdout.buffer.write(b"bytes")
    assert file.buffer.getvalue() == b"bytes"


def test_only_the_beginning_is_kept() -> None:
    with printed_here() as take:
        sys.stdout.write("a" * MAX_PRINTED)
        sys.stdout.write("b")
        assert take() == "a" * MAX_PRINTED


def test_closed_stream_is_no_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler of logs may keep the stream for longer than the stream below it is open. Python 3.13 reports that."""
    file, errors = io.StringIO(), list[object]()
    monkeypatch.setattr(sys, "stdout", file)
    monkeypatch.setattr(sys, "unraisablehook", errors.append)
    with printed_here():
        kept = sys.stdout
    file.close()
    del kept
    gc.collect()
    assert not errors
