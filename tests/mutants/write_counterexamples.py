"""Writes spec/counterexamples.json by the mutants: `PYTHONPATH=tests python -m mutants.write_counterexamples [ID...]`.

Rows that are there stay as they are, but for those of the clauses that are named. README.md gets the number of clauses.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mutants.clients import CLIENTS, exchange_of
from mutants.lookups import MUTANTS
from mutants.providers import PROVIDERS
from mutants.recordings import RECORDINGS
from mutants.tools import ACCOUNT, RATE, MutantTarget
from mutants.witnessed import lookups_of
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.drivers.provider.burst import VECTORS, run_burst
from ni_contract.drivers.provider.driver import Driver, run_vectors
from ni_contract.drivers.provider.vectors import lookup_vectors
from ni_contract.exchanges.client_lookup import LookupRecord, MissingOutcome
from ni_contract.exchanges.values import Exchange, Failure
from ni_contract.judge import Judge
from ni_contract.judge.client_judge import ClientJudge
from ni_contract.runs.embedded import VirtualClock

ROOT = Path(__file__).parents[2]
FILE, README = ROOT / "spec" / "counterexamples.json", ROOT / "README.md"
ABOUT = (
    "For each clause the exchanges that break it, made by a provider or client that is broken in just that way. "
    "The credentials are the published examples, except of NIB-SEC; the declared rate is 5 requests a second."
)
# Most of the time is spent waiting for answers that never come.
CLIENTS_AT_A_TIME = 12
SHOWN_HOST = "127.0.0.1:8080"
_HERE = re.compile(r"in-process\.invalid|127\.0\.0\.1:[0-9]+")


def provider_exchanges(clause_id: str) -> Iterable[Exchange]:
    """The exchange that breaks *clause_id*, after the one it is compared with, or the whole burst."""
    clock = VirtualClock(float(int(time.time())))
    target = MutantTarget(PROVIDERS[clause_id], clock)
    driver = Driver(target, ACCOUNT, 0.8 * RATE, clock.sleep, clock)
    try:
        found = _first_failure(driver, clause_id)
        return found or _burst(driver)
    finally:
        target.close()


def _first_failure(driver: Driver, clause_id: str) -> list[Exchange]:
    sent: list[Any] = []
    run_vectors(driver, lookup_vectors(), sent)
    judge = Judge(ACCOUNT)
    for position, one in enumerate(sent):
        for judged in judge.provider(one.exchange):
            if judged.clause_id == clause_id:
                # A leak of state appears only with another request.
                between = [sent[position - 1].exchange] if clause_id == "NIB-REL-009" else []
                return [judged.other, *between, one.exchange] if judged.other else [one.exchange]
    return []


def _burst(driver: Driver) -> list[Exchange]:
    by_id = {vector.id: vector.request for vector in lookup_vectors()}
    return run_burst(driver, RATE, {which: by_id[name] for which, name in VECTORS.items()})


def row(exchange: Exchange) -> dict[str, Any]:
    """An exchange in the file's form."""
    request, answer = exchange.request, exchange.answer
    if isinstance(answer, Failure):
        told: dict[str, Any] = {"failure": {"kind": answer.kind, "message": answer.message}}
    else:
        headers = [list(pair) for pair in answer.headers]
        told = {"http_status": answer.http_status, "headers": headers, "body": answer.body.decode()}
    return {
        "request": {
            "method": request.method,
            "url": _HERE.sub(SHOWN_HOST, request.url),
            "headers": [[name, _HERE.sub(SHOWN_HOST, value)] for name, value in request.headers],
            "body": request.body.decode(),
        },
        "answer": told,
        "sent_at": exchange.sent_at,
    }


def broken_lookups(clause_id: str) -> list[LookupRecord]:
    """The lookup of its mutant that breaks *clause_id*, after the right one that the clause needs."""
    seen, whole = lookups_of(MUTANTS[clause_id]), ClientJudge(ACCOUNT)
    for one in [each for each in seen if clause_id in {judged.clause_id for judged in whole.lookup(each)}]:
        for before in ([], *([earlier] for earlier in seen)):
            judge = ClientJudge(ACCOUNT)
            *right, last = [judge.lookup(each) for each in (*before, one)]
            if not any(right) and [judged.clause_id for judged in last] == [clause_id]:
                return [*before, one]
    raise AssertionError(f"no lookup breaks {clause_id} alone")


def lookup_row(one: LookupRecord) -> dict[str, Any]:
    """A lookup in the file's form."""
    told = {"nothing_told" if isinstance(one.reported, MissingOutcome) else "told": asdict(one.reported)}
    exchanges = [row(exchange) for exchange in one.exchanges]
    answer = {"shape": one.shape, "trusted": one.trusted} | ({"waited": round(one.waited, 1)} if one.waited > 1 else {})
    return {"case": one.case, "lookup": asdict(one.lookup), **answer, **told, "exchanges": exchanges}


def client_row(clause_id: str) -> dict[str, Any]:
    """The counterexample of a clause about a lookup: the requests of its last lookup, and the lookups."""
    lookups = broken_lookups(clause_id)
    exchanges = [row(exchange) for exchange in lookups[-1].exchanges[-2:]]
    return {"clause": clause_id, "exchanges": exchanges, "lookups": [lookup_row(one) for one in lookups]}


def plain_row(clause_id: str, exchanges: Iterable[Exchange]) -> dict[str, Any]:
    """The counterexample of a clause about exchanges."""
    return {"clause": clause_id, "exchanges": [row(exchange) for exchange in exchanges]}


def made(clause_id: str) -> dict[str, Any]:
    """The counterexample of *clause_id*, made anew."""
    if clause_id in PROVIDERS:
        return plain_row(clause_id, provider_exchanges(clause_id))
    if clause_id in CLIENTS:
        return plain_row(clause_id, [exchange_of(CLIENTS[clause_id])])
    if clause_id in RECORDINGS:
        return plain_row(clause_id, [RECORDINGS[clause_id]])
    return client_row(clause_id)


def main() -> None:
    """Writes the file: a row is made anew where it is missing or its clause is named."""
    lookups = [clause.id for clause in load_catalogue() if clause.kind == "lookup"]
    ids = [*PROVIDERS, *CLIENTS, *RECORDINGS, *lookups]
    rows = json.loads(FILE.read_text("utf-8"))["counterexamples"]
    kept = {one["clause"]: one for one in rows if one["clause"] in ids}
    missing = [clause_id for clause_id in ids if clause_id not in kept or clause_id in sys.argv[1:]]
    with ThreadPoolExecutor(CLIENTS_AT_A_TIME) as pool:
        kept |= dict(zip(missing, pool.map(made, missing), strict=True))
    lines = ",\n".join("    " + json.dumps(one, ensure_ascii=False) for one in kept.values())
    about = re.sub(r"by \d+(\s)clauses", rf"by {len(PROVIDERS)}\1clauses", README.read_text("utf-8"))
    README.write_text(about, "utf-8")
    FILE.write_text(f'{{\n  "description": {json.dumps(ABOUT)},\n  "counterexamples": [\n{lines}\n  ]\n}}\n', "utf-8")


if __name__ == "__main__":
    main()
