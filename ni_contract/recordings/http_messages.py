"""HTTP/1 messages as sent, which proxies store."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from ni_contract.contract.vocabulary import API_HOST
from ni_contract.exchanges.values import Answer, Failure, Headers, Request, header
from ni_contract.recordings.entry import require
from ni_contract.recordings.inflate import plain_body
from ni_contract.recordings.pairs import answer_of


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer. *is_cut*: the body is shorter than its length, or its last chunk is missing."""

    first: str
    headers: Headers
    body: bytes
    is_cut: bool


def parse_message(data: bytes) -> Message:
    """The message in *data*. Raises Malformed."""
    head, _, body = data.lstrip(b"\r\n").replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
    first, *rows = head.decode("latin-1").splitlines() or [""]
    require(first.strip(), "it is no HTTP message")
    pairs = (row.partition(":") for row in rows if ":" in row)
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    if "chunked" in (header(headers, "transfer-encoding") or "").lower():
        body, is_cut = _unchunked(body)
        return Message(first, headers, body, is_cut)
    length = header(headers, "content-length") or ""
    return Message(first, headers, body, length.isdigit() and len(body) < int(length[:12]))


def request_of(data: bytes) -> Request:
    """The request in *data*; a relative URL is completed by the host in its headers. Raises Malformed."""
    message = parse_message(data)
    words = message.first.split(" ")
    require(len(words) >= 2, "the request has no URL")
    url = words[1]
    if not urlsplit(url).scheme:
        url = f"https://{header(message.headers, 'host') or API_HOST}{url}"
    return Request(words[0].upper(), url, message.headers, plain_body(message.headers, message.body, "the request"))


def answer_from(data: bytes | None, method: str) -> Answer | Failure:
    """The answer in *data* to a request by *method*; a failure where the recording has none. Raises Malformed."""
    if not (data or b"").strip():
        return Failure("reset", "the recording has no answer")
    message = parse_message(data or b"")
    words = message.first.split(" ", 2)
    require(len(words) > 1 and words[1].isdigit(), "the answer has no HTTP status")
    is_bodiless = method == "HEAD" or message.is_cut
    return answer_of(int(words[1][:3]), message.headers, None if is_bodiless else message.body)


def _unchunked(body: bytes) -> tuple[bytes, bool]:
    """*body* without its chunks, and whether it is truncated. One without chunks is unchanged: a tool removed them."""
    parts: list[bytes] = []
    at = 0
    while True:
        line, end, _ = body[at : at + 100].partition(b"\n")
        try:
            size = int(line.partition(b";")[0].strip(), 16)
        except ValueError:
            return b"".join(parts) or body, bool(parts)
        at += len(line) + len(end)
        if not size:
            return b"".join(parts), False
        if size > len(body) - at:
            return b"".join(parts), True
        parts.append(body[at : at + size])
        at += size
        at += len(b"\r\n") - (body[at : at + 2] != b"\r\n")
