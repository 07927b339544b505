"""Every form of credentials, and status 4 for everything else."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from simulator.conftest import Asker, Clock, Simulate

from ni_contract.contract.signature import METHODS, sign

SIGNED = [("api_key", "n3xm0rocks"), ("country", "GB"), ("number", "441632960960"), ("timestamp", "1795427367")]
VECTORS = [
    "28d248306b16b2b59615089424e18953",
    "1f42bf51c9551f50300b830f3bf44793",
    "d9c2e273506562fa12088a6d7374463bee1e5957",
    "b5ed4f0d6a5d0e5008120a9b73ff6125cca0f18906cb88c3716db04eeb96a741",
]


def query(pairs: Any, **more: Any) -> Any:
    return "&".join(f"{name}={value}" for name, value in [*pairs, *more.items()])


def basic(text: str, scheme: Any = "Basic") -> Any:
    return {"authorization": f"{scheme} {base64.b64encode(text.encode()).decode()}"}


@pytest.fixture
def at_noon(simulate: Simulate, clock: Clock) -> Any:
    return simulate(clock=clock)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"api_key": "n3xm0rocks"},
        {"api_secret": "12ab34cd"},
        {"api_key": "n3xm0rocks", "api_secret": "12AB34CD"},
        {"api_key": "N3xm0rocks", "api_secret": "12ab34cd"},
        {"api_key": "n3xm0rocks", "api_secret": ""},
        {"api_key": "é", "api_secret": "\0"},
    ],
)
def test_wrong_credentials_get_status_4(documented: Asker, params: Any) -> None:
    """Missing or wrong credentials get status 4."""
    assert documented("GET", query=query(params.items(), number="441632960960")).status == 4


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_basic_needs_absent_parameters(documented: Asker, scheme: Any) -> None:
    """Basic authorization counts where no credentials are in parameters."""
    assert documented("GET", query="number=441632960960", headers=basic("n3xm0rocks:12ab34cd", scheme)).status == 0


@pytest.mark.parametrize("text", ["n3xm0rocks:12ab34ce", "n3xm0rocks", ":", "x:12ab34cd"])
def test_wrong_basic_authorization_gets_status_4(documented: Asker, text: str) -> None:
    assert documented("GET", query="number=441632960960", headers=basic(text)).status == 4


@pytest.mark.parametrize("value", ["Basic", "Basic %%%", "Bearer bjN4bTByb2NrczoxMmFiMzRjZA==", "Basic \xff"])
def test_other_authorization_is_no_credentials(documented: Asker, value: Any) -> None:
    assert documented("GET", query="number=1", headers={"authorization": value}).status == 4


def test_parameters_win_over_a_stray_authorization(documented: Asker) -> None:
    account = "api_key=n3xm0rocks&api_secret={}&number=441632960960"
    assert documented("GET", query=account.format("12ab34cd"), headers=basic("x:y")).status == 0
    assert documented("GET", query=account.format("wrong"), headers=basic("n3xm0rocks:12ab34cd")).status == 4


def test_basic_authorization_works_for_every_body(documented: Asker) -> None:
    headers = basic("n3xm0rocks:12ab34cd")
    assert documented.post("number=441632960960", **headers).status == 0
    assert documented.post('{"number": "441632960960"}', "application/json", **headers).status == 0


@pytest.mark.parametrize("sig", VECTORS)
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_the_published_signatures_are_right(at_noon: Any, sig: str, case: Any) -> None:
    assert at_noon("GET", query=query(SIGNED, sig=case(sig))).status == 0


@pytest.mark.parametrize("method", METHODS)
def test_every_method_signs_every_encoding(at_noon: Any, method: str) -> None:
    pairs = dict(SIGNED, number="+44 1632&960=960")
    body = {**pairs, "sig": sign(pairs.items(), "SIGSECRET", method)}
    assert at_noon.post_json({**body, "api_secret": None}).status in (0, 3, 5)
    assert at_noon.post_json({**body, "api_secret": None, "country": "US"}).status == 4


@pytest.mark.parametrize(
    "changed", [{"number": "441632960961"}, {"country": "IM"}, {"api_key": "x"}, {"timestamp": "1795427368"}]
)
def test_signature_covers_its_parameters_only(at_noon: Any, changed: Any) -> None:
    assert at_noon("GET", query=query({**dict(SIGNED), **changed}.items(), sig=VECTORS[0])).status == 4


@pytest.mark.parametrize(("seconds", "status"), [(0, 0), (300, 0), (-300, 0), (301, 4), (-301, 4)])
def test_signature_is_valid_five_minutes(at_noon: Any, clock: Clock, seconds: Any, status: Any) -> None:
    clock.now += seconds
    assert at_noon("GET", query=query(SIGNED, sig=VECTORS[0])).status == status


@pytest.mark.parametrize("timestamp", [None, "", "now", "1795427367.0", "-1", "9" * 5000, "\u0661"])
def test_signature_needs_integer_timestamp(at_noon: Any, timestamp: str) -> None:
    pairs = [pair for pair in SIGNED if pair[0] != "timestamp"]
    pairs += [] if timestamp is None else [("timestamp", timestamp)]
    assert (
        at_noon.post_json({**dict(pairs), "api_secret": None, "sig": sign(pairs, "SIGSECRET", "md5hash")}).status == 4
    )


@pytest.mark.parametrize(
    ("secret", "sig", "status"), [("12ab34cd", VECTORS[0], 0), ("x", VECTORS[0], 4), ("12ab34cd", "x", 4)]
)
def test_secret_and_signature_both_count(at_noon: Any, secret: str, sig: str, status: Any) -> None:
    assert at_noon("GET", query=query(SIGNED, sig=sig, api_secret=secret)).status == status


def test_credentials_are_judged_before_everything_else(simulate: Simulate, clock: Clock) -> None:
    ask = simulate(clock=clock, rate=1, quota=0)
    assert [ask("GET", query="number=").status for _ in range(3)] == [4, 4, 4]
    assert ask.number("").status == 9
    assert ask.number("").status == 1
