"""Answers that a test reads as a stream: its bytes are unchanged, and only complete bodies are judged."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

SERVED = """
    import asyncio, gzip, json
    import httpx, httpx2, requests, urllib3, aiohttp

    QUERY = "?number=447700900000&api_key=abcd1234&api_secret=s3cretS3cret"

    @pytest.fixture(params=["length", "chunked", "gzip"])
    def serve(request, httpserver):
        from werkzeug import Response

        def start(answer):
            body = json.dumps(answer).encode()
            headers = {"Content-Type": "application/json"}
            if request.param == "gzip":
                body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
            chunks = (body[i:i + 50] for i in range(0, len(body), 50)) if request.param == "chunked" else body
            httpserver.expect_request("/ni/basic/json").respond_with_response(Response(chunks, headers=headers))
            return httpserver.url_for("/ni/basic/json") + QUERY
        return start

    def told(body):
        return json.loads(gzip.decompress(body) if body[:2] == bytes((31, 139)) else body)
"""

WHOLE = {
    "httpx.stream, iter_bytes": """
        with httpx.stream("GET", url) as response:
            return b"".join(response.iter_bytes(13))
    """,
    "httpx.stream, iter_raw": """
        with httpx.stream("GET", url) as response:
            return b"".join(response.iter_raw())
    """,
    "httpx.stream, iter_lines": """
        with httpx.stream("GET", url) as response:
            return "".join(response.iter_lines()).encode()
    """,
    "httpx.stream, read": """
        with httpx.stream("GET", url) as response:
            return response.read()
    """,
    "httpx2 send(stream=True)": """
        with httpx2.Client() as client:
            response = client.send(client.build_request("GET", url), stream=True)
            body = b"".join(response.iter_bytes())
            assert response.elapsed.total_seconds() >= 0
            return body
    """,
    "httpx2 async stream": """
        async def ask():
            async with httpx2.AsyncClient() as client, client.stream("GET", url) as response:
                return b"".join([piece async for piece in response.aiter_bytes(9)])
        return asyncio.run(ask())
    """,
    "requests, iter_content": """
        return b"".join(requests.get(url, stream=True).iter_content(11))
    """,
    "requests, iter_lines": """
        return b"".join(requests.get(url, stream=True).iter_lines())
    """,
    "requests, content": """
        return requests.get(url, stream=True).content
    """,
    "requests, raw.read": """
        return requests.get(url, stream=True).raw.read(decode_content=True)
    """,
    "requests, raw.stream": """
        return b"".join(requests.get(url, stream=True).raw.stream(8))
    """,
    "urllib3, stream": """
        with urllib3.PoolManager() as pool:
            return b"".join(pool.request("GET", url, preload_content=False).stream(16))
    """,
    "urllib3, read in pieces": """
        with urllib3.PoolManager() as pool:
            response = pool.request("GET", url, preload_content=False)
            return b"".join(iter(lambda: response.read(32), b""))
    """,
    "urllib3, data": """
        with urllib3.PoolManager() as pool:
            return pool.request("GET", url, preload_content=False).data
    """,
    "aiohttp, iter_chunked": """
        async def ask():
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                return b"".join([piece async for piece in response.content.iter_chunked(7)])
        return asyncio.run(ask())
    """,
    "aiohttp, iter_any": """
        async def ask():
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                return b"".join([piece async for piece in response.content.iter_any()])
        return asyncio.run(ask())
    """,
    "aiohttp, iter_chunks": """
        async def ask():
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                return b"".join([piece async for piece, _ in response.content.iter_chunks()])
        return asyncio.run(ask())
    """,
    "aiohttp, lines": """
        async def ask():
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                return b"".join([line async for line in response.content])
        return asyncio.run(ask())
    """,
    "aiohttp, content.read": """
        async def ask():
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                return await response.content.read()
        return asyncio.run(ask())
    """,
}
IN_PART = {
    "httpx.stream, nothing": """
        with httpx.stream("GET", url) as response:
            assert response.status_code == 200
    """,
    "httpx.stream, a piece": """
        with httpx.stream("GET", url) as response:
            next(response.iter_bytes(5))
    """,
    "requests, nothing": """
        with requests.get(url, stream=True) as response:
            assert response.ok
    """,
    "requests, a piece": """
        with requests.get(url, stream=True) as response:
            assert response.raw.read(5)
    """,
    "urllib3, a piece": """
        with urllib3.PoolManager() as pool, pool.request("GET", url, preload_content=False) as response:
            assert response.read(5)
    """,
    "aiohttp, nothing": """
        async def ask():
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                assert response.status == 200
        asyncio.run(ask())
    """,
    "aiohttp, a piece": """
        async def ask():
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                assert await response.content.read(5)
        asyncio.run(ask())
    """,
}
READ_WHOLE = """
    def test_right(serve, right, ni_watch):
        assert told(ask(serve(right))) == right
        assert len(ni_watch.exchanges) == 1
        assert json.loads(ni_watch.exchanges[0].answer.body) == right

    def test_lie(serve, lie, ni_watch):
        assert told(ask(serve(lie))) == lie
"""
READ_IN_PART = """
    def test_unread(serve, lie, ni_watch):
        ask(serve(lie))
        assert [one.answer.body_recorded for one in ni_watch.exchanges] == [False]
"""


def module(way: str, tests: str) -> str:
    ask = "def ask(url):\n" + textwrap.indent(textwrap.dedent(way), "    ")
    return "\n".join((textwrap.dedent(SERVED), ask, textwrap.dedent(tests)))


@pytest.mark.parametrize("way", WHOLE)
def test_what_was_read_is_judged(way: Any, outside: Any) -> None:
    """The test reads the same bytes as without ni_watch; a right answer passes and a wrong one fails."""
    result = outside(module(WHOLE[way], READ_WHOLE))
    result.assert_outcomes(passed=3, failed=3)
    result.stdout.fnmatch_lines(["*NIB-RES-015*"])
    result.stdout.no_fnmatch_line("*NIB-RES-001*")


@pytest.mark.parametrize("way", IN_PART)
def test_unread_body_is_not_judged(way: Any, outside: Any) -> None:
    outside(module(IN_PART[way], READ_IN_PART)).assert_outcomes(passed=3)
