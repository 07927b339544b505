"""Single responses of each library are judged, and made by `ni_answers`, which makes only right ones."""

from __future__ import annotations

from typing import Any

import pytest

SERVED = """
    import json

    @pytest.fixture
    def serve(httpserver):
        def start(answer):
            httpserver.expect_request("/ni/basic/json").respond_with_json(answer)
            return httpserver.url_for("/ni/basic/json")
        return start

    QUERY = "?number=447700900000&api_key=abcd1234&api_secret=s3cretS3cret"
"""

LIBRARIES = {
    "requests": """
    import requests

    def ask(url):
        return requests.get(url + QUERY)
""",
    "a streamed answer of requests": """
    import requests

    def ask(url):
        response = requests.get(url + QUERY, stream=True)
        assert b"".join(response.iter_content(7)).startswith(b"{")
        return response
""",
    "httpx": """
    import httpx

    def ask(url):
        return httpx.get(url + QUERY)
""",
    "httpx2": """
    import httpx2

    def ask(url):
        return httpx2.post(url, data={"number": NUMBER, **KEYS})
""",
    "a subclass of the client": """
    import httpx2

    class OurClient(httpx2.Client):
        pass

    def ask(url):
        with OurClient(params=KEYS) as client:
            return client.get(url, params={"number": NUMBER})
""",
    "urllib3": """
    import urllib3

    def ask(url):
        with urllib3.PoolManager() as pool:
            return pool.request("GET", url + QUERY)
""",
    "urllib3 with a form": """
    import urllib3

    def ask(url):
        with urllib3.PoolManager() as pool:
            return pool.request("POST", url, fields=ASKED, encode_multipart=False)
""",
    "aiohttp": """
    import asyncio
    import aiohttp

    async def asked(url):
        async with aiohttp.ClientSession() as session:
            async with session.get(url + QUERY) as response:
                assert (await response.json())["status"] == 0
                return response

    def ask(url):
        return asyncio.run(asked(url))
""",
    "aiohttp that was read in pieces": """
    import asyncio
    import aiohttp

    async def asked(url):
        async with aiohttp.ClientSession() as session:
            response = await session.post(url, data=ASKED)
            assert b"".join([piece async for piece in response.content.iter_chunked(7)]).startswith(b"{")
            return response

    def ask(url):
        return asyncio.run(asked(url))
""",
}

TESTS = """
    def test_right(serve, right, ni_check):
        response = ask(serve(right))
        ni_check(response)
        ni_check([response, response])

    def test_lie(serve, lie, ni_check):
        ni_check(ask(serve(lie)))

    def test_right_watched(serve, right, ni_watch):
        ask(serve(right))
        assert len(ni_watch.exchanges) == 1

    def test_lie_watched(serve, lie, ni_watch):
        ask(serve(lie))

    def test_lie_of_the_client(serve, right, ni_watch):
        ask(serve(right) + "/")
"""


def endings_of(result: pytest.RunResult) -> dict[str, str]:
    words = (line.split(" - ")[0].split() for line in result.outlines)
    return {
        parts[1].split("::")[1]: parts[0]
        for parts in words
        if len(parts) == 2 and parts[0] in ("PASSED", "FAILED", "ERROR")
    }


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_single_response_is_judged(library: Any, outside: Any) -> None:
    result = outside("\n".join((SERVED, LIBRARIES[library], TESTS)), "-rA")
    assert endings_of(result) == {
        "test_right": "PASSED",
        "test_lie": "FAILED",
        "test_right_watched": "PASSED",
        "test_lie_watched": "FAILED",
        "test_lie_of_the_client": "FAILED",
    }


MADE = """
    import pytest

    def exchange(response, wanted):
        from ni_contract.exchanges.values import Answer, Exchange, Request

        url = f"https://api.nexmo.com/ni/basic/{wanted}?number={NUMBER}&api_key=abcd1234&api_secret=s3cretS3cret"
        return Exchange(Request("GET", url), Answer(*response))

    @pytest.mark.parametrize("edition", ["documented", "observed"])
    @pytest.mark.parametrize("wanted", ["json", "xml"])
    @pytest.mark.parametrize("library", ["httpx", "httpx2", "requests", "urllib3", "aiohttp", "werkzeug", "responses"])
    def test_made(library, wanted, edition, ni_answers, ni_check):
        for made in (ni_answers.success("+44 7700 900000", edition=edition), ni_answers.refused(4, edition=edition),
                     ni_answers.busy(edition)):
            response = made.response(library, wanted)
            body = getattr(response, "content", None) or getattr(response, "data", None) or response.body
            headers = response.headers or {"Content-Type": response.content_type}
            status = getattr(response, "status_code", None) or response.status
            data = body.encode() if isinstance(body, str) else body
            ni_check(exchange((status, tuple(headers.items()), data), wanted), edition=edition)
"""


def test_made_response_is_right(outside: Any) -> None:
    """A response made by ni_answers is right in both editions and formats."""
    outside(MADE).assert_outcomes(passed=28)
