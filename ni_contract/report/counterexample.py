"""The exchanges of `spec/counterexamples.json`: each breaks one clause and as few others as possible."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from itertools import chain
from typing import Any

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.spec_files import read_spec
from ni_contract.exchanges.client_lookup import Lookup, LookupRecord, MissingOutcome, Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.known_secrets import with_secrets_of
from ni_contract.exchanges.redaction import redact_body
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request, header
from ni_contract.judge import Judge, Violation
from ni_contract.judge.client_judge import ClientJudge
from ni_contract.report.failure import request_text

# More exchanges than a comparison needs are a burst, which breaks a clause about the rate limit.
BURST = 3
# The rate that providers declare in the examples.
_RATE = 5


@cache
def counterexamples() -> dict[str, tuple[Exchange, ...]]:
    """The exchanges that break each clause, in the order in which they were made."""
    return {row["clause"]: tuple(map(_exchange, row["exchanges"])) for row in _rows()}


@cache
def broken_lookups() -> dict[str, tuple[LookupRecord, ...]]:
    """The lookups that break a clause about reported outcomes; the last one breaks it, those before are right."""
    return {row["clause"]: tuple(map(_lookup, row["lookups"])) for row in _rows() if "lookups" in row}


def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(read_spec("counterexamples.json"))["counterexamples"]
    return rows


def _exchange(row: Mapping[str, Any]) -> Exchange:
    found = row["request"]
    request = Request(found["method"], found["url"], _headers(found), found["body"].encode())
    return Exchange(request, _answer(row["answer"]), "counterexample", row["sent_at"])


def _answer(found: Mapping[str, Any]) -> Answer | Failure:
    if "failure" in found:
        return Failure(**found["failure"])
    return Answer(found["http_status"], _headers(found), found["body"].encode())


def _lookup(row: Mapping[str, Any]) -> LookupRecord:
    reported = MissingOutcome(**row["nothing_told"]) if "nothing_told" in row else Outcome(**row["told"])
    lookup, exchanges = Lookup(**row["lookup"]), tuple(map(_exchange, row["exchanges"]))
    waited = row.get("waited", 0.0)
    return LookupRecord(row["case"], lookup, reported, exchanges, row["shape"], row["trusted"], waited=waited)


def _headers(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in row["headers"])


def judge_counterexample(clause_id: str, rate: int) -> list[Violation]:
    """All judgements of the counterexample of *clause_id*; *rate* is the one its provider declares."""
    exchanges = counterexamples()[clause_id]
    if clause_id in broken_lookups():
        client = ClientJudge(Credentials())
        return [*chain.from_iterable(map(client.lookup, broken_lookups()[clause_id]))]
    judge = Judge(Credentials())
    by_side = {"client": judge.client, "recording": judge.recording, "provider": judge.provider}
    judgements = [*chain.from_iterable(map(by_side[load_catalogue()[clause_id].side], exchanges))]
    if len(exchanges) > BURST:
        judgements += judge.throttle(exchanges, rate)
    return judgements


def broken_example(clause_id: str) -> Iterable[str]:
    """The counterexample of *clause_id* as lines of text, with its faults; credentials are masked."""
    exchanges = counterexamples()[clause_id]
    redact = with_secrets_of(exchanges, Credentials()).redactor()
    if len(exchanges) > BURST:
        yield f"({len(exchanges)} requests; the last two)"
    for exchange in exchanges[-2:]:
        yield f"request   {request_text(exchange.request)}"
        answer = exchange.answer
        if isinstance(answer, Answer) and answer.body:
            yield f"answer    {_head(answer)}  {redact(redact_body(answer.body))[:400]}"
        elif isinstance(answer, Answer) and (answer.headers or load_catalogue()[clause_id].side == "provider"):
            yield f"answer    {_head(answer)}"
        elif isinstance(answer, Failure):
            yield f"answer    none: {answer.message}"
    judged = next(found for found in judge_counterexample(clause_id, _RATE) if found.clause_id == clause_id)
    if judged.reported:
        yield f"reported  {judged.reported}"
    yield from (f"{name:<9} {value}" for name, value in asdict(judged.finding).items())


def _head(answer: Answer) -> str:
    """The status line, and the headers that a clause may be about: the media type, and the target of a redirect."""
    values = (header(answer.headers, name) for name in ("content-type", "location"))
    return f"HTTP {answer.http_status}" + "".join(f"  [{value}]" for value in values if value is not None)
