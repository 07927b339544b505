"""Plugins of pytest for all tests; only the topmost conftest may name them. And the guard: no test leaves 127.0.0.1."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import network_guard
import pytest
from hypothesis import HealthCheck, settings
from phonenumbers.re_util import enable_pattern_cache

pytest_plugins = ["pytester"]

_VIOLATIONS = Path(tempfile.mkdtemp(prefix="ni-contract-guard-")) / "violations"
_VIOLATIONS.touch()
os.environ[network_guard.VARIABLE] = str(_VIOLATIONS)
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, (str(Path(__file__).parent / "guard"), os.environ.get("PYTHONPATH")))
)
network_guard.install()
# Numbers of all regions need more patterns than `re` keeps compiled.
enable_pattern_cache()
# Loading all public authorities takes a client 20 ms, and no test needs one.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).parent / "guard" / "authority.pem")
# The same draws in each run, for no run may fail at random; with NI_DRAW_ANEW=1 others. A busy machine draws slowly.
settings.register_profile(
    "ours",
    deadline=None,
    derandomize=not os.environ.get("NI_DRAW_ANEW"),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ours")
# No test needs files to survive a loss of power, and flushing some thousand of them to the disk takes long.
os.fsync = lambda fd: None
# Under nohup the signal is ignored, in the commands that tests start too, and tests send it to them.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
# pytest-xdist sets it for its workers; reports would be as wide as the terminal of the test run.
os.environ.pop("COLUMNS", None)


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine() -> Iterator[None]:
    before = _VIOLATIONS.stat().st_size
    yield
    if _VIOLATIONS.stat().st_size > before:
        pytest.fail(_VIOLATIONS.read_text("utf-8")[before:], pytrace=False)


@pytest.fixture
def few_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    # Imported here, because a test of the judge alone (and there is one for each of its mutants) needs no runs.
    from thoroughness import ask_few_regions

    ask_few_regions(monkeypatch)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leaves what is collected out of all later collections of garbage: it stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails the session for forbidden connections of processes that outlived their test."""
    if _VIOLATIONS.stat().st_size and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    _VIOLATIONS.unlink()
    _VIOLATIONS.parent.rmdir()
