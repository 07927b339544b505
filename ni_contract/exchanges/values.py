"""Frozen values: a request, its answer or failure, and both together."""

from dataclasses import dataclass
from typing import Final

from ni_contract.exchanges.redaction import redact_body, redact_headers, redact_url

Headers = tuple[tuple[str, str], ...]


def header(headers: Headers, name: str) -> str | None:
    """The value of the first header called *name* (any case), or None."""
    wanted = name.lower()
    for key, value in headers:
        if key.lower() == wanted:
            return value
    return None


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """A request as sent: method, absolute URL exactly as on the wire, headers in order, body bytes."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""

    def __repr__(self) -> str:
        return (
            f"Request({self.method} {redact_url(self.url)}, headers={redact_headers(self.headers)!r}, "
            f"body={redact_body(self.body)!r})"
        )


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """An answer as received: HTTP status, headers in order, body bytes.

    *body_recorded* is False where the recorder did not keep the body: `body` is then empty, but the API's was not.
    """

    http_status: int
    headers: Headers = ()
    body: bytes = b""
    body_recorded: bool = True

    def __repr__(self) -> str:
        return f"Answer({self.http_status}, headers={redact_headers(self.headers)!r}, body={redact_body(self.body)!r})"


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason why no answer came: *kind* is one of `FAILURE_KINDS`, *message* a sentence without secrets.

    *under_way*: the server ended while it had the request. *request_cut*: the request's body never came whole.
    """

    kind: str
    message: str
    under_way: bool = False
    request_cut: bool = False


REQUEST_CUT: Final = Failure("reset", "the connection ended before the request's body did", request_cut=True)


FAILURE_KINDS = (
    "refused",
    "name",
    "timeout",
    "tls",
    "reset",
    "protocol",
    "too-large",
    "cut-off",
    "undecodable",
    "crash",
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its answer or failure, its origin, and its time (seconds since the epoch).

    *filtered*: the recorder may have removed credentials, so that their absence proves nothing.
    *partial*: a stub or pact; only the parts of the request that it matches are known.
    *templated*: the places that hold a template or a pattern instead of a value, such as `parameter number` or
    `$.request_id`; they are not judged.
    *file_line*: the file and the line in it, 1 where that is not known, of an exchange that an audit shows.
    """

    request: Request
    answer: Answer | Failure
    origin: str = ""
    sent_at: float | None = None
    filtered: bool = False
    partial: bool = False
    templated: tuple[str, ...] = ()
    file_line: tuple[str, int] | None = None
