"""`ni_check` and `ni_answers`, with the one HTTP client that is always installed; see also tests/mocks."""

from __future__ import annotations

from typing import Any

import pytest
from plugin.conftest import Project

COMMON = """
    import httpx2, json, pytest

    URL = "https://api.nexmo.com/ni/basic/json"
    ASKED = {"number": "447700900000", "api_key": "n3xm0rocks", "api_secret": "12ab34cd"}

    def ask(answer, url=URL, params=ASKED, **more):
        transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json=answer, **more))
        with httpx2.Client(transport=transport) as client:
            return client.get(url, params=params)

    @pytest.fixture
    def right(ni_answers):
        return ni_answers.success("447700900000")

    @pytest.fixture
    def lie(right):
        return {**right, "country_prefix": 44}
"""


@pytest.fixture
def outside(project: Project) -> Any:
    def run(text: str, *args: str) -> pytest.RunResult:
        project.test_file(COMMON, text)
        return project.run(*args)

    return run


def test_failure_names_answer_of_mock(outside: Any) -> None:
    """A failure has the usual text and names the answer of the mock."""
    result = outside("def test_it(lie, ni_check):\n    ni_check(ask(lie))\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*ni-contract: exchanges with the API: 1, judged as documented; clauses broken: 1",
            "*NIB-RES-015 country_prefix is a string of 1 to 3 digits * MUST*",
            "*  place * httpx2, call 1",
            "*  request * GET /ni/basic/json  number=447700900000 api_key=[*][*][*] api_secret=[*][*][*]*",
            '*  mock*s answer HTTP 200  application/json  {"status":*',
            "*  at * $.country_prefix",
            "*  expected * a string of 1 to 3 digits",
            "*  actual * 44",
            "*  repeat * pytest test_fake.py::test_it",
            '*  accept * [[][[]deviation]] clause = "NIB-RES-015", reason = "why"',
        ]
    )
    assert "12ab34cd" not in result.stdout.str()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("[]", "no exchange with the API"),
        ("ask(right, 'https://example.com/ni/basic/json')", "1 went elsewhere: example.com"),
        ("ask(right, 'https://api.nexmo.com/sms/json')", "1 went elsewhere: api.nexmo.com"),
        ("5", "does not know what to do with builtins.int"),
        ("'missing.har'", "missing.har: it cannot be opened"),
        ("ask(right), edition='seen'", "choose one of documented, observed"),
        ("ask(right), only='NIB-XXX-*'", "matches no clause"),
        ("ask(right), deviations='missing.toml'", "missing.toml: cannot be read"),
        ("httpx2.Request('GET', URL)", "nobody knows what 1 of 1 requests were answered"),
    ],
)
def test_empty_input_fails(what: Any, words: str, outside: Any) -> None:
    """An input without any exchange fails instead of passing."""
    result = outside(f"def test_it(right, ni_check):\n    ni_check({what})\n")
    result.assert_outcomes(failed=1)
    assert words in result.stdout.str()


def test_others_are_passed_over(outside: Any) -> None:
    outside(
        """
        def test_it(right, ni_check):
            ni_check([ask({}, "https://example.com/"), ask(right), ask({}, "https://api.nexmo.com/ni/standard/json")])
        """
    ).assert_outcomes(passed=1)


def test_failure_names_other_edition(outside: Any) -> None:
    """The edition sets the result, and the other one is suggested."""
    result = outside(
        """
        def test_observed(ni_answers, ni_check):
            ni_check(ask(ni_answers.refused(4, edition="observed")), edition="observed")

        def test_documented(ni_answers, ni_check):
            ni_check(ask(ni_answers.refused(4, edition="observed")))
        """
    )
    result.assert_outcomes(passed=1, failed=1)
    assert "say edition='observed' if that is what is meant" in result.stdout.str()


def test_flag_sets_edition_of_answers(outside: Any) -> None:
    text = "def test_it(ni_answers, ni_check):\n    ni_check(ask(ni_answers.refused(4)))\n"
    outside(text, "--ni-edition", "observed").assert_outcomes(passed=1)


def test_only_some_clauses_are_judged(outside: Any) -> None:
    outside(
        """
        def test_it(lie, ni_check):
            ni_check(ask(lie), only="NIB-CLI-*")
            ni_check(ask(lie), only=["NIB-RES-001", "NIB-RES-002"])
        """
    ).assert_outcomes(passed=1)


def test_deviations_excuse_and_become_stale(outside: Any, project: Project) -> None:
    project.file("d.toml", '[[deviation]]\nclause = "NIB-RES-015"\nreason = "an old mock"\n')
    text = """
        def test_lie(lie, ni_check):
            ni_check(ask(lie), deviations="d.toml")

        def test_right(right, ni_check):
            ni_check(ask(right), deviations=["d.toml"])
        """
    result = outside(text)
    result.assert_outcomes(passed=1, failed=1)
    assert "declared (an old mock), but the clause passes; take it out" in result.stdout.str()


def test_session_deviations_excuse_only(outside: Any, project: Project) -> None:
    """Deviations of the session excuse, and are not missed."""
    project.file("d.toml", '[[deviation]]\nclause = "NIB-RES-015"\nreason = "an old mock"\n')
    text = (
        "def test_a(lie, ni_check):\n    ni_check(ask(lie))\n\ndef test_b(right, ni_check):\n    ni_check(ask(right))\n"
    )
    outside(text, "--ni-deviations", "d.toml").assert_outcomes(passed=2)


def test_the_client_is_judged_too(outside: Any) -> None:
    result = outside(
        "def test_it(right, ni_check):\n    ni_check(ask(right, params={**ASKED, 'number': '447700900000x'}))\n"
    )
    result.assert_outcomes(failed=1)
    assert "NIB-CLI-050" in result.stdout.str()


def test_test_credentials_are_checked(outside: Any) -> None:
    """Credentials that the test defines are checked."""
    result = outside(
        """
        @pytest.fixture
        def ni_credentials():
            return Credentials("other-key", "other-secret", "x")

        def test_it(right, ni_check):
            ni_check(ask(right))
        """
    )
    result.assert_outcomes(failed=1)
    assert "NIB-AUT-003" in result.stdout.str()


def test_repeated_stub_is_no_failure(outside: Any) -> None:
    """A stub may give the same answer twice, but not for two numbers."""
    result = outside(
        """
        def test_twice(right, ni_check):
            ni_check([ask(right), ask(right)])

        def test_two(right, ni_check):
            ni_check([ask(right), ask(right, params={**ASKED, "number": "441632960960"})])
        """
    )
    result.assert_outcomes(passed=1, failed=1)
    assert "NIB-NUM-013" in result.stdout.str()


def test_failing_test_masks_request_secrets(outside: Any) -> None:
    result = outside(
        """
        def test_it(lie, ni_check):
            params = {**ASKED, "api_secret": "an-unknown-secret"}
            print(ask(lie, params=params).request.url)
            ni_check(ask({**lie, "carrier": "an-unknown-secret"}, params=params))
        """
    )
    result.assert_outcomes(failed=1)
    assert "NIB-RES-015" in result.stdout.str()
    assert "api_secret=***" in result.stdout.str()
    assert result.stdout.str().count("an-unknown-secret") == 1  # in a line of the test itself


def test_answers_are_objects_and_bytes(outside: Any) -> None:
    outside(
        """
        def test_it(ni_answers):
            made = ni_answers.success("+44 7700 900000")
            assert made["international_format_number"] == "447700900000"
            assert json.loads(made.json) == made == json.loads(json.dumps(made))
            assert made["request_id"].encode() in made.xml
            assert made.xml.startswith(b"<?xml")
            assert made.content_type("xml") == "text/xml"
            assert ni_answers.success("441632960960")["request_id"] != made["request_id"]
            assert ni_answers.success("01632 960960", "GB")["country_code"] == "GB"
            refused = ni_answers.refused(4)
            assert {**refused, "request_id": "x"} == {
                "status": 4, "error_text": "Invalid credentials", "request_id": "x"
            }
            assert ni_answers.busy()["status"] == 1
            observed = ni_answers.refused(3, "123", edition="observed")
            assert observed["status_message"].endswith("[ 123 ]")
            assert made.response("httpx2").json() == made
        """
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("success('123')", "no phone number can look like this; the API would refuse it"),
        ("refused(0)", "the API refuses with 1, 3, 4, 5, 9"),
        ("refused(43)", "the API refuses with 1, 3, 4, 5, 9"),
        ("refused('4')", "the API refuses with 1, 3, 4, 5, 9"),
        ("refused(3, '447700900000')", "the API answers status 0"),
        ("busy('seen')", "choose one of documented, observed"),
        ("busy().response('curl')", "choose one of httpx, httpx2"),
        ("busy().body('yaml')", "choose one of json, xml"),
    ],
)
def test_impossible_answer_is_refused(call: Any, words: str, outside: Any) -> None:
    """An answer that the API does not give is refused."""
    result = outside(f"def test_it(ni_answers):\n    ni_answers.{call}\n")
    result.assert_outcomes(failed=1)
    assert words in result.stdout.str()


def test_gateway_answers_are_allowed(outside: Any) -> None:
    """A mock may play a broken gateway, but not refuse with another status."""
    result = outside(
        """
        def page(http_status, **more):
            transport = httpx2.MockTransport(lambda request: httpx2.Response(http_status, **more))
            with httpx2.Client(transport=transport) as client:
                return client.get(URL, params=ASKED)

        def test_gateway(ni_check):
            ni_check(page(503, text="<html>no</html>"))

        def test_refusal(ni_check):
            ni_check(page(401, text="Unauthorized"))

        def test_answer_with_a_status_of_gateways(ni_check, right):
            ni_check(page(500, json=right))

        def test_client_at_a_gateway(ni_check):
            ASKED["number"] = ""
            ni_check(page(503, text="<html>no</html>"))
        """,
        "-rA",
    )
    result.assert_outcomes(passed=1, failed=3)
    assert "PASSED test_fake.py::test_gateway" in result.stdout.str()
