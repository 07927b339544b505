"""A temporary certificate authority: HTTPS for tests, trusted only by clients that are given it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ni_contract.files import temporary_folder

# The last one is the vendor's: tests of clients with a fixed URL redirect that name.
NAMES: Final = ("127.0.0.1", "::1", "localhost", "api.nexmo.com")


@contextmanager
def throw_away_tls(host: str) -> Iterator[tuple[ssl.SSLContext, Path]]:
    """A server's TLS context for `NAMES` and *host*, and its CA's certificate: a PEM file, deleted at the end."""
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*dict.fromkeys((*NAMES, *_name(host)))).configure_cert(context)
    with temporary_folder() as folder:
        ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(ca_file))
        yield context, ca_file


def _name(host: str) -> tuple[str, ...]:
    return () if host in ("", "0.0.0.0", "::") else (host,)  # noqa: S104 - compared with, not bound to
