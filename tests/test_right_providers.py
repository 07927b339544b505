"""Right providers that are written without this package: none fails a clause."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from direct import direct_provider
from right.plain import Provider, Refused
from thoroughness import EVERYTHING, draws

from ni_contract.cli import main
from ni_contract.clock import RealClock
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.provider.find_target import find_target
from ni_contract.drivers.provider.numbers import plain_lookup, read_numbers
from ni_contract.drivers.provider.sweep import lookups_of_all_regions
from ni_contract.drivers.provider.vector_files import read_vectors
from ni_contract.drivers.provider.vectors import Vector
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Failure, Request
from ni_contract.report.closing import closing
from ni_contract.runs import explore
from ni_contract.runs.embedded import VirtualClock
from ni_contract.runs.run import Run
from ni_contract.runs.session import VerifyPlan
from ni_contract.runs.verify import verify

KNOWN = "447700900000,14155550100,33612345678"
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_regions")]
TWO_READINGS = ("%2B6777421230", "6777421230", "677%20742%201230")


def run_of(provider: Any, features: str = "", **changes: Any) -> Run:
    account = Credentials()
    plan = VerifyPlan(
        account,
        parse_claims(features, has_signature_secret=True),
        **{"clauses": load_catalogue().select("provider"), "examples": 10, **changes},
    )
    return verify(direct_provider(provider), plan)


def failing(run: Run) -> list[str]:
    return [cause.clause_id for cause in run.causes["documented"]]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"methods": ("md5hash",)},
        {"methods": ("hmac-sha512",)},
        {"missing": 3},
        {"phonewords": True},
        {"basic": False},
    ],
    ids=str,
)
def test_right_provider_is_accused_of_nothing(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    if EVERYTHING and not options:
        monkeypatch.setattr(explore, "lookups_of_all_regions", lookups_of_all_regions)
    run = run_of(Provider(**options), examples=10 if options else draws(15, 40))
    assert (failing(run), run.results["documented"]) == ([], "partial")


def test_canned_numbers_are_one_finding() -> None:
    run = run_of(Provider(numbers=set(KNOWN.split(","))))
    assert failing(run) == ["NIB-NUM-001"]
    assert any("3 of" in note and "--numbers" in note for note in run.notes)
    assert "if they are few: --numbers" in "\n".join(closing(run, "documented", 200))


def test_declared_numbers_are_no_fault() -> None:
    run = run_of(Provider(numbers=set(KNOWN.split(","))), numbers=read_numbers(KNOWN))
    assert (failing(run), run.results["documented"]) == ([], "partial")


class CutsThePrefix(Provider):
    """A provider that takes the last digits of a number that it knows for that number."""

    def look_up(self, number: str | None, country: str | None) -> dict[str, str]:
        known = (one for one in self.numbers or () if one.endswith(number or ""))
        return super().look_up(next(known, number), country)


class KeepsFacts(Provider):
    """A provider whose refusals by JSON have the number of the reference's example, and one id."""

    def __call__(self, *request: Any) -> tuple[int, str, bytes]:
        status, kind, body = super().__call__(*request)
        if b"error_text" in body and b"{" in body:
            kept = {"request_id": "5c1f0a52", "international_format_number": "447700900000"}
            body = json.dumps({**json.loads(body), **kept}).encode()
        return status, kind, body


def test_own_vector_is_sent_as_it_is() -> None:
    """A vector of the user's own keeps a number that the provider does not serve."""
    numbers = ("12015550123",)
    (own,) = read_vectors(json.dumps({"request": plain_lookup("2015550123")}))
    options: dict[str, Any] = {"numbers": numbers, "kept": (own,), "only": True, "examples": 0}
    options["clauses"] = load_catalogue().select("provider", ("NIB-NUM-001", "NIB-NUM-013"))
    assert failing(run_of(Provider(numbers=numbers), **options)) == []
    assert failing(run_of(CutsThePrefix(numbers=numbers), **options)) == ["NIB-NUM-013"]


def test_refusal_is_not_blamed_on_decoding() -> None:
    """The number of a refusal is not the one that is asked for once it is decoded twice."""
    (own,) = read_vectors(json.dumps({"request": plain_lookup("4477%2530%2530900000")}))
    clauses = load_catalogue().select("provider", ("NIB-REQ-005", "NIB-REL-008"))
    run = run_of(KeepsFacts(), kept=(own, own), only=True, examples=0, clauses=clauses)
    assert failing(run) == ["NIB-REL-008"]


def test_own_rate_is_waited_out() -> None:
    """A rate limit of the provider's own is waited out."""
    clock = VirtualClock(1_795_427_367.0)
    provider = Provider(rate=20, clock=clock)
    account = Credentials()
    plan = VerifyPlan(account, parse_claims("", True), load_catalogue().select("provider"), examples=40)
    run = verify(direct_provider(provider), plan, clock=clock, sleep=clock.sleep)
    assert failing(run) == []


def test_claimed_basic_is_judged_too() -> None:
    """Claimed Basic is judged as documented too."""
    run = run_of(Provider(basic=False), "xml,post-form,post-json,cnam,signature,basic-auth")
    assert failing(run) == ["NIB-AUT-006"]


class WrongAccount(Provider):
    """A provider for which the caller has the wrong secret."""

    def check_credentials(self, params: Any, headers: Any) -> None:
        params = {**params, "api_secret": "wrong"} if "api_secret" in params else {**params, "sig": "wrong"}
        super().check_credentials(params, headers)


class ExplainsItself(Provider):
    """A provider with its own words for credentials that are missing in a JSON list, which the page leaves open."""

    def read(self, method: str, query: str, headers: Any, body: bytes, kind: str) -> Any:
        if body.lstrip().startswith(b"["):
            raise Refused(4, "Invalid credentials: the body is no object")
        return super().read(method, query, headers, body, kind)

    def check_credentials(self, params: Any, headers: Any) -> None:
        try:
            super().check_credentials(params, headers)
        except Refused:
            raise Refused(4, "Invalid credentials") from None


def test_text_of_observed_edition_is_open() -> None:
    """A text that only the observed edition demands is blamed on no clause of the documented one."""
    assert failing(run_of(ExplainsItself())) == []


def test_wrong_secret_in_the_settings_leads() -> None:
    assert failing(run_of(WrongAccount()))[0] == "NIB-AUT-001"


class LongIds(Provider):
    """A provider with ids that are too long, which counts them."""

    count = asked = 0

    def __call__(self, *arguments: Any) -> Any:
        status, content_type, body = super().__call__(*arguments)
        if status == 200 and arguments[0] != "HEAD":
            self.asked += 1
            self.count += b'"request_id": "' in body
        return status, content_type, body.replace(b'"request_id": "', b'"request_id": "xxxxxxxxxx')


def test_counts_are_those_of_the_provider() -> None:
    provider = LongIds()
    run = run_of(provider)
    verdict = next(v for v in run.verdicts["documented"] if v.clause.id == "NIB-RES-004")
    assert (verdict.failed, verdict.evaluated) == (provider.count, provider.asked)


class WithoutForms(Provider):
    """A provider that does not read forms."""

    def read(self, method: str, query: str, headers: Any, body: bytes, kind: str) -> Any:
        is_form = method == "POST" and "form" in headers.get("content-type", "")
        return {} if is_form else super().read(method, query, headers, body, kind)


@pytest.mark.parametrize("provider", [Provider, WithoutForms])
def test_one_clause_needs_few_requests(provider: type[Provider]) -> None:
    account = Credentials()
    clauses = load_catalogue().select("provider", ("NIB-REQ-002",))
    plan = VerifyPlan(account, parse_claims("", True), clauses, examples=0, only=True)
    run = verify(direct_provider(provider()), plan)
    assert run.requests <= 6
    assert run.verdicts["documented"][0].word == ("pass" if provider is Provider else "fail")


class Elsewhere:
    """A provider below another path than the vendor's."""

    def __init__(self, base: str) -> None:
        self._base, self._provider = base, Provider()

    def __call__(self, method: str, path: str, *rest: Any) -> Any:
        below = path.removeprefix(self._base)
        if path not in (self._base + "/json", self._base + "/xml"):
            return 404, "text/plain", b"not found"
        return self._provider(method, "/ni/basic" + below, *rest)


@pytest.mark.parametrize("base", ["/basic", "/number/insight", ""])
def test_the_place_is_found(base: str) -> None:
    run = run_of(Elsewhere(base), examples=0)
    assert (run.error, run.base_url.endswith(f"invalid{base}"), failing(run)) == ("", True, [])


def test_an_unknown_place_is_told() -> None:
    run = run_of(Elsewhere("/nowhere"), examples=0)
    assert "--path" in run.error
    assert run.requests == 4


def test_the_time_of_a_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock takes a second."""
    ticks = count()
    monkeypatch.setattr(RealClock, "monotonic", lambda: float(next(ticks)))
    run = run_of(Provider(), max_seconds=50)
    assert run.results["documented"] == "partial"
    assert any("--max-time" in v.reason for v in run.verdicts["documented"])


@pytest.mark.parametrize("text", ["", "abc", "123", "07700900000", "07700900000:ZZ"])
def test_missing_number_gives_one_sentence(text: str) -> None:
    """A provider that serves no number is refused in one sentence."""
    with pytest.raises(UsageError, match="--numbers"):
        read_numbers(text)


def test_numbers_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "numbers.txt"
    file.write_text("447700900000  # the usual one\n\n07700900001:GB\n", "utf-8")
    assert read_numbers(str(file)) == ("447700900000", "447700900001")


def test_an_unknown_signature_method_is_refused() -> None:
    assert main(["verify", "--features", "signature=sha3"]) == 2


def _answer(_request: Request) -> Answer | Failure:
    return Failure("cut-off", "the answer began, and its body was cut off or did not end")


def test_cut_off_answers_are_a_fault() -> None:
    account = Credentials()
    plan = VerifyPlan(account, parse_claims("", True), load_catalogue().select("provider"), examples=0)
    target = find_target(_answer, 60, name="cut", account=account)
    try:
        run = verify(target, plan)
    finally:
        target.close()
    assert (run.results["documented"], failing(run)) == ("nonconformant", ["NIB-REQ-001"])


def test_plus_with_country_is_no_noise() -> None:
    """With the plus the number is of another country, without it a national one of the country."""
    vectors = tuple(
        Vector(f"kept-{place}", "", plain_lookup(number, "US"), {}) for place, number in enumerate(TWO_READINGS)
    )
    assert failing(run_of(Provider(), kept=vectors, examples=0)) == []


class Closing(Provider):
    """A provider that closes the connection on every body that is no JSON object."""

    def read(self, method: str, query: str, headers: Any, body: bytes, kind: str) -> Any:
        if method == "POST" and body in (b"{", b"[]", b"null", b""):
            raise SystemExit
        return super().read(method, query, headers, body, kind)


def test_missing_answers_do_not_end_run() -> None:
    """Four in a row fail, and the others are answered still."""
    run = run_of(Closing(), examples=0)
    assert (run.error, failing(run)) == ("", ["NIB-REQ-012"])
