"""The cause of a wrong answer: a request that got one is compared with simpler ones, its controls.

Each rule yields the violation that counts, None where the fault was judged elsewhere, or nothing where it does not
apply. The first that yields decides.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final
from urllib.parse import unquote

from ni_contract.contract.catalogue import DOCUMENTED, load_catalogue
from ni_contract.contract.numbering import interpret
from ni_contract.contract.vocabulary import BAD_CREDENTIALS
from ni_contract.drivers.provider.controls import (
    KEY,
    WRONG,
    Fields,
    by_get,
    key_of,
    minimal,
    parameters_of,
    plain,
    value_of,
    with_right_secret,
    without_headers,
    without_proof,
    without_unknown,
)
from ni_contract.drivers.provider.signed import TIMESTAMP
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.sending import BROKEN_BODY, failure_kind
from ni_contract.judge import Violation
from ni_contract.judge.clauses.observed_status import ELSEWHERE, FORMAT_CLAUSE, format_follows_accept, http_status_of
from ni_contract.judge.clauses.status import (
    CREDENTIALS_FIRST,
    SERVED_CLAUSES,
    STATUS_CLAUSES,
    judge_refusal,
    judge_status,
)
from ni_contract.judge.context import EvaluationContext
from ni_contract.judge.root_causes import OTHER_NUMBER
from ni_contract.runs.controls import Controls
from ni_contract.runs.failing_clause import DECODED, STRAY_HEADER, UNKNOWN, control_of, failing_clause
from ni_contract.runs.not_offered import CREDENTIAL_CLAUSES, as_unanswered, wrong_in_any_case

RIGHT_SECRET: Final = "NIB-AUT-001"
WRONG_CREDENTIALS: Final = ("NIB-AUT-002", "NIB-AUT-003", "NIB-AUT-007", "NIB-AUT-010")
MISSING_CREDENTIALS: Final = "NIB-AUT-004"

Causes = Iterator[Violation | None]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A violation, and the request (*fields*) that may not be its cause."""

    controls: Controls
    violation: Violation
    fields: Fields

    @property
    def clause_id(self) -> str:
        return self.violation.clause_id

    @property
    def needs_success(self) -> bool:
        """Whether the clause requires that the request is served."""
        return self.clause_id in SERVED_CLAUSES

    @property
    def reading(self) -> EvaluationContext:
        return self.controls.read(self.fields)

    @property
    def status(self) -> int | None:
        return self.controls.status(self.fields)

    @property
    def unanswered(self) -> Violation | None:
        return as_unanswered(self.violation)


def find_cause(controls: Controls, violation: Violation, fields: Fields) -> Violation | None:
    """*violation* of the clause that the simplest request with the same fault breaks; None when that was judged."""
    suspect = Suspect(controls, violation, fields)
    return next(chain.from_iterable(rule(suspect) for rule in _RULES))


def find_not_offered(controls: Controls, violation: Violation, fields: Fields) -> Violation | None:
    """`wrong_in_any_case`, by the clause about missing credentials where the same is served without a signature."""
    found = wrong_in_any_case(violation, fields)
    if found is None:
        return None
    return next(_served_without_proof(Suspect(controls, found, fields)), found)


def _wrong_form(one: Suspect) -> Causes:
    """A form may change with parameters or headers alone; what only the observed edition demands is left as it is."""
    clause = load_catalogue()[one.clause_id]
    if clause.kind == "answer" or clause.id == OTHER_NUMBER:
        yield _by_form(one) if clause.binds(DOCUMENTED) else one.violation


def _by_form(one: Suspect) -> Violation | None:
    """The violation of UNKNOWN or STRAY_HEADER, once a request, where only these change the answer."""
    known, cause = without_unknown(one.fields), UNKNOWN
    if known == one.fields:
        known, cause = without_headers(one.fields), STRAY_HEADER
    if not _may_be_reshaped(one, known):
        return one.violation
    key = key_of(one.fields)
    if key not in one.controls.reshaped:
        _ask_both(one, known)
        if one.controls.reshaped[key]:
            return replace(one.violation, clause_id=cause, control=one.controls.exchange(known))
    return one.violation if one.controls.reshaped[key] is False else None


def _may_be_reshaped(one: Suspect, known: Fields) -> bool:
    is_about_id = one.violation.unmasked.is_about_request_id
    if known == one.fields or is_about_id or one.reading.asked.problem:
        return False
    # Another status has another form: unknown parameters in a broken encoding may be refused.
    return one.controls.is_sound(known, one.clause_id) and one.status in (None, one.controls.status(known))


def _ask_both(one: Suspect, known: Fields) -> None:
    """Asks both once more, the control last: what is kept of other requests may have changed its answer by now."""
    controls, key = one.controls, key_of(one.fields)
    controls.reshaped[key] = None
    controls.ask_anew(one.fields)
    controls.ask_anew(known)
    is_sound = controls.is_sound(known, one.clause_id)
    controls.reshaped[key] = is_sound and not controls.is_sound(one.fields, one.clause_id)


def _decoded_twice(one: Suspect) -> Causes:
    """A success about the number that decoding once more gives comes from decoding."""
    asked, answered = one.reading.asked, one.reading.answered
    number = asked.get("number") or ""
    is_about_facts = one.status == 0 and not one.violation.unmasked.is_about_request_id
    if one.needs_success or not is_about_facts or answered is None or unquote(number) == number:
        return
    facts = interpret(unquote(number), asked.get("country")).facts
    if facts is not None and answered.keys.get("international_format_number") == facts.international:
        yield replace(one.violation, clause_id=DECODED)


def _not_about_status(one: Suspect) -> Causes:
    """Controls compare statuses, which a redirect does not have."""
    if one.clause_id not in STATUS_CLAUSES or http_status_of(one.reading) in ELSEWHERE:
        yield one.violation


def _by_accept(one: Suspect) -> Causes:
    """The format of the Accept header breaks its clause alone, and not even that if it is there in any case."""
    if not format_follows_accept(one.reading):
        return
    answered = one.controls.read(without_headers(one.fields)).answered
    is_always_wrong = answered is not None and answered.looks_like_other_format
    yield None if is_always_wrong or one.clause_id != FORMAT_CLAUSE else one.violation


def _about_parameters(one: Suspect) -> Causes:
    """Where the same credentials are served elsewhere, a refusal of them is about number or country.

    Not of a clause of one edition alone: status 4 is wrong in both.
    """
    if one.clause_id != RIGHT_SECRET or not one.controls.is_one_served():
        return
    broken = [(clause, result) for clause, result in judge_refusal(one.reading) if isinstance(result, Finding)]
    if len(broken) == 1 and load_catalogue()[broken[0][0]].binds(DOCUMENTED):
        yield replace(one.violation, clause_id=broken[0][0], unmasked=broken[0][1])


def _wrong_with_right_secret(one: Suspect) -> Causes:
    """What the right secret gets too is not about the order of checks."""
    if one.clause_id != CREDENTIALS_FIRST:
        return
    results = [result for _, result in judge_status(one.controls.read(with_right_secret(one.fields)))]
    if any(isinstance(found, Finding) and found.actual == one.violation.unmasked.actual for found in results):
        yield None


def _broken_body(one: Suspect) -> Causes:
    """An answer that breaks off is none, whatever should have been refused."""
    if not one.needs_success and failure_kind(one.controls.exchange(one.fields).answer) in BROKEN_BODY:
        yield one.unanswered


def _other_secret_refused(one: Suspect) -> Causes:
    """Where others for the same number, as wrong as these, are refused rightly, these merely get no answer."""
    if one.unanswered is None or one.clause_id not in WRONG_CREDENTIALS:
        return
    usual = _usual_wrong(one.fields)
    if usual != one.fields and one.controls.status(usual) == BAD_CREDENTIALS:
        yield one.unanswered


def _usual_wrong(fields: Fields) -> Fields:
    """A lookup of the same number with wrong credentials of the same kind, in ASCII."""
    number = [pair for pair in parameters_of(fields) if pair[0] == "number"]
    if value_of(fields, "sig") is not None:
        return by_get(*number, KEY, TIMESTAMP, ("sig", "0" * 32))
    if without_proof(fields) != fields:
        return by_get(*number, headers={"Authorization": "Basic {{basic.wrong_secret}}"})
    return by_get(*number, KEY, WRONG)


def _now_and_then(one: Suspect) -> Causes:
    """What fails now and then is asked again before simpler requests: it may have failed for one of them too."""
    if one.unanswered is not None and one.controls.is_different_now(one.fields, one.clause_id):
        yield one.unanswered


def _served_without_proof(one: Suspect) -> Causes:
    """If wrong credentials are served, and the same without any too, these are not looked at."""
    bare = without_proof(one.fields)
    if one.clause_id not in CREDENTIAL_CLAUSES or one.status != 0 or bare == one.fields:
        return
    control = one.controls.exchange(bare)
    if status_of(control) == 0:
        finding = replace(one.violation.unmasked, expected="status 3 or 4")
        yield replace(one.violation, clause_id=MISSING_CREDENTIALS, exchange=control, unmasked=finding)


def _by_simplest(one: Suspect) -> Causes:
    """A request that is refused alike in a simpler form shows nothing about its other characteristics."""
    controls = one.controls
    simplest = minimal(one.fields, lambda simpler: controls.fault(simpler, one.clause_id) is not None)
    fault = controls.fault(simplest, one.clause_id)
    if fault is None:
        yield one.violation
        return
    clause_id, finding = fault
    if simplest == one.fields and controls.is_different_now(one.fields, clause_id):
        yield one.unanswered
    elif simplest != plain(simplest):
        failing = failing_clause(controls, clause_id, simplest)
        control = controls.exchange(control_of(controls, failing, simplest, one.clause_id))
        yield replace(one.violation, clause_id=failing, unmasked=finding, control=control)
    elif simplest == one.fields or clause_id not in SERVED_CLAUSES:
        yield one.violation
    else:
        yield None


_RULES: Final[tuple[Callable[[Suspect], Causes], ...]] = (
    _wrong_form,
    _decoded_twice,
    _not_about_status,
    _by_accept,
    _about_parameters,
    _wrong_with_right_secret,
    _broken_body,
    _other_secret_refused,
    _now_and_then,
    _served_without_proof,
    _by_simplest,
)
