"""Failing clauses of a client in one group by what their findings say, and the words for a text read wrongly."""

from __future__ import annotations

import pytest
from edges import JSON, REFUSED, changed
from lookup_records import FACTS, RIGHT, record
from mutants.clients import ACCOUNT
from test_root_causes import CATALOGUE, groups

from ni_contract.exchanges.client_lookup import Outcome
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge import Violation
from ni_contract.judge.client_judge import ClientJudge
from ni_contract.judge.root_causes import root_causes
from ni_contract.judge.verdicts import FAIL, Tally, Verdict

REQUEST = Request("GET", "https://api.nexmo.com/ni/basic/json")
MISREAD = "UTF-8 that was read as ISO-8859-1"
NAME = "À la Côte"


def verdict(clause_id: str, *failures: Violation) -> Verdict:
    return Verdict(CATALOGUE[clause_id], FAIL, 5, len(failures), failures)


def saying(clause_id: str, *actual: str) -> Verdict:
    return verdict(clause_id, *(Violation(clause_id, None, Finding("x", "y", words)) for words in actual))


def under(answer: Answer | Failure | None, is_untold: bool = False) -> Violation:
    exchange = None if answer is None else Exchange(REQUEST, answer, "client", 0)
    return Violation("NIB-CLI-039", exchange, Finding("outcome", "no success", "z"), is_untold=is_untold)


@pytest.mark.parametrize(
    ("failures", "is_one"),
    [
        ([under(Answer(429))], True),
        ([under(Answer(429)), under(Answer(429))], True),
        ([under(Answer(429)), under(Answer(503))], False),
        ([under(Answer(429)), under(None)], False),
        ([under(Failure("reset", "gone"))], False),
        ([under(Answer(429), is_untold=True)], False),
    ],
)
def test_http_429_is_busy_too(failures: list[Violation], is_one: bool) -> None:
    found = root_causes([saying("NIB-CLI-026", "a success"), verdict("NIB-CLI-039", *failures)], Tally())
    assert (len(found) == 1) is is_one


@pytest.mark.parametrize(
    ("first", "other", "is_one"),
    [
        ((f"{MISREAD}: a", f"{MISREAD}: b"), (f"{MISREAD}: c",), True),
        ((f"{MISREAD}: a", "another"), (f"{MISREAD}: c",), False),
        ((f"{MISREAD}: a",), (f"{MISREAD}: c", "another"), False),
    ],
)
def test_one_misreading_is_one_cause(first: tuple[str, ...], other: tuple[str, ...], is_one: bool) -> None:
    found = root_causes([saying("NIB-CLI-024", *first), saying("NIB-CLI-029", *other)], Tally())
    assert (len(found) == 1) is is_one


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ("the right secret with a space for its plus, which is sent as %2B", ["NIB-CLI-018 > NIB-CLI-006"]),
        ("the right secret that was not URL-encoded", ["NIB-CLI-018 > NIB-CLI-006"]),
        ("another secret", ["NIB-CLI-006", "NIB-CLI-018"]),
    ],
)
def test_unencoded_secret_leads_a_bare_plus(actual: str, expected: list[str]) -> None:
    plus = verdict("NIB-CLI-006", Violation("NIB-CLI-006", None, Finding("parameter number", "y", "z")))
    tally = Tally(exchanges={"NIB-CLI-018": {1, 2}, "NIB-CLI-006": {1}})
    assert groups(root_causes([plus, saying("NIB-CLI-018", actual)], tally)) == expected


def actual_of(answer: Answer, told: Outcome) -> list[str]:
    return [one.finding.actual for one in ClientJudge(ACCOUNT).lookup(record([answer], told))]


@pytest.mark.parametrize(("codec", "begins"), [("latin-1", True), ("cp1252", True), ("utf-16-le", False)])
def test_misread_text_is_named(codec: str, begins: bool) -> None:
    """In a reason, and in a fact."""
    wrong = NAME.encode().decode(codec, "replace")
    told = Outcome(False, status=5, reason=f"it failed:\n{wrong}")
    facts = {**FACTS, "country_name": wrong}
    answer = changed(REFUSED, status=5, error_text=NAME)
    success = changed(JSON, country_name=NAME, request_id=FACTS["request_id"])
    for found in (*actual_of(answer, told), *actual_of(success, Outcome(True, facts))):
        assert found.startswith(MISREAD) == begins


@pytest.mark.parametrize("told", ["Cote d'Ivoire", None, 7])
def test_other_texts_are_not_misread(told: object) -> None:
    (found,) = actual_of(RIGHT, Outcome(True, {**FACTS, "country_name": told}))
    assert not found.startswith(MISREAD)
