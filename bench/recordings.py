"""Writes recorded traffic in which every fault is known: JSONL of many exchanges, some of them broken.

    python bench/recordings.py FILE [--kind KIND] [--amount N] [--distinct N] [--seed N]

Kinds: `mixed`, numbers that come again and again, every twentieth exchange broken in one of the ways of `FAULTS`, in
turn; `numbers`, the same with every number new; `one`, one number all the time; `logins`, refused, each secret new;
`busters`, one number in requests that are new each time. Beside FILE, FILE.expected.json says how often each clause
has to fail.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from load import new_numbers

EVERY = 20
URL = "https://api.nexmo.com/ni/basic"
CREDENTIALS = "api_key=abcd1234&api_secret=aBcD1234eFgH5678"
MORNING = 1_795_500_000.0
TWICE, AGAIN, EXTRA = "NIB-REL-008", "NIB-REL-009", "NIB-CLI-015"
# What fails these is a warning, and the exchange conforms.
SHOULDS = ("NIB-RES-018", EXTRA)


class Fault(NamedTuple):
    """A way to break an exchange: the clause that has to fail, and the change to the answer or the whole row."""

    clause: str
    answer: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    row: Callable[[dict[str, Any]], dict[str, Any]] | None = None


def _set(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda answer: answer | changes


def _without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda answer: {key: value for key, value in answer.items() if key != name}


def _label(content_type: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: row | {"answer_headers": [["content-type", content_type]]}


def _ask(text: str, instead: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: row | {"url": row["url"].replace(text, instead)}


FAULTS = (
    Fault("NIB-RES-002", row=_label("text/html")),
    Fault("NIB-RES-003", row=lambda row: row | {"answer_body": row["answer_body"][:-20]}),
    Fault("NIB-RES-004", lambda answer: answer | {"request_id": answer["request_id"] + "-12345"}),
    Fault("NIB-RES-005", _set(status="0")),
    Fault("NIB-RES-011", _without("national_format_number")),
    Fault("NIB-RES-015", lambda answer: answer | {"country_prefix": int(answer["country_prefix"])}),
    Fault("NIB-RES-016", _set(error_text="none")),
    Fault("NIB-RES-018", _set(carrier="none")),
    Fault("NIB-RES-001", row=lambda row: row | {"http_status": 201}),
    Fault(TWICE),
    Fault(AGAIN, _set(status_message="Success, again")),
    Fault("NIB-CLI-003", row=_ask("https://", "http://")),
    Fault(EXTRA, row=_ask("?", "?page_index=1&")),
)


def exchanges(amount: int, distinct: int, seed: int) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Rows of JSONL, each with the clause that it has to break."""
    request_id, rng = "", random.Random(seed)
    served = list(_served(distinct, seed))
    numbers, answers = [number for number, _ in served], [answer for _, answer in served]
    for index in range(amount):
        place = index % distinct
        fault = FAULTS[index // EVERY % len(FAULTS)] if index % EVERY == EVERY - 1 else None
        # A difference from an earlier answer needs an earlier answer.
        # One number has either these or an unknown parameter, or the two would differ from each other, too.
        odd = place // EVERY % 2
        if fault is not None and (
            (fault.clause == AGAIN and (odd or index < distinct)) or (fault.clause == EXTRA and not odd)
        ):
            fault = FAULTS[0]
        if fault is None or fault.clause != TWICE:
            request_id = _new_id(rng)
        answer = answers[place] | {"request_id": request_id}
        if fault is not None and fault.answer is not None:
            answer = fault.answer(answer)
        row = _row(index, f"number={numbers[place]}&{CREDENTIALS}", answer)
        if fault is not None and fault.row is not None:
            row = fault.row(row)
        yield row, None if fault is None else fault.clause


def _served(count: int, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    from ni_contract.simulator.lookup import look_up

    found = ((number, look_up(number, None, "documented")) for number in new_numbers(seed))
    return islice(((number, _answer(outcome)) for number, outcome in found if outcome.facts is not None), count)


def _row(index: int, query: str, answer: dict[str, Any], accept: str = "*/*") -> dict[str, Any]:
    return {
        "method": "GET",
        "url": f"{URL}/json?{query}",
        "request_headers": [["host", "api.nexmo.com"], ["accept", accept], ["user-agent", "bench"]],
        "http_status": 200,
        "answer_headers": [["content-type", "application/json"]],
        "answer_body": json.dumps(answer, ensure_ascii=False),
        "sent_at": MORNING + index / 100,
    }


def one_number(amount: int, _distinct: int, seed: int) -> Iterator[tuple[dict[str, Any], str | None]]:
    """The same request, answered alike but for the id."""
    rng = random.Random(seed)
    ((number, answer),) = _served(1, seed)
    for index in range(amount):
        yield _row(index, f"number={number}&{CREDENTIALS}", answer | {"request_id": _new_id(rng)}), None


def logins(amount: int, _distinct: int, seed: int) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Refusals of secrets that were never seen."""
    rng = random.Random(seed)
    refusal = {"status": 4, "error_text": "Invalid credentials"}
    for index in range(amount):
        query = f"number=447700900000&api_key=abcd1234&api_secret={rng.getrandbits(64):016x}"
        yield _row(index, query, refusal | {"request_id": _new_id(rng)}), None


def busters(amount: int, _distinct: int, seed: int) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Requests about one number, each with an unknown parameter or an Accept of its own; some answers differ."""
    rng = random.Random(seed)
    ((number, answer),) = _served(1, seed)
    for index in range(amount):
        query, body = f"number={number}&{CREDENTIALS}", answer | {"request_id": _new_id(rng)}
        if index % 2:
            yield _row(index, query, body, f"application/json, text/x-{index}"), None
        elif index % 1000 == 998:
            yield _row(index, f"{query}&_={index}", body | {"status_message": "Success, again"}), "NIB-REL-006"
        else:
            yield _row(index, f"{query}&_={index}", body), EXTRA


def _new_id(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


KINDS = {"mixed": exchanges, "numbers": exchanges, "one": one_number, "logins": logins, "busters": busters}


def _answer(outcome: Any) -> dict[str, Any]:
    from ni_contract.contract.countries import countries

    facts = outcome.facts
    country = countries()[facts.country]
    return {
        "status": 0,
        "status_message": outcome.text,
        "request_id": "",
        "international_format_number": facts.international,
        "national_format_number": facts.national,
        "country_code": country.alpha_2,
        "country_code_iso3": country.alpha_3,
        "country_name": country.name,
        "country_prefix": facts.prefix,
    }


def write(file: Path, amount: int, distinct: int, seed: int = 7, kind: str = "mixed") -> dict[str, Any]:
    """Writes the traffic, and returns what is expected of its audit: failures by clause, and how many conform."""
    failed: Counter[str] = Counter()
    broken = 0
    with file.open("w", encoding="utf-8") as out:
        for row, clause in KINDS[kind](amount, amount if kind == "numbers" else distinct, seed):
            failed.update(() if clause is None else (clause,))
            # An unknown parameter is a warning by itself, beside any other fault.
            failed.update([EXTRA] if kind == "busters" and clause not in (None, EXTRA) else ())
            broken += clause is not None and clause not in SHOULDS
            out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    expected = {"exchanges": amount, "conforming": amount - broken, "failed": dict(sorted(failed.items()))}
    file.with_name(file.name + ".expected.json").write_text(json.dumps(expected, indent=1) + "\n", "utf-8")
    return expected


def main() -> None:
    """Writes what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="mixed")
    parser.add_argument("--amount", type=int, default=1_000_000)
    parser.add_argument("--distinct", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    print(json.dumps(write(args.file, args.amount, args.distinct, args.seed, args.kind), indent=1))


if __name__ == "__main__":
    main()
