"""One mutant provider a clause: the simulator with one change, so that it has no other fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mutants.tools import (
    ACCOUNT,
    Facts,
    Mutant,
    Seen,
    facts_of,
    fresh_refusal,
    is_xml,
    on_refusal,
    on_success,
    page,
    with_body,
    with_facts,
    without,
)
from ni_contract.contract.vocabulary import JSON_TYPES
from ni_contract.exchanges.credential import basic_pair
from ni_contract.exchanges.values import Answer, Request, header

OBSERVED = "observed"
LISBON = "351210000000"


def _plain(seen: Seen, number: str) -> bool:
    """A GET of the JSON path for *number* without any special characteristic."""
    names = [name for name, _ in seen.asked.query]
    is_get = seen.request.method == "GET" and seen.asked.format == "json"
    return is_get and names == ["number", "api_key", "api_secret"] and seen.get("number") == number


def _if(condition: bool, instead: Callable[[], Request | Answer], seen: Seen) -> Request | Answer:
    """*instead* where *condition* holds; called only when needed, since a superfluous request would use up the rate."""
    return instead() if condition else seen.request


def _when(condition: Callable[[Seen], bool], instead: Callable[[Seen], Request | Answer]) -> Mutant:
    """A provider that answers requests for which *condition* holds by *instead*."""
    return Mutant(lambda seen: _if(condition(seen), lambda: instead(seen), seen))


def _page(http_status: int) -> Callable[[Seen], Answer]:
    return lambda seen: page(http_status)


def _content_type(seen: Seen) -> str:
    return header(seen.request.headers, "content-type") or ""


def _raw(seen: Seen) -> str:
    return seen.request.url.partition("?")[2]


def _signed(seen: Seen) -> bool:
    return seen.get("sig") is not None


def _in_documented_name(facts: Facts) -> Facts:
    """Another name of the same country: right by itself, but different from the compared answers."""
    aliases = {"GB": "Great Britain", "US": "United States", "FR": "French Republic"}
    return {"country_name": aliases.get(facts["country_code"], facts["country_name"])}


def _alias_when(condition: Any) -> Mutant:
    """A provider that names the country differently whenever *condition* holds for the request."""

    def after(seen: Seen, answer: Answer) -> Answer:
        facts = facts_of(answer)
        if facts["status"] == 0 and condition(seen):
            return with_facts(answer, {**facts, **_in_documented_name(facts)})
        return answer

    return Mutant(after=after)


# ---------------------------------------------------------------- REQ


def _accept_decides(seen: Seen) -> Request:
    accept = header(seen.request.headers, "accept") or "*/*"
    url = seen.request.url
    return replace(seen.request, url=url.replace("/json", "/xml") if "xml" in accept else url)


def _digits_undecoded(seen: Seen) -> Request | Answer:
    return _if("%33" in _raw(seen), lambda: seen.again(number="%2534%2532"), seen)


def _reads_body_of_get(seen: Seen) -> Request | Answer:
    stray = seen.request.method == "GET" and bool(_content_type(seen))
    return _if(stray, lambda: Request("GET", seen.request.url.partition("?")[0]), seen)


REQUESTS = {
    "NIB-REQ-001": _when(lambda seen: _plain(seen, LISBON), _page(404)),
    "NIB-REQ-002": _when(lambda seen: "charset" in _content_type(seen), _page(415)),
    "NIB-REQ-003": _when(lambda seen: _content_type(seen) == "text/x-json", _page(415)),
    "NIB-REQ-004": Mutant(_accept_decides),
    "NIB-REQ-005": Mutant(_digits_undecoded),
    "NIB-REQ-006": _when(lambda seen: _raw(seen).endswith("&"), _page(400)),
    "NIB-REQ-007": _when(lambda seen: "page_index" in _raw(seen), fresh_refusal(3)),
    "NIB-REQ-008": Mutant(_reads_body_of_get),
    "NIB-REQ-009": _when(lambda seen: "note=%C3" in _raw(seen), _page(400)),
    "NIB-REQ-010": _when(lambda seen: seen.request.method == "HEAD", _page(405)),
    "NIB-REQ-012": _when(lambda seen: seen.request.body == b"[]", _page(500)),
    "NIB-REQ-013": _when(lambda seen: seen.request.body == b"[]", _page(400)),
    "NIB-REQ-011": _when(lambda seen: seen.request.method == "DELETE", lambda seen: seen.again()),
}


# ---------------------------------------------------------------- AUT


def _secret_in_any_case(seen: Seen) -> Request | Answer:
    secret = seen.get("api_secret") or ""
    other_case = secret != ACCOUNT.api_secret and secret.lower() == ACCOUNT.api_secret.lower()
    return _if(other_case and seen.get("api_key") == ACCOUNT.api_key, seen.again, seen)


def _any_key(seen: Seen) -> Request | Answer:
    wrong = seen.get("api_key") not in (None, ACCOUNT.api_key) and seen.get("api_secret") == ACCOUNT.api_secret
    return _if(wrong, seen.again, seen)


def _secret_optional(seen: Seen) -> Request | Answer:
    missing = seen.get("api_secret") is None and not _signed(seen) and seen.get("api_key") == ACCOUNT.api_key
    return _if(missing, seen.again, seen)


def _number_first(seen: Seen) -> Request | Answer:
    wrong = seen.get("api_secret") == "not-the-secret"
    return _if(wrong and seen.get("number") in (None, "123"), seen.again, seen)


def _any_basic(seen: Seen) -> Request | Answer:
    return _if(basic_pair(header(seen.request.headers, "authorization")) is not None, seen.again, seen)


def _eight_digits(seen: Seen) -> Request | Answer:
    return _if(len(seen.get("sig") or "") == 8, seen.again, seen)


def _never_stale(seen: Seen) -> Request | Answer:
    text = seen.get("timestamp") or ""
    timestamp = int(text) if text.isdigit() else 0
    latest = seen.memory["latest"] = max(timestamp, seen.memory.get("latest", 0))
    return _if(_signed(seen) and 0 < timestamp < latest - 3600, seen.again, seen)


CREDENTIALS = {
    "NIB-AUT-001": _when(lambda seen: _plain(seen, LISBON), fresh_refusal(4)),
    "NIB-AUT-002": Mutant(_secret_in_any_case),
    "NIB-AUT-003": Mutant(_any_key),
    "NIB-AUT-004": Mutant(_secret_optional),
    "NIB-AUT-005": Mutant(_number_first),
    "NIB-AUT-006": replace(
        _when(
            lambda seen: seen.asked.authorization is not None and not seen.get("api_key"),
            lambda seen: replace(seen.request, headers=()),
        ),
        edition=OBSERVED,
    ),
    "NIB-AUT-007": Mutant(_any_basic),
    "NIB-AUT-008": _when(lambda seen: (seen.get("sig") or "").isupper(), fresh_refusal(4)),
    "NIB-AUT-009": _when(
        lambda seen: len(seen.get("sig") or "") > 32 and not (seen.get("number") or "").isalnum(), fresh_refusal(4)
    ),
    "NIB-AUT-010": Mutant(_eight_digits),
    "NIB-AUT-011": Mutant(_never_stale),
}


# ---------------------------------------------------------------- NUM


def _another_number(seen: Seen) -> Request | Answer:
    return _if(_plain(seen, LISBON), lambda: seen.again(number=LISBON[:-1] + "1"), seen)


def _country_only_on_mismatch_ignored(seen: Seen) -> Request | Answer:
    mismatch = seen.get("country") == "US" and (seen.get("number") or "").startswith("44")
    without = seen.request.url.replace("&country=US", "")
    return _if(mismatch, lambda: replace(seen.request, url=without), seen)


def _canada_is_american(facts: Facts) -> Facts:
    if facts["country_code"] != "CA":
        return {}
    return {"country_code": "US", "country_code_iso3": "USA", "country_name": "United States of America"}


def _national_refused(seen: Seen) -> Request | Answer:
    national = seen.request.method == "GET" and seen.get("country") == "GB" and "(0" in (seen.get("number") or "")
    return _if(national, lambda: fresh_refusal(5)(seen), seen)


def _confirmed_refused(seen: Seen) -> Request | Answer:
    confirmed = seen.get("country") == "GB" and (seen.get("number") or "").startswith("44") and not _signed(seen)
    return _if(confirmed, lambda: fresh_refusal(3)(seen), seen)


def _impossible_is(status: int, edition: str) -> Mutant:
    def after(seen: Seen, answer: Answer) -> Answer:
        facts = facts_of(answer)
        impossible = seen.get("number") in ("123", "4420794600181", "+1 (23)", "<abc>&")
        changed = {**facts, **_texts(facts, "Invalid request"), "status": status}
        return with_facts(answer, changed) if impossible and facts["status"] != 4 else answer

    return Mutant(after=after, edition=edition)


def _missing_is_5(seen: Seen, answer: Answer) -> Answer:
    facts = facts_of(answer)
    missing = seen.get("number") is None and facts["status"] == 3
    return with_facts(answer, {**facts, **_texts(facts, "Invalid request"), "status": 5}) if missing else answer


def _dots_read(seen: Seen) -> Request | Answer:
    number = seen.get("number") or ""
    return _if("." in number, lambda: seen.again(number=number.replace(".", "")), seen)


def _without_prefix(facts: Facts) -> Facts:
    digits = facts["international_format_number"]
    return {"international_format_number": digits.removeprefix(facts["country_prefix"])} if digits[:2] == "44" else {}


NUMBERS = {
    "NIB-NUM-001": _when(lambda seen: seen.get("number") == "441632960960" and not _signed(seen), fresh_refusal(5)),
    "NIB-NUM-002": _when(lambda seen: "44-20" in _raw(seen), fresh_refusal(5)),
    "NIB-NUM-003": Mutant(_national_refused),
    "NIB-NUM-004": Mutant(after=_missing_is_5),
    "NIB-NUM-005": _impossible_is(3, "documented"),
    "NIB-NUM-006": _impossible_is(5, OBSERVED),
    "NIB-NUM-007": Mutant(
        after=lambda seen, answer: (
            with_facts(answer, {**facts_of(answer), "status": 5})
            if seen.get("number") == "02079460018" and not seen.get("country")
            else answer
        ),
        edition=OBSERVED,
    ),
    "NIB-NUM-008": Mutant(_country_only_on_mismatch_ignored),
    "NIB-NUM-009": Mutant(_confirmed_refused),
    "NIB-NUM-010": _when(
        lambda seen: seen.get("country") == "ZZ" and seen.get("api_secret") == ACCOUNT.api_secret,
        lambda seen: seen.again(country="GB"),
    ),
    "NIB-NUM-011": _when(lambda seen: seen.get("cnam") == "false", fresh_refusal(3)),
    "NIB-NUM-012": Mutant(
        after=lambda seen, answer: (
            with_facts(answer, {"status": 3, "status_message": "Invalid number"})
            if "FLOWERS" in (seen.get("number") or "")
            else answer
        ),
        edition=OBSERVED,
    ),
    "NIB-NUM-013": Mutant(_another_number),
    "NIB-NUM-014": on_success(_without_prefix),
    "NIB-NUM-015": on_success(lambda facts: {"country_prefix": facts["country_prefix"][:1]}),
    "NIB-NUM-016": on_success(lambda facts: {"country_code_iso3": "DEU"}),
    "NIB-NUM-017": on_success(lambda facts: {"country_name": "Atlantis"}),
    "NIB-NUM-018": on_success(_canada_is_american),
    "NIB-NUM-019": on_success(lambda facts: {"national_format_number": facts["national_format_number"][:-1]}),
    "NIB-NUM-020": on_success(
        lambda facts: {"national_format_number": "".join(c for c in facts["national_format_number"] if c.isdigit())}
    ),
    "NIB-NUM-021": Mutant(_dots_read),
    "NIB-NUM-022": _when(lambda seen: "\u00a0" in (seen.get("number") or ""), fresh_refusal(3)),
}


# ---------------------------------------------------------------- RES, ERR


def _labelled(content_type: str, xml: bool) -> Mutant:
    def after(seen: Seen, answer: Answer) -> Answer:
        return replace(answer, headers=(("content-type", content_type),)) if is_xml(answer) == xml else answer

    return Mutant(after=after)


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


def _all(change: Any) -> Mutant:
    def after(seen: Seen, answer: Answer) -> Answer:
        facts = facts_of(answer)
        return with_facts(answer, change(facts)) if facts["status"] is not None else answer

    return Mutant(after=after)


def _status_7(seen: Seen, answer: Answer) -> Answer:
    """A refusal with status 7, for a request whose refusal the documented edition leaves open."""
    unsaid = seen.get("number") == "02079460018" and not seen.get("country")
    return with_facts(answer, {**facts_of(answer), "status": 7}) if unsaid else answer


def _http_400(seen: Seen, answer: Answer) -> Answer:
    return replace(answer, http_status=400) if facts_of(answer)["status"] == 3 else answer


def _texts(facts: Facts, text: str) -> Facts:
    return {name: text for name in ("status_message", "error_text", "text") if name in facts}


ANSWERS = {
    "NIB-RES-001": Mutant(after=_http_400),
    "NIB-RES-002": _labelled("text/html", xml=False),
    "NIB-RES-003": Mutant(
        after=lambda seen, answer: with_body(answer, answer.body[:-1] + b",}") if _plain(seen, LISBON) else answer
    ),
    "NIB-RES-004": on_success(lambda facts: {"request_id": "x" * 5 + facts["request_id"]}),
    "NIB-RES-005": _json_success(
        lambda body: body.replace('"status":0', '"status":"0"').replace('"status": 0', '"status":"0"')
    ),
    "NIB-RES-006": Mutant(after=_status_7),
    "NIB-RES-007": _json_success(lambda body: body.replace('"Success"', '""')),
    "NIB-RES-008": Mutant(
        after=lambda seen, answer: (
            with_facts(answer, without(facts_of(answer), "request_id")) if facts_of(answer)["status"] == 0 else answer
        )
    ),
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
    "NIB-RES-017": on_success(lambda facts: _texts(facts, "OK")),
    "NIB-RES-018": _json_success(lambda body: json.dumps({**json.loads(body), "carrier": "unknown"})),
    "NIB-RES-019": _json_success(
        lambda body: body[:-1] + ', "country_code": ' + json.dumps(json.loads(body)["country_code"]) + "}"
    ),
    "NIB-ERR-001": _json_refusal(lambda facts: {**facts, "error_text": ""}),
    "NIB-ERR-002": _json_refusal(lambda facts: {**facts, "status_message": facts["error_text"]}),
    "NIB-ERR-003": _json_refusal(lambda facts: without(facts, "status_message"), OBSERVED),
    "NIB-ERR-004": _json_refusal(lambda facts: {**facts, "error_text": facts["status_message"]}, OBSERVED),
    "NIB-ERR-005": on_refusal(lambda facts: {"country_code": "GB"}),
    "NIB-ERR-006": on_refusal(lambda facts: _texts(facts, "Partner quota exceeded") if facts["status"] == 4 else {}),
    "NIB-ERR-007": on_refusal(lambda facts: _texts(facts, "Bad credentials") if facts["status"] == 4 else {}, OBSERVED),
    "NIB-ERR-008": on_refusal(
        lambda facts: _texts(facts, (facts.get("status_message") or facts["text"]).replace("+1 (23)", "123")), OBSERVED
    ),
    "NIB-ERR-009": Mutant(
        after=lambda seen, answer: (
            with_facts(answer, without(facts_of(answer), "request_id"))
            if facts_of(answer)["status"] not in (0, None)
            else answer
        )
    ),
    "NIB-ERR-010": _json_refusal(
        lambda facts: {**facts, "request_id": f"id-{hash(json.dumps(facts)) & 0xFFFFFFF}-{_count()}"}, OBSERVED
    ),
}

_counter = iter(range(10**9))


def _count() -> int:
    return next(_counter)


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


# ---------------------------------------------------------------- REL


def _same_as_previous(seen: Seen) -> bool:
    previous, seen.memory["previous"] = seen.memory.get("previous"), seen.request
    return bool(previous == seen.request) and seen.get("number") == "441632960960"


def _one_id_a_number(facts: Facts) -> Facts:
    return {"request_id": f"id-of-{facts['international_format_number']}"}


def _country_remembered(seen: Seen) -> Request | Answer:
    country = seen.get("country")
    if country == "GB":
        seen.memory["country"] = country
    national = seen.get("number") == "02079460018" and not country and "country" in seen.memory
    return _if(national, lambda: seen.again(country=seen.memory["country"]), seen)


def _busy_for_ever(seen: Seen, answer: Answer) -> Answer:
    if facts_of(answer)["status"] == 1:
        seen.memory["busy"] = answer
    busy = seen.memory.get("busy")
    wrong = seen.get("api_secret") != ACCOUNT.api_secret
    return answer if busy is None or wrong else _with_new_id(busy)


def _with_new_id(answer: Answer) -> Answer:
    return with_facts(answer, {**facts_of(answer), "request_id": f"busy-{_count()}"})


def _busy_before_credentials(seen: Seen, answer: Answer) -> Answer:
    """A provider that checks the rate before credentials. A second request shows whether the account is busy."""
    if seen.get("api_secret") == "not-the-secret" and facts_of(seen.ask(seen.again()))["status"] == 1:
        return _with_new_id(seen.ask(seen.again()))
    return answer


def _never_busy(seen: Seen, answer: Answer) -> Answer:
    if facts_of(answer)["status"] != 1:
        seen.memory[seen.request.url] = answer
        return answer
    return with_facts(answer, {**facts_of(seen.memory[seen.request.url]), "request_id": f"served-{_count()}"})


RELATIONS = {
    "NIB-REL-001": _alias_when(lambda seen: seen.asked.format == "xml"),
    "NIB-REL-002": _alias_when(lambda seen: seen.request.method == "POST"),
    "NIB-REL-003": _alias_when(lambda seen: seen.asked.media_type in JSON_TYPES and seen.request.method == "POST"),
    "NIB-REL-004": _alias_when(lambda seen: not (seen.get("number") or "").isalnum()),
    "NIB-REL-005": _alias_when(lambda seen: _raw(seen).startswith("country")),
    "NIB-REL-006": _alias_when(lambda seen: "page_index" in _raw(seen)),
    "NIB-REL-007": _alias_when(_same_as_previous),
    "NIB-REL-008": on_success(_one_id_a_number),
    "NIB-REL-009": Mutant(_country_remembered),
    "NIB-REL-010": Mutant(after=_never_busy),
    "NIB-REL-011": Mutant(after=_busy_for_ever),
    "NIB-REL-012": _alias_when(_signed),
    "NIB-REL-013": _alias_when(lambda seen: seen.get("cnam") == "true"),
    "NIB-REL-014": Mutant(after=_busy_before_credentials, falls_with=("NIB-AUT-002",)),
}

PROVIDERS: dict[str, Mutant] = {**REQUESTS, **CREDENTIALS, **NUMBERS, **ANSWERS, **XML, **RELATIONS}
