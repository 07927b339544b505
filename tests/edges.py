"""Exchanges at the edges of clauses are made of these."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from direct import direct_app
from mutants.clients import ACCOUNT, KEYS, NOW, NUMBER, XML, get
from mutants.tools import facts_of, with_facts

from ni_contract.exchanges.values import Answer, Request
from ni_contract.simulator import Settings, create_app

Broken = dict[str, str]
JSON_BODY = json.dumps(dict((NUMBER, *KEYS)))
BASIC = ("Authorization", f"Basic {ACCOUNT.basic_token()}")
# A right lookup in both formats, and one that has to be refused.
JSON, IN_XML, REFUSED = get(NUMBER, *KEYS), get(NUMBER, *KEYS, url=XML), get(NUMBER)
# What a refusal breaks whose text, in both editions, is of no status; and one of a lookup that had to be served.
BAD_TEXTS = {"NIB-ERR-003": "$.status_message", "NIB-ERR-004": "$.error_text", "NIB-ERR-010": "$.request_id"}
BAD_REFUSAL: Broken = {"NIB-NUM-001": "$.status", "NIB-ERR-006": "$.error_text", **BAD_TEXTS}
SIMULATOR = direct_app(create_app(Settings(credentials=ACCOUNT, clock=lambda: NOW)))


def answer_to(request: Request) -> Answer:
    answer = SIMULATOR.send(request)
    assert isinstance(answer, Answer)
    return answer


def labelled(answer: Answer, content_type: str) -> Answer:
    return replace(answer, headers=(("content-type", content_type),))


def places(broken: list[Any]) -> Broken:
    return {one.clause_id: one.finding.at for one in broken}


def changed(request: Request, **facts: Any) -> Answer:
    answer = answer_to(request)
    return with_facts(answer, facts_of(answer) | facts)
