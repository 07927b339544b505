"""The curl line of a failure repeats the request and holds no credential."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from thoroughness import EVERYTHING

from ni_contract.contract.signature import sign
from ni_contract.drivers.provider.vectors import Vector, applies, build, lookup_vectors
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.request import ParsedRequest, parse_request
from ni_contract.exchanges.request_credential import credential_of
from ni_contract.exchanges.values import Request
from ni_contract.report.curl import curl_line
from ni_contract.simulator import RunningSimulator, Settings

ACCOUNT = Credentials("k3y", "s3cr3t-Z", "sig-secret-9")
ODD = ("p@ss w0rd+&=%", "p#x?y", "q'u\"o\\te$x", "ключ-секрет", "back\\slash!!", "-d@%s`id`$(id)")
ODD_ACCOUNTS = [Credentials(f"key {odd}".replace(":", ""), odd, f"{odd} signs") for odd in ODD]
SENT_BY_CURL = [v for v in lookup_vectors() if applies(v, ACCOUNT)]
REPRESENTATIVE = (
    "reference-xml raw-plus parameter-order head post-form-json post-form-plus post-application-json secret-other-case "
    "secret-cut secret-extended wrong-key wrong-secret-post-json basic basic-wrong-key signed-md5hash "
    "signed-hmac-sha256 signed-post-json signed-with-api-secret signed-replaced"
)
# A fifth of them has each vector at least once, and each of the six accounts three or four times.
ODDLY_SENT = [(v, account) for v in SENT_BY_CURL if v.id in REPRESENTATIVE.split() for account in ODD_ACCOUNTS]
HAS_TOOLS = all(shutil.which(tool) for tool in ("bash", "curl", "openssl"))
needs_tools = pytest.mark.skipif(not HAS_TOOLS, reason="needs bash, curl and openssl")


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator(Settings(credentials=ACCOUNT)) as running:
        yield running


def line_of(vector: Vector, url: str, account: Credentials = ACCOUNT) -> str:
    now = time.time()
    return curl_line(build(vector, url, account, now), url, account, now)


def sent_by(line: str, account: Credentials, simulator: RunningSimulator) -> ParsedRequest:
    env = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "NI_API_KEY": account.api_key,
        "NI_API_SECRET": account.api_secret,
        "NI_SIGNATURE_SECRET": account.signature_secret,
    }
    before = len(simulator.received)
    subprocess.run(["bash", "-c", line], env=env, check=True, capture_output=True, timeout=120)
    # A HEAD is answered before the simulator has recorded it.
    for _ in range(6_000):
        if len(simulator.received) > before:
            break
        time.sleep(0.01)
    (received,) = simulator.received[before:]
    return parse_request(received.request)


@needs_tools
@pytest.mark.parametrize("around", [("", "\0"), ("", "\n"), ('"', '"')], ids=["NUL", "line feed", "quotes"])
def test_json_around_secret_is_kept(around: tuple[str, str], simulator: RunningSimulator) -> None:
    """What stands around the secret in a body of JSON is sent again, written as JSON has it."""
    secret = ACCOUNT.api_secret.join(around)
    body = json.dumps({"number": "447700900000", "api_key": ACCOUNT.api_key, "api_secret": secret}).encode()
    request = Request("POST", f"{simulator.url}/json", (("Content-Type", "application/json"),), body)
    line = curl_line(request, simulator.url, ACCOUNT)
    assert ACCOUNT.api_secret not in line
    assert sent_by(line, ACCOUNT, simulator).get("api_secret") == secret


@needs_tools
def test_json_of_several_lines_stays_one_command_line(simulator: RunningSimulator) -> None:
    body = json.dumps(
        {"number": "447700900000", "api_key": ACCOUNT.api_key, "api_secret": ACCOUNT.api_secret, "note": "1\n2"},
        indent=2,
    ).encode()
    request = Request("POST", f"{simulator.url}/json", (("Content-Type", "application/json"),), body)
    line = curl_line(request, simulator.url, ACCOUNT)
    assert "\n" not in line
    assert sent_by(line, ACCOUNT, simulator).params == parse_request(request).params


@pytest.mark.slow
@pytest.mark.parametrize("vector", lookup_vectors(), ids=lambda vector: vector.id)
def test_a_line_holds_no_credential(vector: Vector) -> None:
    for account in (ACCOUNT, *ODD_ACCOUNTS):
        check_line(vector, account)


def check_line(vector: Vector, account: Credentials) -> None:
    line = line_of(vector, "http://h/ni/basic", account)
    secrets = (account.api_key, account.api_secret, account.signature_secret, account.api_secret[:-1])
    for secret in (*secrets, account.basic_token()):
        for written in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], json.dumps(json.dumps(secret))[3:-3]):
            assert written not in line
    assert line.startswith(("curl -s", "N=$(", "u() {", "j() {"))
    assert account.redactor()(line) == line or vector.id in SAYS_OTHERWISE


# The headers and signatures of these are example values, masked like real ones.
SAYS_OTHERWISE = frozenset(
    (
        "stray-authorization",
        "stray-basic",
        "wrong-secret-stray-authorization",
        "signed-no-hex",
        "basic-not-utf8",
        "basic-not-base64",
        "signed-other-number",
        "signed-wrong-post-form",
        "signed-wrong-post-json",
        "signed-wrong-xml",
        "signed-left-out",
    )
)


@pytest.mark.slow
@needs_tools
@pytest.mark.parametrize(
    ("vector", "account"),
    [
        *((vector, ACCOUNT) for vector in SENT_BY_CURL),
        *(pair for at, pair in enumerate(ODDLY_SENT) if EVERYTHING or at % 5 == 0),
    ],
    ids=lambda value: value.id if isinstance(value, Vector) else value.api_secret,
)
def test_a_line_sends_the_same_request(vector: Vector, account: Credentials, simulator: RunningSimulator) -> None:
    earliest = parse_request(build(vector, simulator.url, account, time.time()))
    sent = sent_by(line_of(vector, simulator.url, account), account, simulator)
    wanted = parse_request(build(vector, simulator.url, account, time.time()))
    assert (sent.method, sent.path) == (wanted.method, wanted.path)
    assert comparable(sent.params) == comparable(wanted.params)
    # As text, for one is no number; the others have as many digits.
    timestamps = [one.get("timestamp") or "" for one in (earliest, sent, wanted)]
    assert timestamps == sorted(timestamps)
    assert credential_of(sent, account, time.time()) == credential_of(wanted, account, time.time())
    assert sent.media_type == wanted.media_type
    assert sent.authorization == wanted.authorization


HOSTILE = '$(touch pwned)`touch pwned`"; touch pwned; " \\" $HOME !! !touch ${X:=`touch pwned`} \'x\' $(u "a")'


@needs_tools
@pytest.mark.parametrize("account", [ACCOUNT, ODD_ACCOUNTS[2]], ids=lambda account: account.api_secret)
@pytest.mark.parametrize("how", ["query", "form", "json", "signed query", "signed json", "header", "basic", "method"])
def test_nothing_that_others_wrote_is_executed(
    how: str, account: Credentials, simulator: RunningSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    params = {"number": HOSTILE, HOSTILE: "1", "api_key": account.api_key}
    if how.startswith("signed"):
        params["timestamp"] = str(int(time.time()))
        params["sig"] = sign(params.items(), account.signature_secret, "md5hash")
    else:
        params["api_secret"] = account.api_secret
    raw = "&".join(f"{quote(n, safe=UNQUOTED)}={quote(v, safe=UNQUOTED)}" for n, v in params.items())
    url, form = f"{simulator.url}/json", (("Content-Type", "application/x-www-form-urlencoded"),)
    request = Request("GET", f"{url}?{raw.replace(' ', '%20')}", (), b"")
    if how == "form":
        request = Request("POST", url, form, raw.encode())
    elif how.endswith("json"):
        request = Request("POST", url, (("Content-Type", "application/json"),), json.dumps(params).encode())
    elif how == "header":
        request = Request("GET", request.url, (("X-Odd", HOSTILE),), b"")
    elif how == "basic":
        token = base64.b64encode(f"{HOSTILE.replace(':', '')}:{HOSTILE}".encode()).decode()
        request = Request("GET", f"{url}?number=1", (("Authorization", f"Basic {token}"),), b"")
    elif how == "method":
        line = curl_line(Request("PUT;touch${IFS}pwned", request.url, (), b""), url, account)
        subprocess.run(["bash", "-c", line], env={"PATH": os.environ["PATH"]}, check=False, capture_output=True)
    if how != "method":
        line = curl_line(request, simulator.url, account, time.time())
        sent, wanted = sent_by(line, account, simulator), parse_request(request)
        assert comparable(sent.params) == comparable(wanted.params)
        assert sent.authorization == wanted.authorization
        assert credential_of(sent, account, time.time()) == credential_of(wanted, account, time.time())
    assert not list(tmp_path.iterdir())


UNQUOTED = "$()`;!{}':"


def comparable(params: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """A line signs anew, so timestamp and signature differ; its order of parameters may too."""
    return sorted((name, value) for name, value in params if name not in ("sig", "timestamp"))
