"""Refusals in recorded traffic that a control may explain: which they are, and whether the answer blames the number."""

from __future__ import annotations

from dataclasses import replace

import pytest
from edges import BASIC, answer_to, changed
from mutants.clients import ACCOUNT, KEYS, NOW, NUMBER, URL, get, signed

from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge import Violation
from ni_contract.judge.context import evaluation_context
from ni_contract.judge.unserved import unserved

PLAIN, BY_BASIC = get(NUMBER, *KEYS), Request("GET", f"{URL}?number=442079460018", (BASIC,))
WRONG_BASIC = replace(BY_BASIC, headers=(("Authorization", "Basic eDp5"),))
REFUSED = get(NUMBER)
UNREAD = "NIB-AUT-007"


def said(status: int, text: str = "no") -> Answer:
    return changed(REFUSED, status=status, error_text=text)


@pytest.mark.parametrize(
    ("request_", "answer", "clause_id", "expected"),
    [
        (PLAIN, answer_to(PLAIN), "NIB-NUM-001", None),
        (PLAIN, said(3), "NIB-RES-004", None),
        (BY_BASIC, said(4), "NIB-RES-004", None),
        (PLAIN, said(3), "NIB-NUM-001", ("442079460018", "secret", False)),
        (PLAIN, said(3, "bad 442079460018"), "NIB-NUM-001", ("442079460018", "secret", True)),
        (PLAIN, said(5), "NIB-NUM-001", ("442079460018", "secret", True)),
        (signed(NUMBER), said(4), "NIB-NUM-001", ("442079460018", "signature", False)),
        (WRONG_BASIC, said(3), UNREAD, ("", "basic", False)),
        (WRONG_BASIC, said(4), UNREAD, None),
        (get(NUMBER, KEYS[0], ("api_secret", "no")), said(3), UNREAD, None),
    ],
)
def test_refusal_is_kept_for_control(
    request_: Request, answer: Answer, clause_id: str, expected: tuple[str, str, bool] | None
) -> None:
    found = unserved(evaluation_context(Exchange(request_, answer, "provider", NOW), ACCOUNT), clause_id)
    parts = None if found is None else (found.number, found.credential.split()[0], found.names_number)
    assert parts == expected


def test_violation_without_redactor_is_whole() -> None:
    finding = Finding("$.status", "0", "api_secret=12ab34cd")
    assert Violation("NIB-RES-005", None, finding).finding == finding
