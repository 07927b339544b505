"""A user's module for a strict type checker, never run. Each `type: ignore` is an error that has to be found."""

from __future__ import annotations

from typing import assert_never

from ni_contract.client import (
    AsyncClient,
    Busy,
    Client,
    DocumentedRefusal,
    InternalError,
    Invalid,
    InvalidCredentials,
    KeyAndSecret,
    LookupFailed,
    QuotaExceeded,
    Refusal,
    Signed,
    Success,
    UnknownStatus,
)


def country_of(client: Client, number: str) -> str | None:
    """Handles the success alone."""
    result = client.lookup(number)
    return result.country_code if isinstance(result, Success) else None


def words(client: Client, number: str) -> str:
    """Handles every case; a missing case would reach assert_never."""
    try:
        result = client.lookup_json_post(number, "GB", media_type="application/json")
    except LookupFailed as error:
        return str(error)
    match result:
        case Success(national_format_number=number):
            return number
        case Busy():
            return "later"
        case Invalid() | InternalError():
            return result.reason
        case InvalidCredentials() | QuotaExceeded():
            return "not with this account"
        case UnknownStatus(status=status):
            return f"status {status}"
        case _:
            assert_never(result)


async def reason(client: AsyncClient, number: str) -> str:
    """Handles the refusals together."""
    result = await client.lookup_xml(number, cnam=True)
    if isinstance(result, Refusal):
        return f"{result.status} {result.reason} {result.request_id or ''}"
    return result.country_name


def is_documented(refusal: DocumentedRefusal) -> int:
    """One of five numbers."""
    code: int = refusal.status
    return code


def did_not_look(client: Client) -> str:
    """Uses a result as a success without a check."""
    return client.lookup("44").country_code  # type: ignore[union-attr]


async def did_not_wait(client: AsyncClient) -> str:
    """Lacks an await."""
    return str(client.lookup("44").reason)  # type: ignore[attr-defined]


def forgot_a_case(client: Client) -> str:
    """Lacks the undocumented status."""
    result = client.lookup("44")
    if isinstance(result, Success | DocumentedRefusal):
        return result.status_message or ""
    assert_never(result)  # type: ignore[arg-type]


def gave_what_cannot_be_sent(client: Client) -> None:
    """Passes other types, a media type that XML does not take, and a signature method that does not exist."""
    client.lookup(441632960960)  # type: ignore[arg-type]
    client.lookup_xml_post("44", media_type="application/json")  # type: ignore[arg-type]
    Signed("key", "secret", "rot13")  # type: ignore[arg-type]
    Client(KeyAndSecret("key", "secret"), time_out=5)  # type: ignore[call-arg]


def changed_a_result(result: Success) -> None:
    """Writes to a frozen value."""
    result.country_code = "FR"  # type: ignore[misc]
