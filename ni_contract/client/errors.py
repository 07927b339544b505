"""Errors of a lookup without an answer of the API. A refusal by the API is a result, not an error."""

from __future__ import annotations

CHECK = "check that the base URL is that of the API"


class LookupFailed(Exception):
    """The base of all errors: no answer of the API came. Its message, one sentence without secrets, says what to do."""


class InvalidArgument(LookupFailed, ValueError):
    """An argument of the caller that cannot be sent. Nothing was sent."""


class NotReached(LookupFailed):
    """The request got no answer: no such host, connection refused or reset, or no TLS. It may have been received."""


class TimedOut(NotReached):
    """No complete answer within the caller's time-out. The request may have been received."""


class NotTheApi(LookupFailed):
    """An answer that is not the API's: from a gateway, another service, or over a broken connection."""


class WrongHttpStatus(NotTheApi):
    """The HTTP status `http_status`, which the API never uses, such as a gateway's 403, 404, 429 or 503."""

    def __init__(self, message: str, http_status: int) -> None:
        super().__init__(message, http_status)
        self.message: str = message
        self.http_status: int = http_status

    def __str__(self) -> str:
        return self.message


class WrongContentType(NotTheApi):
    """The answer is not labelled as the format that was asked for."""


class BrokenAnswer(NotTheApi):
    """A body that cannot be read: empty, cut off, too large, malformed, or with a DTD."""


class IncompleteAnswer(NotTheApi):
    """A readable body that lacks a value that the contract promises, or has it in another type."""
