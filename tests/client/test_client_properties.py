"""The client against the simulator: generated numbers and texts, every documented answer, in every way of asking."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import httpx2
import pytest
from client.client_forms import FLAVOURS, FORMATS, WAYS, AnyCredentials, Way, all_credentials, ask, expected_of
from hypothesis import given, settings
from hypothesis import strategies as st
from thoroughness import draws

from ni_contract.client import (
    AsyncClient,
    Busy,
    Client,
    InternalError,
    Invalid,
    InvalidArgument,
    InvalidCredentials,
    LookupResult,
    QuotaExceeded,
    Refusal,
    Success,
    UnknownStatus,
)
from ni_contract.contract.catalogue import EDITIONS
from ni_contract.contract.countries import countries
from ni_contract.drivers.provider.strategies import Pairs, example_numbers, numbers
from ni_contract.exchanges.credentials import Credentials
from ni_contract.judge import Judge
from ni_contract.simulator import RunningSimulator, Settings, create_app
from ni_contract.simulator.lookup import ApiResult, look_up

ACCOUNT = Credentials()
KINDS = all_credentials(ACCOUNT)
TYPES = {0: Success, 1: Busy, 3: Invalid, 4: InvalidCredentials, 5: InternalError, 9: QuotaExceeded}
SENDABLE = re.compile(r"[\t-\r 0-9+()-]*[0-9][\t-\r 0-9+()-]*")

# Characters that both JSON and XML can carry: no control characters, no surrogates.
texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=60).filter(str.strip)


def assert_told(result: LookupResult, outcome: ApiResult) -> None:
    """Asserts that *result* has the simulator's values."""
    assert type(result) is TYPES.get(outcome.status, UnknownStatus)
    assert result.status == outcome.status
    if isinstance(result, Refusal):
        assert result.reason.split() == outcome.text.split()
        return
    facts = outcome.facts
    assert facts is not None
    country = countries()[facts.country]
    assert result == Success(
        0,
        outcome.text,
        result.request_id,
        facts.international,
        facts.national,
        country.alpha_2,
        country.alpha_3,
        country.name,
        facts.prefix,
    )


@settings(max_examples=draws(50, 150), deadline=None)
@given(numbers(), st.sampled_from(WAYS), st.sampled_from(KINDS), st.sampled_from(EDITIONS), st.sampled_from(FLAVOURS))
def test_client_reports_simulator_result(
    simulators: dict[str, RunningSimulator],
    drawn: Pairs,
    way: Way,
    credentials: AnyCredentials,
    edition: str,
    flavour: str,
) -> None:
    params = dict(drawn)
    number, country = params.get("number", ""), params.get("country")
    simulator = simulators[edition]
    seen = len(simulator.received)
    try:
        result = ask(flavour, way, credentials, number, country, base_url=simulator.url)
    except InvalidArgument:
        assert not SENDABLE.fullmatch(number)
        assert len(simulator.received) == seen
        return
    assert_told(result, look_up(number, country, edition))
    (exchange,) = simulator.received[seen:]
    blamed = {judged.clause_id for judged in Judge(ACCOUNT).client(exchange)}
    # An unassigned ISO code is sent unchanged: it is the caller's fault.
    unofficial = set() if country is None or is_official(country) else {"NIB-CLI-007"}
    assert blamed == unofficial | expected_of(credentials)


def is_official(country: str) -> bool:
    return country in countries() and countries()[country].official


@pytest.mark.parametrize("edition", EDITIONS)
def test_numbers_of_all_regions_in_process(edition: str) -> None:
    """A number of every region is looked up in process and in both formats."""
    asked = sorted({region: number for region, number, _ in reversed(example_numbers())}.values())

    async def tell(app: object) -> list[list[LookupResult]]:
        transport = httpx2.ASGITransport(app=app)  # type: ignore[arg-type]
        async with AsyncClient(KINDS[1], "http://in-process", transport=transport) as client:
            return [[await client.lookup_json(number), await client.lookup_xml(number)] for number in asked]

    told = asyncio.run(tell(create_app(edition=edition)))
    assert len(told) > 200
    for number, (in_json, in_xml) in zip(asked, told, strict=True):
        outcome = look_up(number, None, edition)
        assert_told(in_json, outcome)
        assert_told(in_xml, outcome)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("flavour", FLAVOURS)
@settings(max_examples=25, deadline=None)
@given(st.sampled_from([1, 3, 4, 5, 9]) | st.integers(2, 2_000).filter(lambda n: n not in TYPES), texts)
def test_every_status_and_text_arrives(
    simulators: dict[str, RunningSimulator], edition: str, fmt: str, flavour: str, status: int, text: str
) -> None:
    simulator = simulators[edition]
    simulator.script.set([{"status": status, "text": text}])
    result = ask(flavour, Way(f"lookup_{fmt}"), KINDS[0], "441632960960", base_url=simulator.url)
    assert_told(result, ApiResult(status, text, None))


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_wrong_credentials_are_a_result(
    simulators: dict[str, RunningSimulator], edition: str, flavour: str, way: Way
) -> None:
    for credentials in all_credentials(replace(ACCOUNT, api_secret="wrong", signature_secret="wrong")):
        result = ask(flavour, way, credentials, "441632960960", base_url=simulators[edition].url)
        assert type(result) is InvalidCredentials
        assert result.reason == "Invalid credentials"


@pytest.mark.parametrize("edition", EDITIONS)
def test_rate_and_quota_are_results(edition: str) -> None:
    with RunningSimulator(Settings(edition=edition, quota=2)) as simulator, Client(KINDS[0], simulator.url) as client:
        assert [type(client.lookup("441632960960")) for _ in range(3)] == [Success, Success, QuotaExceeded]
    stopped = Settings(edition=edition, rate=1, clock=lambda: 1_795_427_367.0)
    with RunningSimulator(stopped) as simulator, Client(KINDS[0], simulator.url) as client:
        assert [type(client.lookup("441632960960")) for _ in range(2)] == [Success, Busy]
