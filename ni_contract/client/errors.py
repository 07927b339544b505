"""Why a lookup gave no answer of the API. A refusal by the API is no error: it is a result."""

from __future__ import annotations

CHECK = "check that the base URL is that of the API"


class LookupFailed(Exception):
    """No answer of the API came. The message is one sentence: what is wrong and what to do. It holds no secret."""


class InvalidArgument(LookupFailed, ValueError):
    """What the caller gave cannot be sent. Nothing was sent."""


class NotReached(LookupFailed):
    """The request got no answer: no such host, connection refused or reset, or no TLS. It may have been received."""


class TimedOut(NotReached):
    """No complete answer came within the time that the caller gave. The request may have been received."""


class NotTheApi(LookupFailed):
    """Something answered, but not as the API does: a gateway, another service, or a broken connection."""


class WrongHttpStatus(NotTheApi):
    """An HTTP status that the API does not answer with, such as a gateway's 403, 404, 429 or 503: `http_status`."""

    def __init__(self, message: str, http_status: int) -> None:
        super().__init__(message, http_status)
        self.message: str = message
        self.http_status: int = http_status

    def __str__(self) -> str:
        return self.message


class WrongContentType(NotTheApi):
    """The answer is not labelled as the format that was asked for."""


class BrokenAnswer(NotTheApi):
    """The body cannot be read: empty, cut off, too large, malformed, or with a DTD."""


class IncompleteAnswer(NotTheApi):
    """The body can be read, but lacks what the contract promises, or has it in another type."""
