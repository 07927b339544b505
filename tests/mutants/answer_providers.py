"""Mutant providers for the clauses about answers, refusals and XML."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from mutants.changes import LISBON, OBSERVED, count, is_open, is_plain, texts
from mutants.tools import (
    Mutant,
    Seen,
    answering,
    facts_of,
    is_xml,
    on_refusal,
    on_success,
    with_body,
    with_facts,
    without,
)
from ni_contract.exchanges.values import Answer

# ---------------------------------------------------------------- RES, ERR


def _labelled(content_type: str, xml: bool) -> Mutant:
    headers = (("content-type", content_type),)
    return Mutant(after=lambda seen, answer: replace(answer, headers=headers) if is_xml(answer) == xml else answer)


def _json_success(change: Any) -> Mutant:
    """Successes in JSON with the text of their body changed."""

    def after(seen: Seen, answer: Answer) -> Answer:
        good = not is_xml(answer) and facts_of(answer)["status"] == 0
        return with_body(answer, change(answer.body.decode())) if good else answer

    return Mutant(after=after)


def _json_refusal(change: Any, edition: str = "documented") -> Mutant:
    """Refusals in JSON with other keys."""

    def after(seen: Seen, answer: Answer) -> Answer:
        facts = facts_of(answer)
        bad = not is_xml(answer) and facts["status"] not in (0, 1, None)
        return with_facts(answer, change(facts)) if bad else answer

    return Mutant(after=after, edition=edition)


def _http_400(seen: Seen, answer: Answer) -> Answer:
    return replace(answer, http_status=400) if facts_of(answer)["status"] == 3 else answer


ANSWERS = {
    "NIB-RES-001": Mutant(after=_http_400),
    "NIB-RES-002": _labelled("text/html", xml=False),
    "NIB-RES-003": Mutant(
        after=lambda seen, answer: with_body(answer, answer.body[:-1] + b",}") if is_plain(seen, LISBON) else answer
    ),
    "NIB-RES-004": on_success(lambda facts: {"request_id": "x" * 5 + facts["request_id"]}),
    "NIB-RES-005": _json_success(
        lambda body: body.replace('"status":0', '"status":"0"').replace('"status": 0', '"status":"0"')
    ),
    "NIB-RES-006": answering(is_open, lambda facts: {**facts, "status": 7}),
    "NIB-RES-007": _json_success(lambda body: body.replace('"Success"', '""')),
    "NIB-RES-008": answering(lambda seen, facts: facts["status"] == 0, lambda facts: without(facts, "request_id")),
    "NIB-RES-009": on_success(lambda facts: {"request_id": facts["request_id"].replace("-", "_")}),
    "NIB-RES-010": on_success(
        lambda facts: {"international_format_number": "+" + facts["international_format_number"]}
    ),
    "NIB-RES-011": on_success(lambda facts: {"national_format_number": ""}),
    "NIB-RES-012": on_success(lambda facts: {"country_code": facts["country_code"].lower()}),
    "NIB-RES-013": on_success(lambda facts: {"country_code_iso3": facts["country_code_iso3"].lower()}),
    "NIB-RES-014": on_success(lambda facts: {"country_name": " "}),
    "NIB-RES-015": on_success(lambda facts: {"country_prefix": "+" + facts["country_prefix"]}),
    "NIB-RES-016": _json_success(lambda body: json.dumps({**json.loads(body), "error_text": "none"})),
    "NIB-RES-017": on_success(lambda facts: texts(facts, "OK")),
    "NIB-RES-018": _json_success(lambda body: json.dumps({**json.loads(body), "carrier": "unknown"})),
    "NIB-RES-019": _json_success(
        lambda body: body[:-1] + ', "country_code": ' + json.dumps(json.loads(body)["country_code"]) + "}"
    ),
    "NIB-ERR-001": _json_refusal(lambda facts: {**facts, "error_text": ""}),
    "NIB-ERR-002": _json_refusal(lambda facts: {**facts, "status_message": facts["error_text"]}),
    "NIB-ERR-003": _json_refusal(lambda facts: without(facts, "status_message"), OBSERVED),
    "NIB-ERR-004": _json_refusal(lambda facts: {**facts, "error_text": facts["status_message"]}, OBSERVED),
    "NIB-ERR-005": on_refusal(lambda facts: {"country_code": "GB"}),
    "NIB-ERR-006": on_refusal(lambda facts: texts(facts, "Partner quota exceeded") if facts["status"] == 4 else {}),
    "NIB-ERR-007": on_refusal(lambda facts: texts(facts, "Bad credentials") if facts["status"] == 4 else {}, OBSERVED),
    "NIB-ERR-008": on_refusal(
        lambda facts: texts(facts, (facts.get("status_message") or facts["text"]).replace("+1 (23)", "123")), OBSERVED
    ),
    "NIB-ERR-009": answering(
        lambda seen, facts: facts["status"] not in (0, None), lambda facts: without(facts, "request_id")
    ),
    "NIB-ERR-010": _json_refusal(
        lambda facts: {**facts, "request_id": f"id-{hash(json.dumps(facts)) & 0xFFFFFFF}-{count()}"}, OBSERVED
    ),
}


# ---------------------------------------------------------------- XML


def _xml(change: Any) -> Mutant:
    def after(seen: Seen, answer: Answer) -> Answer:
        return with_body(answer, change(answer.body.decode())) if is_xml(answer) else answer

    return Mutant(after=after)


XML = {
    "NIB-XML-001": _xml(lambda body: body.replace("&amp;", "&")),
    "NIB-XML-002": _labelled("text/plain", xml=True),
    "NIB-XML-003": _xml(lambda body: body.replace("<format>", "<response>").replace("</format>", "</response>")),
    "NIB-XML-004": _xml(lambda body: body.replace('code="0"', 'code="00"')),
    "NIB-XML-005": _xml(lambda body: body.replace(">Success<", "><")),
}
