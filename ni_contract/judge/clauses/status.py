"""The status that a request must get, and the clause that states it: AUT, REQ and the NUM clauses about refusals.

A valid request that is not served fails the clause of its first characteristic, so that one fault fails one clause; a
valid request that is served passes the clauses of all its characteristics.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Final

from ni_contract.contract.catalogue import EDITIONS, ids_by_case, load_catalogue
from ni_contract.contract.numbering import Problem, digits_of, interpret
from ni_contract.contract.vocabulary import BAD_CREDENTIALS, BAD_FORMAT, HTTP_OK, INVALID
from ni_contract.exchanges.finding import BEYOND_XML, Finding
from ni_contract.exchanges.gateway import SERVER_ERROR
from ni_contract.exchanges.request import is_ambiguous
from ni_contract.judge.clauses.observed_status import (
    TRAIT_CLAUSES,
    http_status_of,
    outcome_of,
    status_of,
    success_for,
    way_in,
    wrong_status,
)
from ni_contract.judge.clauses.open_requests import (
    also_allowed,
    has_open_option,
    is_absurd,
    is_judged_elsewhere,
    is_malformed,
    lacks_credentials,
    unspecified,
)
from ni_contract.judge.clauses.registry import Stage, clause
from ni_contract.judge.clauses.result import PASSED, Judgement, check
from ni_contract.judge.context import EvaluationContext

_CLIENT_ERROR, _GATEWAY_ERRORS = 400, (403, 404, 429)
_NOT_IMPLEMENTED = 501
AN_ANSWER: Final = "an answer: no HTTP 5xx, no closed connection"
CREDENTIAL_TRAITS: Final = ("hmac", "md5hash", "basic")
_CREDENTIAL_CLAUSES: Final = ids_by_case("credential")
_PROBLEM_CLAUSES: Final = {
    problem: load_catalogue().with_case("problem").get(problem.name.lower(), ()) for problem in Problem
}
_EDITIONS_OF: Final = {clause_.id: clause_.editions for clause_ in load_catalogue()}

StatusCheck = Callable[[EvaluationContext], list[Judgement]]
OTHER_METHOD: Final[Stage[StatusCheck]] = Stage()
REFUSED_CREDENTIALS: Final[Stage[StatusCheck]] = Stage()
REFUSED_PARAMETERS: Final[Stage[StatusCheck]] = Stage()
SERVED: Final[Stage[StatusCheck]] = Stage()
ALWAYS: Final[Stage[StatusCheck]] = Stage()


def judge_status(reading: EvaluationContext) -> list[Judgement]:
    """The results of all clauses that state the status of this request."""
    stage = _stage(reading)
    is_open = stage is None and (reading.ambiguous or unspecified(reading) or has_open_option(reading))
    is_unauthorized = reading.is_lookup and reading.credential.valid and status_of(reading) == BAD_CREDENTIALS
    if stage in (REFUSED_PARAMETERS, None) and is_unauthorized and not is_open:
        return [_wrongly_unauthorized(reading)]
    is_broken = reading.is_lookup and is_malformed(reading)
    judged: list[Judgement] = []
    if stage is not None and not (is_broken and status_of(reading) is None):
        judged = _run(stage, reading)
    # A request without any other expectation, in one of the editions, must still be answered.
    editions = set(chain.from_iterable(_EDITIONS_OF[clause_id] for clause_id, _ in judged))
    if not is_broken and editions.issuperset(EDITIONS):
        return judged
    return judged + _run(ALWAYS, reading)


def _run(stage: Stage[StatusCheck], reading: EvaluationContext) -> list[Judgement]:
    return list(chain.from_iterable(check_(reading) for check_ in stage.distinct))


def _wrongly_unauthorized(reading: EvaluationContext) -> Judgement:
    """The result for right credentials that were refused, whatever else is wrong with the request."""
    clause_id = next((TRAIT_CLAUSES[trait] for trait in reading.traits if trait in CREDENTIAL_TRAITS), "NIB-AUT-001")
    return clause_id, wrong_status(reading, "no status 4: the credentials are right")


def judge_refusal(reading: EvaluationContext) -> list[Judgement]:
    """The judgements of the clauses that state the refusal of this number and country."""
    return _run(REFUSED_PARAMETERS, reading)


@clause(["NIB-REQ-012", "NIB-REQ-014"], ALWAYS)
def answered_whatever_is_asked(reading: EvaluationContext) -> list[Judgement]:
    if not reading.is_lookup:
        return []
    got = http_status_of(reading)
    good = got is not None and got < SERVER_ERROR
    is_open = is_ambiguous(reading.asked) and not is_malformed(reading)
    clause_id = "NIB-REQ-014" if is_open else "NIB-REQ-012"
    return [(clause_id, PASSED if good else Finding("HTTP status", AN_ANSWER, outcome_of(reading)))]


# Bodies that are too large, and unlisted media types or encodings, have statuses of HTTP.
_NAMED_BY_HTTP: Final = (413, 415)


@clause("NIB-REQ-013", ALWAYS)
def refused_by_the_api_itself(reading: EvaluationContext) -> list[Judgement]:
    got = http_status_of(reading)
    if got is None or got >= SERVER_ERROR or got in _NAMED_BY_HTTP:
        return []
    if not reading.is_lookup or not is_malformed(reading):
        return []
    good = got < _CLIENT_ERROR or got in _GATEWAY_ERRORS or status_of(reading) is not None
    return [("NIB-REQ-013", check(good, "HTTP status", "200, or a gateway's 403, 404 or 429", got))]


def _stage(reading: EvaluationContext) -> Stage[StatusCheck] | None:
    """The checks that apply to this request; None where the contract does not state its status."""
    if reading.asked.format is None:
        return None
    if not reading.is_lookup:
        return OTHER_METHOD
    is_wrong = reading.credential.valid is False
    if reading.ambiguous or unspecified(reading):
        # How a key or a secret that is no text is refused is open, but not that it is.
        no_text = reading.asked.no_text
        is_no_text = no_text is not None and no_text[1] is not list
        if is_wrong and is_no_text and status_of(reading) == 0:
            return REFUSED_CREDENTIALS
        return None
    if is_wrong:
        return REFUSED_CREDENTIALS
    if reading.meaning.problem is not None:
        return REFUSED_PARAMETERS
    if reading.meaning.certain and not has_open_option(reading):
        return SERVED
    return None


@clause("NIB-REQ-010", OTHER_METHOD)
def head(reading: EvaluationContext) -> list[Judgement]:
    got = http_status_of(reading)
    if reading.asked.method != "HEAD":
        return []
    if got is None:
        return [("NIB-REQ-010", Finding("HTTP status", "200 for HEAD", outcome_of(reading)))]
    return [("NIB-REQ-010", check(got == HTTP_OK, "HTTP status", "200 for HEAD", got))]


@clause("NIB-REQ-011", OTHER_METHOD)
def refused_method(reading: EvaluationContext) -> list[Judgement]:
    method, got = reading.asked.method, http_status_of(reading)
    # A server may answer OPTIONS itself, with HTTP 200 for CORS; one that looks the number up takes it for a GET.
    is_preflight = method == "OPTIONS" and status_of(reading) != 0 and got == HTTP_OK
    if method == "HEAD" or is_preflight:
        return []
    expected = f"a refusal of {method}, such as 405"
    if method == "OPTIONS" and status_of(reading) == 0:
        expected = f"{expected}, or HTTP 200 without a lookup"
        return [("NIB-REQ-011", Finding("HTTP status", expected, f"{got}, with a lookup: status 0"))]
    if got is None:
        return [("NIB-REQ-011", Finding("HTTP status", expected, outcome_of(reading)))]
    is_refused = got != HTTP_OK and (got < SERVER_ERROR or got == _NOT_IMPLEMENTED)
    return [("NIB-REQ-011", check(is_refused, "HTTP status", expected, got))]


CREDENTIALS_FIRST: Final = "NIB-AUT-005"


@clause([*_CREDENTIAL_CLAUSES.values(), CREDENTIALS_FIRST], REFUSED_CREDENTIALS)
def refused_credentials(reading: EvaluationContext) -> list[Judgement]:
    clause_id = _CREDENTIAL_CLAUSES[reading.credential.reason]
    is_refused_for_number = status_of(reading) in (INVALID, BAD_FORMAT)
    is_wrong_too = reading.meaning.problem is not None or reading.asked.get("cnam") not in (None, "true", "false")
    if is_wrong_too and (reading.meaning.certain or is_refused_for_number):
        clause_id = CREDENTIALS_FIRST
    # For a missing credential, the page's words for status 3 and for status 4 both apply.
    missing = lacks_credentials(reading)
    statuses = (3, 4) if missing else (4,)
    if missing and (http_status_of(reading) or SERVER_ERROR) >= SERVER_ERROR:
        return []  # NIB-REQ-012
    # Credentials are checked before rate and quota: statuses 1 and 9 are no excuse here.
    return _refused(reading, clause_id, statuses, excused=())


@clause("NIB-NUM-021", REFUSED_PARAMETERS)
def other_characters(reading: EvaluationContext) -> list[Judgement]:
    # The reference does not say whether letters are read as on a keypad, or what is behind a number.
    number = reading.asked.get("number") or ""
    is_open = any(c.isalpha() for c in number) and not number.lower().startswith("tel:")
    if reading.meaning.problem is Problem.CHARACTERS and not is_open:
        return _refused(reading, "NIB-NUM-021", (3, 5))
    return []


@clause([one.id for one in chain.from_iterable(_PROBLEM_CLAUSES.values())], REFUSED_PARAMETERS)
def refused_number(reading: EvaluationContext) -> list[Judgement]:
    problem = reading.meaning.problem
    if is_absurd(reading):
        return _not_served(reading)
    if problem is None or not (reading.meaning.certain or problem is Problem.MISSING):
        return []
    judged = (_refused(reading, one.id, (*one.statuses, *also_allowed(reading))) for one in _PROBLEM_CLAUSES[problem])
    return list(chain.from_iterable(judged))


def _not_served(reading: EvaluationContext) -> list[Judgement]:
    """The clauses for what is no number, in whatever way that is said."""
    good = status_of(reading) != 0
    finding = wrong_status(reading, "no status 0")
    return [(one.id, PASSED if good else finding) for one in _PROBLEM_CLAUSES[Problem.IMPOSSIBLE]]


def _refused(
    reading: EvaluationContext, clause_id: str, statuses: tuple[int, ...], excused: tuple[int, ...] | None = None
) -> list[Judgement]:
    if is_judged_elsewhere(reading, excused):
        return []
    if status_of(reading) in statuses:
        return [(clause_id, PASSED)]
    expected = "status " + " or ".join(map(str, sorted(set(statuses))))
    return [(clause_id, wrong_status(reading, expected))]


@clause("NIB-ERR-008", REFUSED_PARAMETERS)
def quoted_number(reading: EvaluationContext) -> list[Judgement]:
    answered, number = reading.answered, reading.asked.get("number") or ""
    is_quoted = reading.meaning.certain and reading.meaning.problem in (Problem.IMPOSSIBLE, Problem.NATIONAL)
    if not is_quoted or answered is None or status_of(reading) != 3 or not isinstance(answered.text, str):
        return []
    if answered.is_xml and BEYOND_XML.search(number):
        return []
    expected = f"Invalid request :: Not valid number format detected [ {number} ]"
    # Parsers of XML and writers of it change white space.
    good = answered.text == expected or (answered.is_xml and answered.text.split() == expected.split())
    return [("NIB-ERR-008", check(good, answered.place("status_message"), repr(expected), answered.text))]


@clause("NIB-NUM-012", REFUSED_PARAMETERS)
def phoneword(reading: EvaluationContext) -> list[Judgement]:
    if reading.meaning.problem is not Problem.CHARACTERS:
        return []
    meaning = interpret(reading.asked.get("number"), reading.asked.get("country"), True)
    if not meaning.certain or meaning.facts is None or is_judged_elsewhere(reading):
        return []
    if status_of(reading) != 0 or reading.answered is None:
        return [("NIB-NUM-012", wrong_status(reading, "status 0"))]
    name = "international_format_number"
    got, expected = reading.answered.keys.get(name), meaning.facts.international
    return [("NIB-NUM-012", check(got == expected, reading.answered.place(name), repr(expected), got))]


@clause([*TRAIT_CLAUSES.values(), "NIB-REQ-001", "NIB-AUT-001", "NIB-NUM-001"], SERVED)
def served(reading: EvaluationContext) -> list[Judgement]:
    if is_judged_elsewhere(reading):
        return []
    if status_of(reading) == 0:
        passed = [TRAIT_CLAUSES[trait] for trait in traits_of(reading)]
        if reading.asked.method == "GET":
            passed.append("NIB-REQ-001")
        if reading.credential.kind == "secret":
            passed.append("NIB-AUT-001")
        return [(clause_id, PASSED) for clause_id in (*passed, "NIB-NUM-001")]
    return [(_blamed(reading, suspects_of(reading)), wrong_status(reading, success_for(reading)))]


def traits_of(reading: EvaluationContext) -> Sequence[str]:
    """The characteristics, most specific first; a country makes a national number national, else it only confirms."""
    facts = reading.meaning.facts
    if "country" not in reading.traits or facts is None:
        return reading.traits
    if digits_of(reading.asked.get("number") or "") != facts.international:
        return ["national" if trait == "country" else trait for trait in reading.traits]
    return reading.traits


def suspects_of(reading: EvaluationContext) -> Sequence[str]:
    """The characteristics that can be the cause; credentials cannot where the API reports another error."""
    if status_of(reading) in (None, BAD_CREDENTIALS):
        return traits_of(reading)
    return [trait for trait in traits_of(reading) if trait not in CREDENTIAL_TRAITS]


def _blamed(reading: EvaluationContext, traits: Sequence[str]) -> str:
    if way := way_in(reading):
        return way
    if traits:
        return TRAIT_CLAUSES[traits[0]]
    if status_of(reading) == 4:
        return "NIB-AUT-001"
    if status_of(reading) is not None:
        return "NIB-NUM-001"
    return "NIB-REQ-001"


SERVED_CLAUSES: Final = frozenset(dict(SERVED.checks))
STATUS_CLAUSES: Final = SERVED_CLAUSES.union(dict(REFUSED_CREDENTIALS.checks), dict(REFUSED_PARAMETERS.checks))
