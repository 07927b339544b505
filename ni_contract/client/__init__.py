"""The thin client: `Client`, `AsyncClient`, the results that they return and the errors that they raise.

`generated/` is made from the OpenAPI document. Credentials, encoding, sending, reading and errors, which that document
does not describe, are written by hand.
"""

from ni_contract.client.calls import AsyncClient, Client
from ni_contract.client.errors import (
    BrokenAnswer,
    IncompleteAnswer,
    InvalidArgument,
    LookupFailed,
    NotReached,
    NotTheApi,
    TimedOut,
    WrongContentType,
    WrongHttpStatus,
)
from ni_contract.client.generated.results import (
    Busy,
    DocumentedRefusal,
    InternalError,
    Invalid,
    InvalidCredentials,
    LookupResult,
    QuotaExceeded,
    Refusal,
    Success,
    UnknownStatus,
)
from ni_contract.client.requests import Basic, KeyAndSecret, Signed

__all__ = [
    "AsyncClient",
    "Basic",
    "BrokenAnswer",
    "Busy",
    "Client",
    "DocumentedRefusal",
    "IncompleteAnswer",
    "InternalError",
    "Invalid",
    "InvalidArgument",
    "InvalidCredentials",
    "KeyAndSecret",
    "LookupFailed",
    "LookupResult",
    "NotReached",
    "NotTheApi",
    "QuotaExceeded",
    "Refusal",
    "Signed",
    "Success",
    "TimedOut",
    "UnknownStatus",
    "WrongContentType",
    "WrongHttpStatus",
]
