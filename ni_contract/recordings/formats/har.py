"""HAR 1.2 (HTTP Archive), as browsers, proxies and mocking tools write it, read entry by entry."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from ni_contract.exchanges.values import FAILURE_KINDS, Answer, Exchange, Failure, Headers, Request, header
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded, record, text
from ni_contract.recordings.fields import body_in, headers_in, moment_in, packed_piece, status_in, with_query
from ni_contract.recordings.format import document
from ni_contract.recordings.inflate import plain_body
from ni_contract.recordings.pairs import answer_of, lacks_body

# Pseudo-headers of HTTP/2, which a browser lists among the headers.
_PSEUDO: Final = ":"
_LEFT_OUT: Final = re.compile(
    r"(?i)truncat|omit|cut|too (?:large|big|long)|exceed|limit|partial|incomplete|remov|skip|discard|drop|evict|redact"
    r"|not (?:been )?(?:recorded|captured|included|available|saved|stored|loaded|shown)|unavailable|without body"
)
# Some tools write the pieces of a compressed body as a JSON list of texts.
_PIECES: Final = re.compile(r'\s*\[\s*"[0-9A-Za-z+/=\\]*"\s*[,\]]')


@document
def har(entry: Mapping[str, Any], place: str, source: Source) -> Iterable[Recorded]:
    return [exchange_of_entry(entry, place, source)]


def exchange_of_entry(given: object, place: str, source: Source | None = None) -> Exchange:
    """The exchange in one entry; *source* opens bodies in other files. Raises Malformed."""
    entry = record(given, "the entry")
    request, response = record(entry.get("request"), "request"), record(entry.get("response"), "response")
    headers = _headers(request.get("headers"))
    url, method = text(request.get("url"), "request.url"), text(request.get("method"), "request.method")
    if "?" not in url:
        url = with_query(url, request.get("queryString"))
    body = plain_body(headers, _posted(request.get("postData"), source), "the body of the request")
    started = moment_in(entry.get("startedDateTime"))
    # Recorders may leave credentials out; browsers do so by default.
    answer = _answer(entry, response, source)
    asked = Request(method, url, headers, body)
    is_cut = lacks_body(asked, request.get("bodySize"))
    return Exchange(asked, answer, place, started, filtered=True, partial=is_cut)


def _headers(value: object) -> Headers:
    return tuple((name, one) for name, one in headers_in(value) if not name.startswith(_PSEUDO))


def _posted(data: object, source: Source | None) -> bytes:
    """The body of a request: its text, or the parameters into which a browser split it."""
    if data is None:
        return b""
    posted = record(data, "postData")
    params = posted.get("params")
    if body := _text_of(posted, source):
        return body
    if not isinstance(params, list):
        return b""
    rows = [(str(row.get("name")), row.get("value") or "") for row in params if isinstance(row, dict)]
    return urlencode(rows).encode()


def _answer(entry: Mapping[str, Any], response: Mapping[str, Any], source: Source | None) -> Answer | Failure:
    status = response.get("status")
    if status in (0, "0", -1):
        return _failure(entry, response)
    headers = _headers(response.get("headers"))
    if entry["request"].get("method") == "HEAD":
        return answer_of(status_in(status), headers, b"")
    content = record(response.get("content") or {}, "response.content")
    return answer_of(status_in(status), headers, _recorded_body(content, headers, source))


def _recorded_body(content: Mapping[str, Any], headers: Headers, source: Source | None) -> bytes | None:
    """The body of the answer, None where the recorder did not keep all of it."""
    body, size = _text_of(content, source), content.get("size")
    if _is_left_out(content) and not _is_document(body):
        return None
    if body:
        is_cut = isinstance(size, int) and len(body) < size and not _is_document(body)
        if is_cut and header(headers, "content-encoding") is None:
            return None
        return body
    if size == 0 and (header(headers, "content-length") or "0").strip() == "0":
        return b""
    return None


def _is_left_out(content: Mapping[str, Any]) -> bool:
    if any("truncated" in name.lower() and value is True for name, value in content.items()):
        return True
    return _LEFT_OUT.search(str(content.get("comment") or "")) is not None


def _is_document(body: bytes | None) -> bool:
    """Whether *body* begins and ends as JSON and XML do, so that it is complete."""
    text = (body or b"").strip()
    return text[:1] + text[-1:] in (b"{}", b"<>")


def _text_of(content: Mapping[str, Any], source: Source | None) -> bytes | None:
    """The body in *content*, or in the file that it names."""
    name, written = content.get("_file"), content.get("text")
    if isinstance(name, str) and source is not None and not written:
        return source.beside(name)
    if not isinstance(written, str):
        return body_in(written)
    if _PIECES.match(written) and (pieces := _pieces(written)):
        return pieces
    if written.startswith("\x1f\x8b"):
        # The bytes of gzip, each written as a character.
        return written.encode("latin-1", "replace")
    return body_in(written, content.get("encoding") or content.get("_encoding"))


def _pieces(written: str) -> bytes | None:
    """The body whose pieces the JSON list *written* holds; None where it is another list."""
    try:
        return b"".join(map(packed_piece, json.loads(written)))
    except (ValueError, TypeError, RecursionError):
        return None


def _failure(entry: Mapping[str, Any], response: Mapping[str, Any]) -> Failure:
    """The failure of an entry with status 0, which means no answer; the reason is in a field of the tool, if any."""
    kind = response.get("_failure_kind")
    if kind not in FAILURE_KINDS:
        kind = "reset"
    told = response.get("_error") or entry.get("_error") or response.get("statusText")
    return Failure(kind, str(told or "the recording has no answer"))
