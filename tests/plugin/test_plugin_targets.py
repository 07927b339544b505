"""ni_target: its types, its scopes, and the classes around it."""

from __future__ import annotations

from typing import Any

import pytest
from plugin.conftest import Project

SERVER = """
    import threading
    from ni_contract.simulator import RunningSimulator

    @pytest.fixture(scope="session")
    def server():
        with RunningSimulator() as running:
            yield running
"""
CALLABLES = """
    LOOKUPS = our_fakes.create_app()

    class Client:
        def __init__(self):
            import httpx2
            self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=LOOKUPS))

        async def lookup(self, request: Request) -> Answer:
            answer = await self.http.request(
                request.method, request.url, headers=list(request.headers), content=request.body or None)
            return Answer(answer.status_code, tuple(answer.headers.items()), answer.content)

    async def asked(request):
        return await Client().lookup(request)

    def asked_sync(request):
        import asyncio
        return asyncio.run(asked(request))
"""
FLASK = """
    import asyncio, flask

    app = flask.Flask("fake")

    @app.route("/ni/basic/<path>", methods=["GET", "POST"])
    def basic(path):
        asked = flask.request
        told = asyncio.run(ask(asked.method, asked.full_path, dict(asked.headers), asked.get_data(cache=False)))
        return flask.Response(told.content, told.status_code, {"Content-Type": told.headers["content-type"]})

    async def ask(method, path, headers, body):
        import httpx2, our_fakes
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=our_fakes.right)) as client:
            return await client.request(method, "http://localhost" + path, headers=headers, content=body or None)
"""


# What is tested here is how a target is called, for which some clauses are enough; and the count of its requests.
FEW = ("-k", "NIB-RES or test_requests")


def passes(result: pytest.RunResult) -> bool:
    outcomes = result.parseoutcomes()
    return outcomes.get("passed", 0) > 0 and not set(outcomes) - {"passed", "skipped", "deselected"}


def test_a_target_is_an_asgi_application(project: Project) -> None:
    project.test_file(project.contract("our_fakes.right"))
    assert passes(project.run(*FEW))


def test_a_target_is_a_wsgi_application(project: Project) -> None:
    project.file("flask_fake.py", FLASK)
    project.test_file("import flask_fake", project.contract("flask_fake.app"))
    assert passes(project.run(*FEW))


@pytest.mark.parametrize("function", ["asked", "asked_sync", "Client().lookup"])
def test_target_is_callable_sync_or_async(project: Project, function: Any) -> None:
    project.test_file(CALLABLES, project.contract(function))
    assert passes(project.run(*FEW))


def test_target_is_url_of_thread(project: Project) -> None:
    """A target is the URL of a server in a thread."""
    project.test_file(SERVER, project.contract("server.url").replace("(self)", "(self, server)"))
    assert passes(project.run(*FEW))


def test_target_is_simulator_of_plugin(project: Project) -> None:
    project.test_file(project.contract("ni_simulator.url").replace("(self)", "(self, ni_simulator)"))
    assert passes(project.run("-k", project.broken))


@pytest.mark.parametrize("scope", ["function", "class", "module", "session"])
def test_target_scope_is_free(project: Project, scope: Any) -> None:
    """A target has any scope and is driven once."""
    project.test_file(
        "from ni_contract.drivers.provider.vectors import lookup_vectors\nsent = []",
        """
        async def app(scope, receive, send):
            sent.append(scope["type"])
            await our_fakes.right(scope, receive, send)
        """,
        f"@pytest.fixture(scope={scope!r})\ndef ni_target(): return app",
        "class TestOurFake(ProviderContract): pass",
        "def test_requests(): assert sent.count('http') < 1.5 * len(lookup_vectors())",
    )
    assert passes(project.run(*FEW))


def test_a_target_may_need_other_fixtures(project: Project) -> None:
    project.test_file(
        "@pytest.fixture\ndef made(tmp_path, monkeypatch): return our_fakes.create_app()",
        project.contract("made").replace("(self)", "(self, made, tmp_path)"),
    )
    assert passes(project.run("-k", "NIB-RES"))


def test_target_from_module_or_conftest(project: Project) -> None:
    project.file("conftest.py", "import our_fakes, pytest\n@pytest.fixture\ndef ni_target(): return our_fakes.right\n")
    project.test_file("class TestOurFake(ProviderContract): pass")
    assert passes(project.run("-k", "NIB-RES"))


def test_parametrized_targets_are_judged_separately(project: Project) -> None:
    text = project.contract("getattr(our_fakes, request.param)").replace("(self)", "(self, request)")
    project.test_file(text.replace("@pytest.fixture", "@pytest.fixture(params=['right', 'broken'])"))
    result = project.run("-k", project.broken)
    assert (result.parseoutcomes()["passed"], result.parseoutcomes()["failed"]) == (1, 1)
    result.stdout.fnmatch_lines(["TestOurFake[[]broken[]]: *", "TestOurFake[[]right[]]: *"])


def test_two_classes_have_two_targets(project: Project) -> None:
    project.test_file(project.contract("our_fakes.right"), project.contract("our_fakes.broken", name="TestBroken"))
    result = project.run("-k", project.broken)
    assert (result.parseoutcomes()["passed"], result.parseoutcomes()["failed"]) == (1, 1)


def test_same_names_are_two_classes(project: Project) -> None:
    """Classes of one name in two files are two classes."""
    project.test_file(project.contract("our_fakes.right"))
    project.test_file(project.contract("our_fakes.broken"), name="test_other")
    result = project.run("-k", project.broken)
    assert (result.parseoutcomes()["passed"], result.parseoutcomes()["failed"]) == (1, 1)


def test_class_may_inherit_twice(project: Project) -> None:
    project.test_file(
        "class OurContract(ProviderContract):\n    ni_features = 'no-xml'",
        project.contract("our_fakes.right", base="OurContract"),
    )
    result = project.run("-k", "NIB-XML-001")
    assert result.parseoutcomes()["skipped"] == 1


def test_target_may_be_class_method(project: Project) -> None:
    """A class-scoped target may be a class method."""
    text = project.contract("our_fakes.right").replace("(self)", "(cls)")
    project.test_file(text.replace("@pytest.fixture", "@pytest.fixture(scope='class')\n    @classmethod"))
    assert passes(project.run("-W", "error", "-k", "NIB-RES"))


def test_class_may_hold_own_tests(project: Project) -> None:
    project.test_file(
        project.contract("our_fakes.right") + "    def test_more(self, ni_exchange):\n"
        "        assert b'GBR' in ni_exchange('441632960960').answer.body\n"
        "        assert b'GBR' in ni_exchange('01632960960', country='GB', path='/xml').answer.body\n",
    )
    assert project.run("-k", "test_more").parseoutcomes()["passed"] == 1


@pytest.mark.parametrize("setting", ["*", "Prov* Test*", "Check*"])
def test_base_class_is_never_collected(project: Project, setting: str) -> None:
    """The base class is never a test; python_classes applies to all others."""
    name = "CheckOurFake" if setting == "Check*" else "TestOurFake"
    project.pytester.makeini(f"[pytest]\npython_classes = {setting}\n")
    project.test_file(project.contract("our_fakes.right", name=name), project.contract("None", name="_NotChosen"))
    listed = project.run("--collect-only", "-q", "-k", project.broken).stdout.str()
    assert f"::{name}::test_clause[{project.broken}]" in listed
    assert "::ProviderContract::" not in listed
    assert ("_NotChosen" in listed) is (setting == "*")


def test_clauses_ignore_python_functions(project: Project) -> None:
    """Clauses are collected for any value of python_functions."""
    project.pytester.makeini("[pytest]\npython_functions = check_*\n")
    project.test_file(project.contract("our_fakes.right"))
    assert passes(project.run("-k", project.broken))


def test_collecting_drives_nothing(project: Project) -> None:
    project.test_file(project.contract("1 / 0"))
    result = project.run("--collect-only", "-q", "--ni-report", "report.json")
    assert result.ret == 0
    assert not (project.path / "report.json").exists()


def test_clauses_have_markers_and_ids(project: Project) -> None:
    project.test_file(project.contract("our_fakes.right"), "def test_other(): pass")
    everything = project.run("--collect-only", "-q", "-m", "ni_contract")
    assert everything.parseoutcomes()["deselected"] == 1
    project.run(f"test_fake.py::TestOurFake::test_clause[{project.broken}]").assert_outcomes(passed=1)


def test_simulator_fixture_records_and_scripts(project: Project) -> None:
    """The simulator keeps the requests and plays a script."""
    project.test_file("""
        def test_it(ni_simulator):
            import json, urllib.request
            account = ni_simulator.credentials
            query = f"?number=441632960960&api_key={account.api_key}&api_secret={account.api_secret}"
            ni_simulator.script.set([{"status": 9}])
            for status in 9, 0:
                with urllib.request.urlopen(ni_simulator.url + "/json" + query) as answer:
                    assert json.load(answer)["status"] == status
            assert len(ni_simulator.received) == 2
    """)
    project.run().assert_outcomes(passed=1)
