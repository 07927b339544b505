"""Projects of users, each in a folder of its own: a right fake, a broken one, and their tests."""

from __future__ import annotations

import textwrap
from importlib import import_module

import httpx2
import pytest

# Imported here, because pytester removes from this process what a run imports, so that each would import it anew, in a
# third of its time; and because cryptography, which trustme needs, cannot be imported twice. httpx2 imports its other
# half on first use.
for name in ("trustme", "filelock", "ni_contract.cli", "ni_contract.testing", "ni_contract.simulator.running"):
    import_module(name)
for name in ("client_runs", "live", "mock_fixtures", "options", "preload", "provider_runs", "reports"):
    import_module(f"ni_contract.pytest_plugin.{name}")
httpx2.HTTPTransport().close()

# Finding and loading the plugins that are installed takes a fifth of a short run. What is raised in a thread or when
# garbage is collected is noticed by the outer pytest; the inner one would collect garbage five times at its end.
_ALONE = ("-p", "ni_contract", "-p", "no:unraisableexception", "-p", "no:threadexception")


def run_here(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """Runs pytest in this process, with our plugin and none of those that are installed beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return pytester.runpytest_inprocess(*_ALONE, *args)


OUR_FAKES = """
    from ni_contract.simulator import create_app

    right = create_app()

    async def broken(scope, receive, send):
        async def spoil(message):
            if "body" in message:
                message = {**message, "body": message["body"].replace(b"GBR", b"gbr")}
            await send(message)
        await right(scope, receive, spoil)
"""

IMPORTS = """
    import our_fakes, pytest
    from ni_contract.testing import Answer, Credentials, ProviderContract, Request
"""


class Project:
    """A folder with our_fakes.py, in which pytest can be run, without drawn requests and in the order of the files."""

    broken = "NIB-RES-013"  # country_code_iso3, which our_fakes.broken writes in small letters
    flags = ("-W", "ignore::ResourceWarning", "--ni-explore=0")

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        pytester.makepyfile(our_fakes=OUR_FAKES)

    def contract(
        self, target: str, more: str = "pass", name: str = "TestOurFake", base: str = "ProviderContract"
    ) -> str:
        """A test class whose ni_target returns *target*, an expression, with one line *more*."""
        lines = [f"class {name}({base}):", f"    {more}", "    @pytest.fixture", "    def ni_target(self):"]
        return "\n".join([*lines, f"        return {target}", ""])

    def test_file(self, *parts: str, name: str = "test_fake") -> None:
        """Writes a test module of *parts*, below the imports that all of them need."""
        self.pytester.makepyfile(**{name: "\n".join(textwrap.dedent(part) for part in (IMPORTS, *parts))})

    def file(self, name: str, text: str) -> str:
        """Writes any other file."""
        (self.path / name).write_text(textwrap.dedent(text), "utf-8")
        return name

    def run(self, *args: str) -> pytest.RunResult:
        """Runs pytest in this process."""
        return run_here(self.pytester, *self.flags, *args)

    def run_alone(self, *args: str) -> pytest.RunResult:
        """Runs pytest in a process of its own, for tests that affect other plugins or the process."""
        return self.pytester.runpytest_subprocess("--ni-explore=0", *args)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    # Without cached byte code most of the time goes into compiling.
    for name in ("NI_API_KEY", "NI_API_SECRET", "NI_SIGNATURE_SECRET", "PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    return Project(pytester)
