"""`ClientContract`: a client is asked once a class, and each clause is a test."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from mutants.witnessed import ANSWERED
from plugin.conftest import Project

from ni_contract.runs.witness import ClientPlan

OUR_CLIENTS = """
    import json, urllib.parse, urllib.request

    def send(server, number, country):
        params = {"number": number, "api_key": server.api_key, "api_secret": server.api_secret}
        query = urllib.parse.urlencode(params | ({"country": country} if country else {}))
        with urllib.request.urlopen(f"{server.base_url}/json?{query}", timeout=server.timeout) as response:
            assert response.headers.get_content_type() == "application/json"
            answer = json.loads(response.read())
            assert type(answer["status"]) is int
            assert answer["status"] or "country_code" in answer
            return answer

    def right(server, number, country=None):
        return send(server, number, country)

    async def right_async(server, number, *, country=None):
        return send(server, number, country)

    def broken(server, number, country=None):
        answer = send(server, number, country)
        return answer | {"status": 0} if answer["status"] == 9 else answer

    def without_country(server, number):
        return send(server, number, None)
"""
IMPORTS = "import our_clients, pytest\nfrom ni_contract.testing import ClientContract, Outcome\n"
CLAUSE = "NIB-CLI-027"


@pytest.fixture
def patiently(clients: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same for all lookups, those too whose answers never come: each is waited for."""
    monkeypatch.setattr("ni_contract.pytest_plugin.client_runs.ClientPlan", ClientPlan)
    return lambda *parts: clients(*(part.replace("ni_timeout = 60.0", "ni_timeout = 5.0") for part in parts))


def contract(client: str, more: str = "pass", name: str = "TestOurClient") -> str:
    lines = [f"class {name}(ClientContract):", "    ni_timeout = 60.0", f"    {more}", "    @pytest.fixture"]
    return "\n".join([*lines, "    def ni_client(self):", f"        return {client}", ""])


@pytest.fixture
def clients(project: Project, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes the test module of these parts, and the clients beside it; asked is what is answered at once."""
    monkeypatch.setattr("ni_contract.pytest_plugin.client_runs.ClientPlan", partial(ClientPlan, cases=ANSWERED))
    project.file("our_clients.py", OUR_CLIENTS)

    def write(*parts: str) -> Any:
        project.file("test_clients.py", "\n".join((IMPORTS, *parts)))
        return project

    return write


def test_right_client_passes(patiently: Any) -> None:
    """A right client passes every clause that is checked."""
    result = patiently(contract("our_clients.right")).run("-rs")
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] > 35
    assert set(outcomes) == {"passed", "skipped"}
    result.stdout.fnmatch_lines(
        [
            "TestOurClient: documented conformant (this edition sets the exit code), observed conformant; *",
            "SKIPPED * unclaimed: the client never asked for XML",
        ]
    )


def test_right_async_client_passes(clients: Any) -> None:
    outcomes = clients(contract("our_clients.right_async")).run().parseoutcomes()
    assert outcomes["passed"] > 35
    assert set(outcomes) == {"passed", "skipped"}


def test_broken_clause_fails_alone(clients: Any) -> None:
    """A broken clause fails with its text, and nothing else does."""
    result = clients(contract("our_clients.broken")).run()
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(
        [
            f"_* TestOurClient.test_clause[[]{CLAUSE}[]] _*",
            f"{CLAUSE} a status 3, 4, 5 or 9 is reported as a failure *",
            "  request   GET /ni/basic/json  number=* api_key=[*][*][*] api_secret=[*][*][*]",
            '  answer    HTTP 200  application/json  {"status": 9, "error_text": *',
            "  reported  a success: status 0*",
            "  at        outcome",
            "  expected  no success",
            f"  repeat    pytest 'test_clients.py::TestOurClient::test_clause[[]{CLAUSE}[]]' --ni-explore 0",
            f'  accept    [[][[]deviation[]][]] clause = "{CLAUSE}", target = "TestOurClient", reason = "why"',
        ]
    )
    result.stdout.no_fnmatch_line("*curl *")


def test_declared_deviation_is_xfail(clients: Any) -> None:
    project = clients(contract("our_clients.broken"))
    file = project.file("known.toml", f'[[deviation]]\nclause = "{CLAUSE}"\ntarget = "TestOur*"\nreason = "why not"\n')
    result = project.run("-rx", "--ni-deviations", file, "-k", CLAUSE)
    assert result.parseoutcomes()["xfailed"] == 1
    result.stdout.fnmatch_lines(["XFAIL * - why not"])


def test_function_without_country_is_accepted(clients: Any) -> None:
    result = clients(contract("our_clients.without_country")).run("-rs")
    assert set(result.parseoutcomes()) == {"passed", "skipped"}
    result.stdout.fnmatch_lines(["SKIPPED * unclaimed: country is not claimed"])


def test_outcome_may_have_own_reader(clients: Any) -> None:
    """An outcome may be read by a function of the user."""
    outcome = """
    @pytest.fixture
    def ni_outcome(self):
        def read(told):
            return Outcome(ok=True, result={}) if isinstance(told, Exception) else Outcome(ok=False, reason=str(told))
        return read
"""
    result = clients(contract("our_clients.right") + outcome).run("-k", "023 or 043 or 030 or 031")
    assert result.parseoutcomes()["failed"] == 2
    result.stdout.fnmatch_lines(["FAILED *NIB-CLI-023*", "FAILED *NIB-CLI-043*"])


def test_hanging_client_fails_alone(patiently: Any) -> None:
    """A client that hangs fails and delays no other test."""
    hang = """
import time

@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("ni_contract.drivers.client.asker.GRACE_SECONDS", 0.5)

def hanging(server, number, country=None):
    try:
        return our_clients.right(server, number, country)
    except TimeoutError:
        time.sleep(4)
        return {"status": 0, "country_code": "GB"}
"""
    result = patiently(hang, contract("hanging")).run("-k", "044 or 043 or 023")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(
        [
            "  request   GET /ni/basic/json  number=*",
            "  answer    none: no whole answer came before the client left",
            "  reported  nothing: no outcome came within 5.5 s of the latest request; is the time-out *",
        ]
    )


def test_redefining_the_test_is_refused(clients: Any) -> None:
    result = clients(contract("our_clients.right", "def test_clause(self): return")).run()
    result.stdout.fnmatch_lines(["*TestOurClient redefines test_clause*"])
    assert result.ret == 2


def test_unknown_feature_is_refused(clients: Any) -> None:
    result = clients(contract("our_clients.right", 'ni_features = "no-throttle"')).run()
    result.stdout.fnmatch_lines(["*TestOurClient.ni_features: a client has no feature 'no-throttle'*"])


def test_class_without_client_gets_instructions(clients: Any) -> None:
    result = clients("class TestNothing(ClientContract):\n    pass\n").run("-k", CLAUSE)
    result.stdout.fnmatch_lines(["*there is no client: define a fixture ni_client that returns a function*"])


def test_non_callable_client_is_refused(clients: Any) -> None:
    result = clients(contract("42")).run("-k", CLAUSE)
    result.stdout.fnmatch_lines(["ni-contract: ni_client returned a int; return a function of*"])


def test_the_contracts_themselves_are_not_collected(clients: Any) -> None:
    result = clients("from ni_contract.testing import ProviderContract\n").run("-o", "python_classes=*Contract")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_secret_in_output_is_seen(clients: Any) -> None:
    """What a client prints is looked through for secrets."""
    lines = ["def leaky(server, number, country=None):", "    print(server.api_secret, file=sys.stderr)"]
    lines.append("    return our_clients.right(server, number, country)")
    result = clients("import sys", "\n".join(lines), contract("leaky")).run("-k", "NIB-CLI-058")
    result.stdout.fnmatch_lines(["NIB-CLI-058 * MUST*", "  at        output"])
