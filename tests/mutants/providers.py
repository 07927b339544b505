"""One mutant provider a clause: the simulator with one change, so that it has no other fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mutants.answer_providers import ANSWERS, XML
from mutants.changes import (
    LISBON,
    OBSERVED,
    alias_when,
    count,
    is_open,
    is_plain,
    is_signed,
    one_of,
    raw_query,
    texts,
    when,
)
from mutants.request_providers import CREDENTIALS, REQUESTS
from mutants.tools import ACCOUNT, Facts, Mutant, Seen, answering, facts_of, fresh_refusal, on_success, with_facts
from ni_contract.contract.vocabulary import JSON_TYPES
from ni_contract.exchanges.values import Answer, Request

# ---------------------------------------------------------------- NUM


def _another_number(seen: Seen) -> Request | Answer:
    return one_of(is_plain(seen, LISBON), lambda: seen.again(number=LISBON[:-1] + "1"), seen)


def _country_only_on_mismatch_ignored(seen: Seen) -> Request | Answer:
    mismatch = seen.get("country") == "US" and (seen.get("number") or "").startswith("44")
    without = seen.request.url.replace("&country=US", "")
    return one_of(mismatch, lambda: replace(seen.request, url=without), seen)


def _canada_is_american(facts: Facts) -> Facts:
    if facts["country_code"] != "CA":
        return {}
    return {"country_code": "US", "country_code_iso3": "USA", "country_name": "United States of America"}


def _national_refused(seen: Seen) -> Request | Answer:
    national = seen.request.method == "GET" and seen.get("country") == "GB" and "(0" in (seen.get("number") or "")
    return one_of(national, lambda: fresh_refusal(5)(seen), seen)


def _confirmed_refused(seen: Seen) -> Request | Answer:
    confirmed = seen.get("country") == "GB" and (seen.get("number") or "").startswith("44") and not is_signed(seen)
    return one_of(confirmed, lambda: fresh_refusal(3)(seen), seen)


def _refused(status: int) -> Callable[[Facts], Facts]:
    """Facts of a refusal with another *status*."""
    return lambda facts: {**facts, **texts(facts, "Invalid request"), "status": status}


def _is_impossible(seen: Seen, facts: Facts) -> bool:
    return seen.get("number") in ("123", "4420794600181", "+1 (23)", "<abc>&") and facts["status"] != 4


def _dots_read(seen: Seen) -> Request | Answer:
    number = seen.get("number") or ""
    return one_of("." in number, lambda: seen.again(number=number.replace(".", "")), seen)


def _without_prefix(facts: Facts) -> Facts:
    digits = facts["international_format_number"]
    return {"international_format_number": digits.removeprefix(facts["country_prefix"])} if digits[:2] == "44" else {}


NUMBERS = {
    "NIB-NUM-001": when(lambda seen: seen.get("number") == "441632960960" and not is_signed(seen), fresh_refusal(5)),
    "NIB-NUM-002": when(lambda seen: "44-20" in raw_query(seen), fresh_refusal(5)),
    "NIB-NUM-003": Mutant(_national_refused),
    "NIB-NUM-004": answering(lambda seen, facts: seen.get("number") is None and facts["status"] == 3, _refused(5)),
    "NIB-NUM-005": answering(_is_impossible, _refused(3)),
    "NIB-NUM-006": answering(_is_impossible, _refused(5), OBSERVED),
    "NIB-NUM-007": answering(is_open, lambda facts: {**facts, "status": 5}, OBSERVED),
    "NIB-NUM-008": Mutant(_country_only_on_mismatch_ignored),
    "NIB-NUM-009": Mutant(_confirmed_refused),
    "NIB-NUM-010": when(
        lambda seen: seen.get("country") == "ZZ" and seen.get("api_secret") == ACCOUNT.api_secret,
        lambda seen: seen.again(country="GB"),
    ),
    "NIB-NUM-011": when(lambda seen: seen.get("cnam") == "false", fresh_refusal(3)),
    "NIB-NUM-012": answering(
        lambda seen, _facts: "FLOWERS" in (seen.get("number") or ""),
        lambda _facts: {"status": 3, "status_message": "Invalid number"},
        OBSERVED,
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
    "NIB-NUM-022": when(lambda seen: "\u00a0" in (seen.get("number") or ""), fresh_refusal(3)),
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
    return one_of(national, lambda: seen.again(country=seen.memory["country"]), seen)


def _busy_for_ever(seen: Seen, answer: Answer) -> Answer:
    if seen.asked.format == "xml":
        return answer
    if facts_of(answer)["status"] == 1:
        seen.memory["busy"] = answer
    busy = seen.memory.get("busy")
    wrong = seen.get("api_secret") != ACCOUNT.api_secret
    return answer if busy is None or wrong else _with_new_id(busy)


def _with_new_id(answer: Answer) -> Answer:
    return with_facts(answer, {**facts_of(answer), "request_id": f"busy-{count()}"})


def _busy_before_credentials(seen: Seen, answer: Answer) -> Answer:
    """A provider that checks the rate before credentials. A second request shows whether the account is busy."""
    if seen.get("api_secret") == "not-the-secret" and facts_of(seen.ask(seen.again()))["status"] == 1:
        return _with_new_id(seen.ask(seen.again()))
    return answer


def _never_busy(seen: Seen, answer: Answer) -> Answer:
    if facts_of(answer)["status"] != 1:
        seen.memory[seen.request.url] = answer
        return answer
    return with_facts(answer, {**facts_of(seen.memory[seen.request.url]), "request_id": f"served-{count()}"})


RELATIONS = {
    "NIB-REL-001": alias_when(lambda seen: seen.asked.format == "xml"),
    "NIB-REL-002": alias_when(lambda seen: seen.request.method == "POST"),
    "NIB-REL-003": alias_when(lambda seen: seen.asked.media_type in JSON_TYPES and seen.request.method == "POST"),
    "NIB-REL-004": alias_when(lambda seen: not (seen.get("number") or "").isalnum()),
    "NIB-REL-005": alias_when(lambda seen: raw_query(seen).startswith("country")),
    "NIB-REL-006": alias_when(lambda seen: "page_index" in raw_query(seen)),
    "NIB-REL-007": alias_when(_same_as_previous),
    "NIB-REL-008": on_success(_one_id_a_number),
    "NIB-REL-009": Mutant(_country_remembered),
    "NIB-REL-010": Mutant(after=_never_busy),
    "NIB-REL-011": Mutant(after=_busy_for_ever),
    "NIB-REL-012": alias_when(is_signed),
    "NIB-REL-013": alias_when(lambda seen: seen.get("cnam") == "true"),
    "NIB-REL-014": Mutant(after=_busy_before_credentials, falls_with=("NIB-AUT-002",)),
}

PROVIDERS: dict[str, Mutant] = {**REQUESTS, **CREDENTIALS, **NUMBERS, **ANSWERS, **XML, **RELATIONS}
