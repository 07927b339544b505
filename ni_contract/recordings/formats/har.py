"""HAR 1.2 (HTTP Archive), as browsers, proxies and mocking tools write it, read entry by entry."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote_plus

from ni_contract.exchanges.values import FAILURE_KINDS, Answer, Exchange, Failure, Headers, Request
from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import Malformed, Recorded, Unreadable, member, moment, require, text
from ni_contract.recordings.json_stream import JsonStream

# Of HTTP/2; a browser shows them among the headers.
_PSEUDO: Final = ":"


def read_har(source: Source) -> Iterator[Recorded]:
    """The exchanges of the HAR document in *source*; where it is cut off, those before are read."""
    number = 0
    try:
        for entry in har_entries(source):
            number += 1
            yield recorded_entry(entry, f"{source.name}, entry {number}")
    except CannotRead as error:
        yield Unreadable(f"{source.name}, after entry {number}", str(error), fatal=not number)


def har_entries(source: Source) -> Iterator[Any]:
    """The items of `log.entries`, one after the other. Raises CannotRead."""
    stream = JsonStream(source.read)
    for name in stream.members():
        if name == "log" and stream.next() == "{":
            yield from _entries(stream)
        else:
            stream.value()


def _entries(stream: JsonStream) -> Iterator[Any]:
    for name in stream.members():
        if name == "entries" and stream.next() == "[":
            for _ in stream.items():
                yield stream.value()
        else:
            stream.value()


def recorded_entry(entry: object, place: str) -> Recorded:
    """The exchange in one entry, or why there is none."""
    try:
        return exchange_of_entry(member(entry, "the entry"), place)
    except Malformed as error:
        return Unreadable(place, str(error))


def exchange_of_entry(entry: Mapping[str, Any], place: str) -> Exchange:
    """The exchange in *entry*, an item of `log.entries`. Raises Malformed."""
    request, response = member(entry.get("request"), "request"), member(entry.get("response"), "response")
    headers = _headers(request.get("headers"), "request.headers")
    url, method = text(request.get("url"), "request.url"), text(request.get("method"), "request.method")
    asked = Request(method, url, headers, _posted(request.get("postData")))
    # A recorder may have been told to leave credentials out, as browsers do unless they are asked.
    return Exchange(asked, _answer(entry, response), place, _started(entry), filtered=True)


def _headers(value: object, name: str) -> Headers:
    if value is None:
        return ()
    require(isinstance(value, list), f"{name} are no list")
    pairs = [(row.get("name"), row.get("value")) for row in value if isinstance(row, dict)]  # type: ignore[attr-defined]
    return tuple((k, v) for k, v in pairs if isinstance(k, str) and isinstance(v, str) and not k.startswith(_PSEUDO))


def _posted(data: object) -> bytes:
    """The body of a request: its text, or the parameters that a browser took it apart into."""
    if data is None:
        return b""
    posted = member(data, "postData")
    written, params = posted.get("text"), posted.get("params")
    if isinstance(written, str) and written:
        return _encoded(written, posted.get("encoding") or posted.get("_encoding"), "postData")
    if not isinstance(params, list):
        return b""
    pairs = [(row.get("name"), row.get("value")) for row in params if isinstance(row, dict)]
    return "&".join(f"{quote_plus(str(k))}={quote_plus(str(v or ''))}" for k, v in pairs).encode()


def _encoded(written: str, encoding: object, name: str) -> bytes:
    if encoding == "base64":
        try:
            return base64.b64decode(written, validate=False)
        except (binascii.Error, ValueError):
            raise Malformed(f"{name} is not Base64") from None
    try:
        return written.encode()
    except UnicodeEncodeError:
        raise Malformed(f"{name} holds half a surrogate pair") from None


def _answer(entry: Mapping[str, Any], response: Mapping[str, Any]) -> Answer | Failure:
    status = response.get("status")
    if isinstance(status, float) and status == int(status):
        status = int(status)
    require(type(status) is int, "response.status is no whole number")
    assert isinstance(status, int)  # noqa: S101  for the type checker
    if status <= 0:
        return _failure(entry, response)
    require(100 <= status <= 999, "response.status is no HTTP status")
    content = member(response.get("content") or {}, "response.content")
    body = _encoded(str(content.get("text") or ""), content.get("encoding"), "response.content")
    return Answer(status, _headers(response.get("headers"), "response.headers"), body)


def _failure(entry: Mapping[str, Any], response: Mapping[str, Any]) -> Failure:
    """A status of 0 stands for no answer; what went wrong is in a field of the tool's own, if anywhere."""
    kind = response.get("_failure_kind")
    if kind not in FAILURE_KINDS:
        kind = "reset"
    told = response.get("_error") or entry.get("_error") or response.get("statusText")
    return Failure(kind, str(told or "the recording has no answer"))


def _started(entry: Mapping[str, Any]) -> float | None:
    try:
        return moment(entry.get("startedDateTime"), "startedDateTime")
    except Malformed:
        return None
