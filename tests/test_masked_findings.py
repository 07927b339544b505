"""A finding is masked when it is shown: no form of a violation contains a secret."""

from __future__ import annotations

import json
from dataclasses import replace

from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge import Judge
from ni_contract.judge.verdicts import MAX_CAUSES, Tally

ACCOUNT = Credentials("the-key-of-all", "the-secret-of-all", "the-signature")


def refused(text: str) -> Exchange:
    request = Request("GET", "http://localhost/ni/basic/json?number=12&api_key=the-key-of-all")
    body = {"status": 4, "error_text": text, "request_id": text}
    return Exchange(request, Answer(200, (("Content-Type", "application/json"),), json.dumps(body).encode()))


def test_violation_never_shows_secret() -> None:
    broken = Judge(ACCOUNT).provider(refused("no, the-secret-of-all is wrong"))
    assert any("the-secret-of-all" in str(one.unmasked.actual) for one in broken)
    assert "the-secret-of-all" not in repr([replace(one, exchange=None) for one in broken])
    assert "the-secret-of-all" not in repr([one.finding for one in broken])


def test_similar_findings_are_one_cause() -> None:
    """Findings that differ only in masked values are shown once."""
    judge, tally = Judge(ACCOUNT), Tally()
    for secret in ("the-secret-of-all", "the-signature"):
        broken = judge.provider(refused(f"{secret} is wrong"))
        tally.add(judge.counted(), broken)
    assert tally.failed["NIB-RES-009"] == 2
    assert len(tally.failures["NIB-RES-009"]) == 1


def test_few_causes_are_kept() -> None:
    judge, tally = Judge(ACCOUNT), Tally()
    for number in range(MAX_CAUSES + 3):
        broken = judge.provider(refused(f"a_{number}"))
        tally.add(judge.counted(), broken)
    assert len(tally.failures["NIB-RES-009"]) == MAX_CAUSES
