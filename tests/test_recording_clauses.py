"""Every clause about secrets in recordings has a recording that fails it and only it; no finding shows a secret."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mutants.recordings import CORRECT, FALLS_WITH, RECORDINGS, recorded

from ni_contract.contract.catalogue import credential_clauses, load_catalogue
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.known_secrets import is_secret_value
from ni_contract.exchanges.redaction import is_mask
from ni_contract.exchanges.values import Exchange, Request
from ni_contract.judge import Judge


def test_every_recording_clause_has_a_mutant() -> None:
    assert set(RECORDINGS) == {clause.id for clause in load_catalogue() if clause.side == "recording"}


@pytest.mark.parametrize("name", CORRECT)
def test_a_masked_recording_breaks_nothing(name: str) -> None:
    assert Judge().recording(CORRECT[name]) == []


@pytest.mark.parametrize("clause_id", RECORDINGS)
def test_one_secret_breaks_one_clause(clause_id: str) -> None:
    found = {judged.clause_id for judged in Judge().recording(RECORDINGS[clause_id])}
    assert found == {clause_id} | FALLS_WITH.get(clause_id, set())


@pytest.mark.parametrize("clause_id", RECORDINGS)
def test_a_finding_never_shows_the_secret(clause_id: str) -> None:
    text = "".join(str(judged.finding) for judged in Judge().recording(RECORDINGS[clause_id]))
    assert "s3cretS3cret" not in text
    assert "28d248306b16b2b59615089424e18953" not in text


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "https://user:s3cretS3cret@api.nexmo.com/ni/basic/json?number=1"),
        Request("POST", "https://h/ni/basic/json", (("Content-Type", "text/json"),), b'{"API_Secret": "s3cretS3cret"}'),
        Request("GET", "https://h/ni/basic/json", (("X-Api-Key", "s3cretS3cret"),)),
    ],
    ids=["user information", "JSON body", "header of a proxy"],
)
def test_secret_is_found_everywhere(request_: Request) -> None:
    exchange = Exchange(request_, CORRECT["left out"].answer)
    assert {judged.clause_id for judged in Judge().recording(exchange)} & {"NIB-SEC-001", "NIB-SEC-002"}


def test_masked_credentials_silence_their_clauses() -> None:
    """Masked credentials make the clauses about credentials not applicable, and no others."""
    for name in ("masked parameters", "masked Basic", "masked signature"):
        judge, exchange = Judge(), CORRECT[name]
        broken = [judged.clause_id for judged in (*judge.provider(exchange), *judge.client(exchange))]
        assert not [clause_id for clause_id in broken if load_catalogue()[clause_id].binds("documented")]
        assert "NIB-CLI-004" in judge.evaluated
        assert not {clause_id for clause_id in judge.evaluated if clause_id in credential_clauses()}


def test_filtered_credentials_are_not_missed() -> None:
    """Credentials that a recorder may have left out are not missed."""
    bare = CORRECT["left out"]
    assert "NIB-CLI-011" in {judged.clause_id for judged in Judge().client(bare)}
    assert Judge().client(replace(bare, filtered=True)) == []


MASKS = ("***", "REDACTED", "<redacted>", "[FILTERED]", "xxxx", "(masked-secret)", "{{Hidden}}")


@pytest.mark.parametrize("value", MASKS)
def test_masks_of_tools_are_known(value: str) -> None:
    assert is_mask(value)


@pytest.mark.parametrize("value", ["", "**", "12ab34cd", "xxx1", "redactedABC", "x*x*"])
def test_secret_is_no_mask(value: str) -> None:
    """A secret is not taken for a mask."""
    assert not is_mask(value)


EXAMPLE = Credentials().basic_token()
PLACEHOLDERS = (
    *("<API_SECRET>", "{{api_secret}}", "${API_SECRET}", "$API_SECRET", "%API_SECRET%", "[my secret]", "<%= secret %>"),
    *(
        "--redacted--",
        "**REDACTED**",
        "_masked_",
        "DUMMY",
        "dummy-secret",
        "your_api_secret",
        "YourSecret",
        "MY_API_KEY",
    ),
    *("Placeholder", "example", "NEXMO_API_SECRET"),
)


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_placeholder_is_no_secret(value: str) -> None:
    assert not is_secret_value(value)


@pytest.mark.parametrize(
    "value", ["Zq7pLm2XsW9k", "<Zq7p", "my-precious9", "your5ecret", "dummyZq7p", "12ab34cd", "$Ecr3t"]
)
def test_likeness_of_placeholder_is_secret(value: str) -> None:
    assert is_secret_value(value)


def test_published_example_is_no_finding() -> None:
    """The example secrets of the reference page are public."""
    published = recorded("&api_key=n3xm0rocks&api_secret=12ab34cd", (("Authorization", f"Basic {EXAMPLE}"),))
    assert Judge().recording(published) == []
