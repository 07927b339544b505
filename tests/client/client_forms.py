"""Every way of asking that the client offers, and clients that answer in process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, get_args

import httpx2
from reference_answer import SUCCESS

from ni_contract.client import AsyncClient, Basic, Client, KeyAndSecret, LookupResult, Signed
from ni_contract.client.generated.operations import Form, FormOrJson
from ni_contract.contract.signature import METHODS
from ni_contract.exchanges.credentials import Credentials

ACCOUNT = Credentials("k3y-0f-mine", "s3cr3t+/&=x", "sign!ture")
NOW = 1_795_427_367

FORMATS = ("json", "xml")
FLAVOURS = ("sync", "async")

AnyCredentials = KeyAndSecret | Basic | Signed


@dataclass(frozen=True, slots=True)
class Way:
    """An operation, and how its body is written (None: it has none)."""

    operation: str
    media_type: str | None = None

    def __str__(self) -> str:
        return f"{self.operation} {self.media_type or ''}".strip()

    @property
    def options(self) -> dict[str, Any]:
        """The keyword argument for the media type, if there is one."""
        return {} if self.media_type is None else {"media_type": self.media_type}


WAYS = (
    Way("lookup_json"),
    Way("lookup_xml"),
    *(Way("lookup_json_post", media_type) for media_type in get_args(FormOrJson)),
    *(Way("lookup_xml_post", media_type) for media_type in get_args(Form)),
)


def all_credentials(account: Credentials, clock: Callable[[], float] | None = None) -> list[AnyCredentials]:
    """*account* in the client's three kinds of credentials, by each method of signing."""
    key, secret, signing = account.api_key, account.api_secret, account.signature_secret
    timed: dict[str, Any] = {} if clock is None else {"clock": clock}
    signed = [Signed(key, signing, method, **timed) for method in METHODS]
    return [KeyAndSecret(key, secret), Basic(key, secret), *signed]


def expected_of(credentials: AnyCredentials) -> set[str]:
    """The clauses that a request with *credentials* breaks: HTTP Basic is not on the reference page."""
    return {"NIB-CLI-019"} if isinstance(credentials, Basic) else set()


def ask(
    flavour: str,
    way: Way,
    credentials: AnyCredentials,
    number: str,
    country: str | None = None,
    *,
    base_url: str = "http://127.0.0.1:1",
    handler: Callable[[httpx2.Request], httpx2.Response] | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    **settings: Any,
) -> LookupResult:
    """The result of one lookup by the sync or async client; *handler* answers in process."""
    mock = None if handler is None else httpx2.MockTransport(handler)
    if flavour == "sync":
        with Client(credentials, base_url, transport=mock, **settings) as client:
            result: LookupResult = getattr(client, way.operation)(number, country, **way.options)
            return result

    async def ask_async() -> LookupResult:
        async with AsyncClient(credentials, base_url, transport=transport or mock, **settings) as client:
            result: LookupResult = await getattr(client, way.operation)(number, country, **way.options)
            return result

    return asyncio.run(ask_async())


def answering(
    body: bytes | Iterable[bytes], content_type: str | None = "application/json", http_status: int = 200
) -> Callable[[httpx2.Request], httpx2.Response]:
    """A handler that always answers with *body*."""
    headers = {} if content_type is None else {"content-type": content_type}
    return lambda _request: httpx2.Response(http_status, headers=headers, content=body)


def xml_of(values: dict[str, Any], root: str = "format") -> str:
    """An XML answer with *values*, as the reference lays it out."""
    attributes = "".join(f' {n}="{values[n]}"' for n in SUCCESS if n.startswith("country_"))
    return (
        f"<{root}><request_id>{values['request_id']}</request_id>"
        f"<international_format_number>{values['international_format_number']}</international_format_number>"
        f"<local_number{attributes}>{values['national_format_number']}</local_number>"
        f'<error code="{values["status"]}">{values["status_message"]}</error></{root}>'
    )
