"""Violations by credentials of a form that the provider does not offer: only what is wrong in any case counts."""

from dataclasses import replace
from typing import Final

from ni_contract.contract.catalogue import ids_by_case
from ni_contract.drivers.provider.controls import Fields
from ni_contract.drivers.provider.vectors import placeholders_of
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.gateway import SERVER_ERROR, status_of
from ni_contract.exchanges.values import Answer
from ni_contract.judge import Violation
from ni_contract.judge.clauses.observed_status import TRAIT_CLAUSES
from ni_contract.judge.clauses.status import AN_ANSWER, CREDENTIAL_TRAITS
from ni_contract.judge.unserved import ALWAYS_ANSWERED

CREDENTIAL_CLAUSES: Final = frozenset(ids_by_case("credential").values())
_ABOUT_CREDENTIALS: Final = CREDENTIAL_CLAUSES | {TRAIT_CLAUSES[trait] for trait in CREDENTIAL_TRAITS}


def wrong_in_any_case(violation: Violation, fields: Fields) -> Violation | None:
    """*violation*, by credentials that are not offered, if wrong ones are served, or the answer is HTTP 5xx or none.

    A computed signature that is served counts as right: the provider may have another signature secret than the run.
    """
    exchange = violation.exchange
    if exchange is None or violation.clause_id not in _ABOUT_CREDENTIALS or fields["path"] == "/xml":
        return None
    if status_of(exchange) == 0:
        is_computed = "sig" in placeholders_of(fields) and fields["sign"].get("secret") != "none"
        return None if is_computed else violation
    return as_unanswered(violation)


def as_unanswered(violation: Violation) -> Violation | None:
    """*violation* of ALWAYS_ANSWERED, if the answer is HTTP 5xx or none."""
    answer = violation.exchange and violation.exchange.answer
    if isinstance(answer, Answer) and answer.http_status < SERVER_ERROR:
        return None
    finding = Finding("HTTP status", AN_ANSWER, violation.unmasked.actual)
    return replace(violation, clause_id=ALWAYS_ANSWERED, unmasked=finding)
