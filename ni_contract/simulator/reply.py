"""HTTP replies, and refusals before the API itself answers."""

from typing import NamedTuple

TEXT_HEADERS = ((b"content-type", b"text/plain; charset=utf-8"),)


class Reply(NamedTuple):
    """HTTP status, headers without Content-Length (it follows from the body), body."""

    http_status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class HttpError(Exception):
    """A refusal of a request that is not of this API: *http_status* is 4xx, the message a sentence without secrets."""

    def __init__(self, http_status: int, sentence: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(sentence)
        self.http_status = http_status
        self.headers = headers

    def reply(self) -> Reply:
        """The refusal as plain text."""
        return Reply(self.http_status, TEXT_HEADERS + self.headers, f"{self}\n".encode())


class HungUp(Exception):
    """The client closed its connection before its request was complete: an answer is impossible."""
