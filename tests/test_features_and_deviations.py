"""Declarations of users: features and deviations. Bad input gives one sentence before anything is sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from ni_contract.contract.features import CLAIMABLE, parse_claims
from ni_contract.drivers.provider.driver import Sent
from ni_contract.drivers.provider.vectors import Vector, build, lookup_vectors
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.judge.deviations import Deviation, deviations_for, read_all_deviations, read_deviations
from ni_contract.runs.offered import features_missing


def test_default_claims_exclude_rate_limit() -> None:
    """Without a word everything is claimed but the rate limit."""
    claims = parse_claims(None, has_signature_secret=True)
    assert claims.claimed == set(CLAIMABLE)
    assert claims.throttle is None
    assert not claims.assumed


def test_signatures_are_assumed_without_secret() -> None:
    assert parse_claims(None, has_signature_secret=False).assumed == {"signature"}
    assert not parse_claims("signature", has_signature_secret=False).assumed


@pytest.mark.parametrize(
    ("text", "claimed", "throttle"),
    [
        ("xml,post-form", {"xml", "post-form"}, None),
        ("no-xml", set(CLAIMABLE) - {"xml"}, None),
        ("-xml, -cnam", set(CLAIMABLE) - {"xml", "cnam"}, None),
        ("throttle=5", set(CLAIMABLE), 5),
        ("xml,throttle=30", {"xml"}, 30),
        ("signature=md5hash", set(CLAIMABLE), None),
        ("signature=md5hash,no-xml,throttle=5", set(CLAIMABLE) - {"xml"}, 5),
        ("xml,signature=md5hash", {"xml", "signature"}, None),
        ("no-throttle", set(CLAIMABLE), None),
    ],
)
def test_features_are_claimed_or_excluded(text: str, claimed: set[str], throttle: int | None) -> None:
    """Features are claimed by name or excluded."""
    claims = parse_claims(text, has_signature_secret=True)
    assert (set(claims.claimed), claims.throttle) == (claimed, throttle)


@pytest.mark.parametrize(
    "text", ["yaml", "xml=3", "throttle", "throttle=0", "throttle=x", "throttle=99999", "no-throttle=5"]
)
def test_unknown_feature_is_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="--features"):
        parse_claims(text, has_signature_secret=True)


@pytest.mark.parametrize("rate", ["0", "99999", "1000000", "9" * 5000])
def test_invalid_rate_shows_the_range(rate: str) -> None:
    with pytest.raises(UsageError, match="from 1 to 9999"):
        parse_claims(f"throttle={rate}", has_signature_secret=True)


def test_excluded_rate_limit_is_visible() -> None:
    """That the rate limit was excluded can be seen."""
    assert parse_claims("no-throttle", has_signature_secret=True).throttle_refused
    assert not parse_claims("xml", has_signature_secret=True).throttle_refused
    assert not parse_claims("no-throttle,throttle=5", has_signature_secret=True).throttle_refused


def write(folder: Path, text: str) -> Path:
    file = folder / "deviations.toml"
    file.write_text(text, "utf-8")
    return file


def test_deviations_have_target_reason_day(tmp_path: Path) -> None:
    """Deviations are read with target, reason and day."""
    text = '[[deviation]]\nclause = "NIB-RES-004"\ntarget = "Test*"\nreason = "long ids"\nuntil = 2027-03-01\n'
    expected = Deviation("NIB-RES-004", "long ids", "Test*", date(2027, 3, 1))
    assert read_deviations(write(tmp_path, text)) == (expected,)


BAD_FILES = (
    '[[deviation]]\nclause = "NIB-RES-999"\nreason = "x"',
    '[[deviation]]\nclause = "NIB-RES-004"',
    '[[deviation]]\nclause = "NIB-RES-004"\nreason = " "',
    '[[deviation]]\nreason = "x"',
    '[[deviation]]\nclause = 4\nreason = "x"',
    '[[deviation]]\nclause = "NIB-RES-004"\nreason = "x"\nuntil = "2027"',
    '[[deviation]]\nclause = "NIB-RES-004"\nreason = "x"\nuntil = 2027-03-01T00:00:00',
    '[[deviation]]\nclause = "NIB-RES-004"\nreason = "x"\nsince = 1',
    '[[deviation]]\nclause = "NIB-RES-004"\nzone = 1\nsince = 1\nx = 1\ny = 2\nz = 3',
    '[deviation]\nclause = "NIB-RES-004"\nreason = "x"',
    '[[deviations]]\nclause = "NIB-RES-004"',
    "deviation = 1",
    "deviation = [1]",
    "[[deviation",
    "a = " + "[" * 100_000,
    "a = " + "1" * 5000,
)


@pytest.mark.parametrize("text", BAD_FILES, ids=range(len(BAD_FILES)))
def test_bad_deviations_file_is_usage_error(tmp_path: Path, text: str, snapshot: SnapshotAssertion) -> None:
    file = write(tmp_path, text)
    with pytest.raises(UsageError) as error:
        read_deviations(file)
    # What follows is said by Python, in the words of its version.
    assert str(error.value).replace(str(file), "FILE").partition("not TOML: ")[:2] == snapshot


def test_unreadable_file_is_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_deviations(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"\xe9")
    with pytest.raises(UsageError, match="cannot be read"):
        read_deviations(tmp_path / "latin.toml")


def test_deviation_counts_until_its_day() -> None:
    deviation = Deviation("NIB-RES-004", "x", "http://*", date(2027, 3, 1))
    assert deviations_for("http://h", [deviation], date(2027, 3, 1)) == {"NIB-RES-004": deviation}
    assert deviations_for("http://h", [deviation], date(2027, 3, 2)) == {}
    assert deviations_for("other", [deviation], date(2027, 1, 1)) == {}


def test_deviation_without_more_counts_everywhere() -> None:
    deviation = Deviation("NIB-RES-004", "x")
    assert deviation == Deviation("NIB-RES-004", "x", "*", None)
    assert deviations_for("", [deviation], date.max) == {"NIB-RES-004": deviation}


def test_files_of_deviations_come_in_order(tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("b.toml", "a.toml")]
    for file, clause in zip(files, ("NIB-RES-004", "NIB-RES-005"), strict=True):
        Path(file).write_text(f'[[deviation]]\nclause = "{clause}"\nreason = "x"\n', "utf-8")
    assert read_all_deviations(files) == (Deviation("NIB-RES-004", "x"), Deviation("NIB-RES-005", "x"))


def vector_of(feature: str | None, status: int) -> Vector:
    """A vector that needs *feature* alone, or nothing, and gets *status* in the documented edition."""
    needs = () if feature is None else (feature,)
    fitting = (v for v in lookup_vectors() if tuple(v.needs) == needs)
    return next(v for v in fitting if v.answer.get("documented", {}).get("status") == [status])


def answered(vector: Vector, status: int) -> Sent:
    answer = Answer(200, (("Content-Type", "application/json"),), b'{"status": %d}' % status)
    return Sent(vector, Exchange(build(vector, "http://127.0.0.1/ni/basic", Credentials(), 0), answer))


def test_a_due_refusal_denies_no_feature() -> None:
    """Every provider refuses wrong credentials by HTTP Basic, which does not show that Basic is missing."""
    plain = answered(vector_of(None, 0), 0)
    feature, claims = "post-form", parse_claims(None, has_signature_secret=False)
    assert features_missing([plain, answered(vector_of(feature, 4), 4)], claims) == frozenset()
    assert features_missing([plain, answered(vector_of(feature, 0), 4)], claims) == {feature}


@pytest.mark.parametrize(
    ("text", "missing"),
    [(None, {"signature", "basic-auth"}), ("signature", set()), ("signature,basic-auth", set())],
)
def test_where_nothing_is_served_only_stated_features_are_judged(text: str | None, missing: set[str]) -> None:
    refused = [answered(vector, 5) for vector in lookup_vectors()]
    assert features_missing(refused, parse_claims(text, has_signature_secret=False)) == missing
