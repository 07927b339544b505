"""`ni_watch`: exchanges are seen while the test runs, judged after it, and nothing stays patched."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from plugin.conftest import Project, run_here
from plugin.test_plugin_mocks import COMMON, outside

__all__ = ["outside"]

WATCHED = """
    def test_right(right, ni_watch):
        ask(right)

    @pytest.mark.ni_watch
    def test_right_marked(right):
        ask(right)

    def test_lie(lie, ni_watch):
        ask(lie)

    @pytest.mark.ni_watch(only="NIB-RES-*")
    def test_lie_marked(lie):
        ask(lie)

    @pytest.mark.ni_watch(edition="observed")
    def test_lie_as_observed(ni_answers):
        ask(ni_answers.refused(4))

    @pytest.mark.ni_watch(at_least=2)
    def test_lie_too_few(right):
        ask(right)

    def test_lie_nothing(ni_watch):
        pass

    @pytest.mark.ni_watch(at_least=0)
    def test_right_nothing():
        pass

    def test_right_configured(lie, ni_watch):
        ni_watch(only="NIB-CLI-*")
        ask(lie)

    @pytest.mark.ni_watch(edtion="observed")
    def test_lie_misspelt(right):
        ask(right)

    @pytest.mark.asyncio
    async def test_lie_async(lie, ni_watch):
        transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json=lie))
        async with httpx2.AsyncClient(transport=transport) as client:
            await client.get(URL, params=ASKED)

    @pytest.fixture
    def before(lie):
        ask(lie)

    @pytest.mark.ni_watch
    def test_lie_in_a_fixture(before):
        pass
"""


def test_watched_exchanges_are_judged_last(project: Project) -> None:
    project.test_file(COMMON, WATCHED)
    result = run_here(project.pytester, "-rA", "--strict-markers")
    words = {
        line.split()[1].split("::")[1]: line.split()[0]
        for line in result.outlines
        if line.startswith(("PASSED", "FAILED", "ERROR"))
    }
    assert {name for name, word in words.items() if word == "PASSED"} == {
        n for n in words if n.startswith("test_right")
    }
    assert len(words) == 12
    assert "12ab34cd" not in result.stdout.str()


def test_failing_test_is_not_judged(outside: Any) -> None:
    """A test that fails by itself is not judged as well."""
    result = outside("def test_it(lie, ni_watch):\n    ask(lie)\n    assert 1 == 2\n")
    result.assert_outcomes(failed=1)
    assert "NIB-RES-015" not in result.stdout.str()


def test_nothing_stays_patched(outside: Any) -> None:
    outside(
        """
        import sys
        before = httpx2.Client.send, httpx2.AsyncClient.send, list(sys.meta_path)

        @pytest.mark.ni_watch
        def test_watched(right, ni_check):
            assert httpx2.Client.send is not before[0]
            ask(right)

        def test_after():
            assert (httpx2.Client.send, httpx2.AsyncClient.send, list(sys.meta_path)) == before
        """
    ).assert_outcomes(passed=2)


LATE = """
import sys
from ni_contract.drivers.mocks.recorder import Recorder

assert "httpx2" not in sys.modules
before = list(sys.meta_path)
with Recorder() as recorder:
    import httpx2

    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, text="{}"))
    with httpx2.Client(transport=transport) as client:
        client.get("https://api.nexmo.com/ni/basic/json")
assert [one.request.url for one in recorder.exchanges()] == ["https://api.nexmo.com/ni/basic/json"]
assert type(httpx2.__spec__.loader) is type(httpx2.__loader__) is type(__import__("json").__loader__)
assert sys.meta_path == before
assert httpx2.Client.send.__module__.startswith("httpx2")
"""


def test_late_import_is_watched_and_restored() -> None:
    """A library that is imported during the test is watched too, and restored."""
    subprocess.run([sys.executable, "-c", LATE], check=True, timeout=60)
