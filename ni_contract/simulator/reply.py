"""What goes back over HTTP, and the clean refusals that come before the API has its say."""

from __future__ import annotations

from typing import NamedTuple

TEXT_HEADERS = ((b"content-type", b"text/plain; charset=utf-8"),)


class Reply(NamedTuple):
    """HTTP status, headers without Content-Length (it follows from the body), body."""

    http_status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class HttpError(Exception):
    """A request that is not one of this API's: *http_status* is 4xx, the message one sentence without the request."""

    def __init__(self, http_status: int, sentence: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(sentence)
        self.http_status = http_status
        self.headers = headers

    def reply(self) -> Reply:
        """The refusal as plain text."""
        return Reply(self.http_status, TEXT_HEADERS + self.headers, f"{self}\n".encode())


class HungUp(Exception):
    """The client went away before its request was complete: there is nobody to answer."""
