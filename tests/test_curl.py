"""The curl line of a failure really repeats the request, and holds no credential."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from ni_contract.credentials import Credentials
from ni_contract.drivers.vectors import Vector, applies, build, lookup_vectors
from ni_contract.judge.asked import read_request
from ni_contract.judge.credential import credential_of
from ni_contract.report.curl import curl_line
from ni_contract.simulator import RunningSimulator, Settings

ACCOUNT = Credentials("k3y", "s3cr3t-Z", "sig-secret-9")
SENT_BY_CURL = [v for v in lookup_vectors() if applies(v, ACCOUNT)]
HAS_TOOLS = all(shutil.which(tool) for tool in ("bash", "curl", "openssl"))


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator(Settings(credentials=ACCOUNT)) as running:
        yield running


def line_of(vector: Vector, url: str) -> str:
    now = time.time()
    return curl_line(build(vector, url, ACCOUNT, now), url, ACCOUNT, now)


@pytest.mark.parametrize("vector", lookup_vectors(), ids=lambda vector: vector.id)
def test_a_line_holds_no_credential(vector: Vector) -> None:
    line = line_of(vector, "http://h/ni/basic")
    for secret in ("k3y", "s3cr3t-Z", "sig-secret-9", ACCOUNT.basic_token(), "s3cr3t-"):
        assert secret not in line
    assert line.startswith(("curl -s", "N=$("))


@pytest.mark.skipif(not HAS_TOOLS, reason="needs bash, curl and openssl")
@pytest.mark.parametrize("vector", SENT_BY_CURL, ids=lambda vector: vector.id)
def test_a_line_sends_the_same_request(vector: Vector, simulator: RunningSimulator) -> None:
    line = line_of(vector, simulator.url)
    env = {
        "PATH": os.environ["PATH"],
        "NI_API_KEY": "k3y",
        "NI_API_SECRET": "s3cr3t-Z",
        "NI_SIGNATURE_SECRET": "sig-secret-9",
    }
    before = len(simulator.received)
    subprocess.run(["bash", "-c", line], env=env, check=True, capture_output=True, timeout=20)
    (received,) = simulator.received[before:]
    sent, wanted = read_request(received.request), read_request(build(vector, simulator.url, ACCOUNT, time.time()))
    assert (sent.method, sent.path) == (wanted.method, wanted.path)
    assert comparable(sent.params) == comparable(wanted.params)
    assert abs(int(sent.get("timestamp") or 0) - int(wanted.get("timestamp") or 0)) < 10
    assert credential_of(sent, ACCOUNT, time.time()) == credential_of(wanted, ACCOUNT, time.time())
    assert sent.media_type == wanted.media_type
    assert sent.authorization == wanted.authorization


def comparable(params: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """A line signs anew, so timestamp and signature differ; its order of parameters may too."""
    return sorted((name, value) for name, value in params if name not in ("sig", "timestamp"))
