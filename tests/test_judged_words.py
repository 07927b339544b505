"""The judge's findings on every counterexample and every right answer, compared with a stored copy.

In few tests, for mutants of the judge are run through them by the thousand. Where the words change on purpose:
`pytest tests/test_judged_words.py --snapshot-update`, and read the difference.
"""

from __future__ import annotations

import re

import pytest
from direct import direct_app
from leaks import LEAKS
from lookup_records import LOOKUPS, PLAIN, PLAIN_NO
from mutants.clients import NOW
from syrupy.assertion import SnapshotAssertion
from test_judge_edges import ANSWERS
from test_recording_edges import RECORDED
from test_request_edges import REQUESTS

from ni_contract.contract.catalogue import EDITIONS, load_catalogue
from ni_contract.drivers.provider.vectors import build, lookup_vectors
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge import Judge, Violation
from ni_contract.judge.client_judge import ClientJudge
from ni_contract.report.counterexample import broken_lookups, counterexamples, judge_counterexample
from ni_contract.simulator import Settings, create_app

RATE = 5
OK = Answer(200)
ACCOUNT = Credentials()
AREAS = sorted({clause.id[:7] for clause in load_catalogue()})


def ids_of(area: str) -> list[str]:
    return [clause.id for clause in load_catalogue() if clause.id.startswith(area)]


def words(judged: Violation) -> str:
    found = judged.finding
    text = f"{judged.clause_id} {found.at}: expected {found.expected}; actual {found.actual}"
    # Pythons differ in their words for JSON that is cut, and in the place that they name.
    text = re.sub(r"(one JSON object; actual )[^\n]*?: line \d+ column \d+ \(char \d+\)[^\n]*", r"\1no JSON", text)
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "a new id", text)


def checked(clause_id: str) -> str:
    """The clauses that its counterexample evaluates, and how often."""
    if clause_id in broken_lookups():
        client = ClientJudge(ACCOUNT)
        for lookup in broken_lookups()[clause_id]:
            client.lookup(lookup)
        return counted(client.counted())
    judge = Judge(ACCOUNT)
    for exchange in counterexamples()[clause_id]:
        getattr(judge, load_catalogue()[clause_id].side)(exchange)
    return counted(judge.counted())


def counted(evaluated: dict[str, int]) -> str:
    return " ".join(f"{clause_id[4:]}*{count}" for clause_id, count in sorted(evaluated.items()))


@pytest.mark.parametrize("area", AREAS)
def test_words_of_counterexamples(area: str, snapshot: SnapshotAssertion) -> None:
    found = {clause_id: [words(one) for one in judge_counterexample(clause_id, RATE)] for clause_id in ids_of(area)}
    assert found == snapshot


@pytest.mark.parametrize("area", AREAS)
def test_clauses_checked_by_counterexamples(area: str, snapshot: SnapshotAssertion) -> None:
    assert {clause_id: checked(clause_id) for clause_id in ids_of(area)} == snapshot


@pytest.mark.parametrize("edition", EDITIONS)
def test_clauses_checked_by_vectors(edition: str, snapshot: SnapshotAssertion) -> None:
    """Each vector with the simulator's answer: the clauses that it is a case of, and those that it breaks."""
    app = create_app(Settings(edition=edition, credentials=ACCOUNT, clock=lambda: NOW))
    target, found = direct_app(app), {}
    for vector in lookup_vectors():
        request = build(vector, target.base_url, ACCOUNT, NOW)
        exchange, judge = Exchange(request, target.send(request), "vector", NOW), Judge(ACCOUNT)
        broken = [one.clause_id for one in (*judge.provider(exchange), *judge.client(exchange))]
        found[vector.id] = f"{counted(judge.counted())}; broken: {' '.join(broken) or 'none'}"
    assert found == snapshot


def test_words_of_edges(snapshot: SnapshotAssertion) -> None:
    found = {f"request, {case}": Judge(ACCOUNT).client(of(request, OK)) for case, (request, _) in REQUESTS.items()}
    found |= {f"recording, {case}": Judge(None).recording(exchange) for case, (exchange, _) in RECORDED.items()}
    found |= {f"answer, {case}": Judge(ACCOUNT).provider(of(one, two)) for case, (one, two, _) in ANSWERS.items()}
    for case, lookup in (LOOKUPS | LEAKS).items():
        judge = ClientJudge(ACCOUNT)
        found[f"lookup, {case}"] = [one for record in (PLAIN, PLAIN_NO, lookup) for one in judge.lookup(record)]
    assert {case: list(map(words, broken)) for case, broken in found.items()} == snapshot


def of(request: Request, answer: Answer | Failure) -> Exchange:
    return Exchange(request, answer, "edge", NOW)
