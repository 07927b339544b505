"""Functions that wrap each HTTP library at a place that every request passes, above or below any mock.

httpx and httpx2: `Client.send`, above every transport. requests: `HTTPAdapter.build_response`, which mocking libraries
call too, for they need a response. aiohttp: the public methods of a session, above the one that is mocked. urllib3: the
pool's `urlopen`, above the sockets, and the manager's above it, for pook replaces the pool's. urllib:
`OpenerDirector.open`.
"""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Final

from ni_contract.drivers.mocks.convert import aiohttp_request, body_bytes
from ni_contract.exchanges.values import Request

# The arguments: the library, the request object or Request, the response (None: there was none), the time.
Note = Callable[[str, Any, Any, float], None]
Hook = Callable[[Any, Note], Any]


def httpx_send(library: str) -> Hook:
    """The hook of `Client.send` of httpx or httpx2."""

    def hook(original: Any, note: Note) -> Any:
        @wraps(original)
        def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            sent_at = time.time()
            try:
                response = original(self, request, *args, **kwargs)
            except Exception:
                note(library, request, None, sent_at)
                raise
            _note_httpx(note, library, response, sent_at)
            return response

        return send

    return hook


def httpx_async_send(library: str) -> Hook:
    """The hook of `AsyncClient.send` of httpx or httpx2."""

    def hook(original: Any, note: Note) -> Any:
        @wraps(original)
        async def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            sent_at = time.time()
            try:
                response = await original(self, request, *args, **kwargs)
            except Exception:
                note(library, request, None, sent_at)
                raise
            _note_httpx(note, library, response, sent_at)
            return response

        return send

    return hook


def _note_httpx(note: Note, library: str, response: Any, sent_at: float) -> None:
    """Records *response* and those before it: redirects and challenges were exchanges too."""
    for one in (*response.history, response):
        note(library, one.request, one, sent_at)


def requests_build_response(original: Any, note: Note) -> Any:
    """The hook of `HTTPAdapter.build_response` of requests."""

    @wraps(original)
    def build_response(self: Any, req: Any, resp: Any) -> Any:
        response = original(self, req, resp)
        note("requests", req, response, time.time())
        return response

    return build_response


def requests_mock_send(original: Any, note: Note) -> Any:
    """The hook of `Adapter.send` of requests_mock: where it raises, no other hook sees the request."""

    @wraps(original)
    def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, request, *args, **kwargs)
        except Exception:
            note("requests", request, None, time.time())
            raise

    return send


def urllib3_urlopen(original: Any, note: Note) -> Any:
    """The hook of `HTTPConnectionPool.urlopen` of urllib3."""

    @wraps(original)
    def urlopen(
        self: Any, method: str, url: str, body: Any = None, headers: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        sent_at = time.time()
        response = original(self, method, url, body, headers, *args, **kwargs)
        location = url if "://" in url else f"{self.scheme}://{_host(self)}{url}"
        given = tuple((str(name), str(value)) for name, value in (headers or self.headers or {}).items())
        note("urllib3", Request(method.upper(), location, given, body_bytes(body)), response, sent_at)
        return response

    return urlopen


def urllib3_manager_urlopen(original: Any, note: Note) -> Any:
    """The hook of `PoolManager.urlopen` of urllib3, whose *url* is absolute."""

    @wraps(original)
    def urlopen(self: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        sent_at = time.time()
        response = original(self, method, url, *args, **kwargs)
        given = tuple((str(name), str(value)) for name, value in (kwargs.get("headers") or self.headers or {}).items())
        note("urllib3", Request(method.upper(), url, given, body_bytes(kwargs.get("body"))), response, sent_at)
        return response

    return urlopen


def _host(pool: Any) -> str:
    usual = {"http": 80, "https": 443}.get(pool.scheme)
    if pool.port in (None, usual):
        return f"{pool.host}"
    return f"{pool.host}:{pool.port}"


def urllib_open(original: Any, note: Note) -> Any:
    """The hook of `OpenerDirector.open` of urllib.request. An error of HTTP is an answer."""

    @wraps(original)
    def opened(self: Any, fullurl: Any, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        # Processed as by the opener, so that the headers that it adds are included.
        request = urllib.request.Request(fullurl) if isinstance(fullurl, str) else fullurl  # noqa: S310
        sent_at = time.time()
        try:
            response = original(self, request, data, *args, **kwargs)
        except Exception as error:
            note("urllib", _of_urllib(request, data), error if hasattr(error, "headers") else None, sent_at)
            raise
        note("urllib", _of_urllib(request, data), response, sent_at)
        return response

    return opened


def _of_urllib(request: Any, data: Any) -> Request:
    body = data
    if data is None:
        body = request.data
    return Request(request.get_method(), request.full_url, tuple(request.header_items()), body_bytes(body))


def aiohttp_method(method: str) -> Hook:
    """The hook of a session's method of that name; `request` takes the method as its first argument."""

    def hook(original: Any, note: Note) -> Any:
        @wraps(original)
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            context = original(self, *args, **kwargs)
            names = ("method", "url") if method == "request" else ("url",)
            given = {**dict(zip(names, args, strict=False)), **kwargs}
            verb, url = str(given.get("method", method)), given.get("url")
            context._coro = _watched(context._coro, note, self, verb, url, kwargs)
            return context

        return call

    return hook


async def _watched(
    coroutine: Awaitable[Any], note: Note, session: Any, method: str, url: Any, kwargs: dict[str, Any]
) -> Any:
    sent_at = time.time()
    try:
        response = await coroutine
    except Exception:
        note("aiohttp", aiohttp_request(session, method, url, kwargs, None), None, sent_at)
        raise
    note("aiohttp", aiohttp_request(session, method, url, kwargs, response), response, sent_at)
    return response


# Module to import, attribute path of the class, method, hook.
HOOKS: Final[dict[str, tuple[tuple[str, str, Hook], ...]]] = {
    "httpx": (("Client", "send", httpx_send("httpx")), ("AsyncClient", "send", httpx_async_send("httpx"))),
    "httpx2": (("Client", "send", httpx_send("httpx2")), ("AsyncClient", "send", httpx_async_send("httpx2"))),
    "requests": (("adapters.HTTPAdapter", "build_response", requests_build_response),),
    "requests_mock": (("adapter.Adapter", "send", requests_mock_send),),
    "urllib3": (
        ("connectionpool.HTTPConnectionPool", "urlopen", urllib3_urlopen),
        ("poolmanager.PoolManager", "urlopen", urllib3_manager_urlopen),
    ),
    "urllib.request": (("OpenerDirector", "open", urllib_open),),
    "aiohttp": tuple(
        ("ClientSession", method, aiohttp_method(method))
        for method in ("request", "get", "post", "head", "put", "delete", "options", "patch")
    ),
}
