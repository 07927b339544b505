"""The run of a provider, made from the state of its session: verdicts, results, notes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from ni_contract.contract.catalogue import EDITIONS, Clause
from ni_contract.contract.signature import METHODS
from ni_contract.drivers.provider.numbers import number_of, plain_lookup
from ni_contract.drivers.provider.target import Reconnecting, TargetInProcess
from ni_contract.errors import option
from ni_contract.exchanges.gateway import is_without_status, status_of
from ni_contract.exchanges.known_secrets import with_signatures_of
from ni_contract.exchanges.redaction import redact_url
from ni_contract.exchanges.values import Answer
from ni_contract.judge.deviations import deviations_for
from ni_contract.judge.root_causes import REPEATED, root_causes
from ni_contract.judge.verdicts import PASS, UNCLAIMED, UNTESTED, Verdict, apply_deviation, results_of, verdict_of
from ni_contract.runs.offered import BASIC, features_found, open_reason, unclaimed_features
from ni_contract.runs.run import EMBEDDED_NAME, Run
from ni_contract.runs.session import Session

POSSIBLE_NUMBER = "NIB-NUM-001"
NOT_RECORDED = "the recording has no exchange that exercises it"


def leaders_of(session: Session, most: int | None = None) -> Iterator[str]:
    """The ids of the leading failing clauses, at most *most* of each edition, each once."""
    causes = (root_causes(_verdicts(session, edition), session.tally)[:most] for edition in EDITIONS)
    yield from dict.fromkeys(cause.clause_id for cause in chain.from_iterable(causes))


def finish(session: Session, seconds: float, error: str) -> Run:
    verdicts = {edition: tuple(_verdicts(session, edition)) for edition in EDITIONS}
    return Run(
        target=session.target.name,
        base_url=session.target.base_url,
        reachable=session.target.reachable,
        account=with_signatures_of((one.exchange for one in session.tally.judged), session.plan.account),
        verdicts=verdicts,
        results=results_of(verdicts, error),
        causes={edition: root_causes(found, session.tally) for edition, found in verdicts.items()},
        claims=session.plan.claims,
        found=features_found(session.sent),
        discoveries=tuple(session.discoveries),
        notes=tuple(_notes(session)),
        requests=session.driver.requests,
        seed=session.plan.seed,
        exchanges=tuple(session.tally.judged),
        seconds=seconds,
        error=error,
        asked=session.driver.asked,
        is_cut=bool(session.unsent),
    )


def _verdicts(session: Session, edition: str) -> Iterable[Verdict]:
    is_partial = bool(session.partial) and not session.unsent
    unclaimed = unclaimed_features(session.plan.claims, session.missing, is_partial)
    declared = deviations_for(session.deviations_name, session.plan.deviations)
    for clause in session.plan.clauses:
        if clause.binds(edition):
            yield apply_deviation(_verdict(session, clause, edition, unclaimed), declared.get(clause.id))


def _verdict(session: Session, clause: Clause, edition: str, unclaimed: dict[str, str]) -> Verdict:
    if reason := open_reason(session, clause, edition):
        return Verdict(clause, UNCLAIMED, reason=reason)
    verdict = verdict_of(clause, session.tally, unclaimed)
    if clause.id == POSSIBLE_NUMBER and verdict.word == PASS and session.plan.numbers:
        return replace(
            verdict, word=UNCLAIMED, reason=f"those of {option('numbers')} are served, and no others were asked for"
        )
    reason = session.reasons.get(clause.id, session.partial)
    if verdict.word == UNTESTED and reason:
        return replace(verdict, reason=reason)
    return verdict


def _notes(session: Session) -> Iterable[str]:
    answers = [one.exchange.answer for one in session.sent]
    if answers and not any(isinstance(a, Answer) and not is_without_status(a) for a in answers):
        yield f"no request got an answer of the API: is {session.target.base_url} the right base URL?"
    if session.plan.claims.assumed & session.missing:
        yield "requests signed with the example secret were refused: give a signature secret to have signatures judged"
    yield from _notes_on_numbers(session)
    if session.methods and not session.plan.claims.methods and set(session.methods) < set(METHODS):
        others = ", ".join(method for method in METHODS if method not in session.methods)
        yield f"signatures are judged by {', '.join(session.methods)}; not found, and not judged: {others}"
    if BASIC in session.missing:
        yield "HTTP Basic is not served: the vendor's current SDKs send nothing else, and cannot use this provider"
    if session.partial == NOT_RECORDED:
        yield f"{len(session.sent)} of {session.driver.requests} requests are in the recording; only those are judged"
    elif session.driver.busy:
        yield f"the target answered Busy {len(session.driver.busy)} times; use --rate N to send at most N a second"

    if isinstance(session.target, TargetInProcess) and session.target.name != EMBEDDED_NAME and session.plan.examples:
        yield "in process one request is sent at a time: faults of requests at once (races) are seen only at a URL"
    yield from _notes_on_state(session)
    if isinstance(session.target, Reconnecting) and session.target.closed:
        # Not how many: that depends on the number of connections (--jobs), which must not change the report.
        yield (
            "some requests were sent again over a new connection, for the server closed a reused one in place of an "
            "answer, which it may do to an idle connection"
        )
    yield from _notes_on_time(session)


def _notes_on_state(session: Session) -> Iterable[str]:
    if any(found.finding.at == "status" for one in REPEATED for found in session.tally.failures.get(one, ())):
        yield (
            "the same request was answered with another status than before: the provider keeps something of other "
            "requests, or mixes up those that are under way at once (`verify --jobs 1` sends one at a time); a request "
            "that is repeated alone may not show the failure"
        )


def _notes_on_time(session: Session) -> Iterable[str]:
    if late := session.driver.late:
        first = f"{late[0].origin}, {late[0].request.method} {redact_url(late[0].request.url)}"
        yield (
            f"requests that timed out beside others and were answered when sent again alone: {len(late)}, "
            f"the first is {first}; the provider drops requests, or serves one at a time"
        )
    if session.is_shortened and session.driver.rate:
        yield (
            f"at {session.driver.rate:.3g} requests a second numbers of all regions were not sent, and fewer unusual "
            f"or drawn requests ({option('explore')} N says how many): a run without a limit finds more"
        )
    if session.unsent:
        yield (
            f"the time of the run (--max-time) was up before {session.unsent} of about {session.planned} planned "
            "requests were sent; what they would have shown was not judged"
        )


def _notes_on_numbers(session: Session) -> Iterable[str]:
    plain = [one for one in session.sent if one.vector.request == plain_lookup(number_of(one.vector.request) or "")]
    asked = {number_of(one.vector.request): status_of(one.exchange) == 0 for one in plain}
    served = [number for number, is_served in asked.items() if is_served and number]
    if session.known and not session.plan.numbers:
        yield (
            f"{len(served)} of {len(asked)} numbers that were tried are served, and the rest was judged by these; "
            f"if no others are meant to be: {option('numbers')} {','.join(served)}"
        )
