"""What a client reports of an earlier answer, or signs of an earlier request, is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from edges import JSON, REFUSED, changed
from lookup_records import ASKED, BAD, FACTS, RIGHT, page, record, with_requests
from mutants.clients import ACCOUNT, KEYS, NOW, NUMBER, get

from ni_contract.contract.signature import joined, sign_text
from ni_contract.exchanges.client_lookup import Lookup, LookupRecord, Outcome
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.values import Answer, Failure
from ni_contract.judge.client_judge import ClientJudge

TEXT = "Internal error of 2027"
BEFORE = replace(
    record([changed(REFUSED, status=5, error_text=TEXT)], Outcome(False, status=5, reason=TEXT)), case="before"
)
NATIONAL = Lookup("020 7946 0018", "GB")
OTHER = {"international_format_number": "442079460077", "request_id": "b"}
SPACED = Lookup("+44 20 7946 0018")
NO_TEXT = changed(REFUSED, status=3, error_text=None)


def after(before: LookupRecord, seen: LookupRecord) -> tuple[int, list[Finding]]:
    """How often NIB-CLI-067 was checked in *seen*, and all findings there."""
    judge = ClientJudge(ACCOUNT)
    assert not judge.lookup(before)
    judge.counted()
    found = [one.finding for one in judge.lookup(seen)]
    return judge.counted()["NIB-CLI-067"], found


def failed(reason: str | None, *answers: Answer | Failure) -> LookupRecord:
    return record(list(answers), Outcome(False, reason=reason))


def test_text_of_another_answer_is_no_reason() -> None:
    expected = Finding(
        "reason",
        "nothing of another lookup: no text of its answer, no number and no request_id",
        f"{TEXT!r}, of the earlier lookup before",
    )
    for answer in (NO_TEXT, page(503), Failure("reset", "gone")):
        assert after(BEFORE, failed(f"it failed: Internal  error\nof 2027 ({TEXT})", answer)) == (1, [expected])


@pytest.mark.parametrize("told", ["+44 7700 900077", "447700900077", "id-of-before-1"])
def test_number_of_another_lookup_is_no_reason(told: str) -> None:
    before = replace(
        record([changed(REFUSED, status=5, error_text="no", request_id="id-of-before-1")], Outcome(False, reason="no")),
        case="before",
        lookup=Lookup("+44 7700 900077"),
        may_refuse=True,
    )
    for seen, times in ((failed(f"{told} failed", page(503)), 1), (failed(told[:11], page(503)), 0)):
        _, found = after(before, seen)
        assert [one.actual for one in found] == [f"{told!r}, of the earlier lookup before"] * times
    listed = Answer(200, (("content-type", "application/json"),), f'["{told}"]'.encode())
    assert after(before, failed(f"not read: {told}", listed))[1] == []
    own = failed(f"{told} failed", changed(REFUSED, status=5, error_text="failed", request_id="id-of-before-1"))
    assert after(before, replace(own, lookup=before.lookup, may_refuse=True))[1] == []


@pytest.mark.parametrize(
    ("times", "seen"),
    [
        (1, failed(f"first {TEXT}", changed(REFUSED, status=1, status_message=TEXT), page(503))),
        (1, failed("an error", NO_TEXT)),
        (0, failed(None, NO_TEXT)),
        (0, record([RIGHT], Outcome(True, FACTS, reason=TEXT))),
    ],
)
def test_other_reasons_are_right(times: int, seen: LookupRecord) -> None:
    assert after(BEFORE, seen) == (times, [])


def test_withheld_request_may_name_the_last_failure() -> None:
    """A circuit breaker may say why it is open."""
    times, found = after(BEFORE, replace(failed(TEXT, page(503)), exchanges=()))
    assert (times, [one.at for one in found]) == (0, ["request"])


def test_text_without_a_number_is_of_none() -> None:
    """A client may have such words of its own."""
    answer = changed(REFUSED, status=4, error_text="Invalid credentials 401")
    before = record([answer], Outcome(False, status=4, reason="Invalid credentials 401"))
    assert after(before, failed("Invalid credentials 401", NO_TEXT)) == (1, [])


@pytest.mark.parametrize("name", ["international_format_number", "request_id"])
def test_fact_of_an_earlier_lookup_is_named(name: str) -> None:
    before = replace(record([changed(JSON, **OTHER)], Outcome(True, {**FACTS, **OTHER})), case="before")
    _, found = after(before, record([RIGHT], Outcome(True, {**FACTS, name: OTHER[name]})))
    assert [one.actual for one in found] == [f"{OTHER[name]!r}, of the earlier lookup before"]


def test_number_without_an_answer_is_named() -> None:
    """Its answer may come too late."""
    before = replace(failed("late", Failure("timeout", "late")), case="before", lookup=Lookup("+" + ASKED.number))
    seen = record([changed(JSON, international_format_number="441")], Outcome(True, FACTS), lookup=NATIONAL)
    assert [one.actual for one in after(before, seen)[1]] == [f"{ASKED.number!r}, of the earlier lookup before"]


@pytest.mark.parametrize(
    ("given", "told", "remark"),
    [
        (SPACED.number, SPACED.number, ", the number as it was given"),
        (SPACED.number, "442079460018", ""),
        ("+442079460018", SPACED.number, ", of the earlier lookup before"),
    ],
)
def test_number_of_this_lookup_is_of_no_earlier_one(given: str, told: str, remark: str) -> None:
    """Although it was asked before: a client that reports what it was given has no old answer."""
    before = replace(record([RIGHT], Outcome(True, FACTS), lookup=SPACED), case="before")
    seen = record([RIGHT], Outcome(True, {**FACTS, "national_format_number": told}), lookup=Lookup(given))
    assert [one.actual for one in after(before, seen)[1]] == [f"{told!r}{remark}"]


OF_BEFORE = ", of the earlier lookup before"


@pytest.mark.parametrize(("told", "origin"), [(OTHER, OF_BEFORE), ({"request_id": "c"}, " (a cache?)")])
def test_success_without_a_request_is_named(told: dict[str, str], origin: str) -> None:
    before = replace(record([changed(JSON, **OTHER)], Outcome(True, {**FACTS, **OTHER})), case="before")
    _, (found,) = after(before, record([], Outcome(True, told), lookup=Lookup("+44 7700 900077")))
    assert found.actual == f"no request came; a success is reported all the same{origin}"


@pytest.mark.parametrize(
    ("answer", "told", "words"),
    [
        (changed(JSON, international_format_number=None), OTHER, f"'442079460077'{OF_BEFORE}"),
        (page(500), OTHER, f"a success{OF_BEFORE}: international_format_number '442079460077'"),
        (page(500), {"request_id": "b"}, f"a success{OF_BEFORE}: request_id 'b'"),
        (page(500), {"request_id": "c"}, "a success: request_id 'c'"),
        (page(500), None, "a success"),
    ],
)
def test_success_of_an_earlier_lookup_is_named(answer: Answer, told: dict[str, str] | None, words: str) -> None:
    before = replace(record([changed(JSON, **OTHER)], Outcome(True, {**FACTS, **OTHER})), case="before")
    actual = after(before, record([answer], Outcome(True, told)))[1][0].actual
    assert actual.removesuffix(", request_id 'b'") == words


@pytest.mark.parametrize(("earlier", "is_named"), [("0" * 32, True), ("", False)])
def test_signature_of_an_earlier_one_is_named(earlier: str, is_named: bool) -> None:
    """A retry signs the parameters of the request before, with its signature among them."""
    kept = (KEYS[0], NUMBER, ("timestamp", str(NOW)))
    text = joined(sorted((*kept, ("sig", "0" * 32))))
    sigs = (earlier, sign_text(text, ACCOUNT.signature_secret, "md5hash").upper())
    requests = [get(*kept, ("sig", sig)) for sig in sigs]
    broken = ClientJudge(ACCOUNT).lookup(with_requests(record([page(503), page(503)], BAD), requests))
    last = [one.finding.actual for one in broken if one.clause_id == "NIB-CLI-012"][-1]
    assert ("the sig of an earlier request" in last) == is_named
