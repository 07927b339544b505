"""ni_check on an answer without its exchange, on mock objects, and ni_watch by markers added late."""

from __future__ import annotations

import subprocess
import sys

import pytest
from plugin.conftest import run_here


def test_answers_alone_are_judged(pytester: pytest.Pytester) -> None:
    """A mapping with documented keys, and JSON or XML as text or bytes, are answers, and judged as right or wrong."""
    pytester.makepyfile(
        """
        import pytest

        def forms(answer):
            return [answer, dict(answer), answer.json, answer.json.decode(), answer.xml, answer.xml.decode()]

        def test_right(ni_check, ni_answers):
            for made in (ni_answers.success("447700900000"), ni_answers.refused(4), ni_answers.busy()):
                for form in forms(made):
                    ni_check(form)
                ni_check(forms(made)[1:])

        def test_lie_mapping(ni_check, ni_answers):
            ni_check({**ni_answers.success("447700900000"), "country_prefix": 44})

        def test_lie_json(ni_check):
            ni_check('{"status": "0"}')

        def test_lie_xml(ni_check, ni_answers):
            ni_check(ni_answers.success("447700900000").xml.replace(b'"44"', b'"x"'))
        """
    )
    result = run_here(pytester)
    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(["*NIB-RES-015*"])
    result.stdout.no_fnmatch_line("*NIB-CLI-*")


def test_mock_objects_get_one_sentence(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from unittest.mock import AsyncMock, MagicMock, Mock
        import pytest

        @pytest.mark.parametrize("mock", [Mock(), MagicMock(), AsyncMock(), Mock(spec=dict)], ids=str)
        def test_mock(ni_check, mock):
            with pytest.raises(pytest.fail.Exception, match="of unittest.mock, which has no answer of the API"):
                ni_check(mock)

        def test_words_are_pythons(ni_check, ni_answers):
            with pytest.raises(pytest.fail.Exception) as caught:
                ni_check(ni_answers.busy(), only="NIB-XXX-*")
            assert "matches no clause" in str(caught.value)
            assert "--only" not in str(caught.value)
        """
    )
    run_here(pytester).assert_outcomes(passed=5)


LATE = """
    import pytest

    @pytest.hookimpl({order})
    def pytest_{hook}:
        for item in items:
            if "late" in item.name:
                item.add_marker(pytest.mark.ni_watch({words}))
"""
LYING = """
    import httpx2, pytest

    @pytest.mark.parametrize("which", ["late", "other"])
    def test_lying(ni_answers, which):
        lie = {**ni_answers.success("447700900000"), "country_prefix": 44}
        with httpx2.Client(transport=httpx2.MockTransport(lambda r: httpx2.Response(200, json=lie))) as client:
            client.get("https://api.nexmo.com/ni/basic/json?number=447700900000&api_key=a&api_secret=b")
"""


@pytest.mark.parametrize(
    ("hook", "order"),
    [
        ("collection_modifyitems(items)", "trylast=True"),
        ("collection_modifyitems(items)", "tryfirst=True"),
        ("runtest_setup(item, items=())", "tryfirst=True"),
    ],
)
def test_late_markers_watch(hook: str, order: str, pytester: pytest.Pytester) -> None:
    """A marker that a hook adds works like any other, and only for its test."""
    text = LATE.format(hook=hook, order=order, words="")
    pytester.makeconftest(text if "items)" in hook else text.replace("for item in items:", "for item in [item]:"))
    pytester.makepyfile(LYING)
    result = run_here(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*NIB-RES-015*"])


def test_unknown_words_of_a_marker_fail(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(LATE.format(hook="collection_modifyitems(items)", order="", words="colour='red'"))
    pytester.makepyfile(LYING)
    result = run_here(pytester)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ni_watch takes edition=*"])


def test_marker_without_fixtures_is_error(pytester: pytest.Pytester) -> None:
    """A test of another kind, here a doctest, may have no fixtures: the marker is refused there."""
    pytester.makeconftest(
        """
        import pytest

        class Item(pytest.Item):
            def runtest(self): ...

        class File(pytest.File):
            def collect(self):
                yield Item.from_parent(self, name="own")

        def pytest_collect_file(file_path, parent):
            return File.from_parent(parent, path=file_path) if file_path.suffix == ".own" else None

        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(pytest.mark.ni_watch)
        """
    )
    (pytester.path / "test.own").touch()
    result = run_here(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ni_watch cannot watch*"])


def test_without_pytest_the_import_says_so() -> None:
    code = "import sys; sys.modules['pytest'] = None; import ni_contract.testing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("ni_contract.testing needs pytest; pip install 'ni-contract[pytest]'")
