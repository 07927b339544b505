"""Errors of a lookup without an answer of the API. A refusal by the API is a result, not an error."""

from collections.abc import Callable

from ni_contract.exchanges.sending import CUT_OFF, UNDECODABLE
from ni_contract.exchanges.values import Failure

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

    def __init__(self, message: str, http_status: int = 0) -> None:
        super().__init__(message)
        self.http_status: int = http_status


class WrongContentType(NotTheApi):
    """The answer is not labelled as the format that was asked for."""


class BrokenAnswer(NotTheApi):
    """A body that cannot be read: empty, cut off, too large, malformed, or with a DTD."""


class IncompleteAnswer(NotTheApi):
    """A readable body that lacks a value that the contract promises, or has it in another type."""


_RAISED: dict[str, tuple[type[LookupFailed], str]] = {
    "too-large": (BrokenAnswer, CHECK),
    UNDECODABLE: (BrokenAnswer, CHECK),
    CUT_OFF: (BrokenAnswer, "try again"),
    "timeout": (TimedOut, "give a longer timeout, or try again later"),
    "protocol": (NotTheApi, CHECK),
    "tls": (NotReached, "check the host's certificate, or name its CA with ca_file"),
    "name": (NotReached, "check the host in the base URL"),
    "refused": (NotReached, "check host and port in the base URL, and that the service runs"),
}


def error_of(failure: Failure, mask: Callable[[str], str]) -> LookupFailed:
    """The exception for *failure*; its message goes through *mask*."""
    kind, advice = _RAISED.get(failure.kind, (NotReached, "try again"))
    return kind(mask(f"{failure.message}; {advice}"))
