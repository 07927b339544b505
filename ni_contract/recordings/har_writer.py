"""Writes HAR 1.2 (HTTP Archive) that is complete after each exchange, even if the process is killed.

Exchanges are written as they are: callers mask secrets first.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http.client import responses
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from ni_contract.contract.spec_files import version_of
from ni_contract.errors import HarnessError, UsageError
from ni_contract.exchanges.values import Answer, Exchange, Failure, Headers, Request, header
from ni_contract.files import write_file

_HTTP = "HTTP/1.1"


class HarWriter:
    """A HAR file that grows by one exchange at a time. Raises HarnessError when it cannot be written.

    Each time a new file replaces the old one, so that a complete one always exists.
    """

    def __init__(self, file: str | Path, comment: str = "", is_new: bool = False) -> None:
        """Writes an empty one to *file*. *is_new*: raises FileExistsError where the file exists."""
        self.path = Path(file)
        self._head = _head(comment)
        self._entries: list[str] = []
        self._write(is_new)

    def add(self, exchange: Exchange, seconds: float, own: Mapping[str, Any] | None = None) -> None:
        """Appends *exchange*, which took *seconds*; *own* becomes the field `_ni` of its entry."""
        self._entries.append(json.dumps(entry_of(exchange, seconds, own)))
        self._write()

    def _write(self, is_new: bool = False) -> None:
        try:
            write_file("the recording", self.path, _document(self._head, self._entries).encode("ascii"), is_new)
        except UsageError as error:
            raise HarnessError(str(error)) from None


def har_text(exchanges: Iterable[Exchange]) -> str:
    """A complete HAR document of *exchanges*; the origin of each is the comment of its entry."""
    entries = [json.dumps({**entry_of(exchange, 0), "comment": exchange.origin}) for exchange in exchanges]
    return _document(_head(""), entries)


def _head(comment: str) -> dict[str, Any]:
    return {
        "version": "1.2",
        "creator": {"name": "ni-contract", "version": version_of("ni-contract")},
        "comment": comment,
    }


def _document(head: Mapping[str, Any], entries: Iterable[str]) -> str:
    return f'{{"log": {{{json.dumps(head)[1:-1]}, "entries": [\n' + ",\n".join(entries) + "\n]}}\n"


def entry_of(exchange: Exchange, seconds: float, own: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """*exchange* as an item of `log.entries`; without an answer the response has the status 0 and the reason."""
    started = datetime.fromtimestamp(exchange.sent_at or 0, UTC).isoformat(timespec="milliseconds")
    milliseconds = round(seconds * 1000, 3)
    return {
        "startedDateTime": started.replace("+00:00", "Z"),
        "time": milliseconds,
        "request": _request(exchange.request),
        "response": _response(exchange.answer),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        **({"_ni": dict(own)} if own else {}),
    }


def _request(request: Request) -> dict[str, Any]:
    query = request.url.partition("#")[0].partition("?")[2]
    parameters = (part.partition("=") for part in query.split("&") if part)
    written = {
        "method": request.method,
        "url": request.url,
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [{"name": unquote_plus(name), "value": unquote_plus(value)} for name, _, value in parameters],
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        written["postData"] = {"mimeType": header(request.headers, "content-type") or "", **_text(request.body)}
    return written


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _response(answer: Answer | Failure) -> dict[str, Any]:
    if isinstance(answer, Failure):
        # HAR has no field for a failure; browsers write a status of 0.
        return {**_response(Answer(0)), "bodySize": -1, "_failure_kind": answer.kind, "_error": answer.message}
    mime_type = header(answer.headers, "content-type") or ""
    return {
        "status": answer.http_status,
        "statusText": responses.get(answer.http_status, ""),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers(answer.headers),
        "content": {"size": len(answer.body), "mimeType": mime_type, **_text(answer.body)},
        "redirectURL": header(answer.headers, "location") or "",
        "headersSize": -1,
        "bodySize": len(answer.body),
    }


def _text(body: bytes) -> dict[str, str]:
    """The member `text`, in Base64 where it is not UTF-8."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}
