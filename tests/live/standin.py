"""A stand-in for the live API: the simulator over HTTPS, with changes for a test, under the production host name."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.live.driver import PlannedRequest
from ni_contract.exchanges.credentials import Credentials
from ni_contract.runs.live.planning import make_plan
from ni_contract.simulator import RunningSimulator, Settings, Simulator

PRODUCTION_HOST = "api.nexmo.com"
ACCOUNT = Credentials("k3y0fM1ne", "s3cr3t+/&=x", "sign!ture-0f-mine")
SECRETS = (ACCOUNT.api_key, ACCOUNT.api_secret, ACCOUNT.signature_secret, ACCOUNT.basic_token(), "s3cr3t%2B%2F%26%3Dx")
ENVIRONMENT = {
    "NI_API_KEY": ACCOUNT.api_key,
    "NI_API_SECRET": ACCOUNT.api_secret,
    "NI_SIGNATURE_SECRET": ACCOUNT.signature_secret,
}

Headers = list[tuple[bytes, bytes]]
# From method, path, headers and body of an answer to its other headers and body.
Change = Callable[[str, str, Headers, bytes], tuple[Headers, bytes]]


@cache
def planned() -> tuple[PlannedRequest, ...]:
    """The requests of the plan without a budget."""
    return make_plan(parse_claims(None, True), load_catalogue().select("provider"), True, None).steps


@cache
def whole_plan() -> int:
    """The number of requests of the plan without a budget."""
    return len(planned())


class _Changed(Simulator):
    """A simulator whose answers are changed before they are sent."""

    change: Change

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        start: dict[str, Any] = {}

        async def changed(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            headers, body = self.change(scope["method"], scope["path"], list(start["headers"]), message["body"])
            if body:
                headers = [(name, b"%d" % len(body) if name == b"content-length" else value) for name, value in headers]
            await send({**start, "headers": headers})
            await send({**message, "body": body})

        await super().__call__(scope, receive, changed if scope["type"] == "http" else send)


class StandIn(RunningSimulator):
    """A running stand-in with the account `ACCOUNT`."""

    def __init__(self, change: Change | None = None, **settings: Any) -> None:
        super().__init__(Settings(**{"edition": "observed", "credentials": ACCOUNT, **settings}), tls=True)
        if change is not None:
            self._simulator.__class__ = _Changed
            self._simulator.change = change  # type: ignore[attr-defined]

    @property
    def flags(self) -> list[str]:
        """The flags of a live run for its own address."""
        return ["--base-url", self.https_url, "--ca-file", str(self.ca_file), "--rate", "10000"]


@contextmanager
def under_production_name(stand_in: StandIn) -> Iterator[list[str]]:
    """Resolves the production host to *stand_in*, in this process only; yields the flags that trust it."""
    port = int(stand_in.https_url.split(":")[2].split("/")[0])
    resolve = socket.getaddrinfo

    def resolved(host: Any, service: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name == PRODUCTION_HOST:
            return resolve("127.0.0.1", port if service else service, *args, **kwargs)
        return resolve(host, service, *args, **kwargs)

    with patch("socket.getaddrinfo", resolved):
        yield ["--ca-file", str(stand_in.ca_file), "--rate", "10000"]
