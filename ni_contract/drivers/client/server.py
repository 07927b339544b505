"""The server data that a client gets."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ni_contract.simulator import RunningSimulator


@dataclass(frozen=True, slots=True)
class Server:
    """A simulator for a client: base URLs that end in `/ni/basic`, the account, the CA to trust, the time-out to keep.

    *ca_file* is the path of a PEM file; its CA vouches for 127.0.0.1, localhost and the production host.
    *timeout*: seconds. *host* and *https_host* are `127.0.0.1:PORT`, for clients that make the URL themselves.
    """

    base_url: str
    https_url: str
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    signature_secret: str = field(repr=False)
    ca_file: str
    timeout: float

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def https_host(self) -> str:
        return urlsplit(self.https_url).netloc


def server_of(simulator: RunningSimulator, timeout: float) -> Server:
    """The server data of *simulator*, which was started with TLS."""
    account = simulator.credentials
    return Server(
        base_url=simulator.url,
        https_url=simulator.https_url,
        api_key=account.api_key,
        api_secret=account.api_secret,
        signature_secret=account.signature_secret,
        ca_file=str(simulator.ca_file),
        timeout=timeout,
    )
