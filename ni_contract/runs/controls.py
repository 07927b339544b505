"""The cause of a wrong status: each request that got one is compared with simpler ones, its controls."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import islice
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
    canonical,
    in_ascii,
    in_order,
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
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.sending import BROKEN_BODY, failure_kind
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Violation, judge_provider
from ni_contract.judge.clauses.observed_status import (
    ELSEWHERE,
    FORMAT_CLAUSE,
    TRAIT_CLAUSES,
    format_follows_accept,
    http_status_of,
)
from ni_contract.judge.clauses.status import (
    CREDENTIAL_TRAITS,
    CREDENTIALS_FIRST,
    SERVED_CLAUSES,
    STATUS_CLAUSES,
    judge_refusal,
    judge_status,
)
from ni_contract.judge.context import EvaluationContext, evaluation_context
from ni_contract.judge.root_causes import OTHER_NUMBER
from ni_contract.runs.not_offered import CREDENTIAL_CLAUSES, as_unanswered, wrong_in_any_case

RIGHT_SECRET, POSSIBLE_NUMBER = "NIB-AUT-001", "NIB-NUM-001"
SAME_IN_XML, WELL_FORMED_XML, ANY_ORDER = "NIB-REL-001", "NIB-XML-001", "NIB-REL-005"
JSON_BODY: Final = "NIB-REQ-003"
STRAY_HEADER, DECODED, CNAM, UNKNOWN = "NIB-REQ-008", "NIB-REQ-005", "NIB-NUM-011", "NIB-REQ-007"
ENCODINGS = frozenset({DECODED, "NIB-REQ-006", "NIB-REQ-009"})
WRONG_PAIR: Final = ("NIB-AUT-002", "NIB-AUT-003")
MISSING_CREDENTIALS: Final = "NIB-AUT-004"
PLAIN_CLAUSES: Final = frozenset({"NIB-REQ-001", "NIB-AUT-001", "NIB-NUM-001"})
MAX_REPEATED: Final = 3  # times a clause, without another answer


@dataclass(slots=True)
class Controls:
    """Finds the cause of a wrong status. *ask* sends a request and has its answer judged.

    *asked* holds the exchanges so far, so that no control is sent twice.
    """

    ask: Callable[[Fields], Exchange]
    account: Credentials
    asked: dict[str, Exchange] = field(default_factory=dict)
    repeated: Counter[str] = field(default_factory=Counter)
    _reshaped: dict[str, bool | None] = field(default_factory=dict)  # None: being asked again
    _looked_at: int = 0
    _is_served: bool = False

    def find_cause(self, violation: Violation, fields: Fields) -> Violation | None:
        """*violation* of the clause that the simplest request with the same fault breaks; None when that was judged.

        A request that is refused alike in its plainest form shows nothing about its characteristics.
        """
        clause = load_catalogue()[violation.clause_id]
        if clause.kind == "answer" or clause.id == OTHER_NUMBER:
            # What only the observed edition demands is blamed on no clause of both.
            return self._by_form(violation, fields) if clause.binds(DOCUMENTED) else violation
        if self._is_decoded_twice(violation, fields):
            return replace(violation, clause_id=DECODED)
        if violation.clause_id not in STATUS_CLAUSES or http_status_of(self._read(fields)) in ELSEWHERE:
            return violation
        if format_follows_accept(self._read(fields)):
            return self._by_accept(violation, fields)
        if violation.clause_id == RIGHT_SECRET and (about_parameters := self._about_parameters(violation, fields)):
            return about_parameters
        if violation.clause_id == CREDENTIALS_FIRST and self._fails_with_right_secret(violation, fields):
            return None
        unanswered = as_unanswered(violation)
        if clause.id not in SERVED_CLAUSES and failure_kind(self._exchange(fields).answer) in BROKEN_BODY:
            return unanswered
        if unanswered is not None and clause.id in WRONG_PAIR and self._refuses_wrong_secret(fields):
            return unanswered
        # Before simpler requests are asked: what fails now and then may have failed for one of them too.
        if unanswered is not None and self._is_different_now(fields, violation.clause_id):
            return unanswered
        if (unsigned := self._unsigned(violation, fields)) is not violation:
            return unsigned
        simplest = minimal(fields, lambda simpler: self._fault(simpler, violation.clause_id) is not None)
        fault = self._fault(simplest, violation.clause_id)
        if fault is None:
            return violation
        clause_id, finding = fault
        if simplest == fields and self._is_different_now(fields, clause_id):
            return unanswered
        if simplest == plain(simplest):
            if simplest == fields or clause_id not in SERVED_CLAUSES:
                return violation
            return None
        control = self._exchange(plain(simplest))
        return replace(violation, clause_id=self._label(clause_id, simplest), unmasked=finding, control=control)

    def find_not_offered(self, violation: Violation, fields: Fields) -> Violation | None:
        """`wrong_in_any_case`, by the clause about missing credentials where the same is served without a signature."""
        found = wrong_in_any_case(violation, fields)
        return self._unsigned(found, fields) if found else None

    def _unsigned(self, violation: Violation, fields: Fields) -> Violation:
        """*violation* of MISSING_CREDENTIALS, if wrong credentials are served, and the same without any too."""
        bare = without_proof(fields)
        if violation.clause_id not in CREDENTIAL_CLAUSES or status_of(self._exchange(fields)) != 0 or bare == fields:
            return violation
        control = self._exchange(bare)
        if status_of(control) != 0:
            return violation
        finding = replace(violation.unmasked, expected="status 3 or 4")
        return replace(violation, clause_id=MISSING_CREDENTIALS, exchange=control, unmasked=finding)

    def _is_decoded_twice(self, violation: Violation, fields: Fields) -> bool:
        """Whether the number of an answer is the one that decoding the number asked for once more gives."""
        reading = self._read(fields)
        number = reading.asked.get("number") or ""
        if violation.clause_id in SERVED_CLAUSES or reading.answered is None or unquote(number) == number:
            return False
        facts = interpret(unquote(number), reading.asked.get("country")).facts
        return facts is not None and reading.answered.keys.get("international_format_number") == facts.international

    def _by_accept(self, violation: Violation, fields: Fields) -> Violation | None:
        """*violation* of FORMAT_CLAUSE, if the answer has the right format without an Accept header."""
        answered = self._read(without_headers(fields)).answered
        is_always_wrong = answered is not None and answered.looks_like_other_format
        return None if is_always_wrong or violation.clause_id != FORMAT_CLAUSE else violation

    def _by_form(self, violation: Violation, fields: Fields) -> Violation | None:
        """*violation* of UNKNOWN or STRAY_HEADER, once a request, where only these change the answer."""
        known, clause_id = without_unknown(fields), UNKNOWN
        if known == fields:
            known, clause_id = without_headers(fields), STRAY_HEADER
        is_about_id, broken = violation.unmasked.is_about_request_id, violation.clause_id
        if known == fields or is_about_id or self._read(fields).asked.problem or not self._is_sound(known, broken):
            return violation
        # Another status has another form: unknown parameters in a broken encoding may be refused.
        if status_of(self._exchange(fields)) not in (None, status_of(self._exchange(known))):
            return violation
        key = key_of(fields)
        if key not in self._reshaped:
            self._reshaped[key] = None
            # Both once more, the control last: what is kept of other requests may have changed its answer by now.
            self.asked[key] = self.ask(fields)
            self.asked[key_of(known)] = self.ask(known)
            is_sound = self._is_sound(known, violation.clause_id)
            self._reshaped[key] = is_sound and not self._is_sound(fields, violation.clause_id)
            if self._reshaped[key]:
                return replace(violation, clause_id=clause_id, control=self._exchange(known))
        return violation if self._reshaped[key] is False else None

    def _is_sound(self, fields: Fields, clause_id: str) -> bool:
        return clause_id in judge_provider(self._read(fields)).held

    def _is_different_now(self, fields: Fields, clause_id: str) -> bool:
        """Whether the same request no longer has the fault; that it differs is the violation of a relation."""
        if self.repeated[clause_id] >= MAX_REPEATED:
            return False
        # Counted first, because asking may lead here again.
        self.repeated[clause_id] += 1
        before = self._exchange(fields)
        self.asked[key_of(fields)] = again = self.ask(fields)
        is_different = status_of(again) != status_of(before) and self._fault(fields, clause_id) is None
        self.repeated[clause_id] -= is_different
        return is_different

    def _is_refused_for_cnam(self, clause_id: str, simplest: Fields) -> bool:
        is_served = status_of(self._exchange(simplest)) == 0
        return (
            clause_id not in {*SERVED_CLAUSES, CREDENTIALS_FIRST}
            and not is_served
            and value_of(simplest, "cnam") is not None
        )

    def _about_parameters(self, violation: Violation, fields: Fields) -> Violation | None:
        """*violation* of the one clause about number and country, where the same credentials are served elsewhere.

        Not of a clause of one edition alone: status 4 is wrong in both.
        """
        if not self._is_one_served():
            return None
        reading = self._read(fields)
        broken = [(one, result) for one, result in judge_refusal(reading) if isinstance(result, Finding)]
        if len(broken) != 1 or not load_catalogue()[broken[0][0]].binds(DOCUMENTED):
            return None
        return replace(violation, clause_id=broken[0][0], unmasked=broken[0][1])

    def _fails_with_right_secret(self, violation: Violation, fields: Fields) -> bool:
        """Whether the same request with the right secret gets the same wrong answer."""
        reading = self._read(with_right_secret(fields))
        results = [result for _, result in judge_status(reading)]
        return any(isinstance(one, Finding) and one.actual == violation.unmasked.actual for one in results)

    def _refuses_wrong_secret(self, fields: Fields) -> bool:
        """Whether another wrong secret for the same number is refused rightly."""
        usual = by_get(*[pair for pair in parameters_of(fields) if pair[0] == "number"], KEY, WRONG)
        return usual != fields and status_of(self._exchange(usual)) == BAD_CREDENTIALS

    def _is_one_served(self) -> bool:
        """Whether a request so far was served. Each answer is looked at once."""
        new = list(islice(self.asked.values(), self._looked_at, None))
        self._is_served = self._is_served or any(status_of(exchange) == 0 for exchange in new)
        self._looked_at += len(new)
        return self._is_served

    def _exchange(self, fields: Fields) -> Exchange:
        key = key_of(fields)
        if key not in self.asked:
            self.asked[key] = self.ask(fields)
        return self.asked[key]

    def _read(self, fields: Fields) -> EvaluationContext:
        return evaluation_context(self._exchange(fields), self.account, ())

    def _fault(self, fields: Fields, clause_id: str) -> tuple[str, Finding] | None:
        """The clause that this request breaks by its status: the same one, or any that requires success."""
        reading = self._read(fields)
        wanted = SERVED_CLAUSES if clause_id in SERVED_CLAUSES else {clause_id}
        broken = ((one, result) for one, result in judge_status(reading) if isinstance(result, Finding))
        return next(((one, finding) for one, finding in broken if one in wanted), None)

    def _label(self, clause_id: str, simplest: Fields) -> str:
        """The clause to fail: *clause_id*, or that of headers, order or XML, where *simplest* shows the fault."""
        if clause_id in PLAIN_CLAUSES and without_headers(simplest) != simplest:
            return STRAY_HEADER
        reading = self._read(simplest)
        has_unknown = parameters_of(without_unknown(simplest)) != parameters_of(simplest)
        for simplify, trait in ((in_ascii, "non_ascii"), (canonical, "percent_encoded")):
            if "sign" in simplest and trait in reading.traits and simplify(simplest) != simplest:
                return TRAIT_CLAUSES[trait]
        is_form = "sign" not in simplest and "json" not in reading.traits
        if clause_id not in ENCODINGS and is_form and canonical(simplest) != simplest:
            if "unescaped" in reading.traits:
                return TRAIT_CLAUSES["unescaped"]
            return UNKNOWN if has_unknown else DECODED
        if self._is_refused_for_cnam(clause_id, simplest):
            return CNAM
        credential = [one for one in reading.traits if one in CREDENTIAL_TRAITS]
        if clause_id == POSSIBLE_NUMBER and credential:
            return TRAIT_CLAUSES[credential[0]]
        is_xml_alone = plain(simplest) == {**simplest, "path": "/json"} != simplest
        if clause_id == JSON_BODY and has_unknown and simplest["body"].isascii():
            return UNKNOWN
        # Where the GET for a POST is served, the order of its parameters is not the cause.
        if simplest["method"] == "GET" and parameters_of(in_order(simplest)) != parameters_of(simplest):
            return UNKNOWN if has_unknown else ANY_ORDER
        if simplest["path"] == "/json" or not (is_xml_alone or clause_id in PLAIN_CLAUSES):
            return clause_id
        if clause_id == CREDENTIALS_FIRST:
            return clause_id
        if clause_id not in SERVED_CLAUSES and status_of(self._exchange(simplest)) == 0:
            return clause_id
        if reading.answered is not None and reading.answered.status is not None:
            return SAME_IN_XML
        return WELL_FORMED_XML
