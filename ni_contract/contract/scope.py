"""Selects the exchanges of a recording that belong to this API; all others are skipped."""

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from ni_contract.contract.vocabulary import API_HOST, API_PATH

API_HOSTS: Final = (API_HOST,)
# A path that ends here lacks the format: a client's fault to report, no other API.
_PATH: Final = re.compile(r"/+ni/+basic(?:/.*)?", re.IGNORECASE | re.DOTALL)
_EXACT: Final = re.compile(rf"{API_PATH}/(?:json|xml)")


def is_recorded_lookup(url: str) -> bool:
    """Whether a recorded exchange is of this API: by path on any host, and with a wrong path on the API's own."""
    host, path = _place(location_of(url))
    return _EXACT.fullmatch(path) is not None or (host in API_HOSTS and _PATH.fullmatch(path) is not None)


def is_mocked_lookup(url: str) -> bool:
    """Whether a mocked exchange is of this API: its host is the API's or this machine."""
    host, path = _place(location_of(url))
    return (host in API_HOSTS or is_local_name(host)) and _PATH.fullmatch(path) is not None


def location_of(url: str) -> str:
    """*url* without its query and fragment."""
    return url.partition("?")[0].partition("#")[0]


@lru_cache(maxsize=512)
def _place(location: str) -> tuple[str, str]:
    """Host in lower case and path; both "" where the URL has no host."""
    try:
        parts = urlsplit(location)
        return (parts.hostname or "").rstrip("."), parts.path
    except ValueError:
        return "", ""


def is_local_name(host: str) -> bool:
    """Whether *host* is a loopback address or a name of this machine; nothing is resolved."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
