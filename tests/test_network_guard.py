"""The guard of the test suite refuses every connection to other machines, in this process and in child processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import network_guard
import pytest

PUBLIC = "203.0.113.9"  # TEST-NET-3 of RFC 5737: reserved


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of violations that these tests provoke, which must not fail the suite."""
    file = tmp_path / "violations"
    file.touch()
    monkeypatch.setenv(network_guard.VARIABLE, str(file))
    yield file
    assert file.read_text()


def test_public_connection_is_refused(noted: Path) -> None:
    """A connection to a public address is refused and noted."""
    with pytest.raises(network_guard.NetworkForbiddenError):
        socket.create_connection((PUBLIC, 443), timeout=1)
    assert PUBLIC in noted.read_text()


def test_public_datagram_is_refused(noted: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, pytest.raises(network_guard.NetworkForbiddenError):
        sender.sendto(b"x", (PUBLIC, 53))


@pytest.mark.parametrize("name", ["api.nexmo.com", "API.NEXMO.COM."])
def test_public_name_is_not_resolved(noted: Path, name: str) -> None:
    """Even resolving a public name is refused."""
    with pytest.raises(network_guard.NetworkForbiddenError):
        socket.getaddrinfo(name, 443)


def test_swallowed_refusal_is_reported(noted: Path) -> None:
    """A library that takes the refusal for a bad network does not hide it."""
    with pytest.raises(httpx2.HTTPError):
        httpx2.get(f"http://{PUBLIC}/", trust_env=False)


def test_child_process_is_guarded(noted: Path) -> None:
    code = f"import socket; socket.create_connection(({PUBLIC!r}, 443), timeout=1)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "NetworkForbiddenError" in ended.stderr


def test_this_machine_may_be_talked_to() -> None:
    before = Path(os.environ[network_guard.VARIABLE]).read_text()
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        socket.getaddrinfo("localhost", 80)
    assert Path(os.environ[network_guard.VARIABLE]).read_text() == before


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "a.invalid", "127.9.9.9"])
def test_local_hosts_are_told(host: str) -> None:
    assert network_guard.is_local(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "10.0.0.1", "example.com", "localhost.com", "fe80::1%eth0"])
def test_other_hosts_are_told(host: str) -> None:
    assert not network_guard.is_local(host)
