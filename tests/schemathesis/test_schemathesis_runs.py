"""Schemathesis with our hooks and config: it passes the simulator, fails mutants, and tests every operation."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from schemathesis_runs import PHASES, served

from ni_contract.contract.spec_files import read_spec
from ni_contract.contract.vocabulary import FORM, JSON_TYPES
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.simulator import RunningSimulator, Settings

OPERATIONS = {f"{method} /ni/basic/{name}" for method in ("GET", "POST") for name in ("json", "xml")}


def host(simulator: RunningSimulator) -> str:
    return simulator.url.removesuffix("/ni/basic")


@pytest.mark.parametrize("edition", ["documented", "observed"])
def test_simulator_passes_all_phases(run: Any, edition: str) -> None:
    """All phases test every operation of the simulator and find nothing."""
    with RunningSimulator(Settings(edition=edition)) as simulator:
        done = run(host(simulator), "-n", "20", NI_EDITION=edition)
        received = simulator.received
    assert done.exit_code == 0, done.output
    assert done.selected() == len(OPERATIONS)
    for phase in PHASES:
        assert done.tested(phase) == OPERATIONS, phase
    stateful = [p for p in done.all("PhaseFinished") if p["phase"]["name"] == "stateful"]
    assert [p["phase"].get("skip_reason") for p in stateful] == ["not_applicable"]
    assert not done.all("NonFatalError")
    assert done.all("EngineFinished")[0]["stop_reason"] == "completed"
    asked = [parse_request(exchange.request) for exchange in received]
    assert {one.media_type for one in asked if one.method == "POST"} >= {FORM, *JSON_TYPES}
    statuses = Counter(
        (one.format, ParsedResponse(answer_of(exchange), one.format == "xml").status)
        for one, exchange in zip(asked, received, strict=True)
    )
    possible = (0, 3, 4, 5) if edition == "documented" else (0, 3, 4)
    assert all(statuses[name, status] for name in ("json", "xml") for status in possible), statuses


def test_the_same_seed_asks_the_same(run: Any) -> None:
    one = ("--include-name", "GET /ni/basic/json")
    with RunningSimulator() as simulator:
        runs = [run(host(simulator), "-n", "5", "--phases", "examples,fuzzing", *one) for _ in range(2)]
    assert runs[0].cases() == runs[1].cases()


def answer_of(exchange: Exchange) -> Answer:
    assert isinstance(exchange.answer, Answer)
    return exchange.answer


def with_json(answer: Answer, change: Any) -> Answer:
    if not answer.body.startswith(b"{"):
        return answer
    return replace(answer, body=json.dumps(change(json.loads(answer.body))).encode())


def status_as_text(_request: Request, answer: Answer) -> Answer:
    return with_json(answer, lambda keys: {**keys, "status": str(keys["status"])})


def prefix_as_number(_request: Request, answer: Answer) -> Answer:
    def change(keys: Any) -> Any:
        return {**keys, "country_prefix": int(keys["country_prefix"])} if "country_prefix" in keys else keys

    return with_json(answer, change)


def cut_off_xml(_request: Request, answer: Answer) -> Answer:
    return replace(answer, body=answer.body.partition(b"</format>")[0])


def xml_with_dtd(_request: Request, answer: Answer) -> Answer:
    return replace(answer, body=answer.body.replace(b"<format>", b'<!DOCTYPE format [<!ENTITY a "b">]><format>'))


def wrong_error_key(_request: Request, answer: Answer) -> Answer:
    return with_json(answer, lambda keys: {{"error_text": "message"}.get(k, k): v for k, v in keys.items()})


def one_request_id(_request: Request, answer: Answer) -> Answer:
    return with_json(answer, lambda keys: {**keys, "request_id": "d79c3d82-e2ee-46ff-972a-97b76be419cb"})


@pytest.mark.parametrize(
    ("mutant", "clause_id", "operations", "phases"),
    [
        (status_as_text, "NIB-RES-005", "json", "examples"),
        (prefix_as_number, "NIB-RES-015", "json", "examples"),
        (wrong_error_key, "NIB-ERR-001", "json", "examples"),
        (cut_off_xml, "NIB-XML-001", "xml", ",".join(PHASES)),
        (xml_with_dtd, "NIB-XML-001", "xml", "examples"),
    ],
)
def test_mutant_is_found_in_run(run: Any, mutant: Any, clause_id: str, operations: Any, phases: Any) -> None:
    """A mutant is found by the clause that it breaks, and every operation is still tested."""
    with served(mutant) as url:
        done = run(url, "-n", "5", "--no-shrink", "--phases", phases)
    assert done.exit_code == 1
    assert f"{clause_id} " in done.output
    assert "  expected  " in done.output
    blamed = {f["operation"] for f in done.all("EngineFinished")[0]["failures"]} - {None}
    assert blamed <= {o for o in OPERATIONS if o.endswith(operations)}
    for phase in phases.split(","):
        assert done.tested(phase) == OPERATIONS
    assert not done.all("NonFatalError")


def test_relations_are_reported_last(run: Any) -> None:
    """Failures of several answers together are reported when the run ends."""
    with served(one_request_id) as url:
        done = run(url, "-n", "5", "--phases", "examples")
    assert done.exit_code == 1
    assert "NIB-REL-008 " in done.output
    assert "  compared  " in done.output


def test_deviations_pass_and_stale_ones_fail(run: Any, tmp_path: Path) -> None:
    """A declared deviation does not fail, and a stale one does."""
    declared = tmp_path / "deviations.toml"
    declared.write_text('[[deviation]]\nclause = "NIB-REL-008"\nreason = "until the migration"\n', "utf-8")
    config = tmp_path / "schemathesis.toml"
    table = f'[checks.NumberInsightContract]\ndeviations = "{declared}"\n'
    config.write_text(read_spec("schemathesis.toml") + table, "utf-8")
    with served(one_request_id) as url:
        deviating = run(url, "--phases", "examples", config=config)
    with served(lambda _request, answer: answer) as url:
        stale = run(url, "--phases", "examples", config=config)
    assert deviating.exit_code == 0, deviating.output
    assert stale.exit_code == 1
    assert "but the clause passes" in stale.output
