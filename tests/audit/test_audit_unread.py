"""Requests that differ in what no clause inspects are judged once; the report is that of judging each."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recorded import ACCOUNT, answer_of, jsonl, lookup, refused

from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge.likeness import Likeness
from ni_contract.report.as_json import json_report
from ni_contract.runs.audit import AuditPlan, AuditRules, audit, audited_clauses, collector
from ni_contract.runs.audit.collector import Collector
from ni_contract.simulator.lookup import look_up

pytestmark = pytest.mark.slow

NUMBERS = ("447700900000", "447700900123", "14155550100", "4477")
SECRETS = (
    ACCOUNT.api_secret,
    "12ab34cd",
    "***",
    "xxxxxxxx",
    "{{secret}}",
    "77009001",
    "4477009",
    "0",
    "%31",
    "",
    "Invalid",
    "a1b2c3d4",
    "b1b2c3d4",
    "c1b2c3d4",
    "5e5e5e5e",
    "6f6f6f6f",
    "7a7a7a7a",
)
EXTRAS = (
    "",
    "",
    "&_=1",
    "&_=2",
    "&_=17",
    "&_=18",
    "&_=19&_=20",
    "&_=%41",
    "&cb=a1&_=7",
    "&cb=-&_=0",
    "&callback=x",
    "#&_=1",
    "&token=a1b2c3d4",
    "&token=5e5e5e5e",
    f"&x={ACCOUNT.api_secret}",
    "&cnam=true",
    "&number=4477",
    "&country=GB",
)
HEADERS = (
    (),
    (("accept", "*/*"),),
    (("Accept", "text/x-1, application/json"),),
    (("Accept", "text/x-2, application/json"),),
    (("Accept", "text/xml"),),
    (("Accept", "image/1"),),
    (("Accept", "image/2"),),
    (("X-Trace", "1"),),
    (("X-Auth-Token", "a1b2c3d4"),),
    (("X-Trace", ACCOUNT.api_secret),),
    (("Transfer-Encoding", "chunked"),),
)
BODIES = ("", "<b>a1b2c3d4</b>", "5e5e5e5e")


def _answer(rng: random.Random, number: str, secret: str) -> Answer:
    texts = ("Invalid credentials", f"Invalid {secret}", "refused a1b2c3d4", f"for {number}")
    right = answer_of(look_up(number, None, "documented"))
    refusal = refused(rng.choice((4, 3, 1)), number).answer
    assert isinstance(refusal, Answer)
    with_id = b'{"status": 4, "status_message": "%b", "request_id": "id-%d"}'
    told = replace(right, body=with_id % (rng.choice(texts).encode(), rng.randrange(10**9)))
    echo = replace(right, headers=(*right.headers, ("X-Echo", secret)))
    return rng.choice((right, right, refusal, told, told, echo))


def _exchange(rng: random.Random) -> Exchange:
    number, secret = rng.choice(NUMBERS), rng.choice(SECRETS)
    key = rng.choice((ACCOUNT.api_key, ACCOUNT.api_key, f"k{rng.randrange(9)}"))
    asked = f"number={number}&api_key={key}&api_secret={secret}{rng.choice(EXTRAS)}"
    url, headers = "https://api.nexmo.com/ni/basic/json", rng.choice(HEADERS)
    request = Request("GET", f"{url}?{asked}", headers)
    if rng.random() < 0.3:
        form = (*headers, ("Content-Type", "application/x-www-form-urlencoded"))
        request = Request("POST", url, form, asked.encode())
    return Exchange(request, _answer(rng, number, secret))


def _report(file: Path, account: Credentials | None) -> dict[str, Any]:
    plan = AuditPlan(((str(file), file.name),), AuditRules(account, audited_clauses()))
    report: dict[str, Any] = json.loads(json_report(audit(plan), "documented"))
    return {name: value for name, value in report.items() if name not in ("seconds", "provenance")}


@pytest.mark.parametrize("account", [None, ACCOUNT], ids=["unknown account", "known account"])
@pytest.mark.parametrize("seed", range(3))
def test_unread_values_change_no_report(
    seed: int, account: Credentials | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)  # noqa: S311
    file = tmp_path / "log.jsonl"
    file.write_bytes(jsonl(_exchange(rng) for _ in range(500)))
    found = _report(file, account)
    monkeypatch.setattr(collector, "likeness_without_number", lambda *_: None)
    monkeypatch.setattr(Likeness, "stands_for_others", lambda *_: False)
    assert found == _report(file, account)


def _judged_anew(exchanges: list[Exchange]) -> int:
    """How many of *exchanges* are judged in whole."""
    judge = Collector(AuditRules(None, audited_clauses()))
    seen: list[Any] = []
    whole = judge._judge_new

    def spy(*args: Any) -> Any:
        seen.append(args)
        return whole(*args)

    judge._judge_new = spy  # type: ignore[assignment, method-assign]
    judge.take(enumerate(exchanges))
    return len(seen)


def _with_url(exchange: Exchange, old: str, new: str) -> Exchange:
    return replace(exchange, request=replace(exchange.request, url=exchange.request.url.replace(old, new)))


def test_each_secret_new_is_judged_once() -> None:
    """The first is judged before it is known that others come, the second stands for them."""
    secret = ACCOUNT.api_secret
    assert _judged_anew([_with_url(refused(), secret, f"a1b2c3d4{number}") for number in range(20)]) == 2


def test_each_parameter_new_is_judged_once() -> None:
    exchanges = [_with_url(lookup(), "&api_key", f"&_={number}&api_key") for number in range(1000, 1020)]
    assert _judged_anew(exchanges) == 2


def test_each_accept_new_is_judged_once() -> None:
    exchanges = [
        replace(one, request=replace(one.request, headers=(("Accept", f"application/json, x/{number}"),)))
        for number, one in enumerate([lookup()] * 20)
    ]
    assert _judged_anew(exchanges) == 2
