"""urllib, and mocks below or beside the libraries: httpretty, mocket, pook. Watched by ni_watch."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

ASKS = """
    import json, urllib.request, urllib.parse
    import requests, urllib3

    QUERY = urllib.parse.urlencode(ASKED)

    def by_urllib():
        with urllib.request.urlopen(f"{URL}?{QUERY}") as response:
            return json.load(response)

    def by_requests():
        return requests.get(URL, params=ASKED).json()

    def by_urllib3():
        with urllib3.PoolManager() as pool:
            return json.loads(pool.request("GET", f"{URL}?{QUERY}").data)
"""
MOCKS = {
    "httpretty": """
        import httpretty

        def mocked(answer, ask):
            with httpretty.enabled(allow_net_connect=False):
                httpretty.register_uri("GET", URL, body=json.dumps(answer), content_type="application/json")
                return ask()
    """,
    "mocket": """
        from mocket import Mocketizer
        from mocket.mocks.mockhttp import Entry

        def mocked(answer, ask):
            headers = {"Content-Type": "application/json"}
            Entry.single_register("GET", URL, body=json.dumps(answer), headers=headers, match_querystring=False)
            with Mocketizer(strict_mode=True):
                Entry.single_register("GET", URL, body=json.dumps(answer), headers=headers, match_querystring=False)
                return ask()
    """,
    "pook": """
        import pook

        def mocked(answer, ask):
            with pook.use():
                pook.get(URL).reply(200).type("application/json").json(dict(answer))
                return ask()
    """,
}
TESTS = """
    @pytest.mark.parametrize("ask", [by_urllib, by_requests, by_urllib3], ids=["urllib", "requests", "urllib3"])
    def test_right(ni_watch, right, ask):
        assert mocked(right, ask) == right

    @pytest.mark.parametrize("ask", [by_urllib, by_requests, by_urllib3], ids=["urllib", "requests", "urllib3"])
    def test_lie(ni_watch, lie, ask):
        assert mocked(lie, ask) == lie
"""


@pytest.mark.parametrize("library", MOCKS)
def test_mock_is_watched(outside: Any, library: str) -> None:
    """httpretty 1.1 and urllib3 since 2.3 are incompatible, with or without ni_watch."""
    text = textwrap.dedent(ASKS) + textwrap.dedent(MOCKS[library]) + textwrap.dedent(TESTS)
    ways = 1 if library == "httpretty" else 3
    result = outside(text, *(["-k", "urllib and not urllib3"] if library == "httpretty" else []))
    counted = result.parseoutcomes()
    assert (counted["passed"], counted["failed"]) == (ways, ways)
    assert result.stdout.str().count("NIB-RES-015 country_prefix is a string") == ways


SERVED = """
    import json, gzip, io, shutil, urllib.error, urllib.request, urllib.parse
    from werkzeug import Response

    QUERY = "?" + urllib.parse.urlencode(ASKED)

    @pytest.fixture(params=["length", "chunked"])
    def url(request, httpserver, lie):
        body = json.dumps(lie).encode()
        chunks = (body[i:i + 50] for i in range(0, len(body), 50)) if request.param == "chunked" else body
        answer = Response(chunks, headers={"Content-Type": "application/json"})
        httpserver.expect_request("/ni/basic/json").respond_with_response(answer)
        return httpserver.url_for("/ni/basic/json") + QUERY

    def copied(response):
        whole = io.BytesIO()
        shutil.copyfileobj(response, whole, 40)
        return whole.getvalue()

    def in_pieces(response):
        return b"".join(iter(lambda: response.read(7), b""))
"""
READS = {
    "read": "response.read()",
    "pieces": "in_pieces(response)",
    "lines": "b''.join(response)",
    "readline": "b''.join(iter(response.readline, b''))",
    "copy": "copied(response)",
    "text": "io.TextIOWrapper(response).read().encode()",
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_urllib_reads_are_whole(outside: Any, read: str) -> None:
    """The test reads the same bytes, and the wrong fact is found."""
    result = outside(
        textwrap.dedent(SERVED)
        + textwrap.dedent(f"""
        def test_lie(ni_watch, url, lie):
            with urllib.request.urlopen(url) as response:
                assert json.loads({read}) == lie
        """)
    )
    result.assert_outcomes(failed=2)


def test_urllib_part_is_unknown(outside: Any) -> None:
    """A body that was not read completely is not judged, even when the test sends another request after closing it."""
    result = outside(
        textwrap.dedent(SERVED)
        + textwrap.dedent("""
        def test_part(ni_watch, url):
            with urllib.request.urlopen(url) as response:
                assert len(response.read(10)) == 10
            assert response.read() == b""
        """)
    )
    result.assert_outcomes(passed=2)


def test_urllib_error_is_answer(outside: Any) -> None:
    """A POST with a form; an answer of HTTP 401 is wrong for the API."""
    result = outside(
        textwrap.dedent(SERVED)
        + textwrap.dedent("""
        def test_error(ni_watch, httpserver, right):
            httpserver.expect_request("/ni/basic/json", method="POST").respond_with_json(right, status=401)
            url = httpserver.url_for("/ni/basic/json")
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.build_opener().open(url, urllib.parse.urlencode(ASKED).encode())
            assert json.load(caught.value) == right
        """)
    )
    result.assert_outcomes(failed=1)
