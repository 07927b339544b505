"""The features that a provider offers: those found, signature methods, and the violation of a missing one."""

from collections.abc import Iterable
from itertools import chain
from typing import Final

from ni_contract.contract.catalogue import DOCUMENTED, Clause, feature_clauses
from ni_contract.contract.features import Claims
from ni_contract.contract.vocabulary import BAD_CREDENTIALS, BUSY, HTTP_OK, NO_CREDIT
from ni_contract.drivers.provider.driver import Sent
from ni_contract.drivers.provider.vectors import placeholders_of
from ni_contract.errors import option
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.judge import Violation
from ni_contract.runs.session import Session

BASIC: Final = "basic-auth"


def features_found(sent: Iterable[Sent]) -> frozenset[str]:
    """The features of which at least one vector got an answer that shows them."""
    return frozenset(chain.from_iterable(map(_features_shown, sent)))


def _features_shown(sent: Sent) -> list[str]:
    # A secret beside a signature is served by a provider that does not know signatures too.
    has_both = {"sig", "api_secret"} <= placeholders_of(sent.vector.request)
    if has_both or any(BAD_CREDENTIALS in told.get("status", ()) for told in sent.vector.answer.values()):
        return []
    return [feature for feature in sent.vector.needs if _shows(feature, sent.exchange)]


def _shows(feature: str, exchange: Exchange) -> bool:
    """Whether the answer shows the feature; a refusal shows the contrary, an unreadable answer neither."""
    answer = exchange.answer
    if not isinstance(answer, Answer) or answer.http_status != HTTP_OK:
        return False
    return feature == "xml" or status_of(exchange) in (0, None)


def features_missing(sent: list[Sent], claims: Claims) -> frozenset[str]:
    """The features that are not offered.

    A refusal shows that only where plain lookups are served: where none is, those that were asked for although *claims*
    need not have them.
    """
    if not any(status_of(one.exchange) == 0 for one in sent if not one.vector.needs):
        asked_for = set(chain.from_iterable(one.vector.needs for one in sent))
        return frozenset(asked_for & (claims.assumed | claims.claimed & {BASIC})) - claims.stated - features_found(sent)
    asked = [one for one in sent if _is_to_be_served(one) and _denies(one.exchange)]
    denied = set(chain.from_iterable(one.vector.needs for one in asked))
    return frozenset(denied & feature_clauses().keys()) - features_found(sent)


def _is_to_be_served(sent: Sent) -> bool:
    """Whether the contract requires success; a refusal that is right shows nothing about a feature."""
    return any(0 in told.get("status", ()) for told in sent.vector.answer.values())


def _denies(exchange: Exchange) -> bool:
    """Whether the answer shows that the feature is missing; a busy or exhausted account, or no answer, does not."""
    answer = exchange.answer
    if not isinstance(answer, Answer):
        return False
    return answer.http_status != HTTP_OK or status_of(exchange) not in (None, 0, BUSY, NO_CREDIT)


def methods_found(sent: Iterable[Sent]) -> tuple[str, ...]:
    """The signature methods of right signatures that were served."""
    right = (one.vector.request["sign"]["method"] for one in sent if is_probe(one) and status_of(one.exchange) == 0)
    return tuple(dict.fromkeys(right))


def is_probe(sent: Sent) -> bool:
    """Whether the vector tests if a signature method is offered."""
    return "sign" in sent.vector.request and sent.vector.probe


def is_offered(session: Session, sent: Sent) -> bool:
    """Whether the vector's features are offered, as far as known, and the number of a vector of the user's own."""
    if sent.vector.own and not session.serves(sent.vector.request):
        return False
    return session.missing.isdisjoint(sent.vector.needs) and not session.is_other_method(sent.vector.request)


def missing_finding(session: Session, feature: str) -> Violation:
    """The violation of a feature that is claimed and was never served."""
    first = next(one for one in session.sent if feature in one.vector.needs)
    expected = f"{feature} is offered; if it is not meant to be: {option('features')} no-{feature}"
    finding = Finding(f"feature {feature}", expected, _summary(first.exchange))
    return Violation(feature_clauses()[feature], first.exchange, finding)


def _summary(exchange: Exchange) -> str:
    answer = exchange.answer
    if not isinstance(answer, Answer):
        return f"no answer: {answer.message}"
    status = status_of(exchange)
    if status is None:
        return f"HTTP {answer.http_status}"
    return f"HTTP {answer.http_status}, status {status}"


def unclaimed_features(claims: Claims, missing: frozenset[str], is_partial: bool) -> dict[str, str]:
    """The features that are not offered or tested, with the reason."""
    reasons = {f: f"{f} is not claimed" for f in feature_clauses() if f not in claims.claimed}
    for feature in claims.assumed & missing:
        reasons[feature] = f"{feature} was not found; give a signature secret, or claim it with {option('features')}"
    if claims.throttle is None and (claims.throttle_refused or not is_partial):
        reasons["throttle"] = f"no rate is declared; declare one with {option('features')} throttle=N"
    return reasons


def open_reason(session: Session, clause: Clause, edition: str) -> str:
    """The reason why *clause* does not apply in *edition* to a provider without its feature, "" where it applies."""
    claims = session.plan.claims
    if clause.shows == BASIC and edition == DOCUMENTED and BASIC in session.missing and BASIC not in claims.stated:
        return f"HTTP Basic is not on the page and was not found; claim it with {option('features')} to have it judged"
    if clause.id == _MD5HASH and session.methods and "md5hash" not in session.methods:
        return "the signature method md5hash was not found; an account has one method"
    if clause.id == _HMAC and session.methods == ("md5hash",):
        return "no HMAC method was found; an account has one method"
    if clause.id == _EVERY_FORM and session.offered().claimed.isdisjoint((BASIC, "signature")):
        return "neither HTTP Basic nor signatures are offered: there is one form of credentials"
    return ""


_MD5HASH, _HMAC, _EVERY_FORM = "NIB-AUT-008", "NIB-AUT-009", "NIB-REL-012"
