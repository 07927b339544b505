"""Copies of bodies that a test reads in pieces; the test reads as before.

The recorder reads nothing itself: a body that the test did not read completely is unknown.
"""

import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from ni_contract.drivers.body_copy import BodyCopy
from ni_contract.exchanges.response import MAX_BODY_BYTES

_COPY: Final = "_ni_contract_copy"


def copy_of(library: str, response: Any) -> BodyCopy:
    """The copy of *response*'s body, which grows as the test reads; the same one for the same response."""
    source = response if library != "requests" else getattr(response, "raw", None)
    known = getattr(source, _COPY, None)
    if isinstance(known, BodyCopy):
        return known
    copy = BodyCopy(MAX_BODY_BYTES)
    # Objects that accept no new attribute are left alone, and their bodies are unknown.
    with suppress(AttributeError, TypeError):
        setattr(source, _COPY, copy)
        _ATTACH[library](source, copy)
    return copy


def _attach_httpx(response: Any, copy: BodyCopy) -> None:
    if hasattr(response, "_content"):
        return
    library = sys.modules[type(response).__module__.partition(".")[0]]
    stream = response.stream
    bases = [base for base in (library.SyncByteStream, library.AsyncByteStream) if isinstance(stream, base)]
    response.stream = type("CopiedStream", (_CopiedStream, *bases), {})(stream, copy)


class _CopiedStream:
    """A byte stream of httpx or httpx2 that is copied while it is read."""

    def __init__(self, stream: Any, copy: BodyCopy) -> None:
        self._stream, self._copy = stream, copy

    def __iter__(self) -> Iterator[bytes]:
        return _copied(self._stream, self._copy)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._copy.add(chunk)
            yield chunk
        self._copy.has_ended = True

    def close(self) -> None:
        self._stream.close()

    async def aclose(self) -> None:
        await self._stream.aclose()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _copied(chunks: Iterable[bytes], copy: BodyCopy) -> Iterator[bytes]:
    for chunk in chunks:
        copy.add(chunk)
        yield chunk
    copy.has_ended = True


def _attach_urllib3(response: Any, copy: BodyCopy) -> None:
    def has_ended(amount: int | None, data: bytes, _was_at_end: bool) -> bool:
        is_all = amount is None or amount < 0 or bool(amount and not data)
        return is_all or getattr(response, "length_remaining", None) == 0

    if getattr(response, "_body", None) is not None:
        return
    _copy_reads(response, ("read", "read1"), copy, has_ended)
    if hasattr(response, "read_chunked"):
        read_chunked = response.read_chunked
        response.read_chunked = lambda *args, **kwargs: _copied(read_chunked(*args, **kwargs), copy)


def _attach_urllib(response: Any, copy: BodyCopy) -> None:
    def has_ended(amount: int | None, data: bytes, was_at_end: bool) -> bool:
        # A response that the test closed early is not complete. Those of pook are closed from the beginning, but still
        # give their body.
        return _is_at_end(response) and (not was_at_end or bool(data and amount is None))

    _copy_reads(response, ("read", "read1", "readline"), copy, has_ended)


def _copy_reads(response: Any, names: Iterable[str], copy: BodyCopy, has_ended: Callable[..., bool]) -> None:
    """Wraps the methods *names*; *has_ended* gets the amount asked for, the data, and whether the end was before it."""

    def copied_by(read: Callable[..., bytes]) -> Callable[..., bytes]:
        def copied(*args: Any, **kwargs: Any) -> bytes:
            # Methods of the library call each other: only the outermost call has the bytes that the test gets.
            outermost, copy.inside = not copy.inside, True
            was_at_end = _is_at_end(response)
            try:
                data = read(*args, **kwargs)
            finally:
                copy.inside = not outermost
            if outermost and copy.body is None:
                copy.add(data)
                if has_ended(next(iter(args), kwargs.get("amt")), data, was_at_end):
                    copy.has_ended = True
            return data

        return copied

    for name in names:
        if hasattr(response, name):
            setattr(response, name, copied_by(getattr(response, name)))


def _is_at_end(response: Any) -> bool:
    """Whether nothing is left to read. A response that is read by lines does not close itself after its last byte."""
    if getattr(response, "length", None) == 0:
        return True
    inner = response if hasattr(response, "isclosed") else getattr(response, "fp", None)
    return bool(inner is None or (inner.isclosed() if hasattr(inner, "isclosed") else inner.closed))


def _attach_aiohttp(response: Any, copy: BodyCopy) -> None:
    if getattr(response, "_body", None) is None:
        iterates = sys.modules["aiohttp.streams"].AsyncStreamReaderMixin
        response.content = type("CopiedReader", (_CopiedReader, iterates), {})(response.content, copy)


class _CopiedReader:
    """A stream reader of aiohttp that is copied while it is read; the library's own iterators call its methods."""

    def __init__(self, reader: Any, copy: BodyCopy) -> None:
        self._reader, self._copy = reader, copy

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._reader, name)

        async def read(*args: Any, **kwargs: Any) -> Any:
            return self._note(await found(*args, **kwargs))

        return read if name in _READS else found

    def _note(self, data: Any) -> Any:
        self._copy.add(data[0] if isinstance(data, tuple) else data)
        if self._reader.at_eof():
            self._copy.has_ended = True
        return data

    def read_nowait(self, n: int = -1) -> bytes:
        """The bytes that have arrived, at most *n*."""
        data: bytes = self._note(self._reader.read_nowait(n))
        return data


_READS: Final = frozenset(("read", "readany", "readline", "readuntil", "readexactly", "readchunk"))
_ATTACH: Final[dict[str, Callable[[Any, BodyCopy], None]]] = {
    "httpx": _attach_httpx,
    "httpx2": _attach_httpx,
    "requests": _attach_urllib3,
    "urllib3": _attach_urllib3,
    "urllib": _attach_urllib,
    "aiohttp": _attach_aiohttp,
}
