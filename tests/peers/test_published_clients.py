"""Published clients: the vendor's SDK with its declared deviations, and the examples of docs/client-contract.md."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from ni_contract.drivers.client.server import server_of
from ni_contract.simulator import RunningSimulator

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "client-contract.md").read_text("utf-8")
FILES = dict(re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))

OUR_SDK = """
import requests

class Refused(Exception):
    def __init__(self, code, why):
        self.code, self.why = code, why

class Found:
    def __init__(self, facts):
        self.facts = facts

class Insight:
    def __init__(self, base, key, secret, timeout):
        self.base, self.keys, self.timeout = base, {"api_key": key, "api_secret": secret}, timeout

    def of(self, number):
        response = requests.post(f"{self.base}/json", {"number": number, **self.keys}, timeout=self.timeout)
        response.raise_for_status()
        if response.headers["Content-Type"].partition(";")[0] != "application/json":
            raise ValueError("no JSON")
        answer = response.json()
        if answer["status"] != 0:
            raise Refused(answer["status"], answer.get("error_text", answer.get("status_message")))
        return Found(answer)
"""

REDIRECTED = """
import pytest
from {module} import {entry}
from ni_contract.testing import ClientContract

URL = "https://api.nexmo.com/ni/basic/json"

def params(server, number, country):
    keys = {{"number": number, "api_key": server.api_key, "api_secret": server.api_secret}}
    return keys | ({{"country": country}} if country else {{}})

def read(status, content_type, answer):
    assert status == 200 and content_type.partition(";")[0] == "application/json" and isinstance(answer, dict)
    return answer

class TestRedirected(ClientContract):
    @pytest.fixture
    def ni_client(self):
        {client}
        return look_up
"""
LIBRARIES = {
    "requests": """
        def look_up(server, number, country=None):
            got = session(server).get(URL, params=params(server, number, country), timeout=server.timeout)
            return read(got.status_code, got.headers["content-type"], got.json())
""",
    "httpx": """
        def look_up(server, number, country=None):
            with session(server) as client:
                got = client.get(URL, params=params(server, number, country))
            return read(got.status_code, got.headers["content-type"], got.json())
""",
    "aiohttp": """
        async def look_up(server, number, country=None):
            from aiohttp import ClientTimeout
            timeout = ClientTimeout(total=server.timeout)
            async with session(server) as client:
                async with client.get(URL, params=params(server, number, country), timeout=timeout) as got:
                    return read(got.status, got.headers["content-type"], await got.json(content_type=None))
""",
}


# The time-out of the published clients, which wait for it several times: 2 s is too little for a busy machine.
PATIENT = "from ni_contract.testing import ClientContract\n\nClientContract.ni_timeout = 6.0\n"


def pytest_in(folder: Path, *arguments: str) -> tuple[int, dict[str, int], str]:
    """Runs pytest on *folder* in a process of its own: exit code, how many tests ended how, and what was printed."""
    command = [sys.executable, "-m", "pytest", "-q", "-rx", "-p", "no:cacheprovider", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, timeout=300)
    last = done.stdout.strip().splitlines()[-1]
    return (
        done.returncode,
        {word: int(n) for n, word in re.findall(r"(\d+) (\w+)", last.partition(" in ")[0])},
        done.stdout,
    )


def test_python_sdk_has_declared_deviations() -> None:
    file = HERE / "vonage_sdk" / "deviations.toml"
    declared = tomllib.loads(file.read_text("utf-8"))["deviation"]
    code, outcomes, out = pytest_in(HERE / "vonage_sdk", "--ni-deviations", str(file))
    assert (code, outcomes.get("failed"), outcomes["xfailed"]) == (0, None, len(declared)), out
    assert all(f"[{row['clause']}]" in out for row in declared)
    assert outcomes["passed"] > 25


def test_python_sdk_fails_without_deviations() -> None:
    code, outcomes, out = pytest_in(HERE / "vonage_sdk", "-k", "021 or 029")
    assert (code, outcomes["failed"]) == (1, 2), out


@pytest.mark.parametrize("library", LIBRARIES)
def test_built_in_host_is_redirected(tmp_path: Path, library: str) -> None:
    """A client with the production host built in is redirected as the page describes."""
    module = f"redirect_{library}"
    (tmp_path / f"{module}.py").write_text(FILES[f"{module}.py"], "utf-8")
    test = REDIRECTED.format(module=module, entry="session", client=LIBRARIES[library].strip())
    (tmp_path / "test_redirected.py").write_text(test, "utf-8")
    (tmp_path / "conftest.py").write_text(PATIENT, "utf-8")
    code, outcomes, out = pytest_in(tmp_path)
    assert (code, set(outcomes)) == (0, {"passed", "skipped"}), out
    assert outcomes["passed"] > 30


def test_sdk_is_redirected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    (tmp_path / "redirect_vonage.py").write_text(FILES["redirect_vonage.py"], "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with RunningSimulator(tls=True) as simulator:
        sdk = import_module("redirect_vonage").sdk(server_of(simulator, timeout=60.0))
        found = sdk.number_insight.get_basic_info({"number": "447700900000"})
    assert (found.country_code, len(simulator.received)) == ("GB", 1)


@pytest.mark.parametrize("name", ["test_our_client.py", "test_our_other_client.py"])
def test_documented_test_file_passes(tmp_path: Path, name: str) -> None:
    """A test file of the page passes."""
    (tmp_path / name).write_text(FILES[name].replace("ni_timeout = 1.5", "ni_timeout = 6.0"), "utf-8")
    (tmp_path / "conftest.py").write_text(PATIENT, "utf-8")
    (tmp_path / "our_sdk.py").write_text(OUR_SDK, "utf-8")
    code, outcomes, out = pytest_in(tmp_path)
    assert (code, set(outcomes)) == (0, {"passed", "skipped"}), out
