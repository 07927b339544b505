"""The plugin beside other pytest plugins, in small projects of users."""

from __future__ import annotations

import textwrap

import pytest

COMMON = """
    import json, os, time
    import httpx2, pytest

    URL = "https://api.nexmo.com/ni/basic/json"
    KEYS = {"api_key": "abcd1234", "api_secret": "s3cretS3cret"}

    def asked(answer, number="447700900000"):
        transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json=answer))
        with httpx2.Client(transport=transport) as client:
            return client.get(URL, params={"number": number, **KEYS})

    def status(simulator):
        account = {"api_key": simulator.credentials.api_key, "api_secret": simulator.credentials.api_secret}
        return httpx2.get(f"{simulator.url}/json", params={"number": "447700900000", **account}).json()["status"]

    def lie(ni_answers):
        return {**ni_answers.success("447700900000"), "country_prefix": 44}
"""

FAKE_FILES = """
    @pytest.mark.parametrize("number", ["447700900000", "4930123456", "81312345678", "12423456789"])
    def test_right_in_fake_files(fs, ni_check, ni_answers, number):
        ni_check(asked(ni_answers.success(number), number))

    def test_right_before_fake_files(ni_check, ni_answers, fs):
        ni_check(asked(ni_answers.success("34912345678"), "34912345678"))

    def test_lie_in_fake_files(fs, ni_check, ni_answers):
        ni_check(asked(lie(ni_answers)))

    def test_lie_watched_in_fake_files(fs, ni_watch, ni_answers):
        asked(lie(ni_answers))

    def test_right_afterwards(ni_simulator):
        import wave
        assert status(ni_simulator) == 0
"""

FROZEN_TIME = """
    from freezegun import freeze_time

    def test_right_while_frozen(freezer, ni_simulator):
        assert status(ni_simulator) == 0

    def test_right_frozen_inside(ni_simulator):
        with freeze_time("2020-01-01"):
            assert status(ni_simulator) == 0

    @freeze_time("2020-01-01")
    def test_right_frozen_by_decorator(ni_simulator, ni_check, ni_answers):
        assert status(ni_simulator) == 0
        ni_check(asked(ni_answers.success("447700900000")))

    @freeze_time("2020-01-01")
    def test_lie_while_frozen(ni_watch, ni_answers):
        asked(lie(ni_answers))
"""

OTHER_FOLDER = """
    def test_right_elsewhere(ni_check, ni_answers, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        ni_check(asked(ni_answers.success("447700900000")))

    def test_lie_elsewhere(ni_check, ni_answers, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        ni_check(asked(lie(ni_answers)))
"""

BLOCKED_SOCKETS = """
    def test_right_with_allowed_hosts(ni_simulator):
        assert status(ni_simulator) == 0

    @pytest.mark.disable_socket
    def test_lie_without_sockets(ni_simulator):
        assert status(ni_simulator) == 0
"""

MANY = """
    @pytest.mark.order(1)
    @pytest.mark.timeout(60)
    def test_right(ni_check, ni_answers, mocker, subtests):
        for number in ("447700900000", "14155550100"):
            with subtests.test(number=number):
                ni_check(asked(ni_answers.success(number), number))

    @pytest.mark.flaky(reruns=1)
    def test_lie(ni_watch, ni_answers):
        asked(lie(ni_answers))

    @pytest.mark.anyio
    async def test_right_async(ni_simulator):
        async with httpx2.AsyncClient() as client:
            answer = await client.get(f"{ni_simulator.url}/json", params={"number": "447700900000"})
        assert answer.json()["status"] == 4

    def test_right_measured(benchmark, ni_check, ni_answers):
        ni_check(asked(benchmark(ni_answers.success, "447700900000")))
"""

PROJECTS = {
    "pyfakefs": (FAKE_FILES, ()),
    "freezegun": (FROZEN_TIME, ()),
    "another folder": (OTHER_FOLDER, ()),
    "pytest-socket": (BLOCKED_SOCKETS, ("--allow-hosts=127.0.0.1",)),
    "all others": (MANY, ("--cov=.", "--cov-report=", "--html=report.html", "--metadata", "a", "b")),
    "all others, in two processes": (MANY, ("-n", "2")),
    "all others, in random order": (MANY, ("-p", "randomly")),
}


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_of_others(name: str, pytester: pytest.Pytester) -> None:
    """Right mocks pass, wrong ones fail with their reason, nothing hangs, and there is no internal error."""
    text, flags = PROJECTS[name]
    pytester.makepyfile(test_outside=textwrap.dedent(COMMON) + textwrap.dedent(text))
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-rA", *flags, timeout=240)
    pairs = (line.split(" - ")[0].split()[:2] for line in result.outlines if line.startswith(WORDS))
    ended = {test: word for word, test in pairs}
    wrong = {test: word for test, word in ended.items() if word in BAD and "_lie" not in test}
    assert wrong == {}
    assert any("_lie" in test for test in ended) == ("lie" in text)
    assert all(word in BAD for test, word in ended.items() if "_lie" in test)
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


BAD = ("FAILED", "ERROR")
WORDS = ("PASSED ", "FAILED ", "ERROR ")


def test_blocked_sockets_are_named(pytester: pytest.Pytester) -> None:
    """The failure names the cause and the remedy, whichever fixture needs a socket."""
    pytester.makepyfile(
        """
        import pytest
        from ni_contract.testing import ProviderContract

        def test_simulator(ni_simulator): ...

        class TestFake(ProviderContract):
            @pytest.fixture
            def ni_target(self):
                return "http://127.0.0.1:9/ni/basic"
        """
    )
    result = pytester.runpytest_subprocess("--disable-socket", "-k", "simulator or NIB-RES-004", timeout=120)
    result.assert_outcomes(errors=1, failed=1)
    assert str(result.stdout).count("pytest-socket blocks sockets in this test") >= 2
    result.stdout.no_fnmatch_line("*right base URL*")
