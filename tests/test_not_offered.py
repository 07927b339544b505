"""Credentials that a provider does not offer: what is wrong with the answers to them all the same."""

from __future__ import annotations

from urllib.parse import unquote

from mutants.changes import is_signed
from mutants.tools import ACCOUNT, RATE, Mutant, Seen, fresh_refusal, page
from mutants.verified import plan, run_of

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.provider.controls import KEY, by_get
from ni_contract.drivers.provider.signed import TIMESTAMP
from ni_contract.drivers.provider.vectors import Vector
from ni_contract.exchanges.values import Answer, Request, header

NO_HEX = "TwoMenWentToMowWentTOMowAMeadowT"


def failing(mutant: Mutant, numbers: tuple[str, ...] = ()) -> list[str]:
    """The clauses that lead in the documented edition, where no signature secret is given."""
    claims = parse_claims(f"throttle={RATE}", has_signature_secret=False)
    run = run_of(mutant, plan(claims, numbers=numbers))
    return [cause.clause_id for cause in run.causes["documented"]]


def signed(answer: Answer) -> Mutant:
    return Mutant(lambda seen: answer if is_signed(seen) else seen.request)


def test_crash_by_signature() -> None:
    """A provider without signatures refuses a signed request, and does not crash."""
    assert failing(signed(page(500))) == ["NIB-REQ-012"]


def test_served_without_any_credentials() -> None:
    """A `sig` that is no signature is not accepted as credentials by a provider that refuses right signatures."""

    def let_in(seen: Seen) -> Request | Answer:
        if not is_signed(seen):
            return seen.request
        return seen.again() if seen.get("sig") in ("", NO_HEX) else fresh_refusal(4)(seen)

    assert failing(Mutant(let_in)) == ["NIB-AUT-010"]


def test_wrong_basic_is_served() -> None:
    def let_in(seen: Seen) -> Request | Answer:
        authorization = header(seen.request.headers, "authorization") or ""
        if not authorization.startswith("Basic ") or seen.get("api_key"):
            return seen.request
        is_right = authorization == f"Basic {ACCOUNT.basic_token()}"
        return fresh_refusal(4)(seen) if is_right else seen.again()

    assert failing(Mutant(let_in)) == ["NIB-AUT-007"]


def test_signature_is_ignored_beside_secret() -> None:
    """A provider that ignores a signature beside the right secret does not offer signatures."""

    def ignore(seen: Seen) -> Request | Answer:
        if not is_signed(seen):
            return seen.request
        return seen.again() if seen.get("api_secret") == ACCOUNT.api_secret else fresh_refusal(4)(seen)

    assert failing(Mutant(ignore)) == []
    assert failing(Mutant(ignore), ("447700900000",)) == []


def test_missing_secret_is_served() -> None:
    """A request with a signature that is not offered has no credentials, as one without it."""

    def let_in(seen: Seen) -> Request | Answer:
        if seen.get("api_secret") is not None or header(seen.request.headers, "authorization"):
            return seen.request
        return seen.again() if seen.get("api_key") in (None, ACCOUNT.api_key) else fresh_refusal(4)(seen)

    assert failing(Mutant(let_in))[0] == "NIB-AUT-004"


def test_signatures_are_looked_for_before_an_own_one() -> None:
    """A refused signature of the user's own is a fault where plain ones are served."""

    def let_in(seen: Seen) -> Request | Answer:
        text = unquote(seen.request.url + seen.request.body.decode(errors="replace"))
        return fresh_refusal(4)(seen) if is_signed(seen) and not text.isascii() else seen.request

    parameters = [("number", "447700900000"), ("note", "é"), KEY, TIMESTAMP, ("sig", "{{sig}}")]
    own = Vector("own", "", by_get(*parameters, sign={"method": "md5hash"}), {}, in_order=True, own=True)
    clauses = load_catalogue().select("provider", ("NIB-REQ-009",))
    claims = parse_claims("", has_signature_secret=False)
    run = run_of(Mutant(let_in), plan(claims, kept=(own,), only=True, clauses=clauses))
    assert [cause.clause_id for cause in run.causes["documented"]] == ["NIB-REQ-009"]
