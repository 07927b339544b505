"""The report is independent of cuts and engines, and agrees with the judge."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from recorded import ACCOUNT, har, jsonl, lookup, lying, refused
from thoroughness import draws

from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.gateway import is_gateway_failure, status_of
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge import Judge
from ni_contract.judge.context import evaluation_context
from ni_contract.judge.unserved import broken_clause, form_of, properties_of, unserved
from ni_contract.report.as_json import json_report
from ni_contract.runs.audit import AuditPlan, AuditRules, audit, audited_clauses, engines, pieces, records
from ni_contract.runs.audit.collector import Collector
from ni_contract.runs.audit.summary import Summary
from ni_contract.runs.run import Run

INTERNATIONAL = "international_format_number"
JSON = (("Content-Type", "application/json"),)
NUMBERS = ("447700900000", "441632960960", "14155550100", "%2B447700900000", "4477")


def changed(exchange: Exchange, **changes: Any) -> Exchange:
    return replace(exchange, request=replace(exchange.request, **changes))


def traffic(seed: int, amount: int = 400) -> list[Exchange]:
    """Exchanges of many kinds, some of them several times, some broken, in an order of *seed*."""
    rng = random.Random(seed)  # noqa: S311
    kinds: list[Callable[[str], Exchange]] = [
        lambda n: lookup(n),
        lambda n: lookup(n, "xml"),
        lambda n: refused(4, n),
        lambda n: refused(1, n),
        lambda n: refused(3, n),
        lambda n: changed(refused(3, n), url=refused(3, n).request.url + "&page_index=1"),
        lambda n: lying(country_name="Nowhere"),
        lambda n: lying(request_id="the-same-for-all"),
        lambda n: lying(status_message="Success, but otherwise"),
        lambda n: lying(request_id=f"no good id: {rng.random()}"),
        lambda n: changed(lookup(n), url=lookup(n).request.url + "&page_index=1"),
        lambda n: changed(lookup(n), url=lookup(n).request.url.replace("https", "http")),
        lambda n: changed(lookup(n), url="https://example.com/other"),
        lambda n: replace(lookup(n), answer=Answer(502, (("Content-Type", "text/html"),), b"<html>")),
        lambda n: replace(lookup(n), answer=Failure("timeout", "nothing came")),
        lambda n: replace(
            lookup(n), answer=Answer(200, (("Content-Type", "application/json"),), b'{"request_id": "ab')
        ),
        lambda n: changed(lookup(n), url=lookup(n).request.url.partition("&")[0]),
    ]
    repeated = [kind(number) for kind in kinds[:3] for number in NUMBERS]
    return [
        rng.choice(repeated) if rng.random() < 0.2 else rng.choice(kinds)(rng.choice(NUMBERS)) for _ in range(amount)
    ]


def write(folder: Path, exchanges: Iterable[Exchange], name: str = "log.jsonl") -> str:
    (folder / name).write_bytes(jsonl(exchanges))
    return str(folder / name)


def run(*files: str, account: Credentials | None = None, workers: int = 1, **rules: Any) -> Run:
    plan = AuditPlan(
        tuple((f, Path(f).name) for f in files), AuditRules(account, audited_clauses(), **rules), workers=workers
    )
    return audit(plan)


def report(of: Run) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json_report(of, "documented"))
    return {name: value for name, value in document.items() if name not in ("seconds", "provenance")}


def blamed(exchange: Exchange, clause_id: str, traffic_: list[Exchange], account: Credentials | None) -> str:
    """The clause that *exchange* fails, found by a look at all others, where it breaks *clause_id* alone."""
    refusal = unserved(evaluation_context(exchange, account), clause_id)
    if refusal is None:
        return clause_id
    served = [evaluation_context(one, account) for one in traffic_ if status_of(one) == 0]
    controls = [one for one in served if one.answered and one.answered.keys.get(INTERNATIONAL) == refusal.number]
    properties = set(chain.from_iterable(map(properties_of, controls))) if controls else None
    return broken_clause(refusal, properties, {form_of(one.credential) for one in served})


@pytest.mark.slow
@pytest.mark.parametrize("account", [None, ACCOUNT], ids=["unknown account", "known account"])
def test_audit_agrees_with_judge(account: Credentials | None, tmp_path: Path) -> None:
    """An audit has the same results as the judge for each exchange; refusals are those of their controls."""
    exchanges = [one for one in traffic(1) if "example.com" not in one.request.url]
    judge, failed, moved = Judge(account), Counter[str](), Counter[str]()
    for one in exchanges:
        provider = () if is_gateway_failure(one) else judge.provider(one)
        for judged in (*provider, *judge.client(one), *judge.recording(one)):
            clause_id = blamed(one, judged.clause_id, exchanges, account)
            failed[clause_id] += 1
            moved.update({judged.clause_id: -1, clause_id: 1} if clause_id != judged.clause_id else {})
    found = run(write(tmp_path, exchanges), account=account)
    by_clause = {v.clause.id: v for verdicts in found.verdicts.values() for v in verdicts}
    for clause in audited_clauses():
        if clause.kind != "relation" or clause.id == "NIB-REL-008":
            told = by_clause[clause.id]
            expected = (judge.evaluated[clause.id] + moved[clause.id], failed[clause.id])
            assert (told.evaluated, told.failed) == expected, clause.id


def test_first_failures_keep_their_places(tmp_path: Path) -> None:
    exchanges = [lookup(), lying(country_prefix=44), lookup(), lying(country_prefix=44), lying(country_prefix="x")]
    found = run(write(tmp_path, exchanges))
    (verdict,) = [v for v in found.verdicts["documented"] if v.clause.id == "NIB-RES-015"]
    assert verdict.failed == 3
    assert [judged.exchange and judged.exchange.origin for judged in verdict.failures] == ["log.jsonl:2", "log.jsonl:5"]


def test_relations_are_found_across_files(tmp_path: Path) -> None:
    first = lookup()
    again = replace(lookup("447700900000", "xml"), request=replace(lookup().request))
    other = lying("447700900000", country_name="Great Britain", request_id=str(json.loads(_body(first))["request_id"]))
    found = run(write(tmp_path, [first], "a"), write(tmp_path, [again, other], "b"))
    failures = {v.clause.id: v.failures for v in found.verdicts["documented"] if v.failed}
    (judged,) = failures["NIB-REL-008"]
    assert judged.exchange is not None
    assert judged.other is not None
    assert (judged.other.origin, judged.exchange.origin) == ("a:1", "b:2")
    assert "NIB-REL-007" in failures or "NIB-REL-009" in failures


def _body(exchange: Exchange) -> bytes:
    assert isinstance(exchange.answer, Answer)
    return exchange.answer.body


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(draws(1, 3)))
def test_cuts_change_no_report(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report does not depend on the order of the parts, the sizes of cache and memory, and the form of the file."""
    monkeypatch.setattr(pieces, "PIECE_BYTES", 20_000)
    monkeypatch.setattr(pieces, "LINES_BYTES", 20_000)
    monkeypatch.setattr(pieces, "BATCH_BYTES", 20_000)
    files = [write(tmp_path, traffic(seed), "a"), write(tmp_path, traffic(seed + 100), "b")]
    (tmp_path / "c.gz").write_bytes(gzip.compress(jsonl(traffic(seed + 200))))
    files.append(str(tmp_path / "c.gz"))
    expected = report(run(*files))
    monkeypatch.setattr(records, "MAX_CACHED_KILOBYTES", 20)
    monkeypatch.setattr("ni_contract.runs.audit.results.MAX_CACHED_RESULTS", 7)
    monkeypatch.setattr("ni_contract.runs.audit.collector.MAX_DISTINCT_RESULTS", 5)
    assert report(run(*files)) == expected
    assert report(_in_tasks(files)) == expected


def _in_tasks(files: list[str]) -> Run:
    """As on a cluster, in another order."""

    def summaries(plan: AuditPlan, inputs: pieces.Inputs) -> Iterator[tuple[Summary, int]]:
        tasks = list(engines.tasks_of(inputs.pieces()))
        assert len(tasks) > 10
        random.Random(5).shuffle(tasks)  # noqa: S311
        return ((engines.do_task(task, plan.rules, "run"), 0) for task in tasks)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "TASK_BYTES", 1)
        patch.setattr("ni_contract.runs.audit.summaries", summaries)
        return run(*files)


def test_two_processes_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 20_000)
    monkeypatch.setattr(pieces, "LINES_BYTES", 20_000)
    monkeypatch.setattr(engines, "PIECE_BYTES", 20_000)
    files = [write(tmp_path, traffic(9))]
    (tmp_path / "b.har").write_bytes(har(one for one in traffic(9) if isinstance(one.answer, Answer)))
    files.append(str(tmp_path / "b.har"))
    assert report(run(*files, workers=2)) == report(run(*files))


def test_what_is_alike_is_judged_once() -> None:
    collector = Collector(AuditRules(None, audited_clauses()))
    seen = []
    judge = collector._judge

    def spy(*args: Any) -> Any:
        seen.append(args)
        return judge(*args)

    collector._judge = spy  # type: ignore[assignment, method-assign]
    collector.take((position, lookup()) for position in range(10))
    summary = collector.finish()
    assert len(seen) == 1
    assert (summary.judged, summary.evaluated["NIB-RES-001"], summary.with_id) == (10, 10, 10)


def test_a_limit_counts_what_is_judged(tmp_path: Path) -> None:
    other = changed(lookup(), url="https://example.com/")
    found = run(write(tmp_path, [other, lookup(), lookup(), lookup()]), limit=2, workers=2)
    assert found.requests == 2


def test_since_skips_earlier_exchanges(tmp_path: Path) -> None:
    """--since skips exchanges that are earlier or have no time."""
    exchanges = [lookup(sent_at=10.0), lookup(sent_at=20.0), replace(lookup(), sent_at=None)]
    found = run(write(tmp_path, exchanges), since=15.0)
    assert found.requests == 1
    assert found.traffic is not None
    assert dict(found.traffic.skipped) == {"before --since": 1, "without a time, which --since needs": 1}


@pytest.mark.parametrize(
    ("url", "counts"),
    [
        ("https://api.nexmo.com/ni/basic/json?number=1", True),
        ("https://API.nexmo.com:443/ni/basic/xml", True),
        ("https://api.nexmo.com/ni/basic", True),
        ("https://api.nexmo.com/ni/basic/JSON", True),
        ("http://fake:8080/ni/basic/json", True),
        ("https://api.nexmo.com/ni/standard/json", False),
        ("https://api.nexmo.com/sms/json", False),
        ("http://fake:8080/ni/basic/other", False),
        ("https://example.com/?u=/ni/basic/json", False),
        ("https://[broken/ni/basic/json", False),
    ],
)
def test_path_selects_exchanges_of_api(url: str, counts: bool) -> None:
    """The path decides whether an exchange is of this API."""
    collector = Collector(AuditRules(None, audited_clauses()))
    assert collector.add(Exchange(Request("GET", url), Failure("reset", "")), 1) is counts


def test_conforming_exchanges_count_by_edition(tmp_path: Path) -> None:
    """A refusal has the words of one edition; a relation counts as much as a clause about one exchange."""
    first, second = lookup(), lookup()
    assert isinstance(second.answer, Answer)
    copy = replace(second, answer=replace(second.answer, body=_body(first)))
    found = run(write(tmp_path, [first, copy, refused(4), lying(country_prefix=44), lookup("441632960960")]))
    assert found.traffic is not None
    assert dict(found.traffic.conforming) == {"documented": 3, "observed": 2}


def test_repeated_id_without_relations_is_no_conforming(tmp_path: Path) -> None:
    """An exchange that is compared with no other, here a busy provider's, has an id all the same."""
    busy = refused(1)
    found = run(write(tmp_path, [busy, replace(busy, sent_at=1.9e9)]))
    assert found.traffic is not None
    assert dict(found.traffic.conforming) == {"documented": 1, "observed": 1}
