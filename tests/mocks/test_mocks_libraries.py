"""Each mocking library, with a right mock and a wrong one: judged by ni_check and by ni_watch."""

from __future__ import annotations

from typing import Any

import pytest
from mocks.recorded_projects import HAR, OURS, VCRPY

RESPX = """
    import httpx

    def answer(respx_mock, json, **more):
        respx_mock.get(host="api.nexmo.com").respond(json=json, **more)
        return httpx.get(URL, params=ASKED)

    def test_right(respx_mock, right, ni_check):
        answer(respx_mock, right)
        ni_check(respx_mock.calls)
        ni_check(respx_mock)
        ni_check(respx_mock.routes[0].calls)

    def test_right_watched(respx_mock, right, ni_watch):
        answer(respx_mock, right)

    def test_lie(respx_mock, lie, ni_check):
        answer(respx_mock, lie)
        ni_check(respx_mock.calls)

    def test_lie_watched(ni_watch, respx_mock, lie):
        answer(respx_mock, lie)

    def test_right_when_it_raises(respx_mock, ni_check):
        respx_mock.get(host="api.nexmo.com").mock(side_effect=httpx.ConnectError)
        with pytest.raises(httpx.ConnectError):
            httpx.get(URL, params=ASKED)
        ni_check(respx_mock.calls)

    @pytest.mark.asyncio
    async def test_right_async(respx_mock, right, ni_watch):
        respx_mock.get(host="api.nexmo.com").respond(json=right)
        async with httpx.AsyncClient() as client:
            await client.get(URL, params=ASKED)

    @pytest.mark.asyncio
    async def test_lie_async(respx_mock, lie, ni_watch):
        respx_mock.get(host="api.nexmo.com").respond(json=lie)
        async with httpx.AsyncClient() as client:
            await client.get(URL, params=ASKED)
"""

RESPONSES = """
    import requests, responses

    def ask(json):
        responses.get(URL, json=json)
        return requests.get(URL, params=ASKED)

    @responses.activate
    def test_right(right, ni_check):
        ask(right)
        ni_check(responses.calls)
        ni_check(responses)

    @responses.activate
    def test_lie(lie, ni_check):
        ask(lie)
        ni_check(responses.calls)

    def test_right_watched(right, ni_watch):
        with responses.RequestsMock() as mock:
            mock.get(URL, json=right)
            requests.get(URL, params=ASKED)

    @responses.activate
    def test_lie_watched(lie, ni_watch):
        ask(lie)

    @responses.activate
    def test_right_with_their_response(right, ni_check):
        responses.add(right.response("responses"))
        requests.get(URL, params=ASKED)
        ni_check(responses.calls)
"""

PYTEST_HTTPX = """
    import httpx

    def test_right(httpx_mock, right, ni_check):
        httpx_mock.add_response(json=right)
        httpx.get(URL, params=ASKED)
        ni_check(httpx_mock.get_requests())
        ni_check(httpx_mock)

    def test_lie(httpx_mock, lie, ni_check):
        httpx_mock.add_response(json=lie)
        httpx.get(URL, params=ASKED)
        ni_check(httpx_mock.get_requests())

    def test_lie_one_request(httpx_mock, lie, ni_check):
        httpx_mock.add_response(json=lie)
        httpx.get(URL, params=ASKED)
        ni_check(httpx_mock.get_request())

    def test_right_watched(httpx_mock, right, ni_watch):
        httpx_mock.add_response(json=right)
        httpx.get(URL, params=ASKED)

    def test_lie_watched(ni_watch, httpx_mock, lie):
        httpx_mock.add_response(json=lie)
        httpx.get(URL, params=ASKED)
"""

PYTEST_HTTPSERVER = """
    import requests, httpx2

    def answer(httpserver, json):
        httpserver.expect_request("/ni/basic/json").respond_with_json(json)
        return httpserver.url_for("/ni/basic/json")

    def test_right(httpserver, right, ni_check):
        requests.post(answer(httpserver, right), data=ASKED)
        httpx2.get(httpserver.url_for("/ni/basic/json"), params=ASKED)
        ni_check(httpserver.log)
        ni_check(httpserver)

    def test_lie(httpserver, lie, ni_check):
        requests.get(answer(httpserver, lie), params=ASKED)
        ni_check(httpserver.log)

    def test_right_watched(httpserver, right, ni_watch):
        requests.get(answer(httpserver, right), params=ASKED)

    def test_lie_watched(httpserver, lie, ni_watch):
        httpx2.get(answer(httpserver, lie), params=ASKED)

    def test_right_posts_show_their_bodies(httpserver, right, ni_watch):
        requests.post(answer(httpserver, right), json=ASKED)
        assert ni_watch.exchanges[0].request.body

    def test_lie_of_the_client(httpserver, right, ni_check):
        requests.get(answer(httpserver, right), params={**ASKED, "country": "gb"})
        ni_check(httpserver.log)
"""

REQUESTS_MOCK = """
    import requests
    import requests_mock as library

    def test_right(requests_mock, right, ni_check):
        requests_mock.get(URL, json=right)
        requests.get(URL, params=ASKED)
        ni_check(requests_mock.request_history)
        ni_check(requests_mock)

    def test_lie(requests_mock, lie, ni_check):
        requests_mock.get(URL, json=lie)
        requests.get(URL, params=ASKED)
        ni_check(requests_mock.request_history)

    def test_right_when_it_raises(requests_mock, ni_check):
        requests_mock.get(URL, exc=requests.ConnectTimeout)
        with pytest.raises(requests.ConnectTimeout):
            requests.get(URL, params=ASKED)
        ni_check(requests_mock.request_history)

    @pytest.fixture
    def asked_before(requests_mock, right):
        requests_mock.get(URL, json=right)
        requests.get(URL, params=ASKED)

    def test_lie_that_nobody_knows(asked_before, requests_mock, ni_check):
        ni_check(requests_mock.request_history)

    def test_lie_last_request(requests_mock, lie, ni_check):
        requests_mock.get(URL, json=lie)
        requests.get(URL, params=ASKED)
        ni_check(requests_mock.last_request)

    def test_right_watched(right, ni_watch):
        with library.Mocker() as mock:
            mock.get(URL, json=right)
            requests.Session().get(URL, params=ASKED)

    def test_lie_watched(ni_watch, requests_mock, lie):
        requests_mock.post(URL, json=lie, headers={"Content-Type": "application/json"})
        requests.post(URL, data=ASKED)
"""

AIORESPONSES = """
    import re
    import aiohttp
    from aioresponses import aioresponses

    ANY = re.compile(r"^https://api\\.nexmo\\.com/.*")

    async def ask(**more):
        async with aiohttp.ClientSession() as session:
            async with session.get(URL, params=ASKED, **more) as response:
                return await response.json()

    @pytest.fixture
    def mock():
        with aioresponses() as found:
            yield found

    @pytest.mark.asyncio
    async def test_right(mock, right, ni_check):
        mock.get(ANY, payload=right)
        assert await ask() == right
        ni_check(mock)
        ni_check(mock.requests)

    @pytest.mark.asyncio
    async def test_lie(mock, lie, ni_check):
        mock.get(ANY, payload=lie)
        await ask()
        ni_check(mock.requests)

    @pytest.mark.asyncio
    async def test_right_watched(right, ni_watch):
        with aioresponses() as mock:
            mock.get(ANY, payload=right)
            await ask()

    @pytest.mark.asyncio
    async def test_lie_watched(mock, lie, ni_watch):
        mock.post(ANY, payload=lie)
        async with aiohttp.ClientSession() as session:
            response = await session.post(URL, data=ASKED)
            assert (await response.read()).startswith(b"{")

    @pytest.mark.asyncio
    async def test_right_with_basic_and_json(mock, right, ni_watch):
        mock.post(ANY, payload=right)
        auth = aiohttp.BasicAuth("abcd1234", "s3cretS3cret")
        async with aiohttp.ClientSession(auth=auth) as session:
            async with session.post(URL, json={"number": NUMBER}) as response:
                await response.read()
"""


LIBRARIES = {
    "respx": RESPX,
    "responses": RESPONSES,
    "pytest_httpx": PYTEST_HTTPX,
    "pytest_httpserver": PYTEST_HTTPSERVER,
    "requests_mock": REQUESTS_MOCK,
    "aioresponses": AIORESPONSES,
    "vcrpy": VCRPY,
    "HAR": HAR,
    "ours": OURS,
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_right_mock_passes_wrong_fails(library: Any, outside: Any) -> None:
    """A right mock passes, and a wrong one fails."""
    result = outside(LIBRARIES[library], "-rA")
    endings = {
        line.split("::")[1].split()[0]: line.split()[0]
        for line in result.outlines
        if line.startswith(("PASSED ", "FAILED ", "ERROR "))
    }
    assert endings
    assert {name for name, word in endings.items() if word != "PASSED"} == {n for n in endings if "_lie" in n}
    assert "ERROR" not in endings.values()
    assert "s3cretS3cret" not in result.stdout.str()
