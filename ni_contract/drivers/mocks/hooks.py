"""Functions that wrap each HTTP library at a place that every request passes, above or below any mock.

httpx and httpx2: `Client.send`, above every transport. requests: `HTTPAdapter.build_response`, which mocking libraries
call too, for they need a response; requests_mock's `Adapter.send` for those that raise. aiohttp: the public methods of
a session, above the one that is mocked. urllib3: the pool's `urlopen`, above the sockets, and the manager's above it,
for pook replaces the pool's. urllib: `OpenerDirector.open`.
"""

import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any, Final
from urllib.error import HTTPError

from ni_contract.drivers.mocks.convert import aiohttp_request, body_bytes, pairs_of
from ni_contract.exchanges.values import Request

# The arguments: the request object or Request, the response (None: there was none), the time.
Note = Callable[[Any, Any, float], None]
# From a method and the note to the function that replaces it.
Hook = Callable[[Any, Note], Any]


@contextmanager
def _noted(note: Note, request_of: Callable[[Any], Any]) -> Iterator[list[Any]]:
    """Notes the responses that are put into the list; of a call that raises, that there was none.

    *request_of* makes the request of a response, or of None.
    """
    sent_at = time.time()
    responses: list[Any] = []
    try:
        yield responses
    except Exception as error:
        # An error of HTTP is urllib's answer.
        responses = [error if isinstance(error, HTTPError) else None]
        raise
    finally:
        for response in responses:
            note(request_of(response), response, sent_at)


def _around(call: Callable[..., Any]) -> Hook:
    """The hook whose wrapper calls *call* with the original of this object, the note, the object, the arguments."""

    def hook(original: Any, note: Note) -> Any:
        @wraps(original)
        def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            return call(partial(original, self), note, self, *args, **kwargs)

        return wrapper

    return hook


def _httpx_send(original: Any, note: Note, _client: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    # Redirects and challenges were exchanges too.
    with _noted(note, lambda response: getattr(response, "request", request)) as responses:
        response = original(request, *args, **kwargs)
        responses += (*response.history, response)
    return response


def _httpx_async_send(original: Any, note: Note) -> Any:
    # Not by `_around`: the replacement has to be a coroutine function too, because mocking libraries check that.
    @wraps(original)
    async def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        with _noted(note, lambda response: getattr(response, "request", request)) as responses:
            response = await original(self, request, *args, **kwargs)
            responses += (*response.history, response)
        return response

    return send


def _requests_method(original: Any, note: Note, _adapter: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    with _noted(note, lambda _: request) as responses:
        responses.append(original(request, *args, **kwargs))
    return responses[0]


def _urllib3_urlopen(names: Iterable[str], original: Any, note: Note, pool: Any, *args: Any, **kwargs: Any) -> Any:
    """Calls an `urlopen` whose first arguments are *names*; an absolute URL is a manager's."""
    sent_at = time.time()
    response = original(*args, **kwargs)
    note(_of_urllib3(pool, {**dict(zip(names, args, strict=False)), **kwargs}), response, sent_at)
    return response


def _of_urllib3(pool: Any, given: Mapping[str, Any]) -> Request:
    url = given["url"]
    if "://" not in url:
        usual = {"http": 80, "https": 443}.get(pool.scheme)
        port = "" if pool.port in (None, usual) else f":{pool.port}"
        url = f"{pool.scheme}://{pool.host}{port}{url}"
    return Request(
        given["method"].upper(), url, pairs_of(given.get("headers") or pool.headers), body_bytes(given.get("body"))
    )


def _urllib_open(
    original: Any, note: Note, _opener: Any, fullurl: Any, data: Any = None, *args: Any, **kwargs: Any
) -> Any:
    # Processed as by the opener, so that the headers that it adds are included.
    request = urllib.request.Request(fullurl) if isinstance(fullurl, str) else fullurl  # noqa: S310
    with _noted(note, lambda _: _of_urllib(request, data)) as responses:
        responses.append(original(request, data, *args, **kwargs))
    return responses[0]


def _of_urllib(request: Any, data: Any) -> Request:
    body = body_bytes(request.data if data is None else data)
    return Request(request.get_method(), request.full_url, tuple(request.header_items()), body)


def _aiohttp_method(method: str, original: Any, note: Note, session: Any, *args: Any, **kwargs: Any) -> Any:
    """Calls a session's method of that name; `request` takes the method as its first argument."""
    names = ("method", "url") if method == "request" else ("url",)
    given = {"method": method, **dict(zip(names, args, strict=False)), **kwargs}
    context = original(*args, **kwargs)
    context._coro = _watched(context._coro, note, lambda response: aiohttp_request(session, given, response))
    return context


async def _watched(coroutine: Awaitable[Any], note: Note, request_of: Callable[[Any], Any]) -> Any:
    with _noted(note, request_of) as responses:
        responses.append(await coroutine)
    return responses[0]


_HTTPX: Final = (("Client", "send", _around(_httpx_send)), ("AsyncClient", "send", _httpx_async_send))
_POOL_ARGUMENTS: Final = ("method", "url", "body", "headers")
# Module to import: attribute path of the class, method, hook.
HOOKS: Final[dict[str, tuple[tuple[str, str, Hook], ...]]] = {
    "httpx": _HTTPX,
    "httpx2": _HTTPX,
    "requests": (("adapters.HTTPAdapter", "build_response", _around(_requests_method)),),
    "requests_mock": (("adapter.Adapter", "send", _around(_requests_method)),),
    "urllib3": (
        ("connectionpool.HTTPConnectionPool", "urlopen", _around(partial(_urllib3_urlopen, _POOL_ARGUMENTS))),
        ("poolmanager.PoolManager", "urlopen", _around(partial(_urllib3_urlopen, ("method", "url")))),
    ),
    "urllib.request": (("OpenerDirector", "open", _around(_urllib_open)),),
    "aiohttp": tuple(
        ("ClientSession", method, _around(partial(_aiohttp_method, method)))
        for method in ("request", "get", "post", "head", "put", "delete", "options", "patch")
    ),
}
