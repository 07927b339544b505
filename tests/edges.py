"""Exchanges at the edges of clauses are made of these."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from direct import direct_app
from mutants.clients import ACCOUNT, HOST, KEYS, NOW, NUMBER
from mutants.tools import facts_of, with_facts

from ni_contract.exchanges.values import Answer, Request
from ni_contract.simulator import Settings, create_app

Broken = dict[str, str]
JSON_BODY = json.dumps(dict((NUMBER, *KEYS)))
XML = f"{HOST}/ni/basic/xml"
BASIC = ("Authorization", f"Basic {ACCOUNT.basic_token()}")
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
