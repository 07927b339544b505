"""Keeps tests on this machine: an audit hook refuses other connections in every process, and records them.

Audit hooks see every use of Python's own sockets, whatever library makes it (PEP 578), and cannot be removed.
Hundreds of short processes import this: what only a connection needs is imported for the first one.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address
    from typing import Any

# The file in which violations are recorded; child processes inherit it.
VARIABLE = "NI_TESTS_NETWORK_VIOLATIONS"
_WITH_ADDRESS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_WITH_NAME = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
# Names without a public server (RFC 6761): resolving them sends nothing.
_RESERVED = (".invalid", ".test", ".localhost", ".example")

_installed: list[bool] = []


class NetworkForbiddenError(OSError):
    """A test tried to reach another machine."""


def install() -> None:
    """Guards this process from now on, once."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event in _WITH_ADDRESS and _is_of_the_internet(args[0].family):
        # sendmsg on a connected socket has no address: its connect was checked.
        if args[1] is not None and not is_local(str(args[1][0])):
            _refuse(f"{event} to {args[1][0]}")
    elif event in _WITH_NAME and args[0] is not None and not needs_no_lookup(_text(args[0])):
        _refuse(f"{event} of {_text(args[0])}")


def _is_of_the_internet(family: int) -> bool:
    import socket

    return family in (socket.AF_INET, socket.AF_INET6)


def _text(name: str | bytes) -> str:
    return name.decode("ascii", "replace") if isinstance(name, bytes) else name


def is_local(host: str) -> bool:
    """Whether *host* is this machine or no machine."""
    address = _address(host)
    return address.is_loopback if address else needs_no_lookup(host)


def needs_no_lookup(host: str) -> bool:
    """Whether resolving *host* sends nothing: it is an address, this machine's name, or a reserved name."""
    import socket

    name = host.rstrip(".").lower()
    own = ("", "localhost", socket.gethostname().lower())
    return _address(host) is not None or name in own or name.endswith(_RESERVED)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    import ipaddress

    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _refuse(what: str) -> None:
    if file := os.environ.get(VARIABLE):
        with open(file, "a", encoding="utf-8") as violations:  # noqa: PTH123  pathlib would be imported for it
            violations.write(f"{what} by {sys.argv[:1]}\n")
    raise NetworkForbiddenError(f"the tests stay on this machine, but there was a {what}")
