"""One run of `witness`: each lookup is asked of a client once and judged by the answers of each edition."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

from ni_contract.contract.catalogue import Clause
from ni_contract.contract.features import Claims
from ni_contract.drivers.client.cases import Case, client_cases
from ni_contract.drivers.client.stage import ClientStage, Elsewhere, LookupWatch
from ni_contract.drivers.client.witness import FRUITLESS_SECONDS, drive
from ni_contract.exchanges.client_features import NEVER_SEEN, features_seen
from ni_contract.exchanges.client_lookup import LookupRecord, MissingOutcome, Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.finding import shown
from ni_contract.exchanges.known_secrets import with_signatures_of
from ni_contract.exchanges.request import parse_request
from ni_contract.judge.client_judge import ClientJudge
from ni_contract.judge.context import evaluation_context
from ni_contract.judge.deviations import Deviation, deviations_for
from ni_contract.judge.root_causes import root_causes
from ni_contract.judge.verdicts import UNCLAIMED, Tally, Verdict, apply_deviation, by_edition, results_of, verdict_of
from ni_contract.runs.run import Run

_NOT_OF_THE_ACCOUNT = "are not those of the account"
_REFUSED_FOR = {
    "missing": "are missing, or not where the API looks for them",
    "key": _NOT_OF_THE_ACCOUNT,
    "secret": _NOT_OF_THE_ACCOUNT,
    "basic": _NOT_OF_THE_ACCOUNT,
    "signature": "are signed with a hash that is not that of the parameters sent",
    "timestamp": "are signed with a timestamp that is missing, no time in seconds, or minutes off",
}
# A timestamp in seconds is another one a second later. On a busy machine a few signed requests wait before they are
# sent, one in each process of the client: only more lookups than these may show that the timestamp stands still.
STILL_SECONDS: Final = 1.2
MAX_STILL: Final = 4  # lookups
DEFAULT_TIMEOUT = 2.0
DEFAULT_MAX_TIME = 300.0


@dataclass(frozen=True, slots=True)
class ClientPlan:
    """The plan of a run: the account, the clauses, declared deviations, features claimed and features excluded.

    *timeout*: seconds that the client is told to wait for an answer; *max_time*: seconds after which nothing more is
    asked. *cases* are the lookups that are asked of it.
    """

    account: Credentials
    clauses: tuple[Clause, ...]
    deviations: tuple[Deviation, ...] = ()
    claimed: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    timeout: float = DEFAULT_TIMEOUT
    max_time: float = DEFAULT_MAX_TIME
    cases: tuple[Case, ...] = field(default_factory=client_cases)


def work_of(plan: ClientPlan) -> int:
    """The number of lookups that *progress* will count, for a bar."""
    return len(plan.cases)


def witness(
    name: str,
    stage: ClientStage,
    plan: ClientPlan,
    progress: Callable[[], None] = lambda: None,
    elsewhere: Elsewhere | None = None,
) -> Run:
    """Asks the client *name* on *stage*, and on a stage of *elsewhere* for cases that need another server."""
    start, watch = time.monotonic(), stage.watch
    seen = drive(stage, plan.cases, plan.timeout, plan.excluded, progress, elsewhere, plan.max_time)
    seconds = time.monotonic() - start
    error, notes = _ending(seen)
    if not seen and watch.left_out:
        error = f"the time of {plan.max_time:g} s (--max-time) was over before the client told anything"
    notes += tuple(_notes(seen, watch, plan))
    # A client that cannot be judged gets only this message.
    if error:
        seen = ()
    number = None
    if watch.interrupted is not None:
        error, number = f"interrupted ({watch.interrupted}) after {len(seen)} lookups", watch.interrupted.number
    is_cut = bool(watch.left_out) and not watch.fruitless
    return replace(_judged(name, seen, plan, error), notes=notes, seconds=seconds, signal=number, is_cut=is_cut)


def _judged(name: str, seen: Sequence[LookupRecord], plan: ClientPlan, error: str) -> Run:
    found = features_seen(chain.from_iterable(one.exchanges for one in seen))
    unclaimed = _unclaimed(plan, found)
    tally = _tally(seen, plan.account)
    declared = deviations_for(name, plan.deviations)
    verdicts = by_edition(plan.clauses, lambda c: apply_deviation(verdict_of(c, tally, unclaimed), declared.get(c.id)))
    return Run(
        command="witness",
        target=name,
        account=with_signatures_of((one.exchange for one in tally.judged), plan.account),
        verdicts=verdicts,
        results=results_of({edition: _asked_of(found) for edition, found in verdicts.items()}, error),
        causes={edition: root_causes(found, tally) for edition, found in verdicts.items()},
        claims=Claims(frozenset(NEVER_SEEN) - unclaimed.keys()),
        found=found,
        requests=sum(len(one.exchanges) for one in seen),
        exchanges=tuple(tally.judged),
        error=error,
    )


def _asked_of(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts that count for the result; features that a client never uses, such as XML, are its own choice."""
    return tuple(v for v in verdicts if v.word != UNCLAIMED or v.reason not in NEVER_SEEN.values())


def _notes(seen: Sequence[LookupRecord], watch: LookupWatch, plan: ClientPlan) -> Iterator[str]:
    if watch.left_out:
        over = f"the time of {plan.max_time:g} s (--max-time) was over"
        if watch.fruitless:
            over = f"the client reported no success in {FRUITLESS_SECONDS:g} s"
        yield f"{over}: {_lookups(watch.left_out)} not asked, and untested what they test"
    if watch.withheld:
        why = "the client asked nothing any more (a circuit breaker or a rate limit of its own?)"
        yield f"{_lookups(watch.withheld)} not judged: {why}"
    if watch.resumed:
        why = "right for a circuit breaker or a rate limit of its own; without one, failed requests break it"
        yield f"{_lookups(watch.resumed)} asked for only after a pause or by a new process: {why}"
    yield from still_timestamps(seen)
    # Few clauses apply where the account's credentials differ from those that were sent.
    readings = [evaluation_context(one.exchanges[0], plan.account) for one in seen if one.trusted and one.exchanges]
    readable = (one for one in readings if one.is_lookup and not one.asked.problem)
    refused = [one.credential.reason for one in readable if one.credential.valid is False]
    for reason, count in Counter(map(_REFUSED_FOR.__getitem__, refused)).items():
        sent = f"in {count} of {len(readings)} lookups the credentials of the first request {reason}"
        yield f"{sent}: what the client makes of its answer is not judged"


def still_timestamps(seen: Iterable[LookupRecord]) -> Iterator[str]:
    """A note for each timestamp that was sent in many lookups, for longer than a second."""
    sent_at: defaultdict[str, list[float]] = defaultdict(list)
    for one in seen:
        for exchange in one.exchanges[:1]:
            timestamp = parse_request(exchange.request).get("timestamp")
            if timestamp and exchange.sent_at is not None:
                sent_at[timestamp].append(exchange.sent_at)
    for timestamp, moments in sent_at.items():
        if sum(moment - moments[0] > STILL_SECONDS for moment in moments) > MAX_STILL:
            sent = (
                f"{_lookups(len(moments))} over {moments[-1] - moments[0]:.1f} s have the timestamp {shown(timestamp)}"
            )
            yield f"{sent}: one that is older than five minutes may be refused"


def _lookups(count: int) -> str:
    return f"{count} lookup{'s' if count > 1 else ''}"


def _tally(seen: Iterable[LookupRecord], account: Credentials) -> Tally:
    tally, judge = Tally(), ClientJudge(account)
    for one in seen:
        broken, evaluated = judge.lookup(one), judge.counted()
        for exchange in one.exchanges:
            tally.note(exchange, evaluated, broken)
        tally.add(evaluated, broken)
    return tally


def _unclaimed(plan: ClientPlan, found: frozenset[str]) -> dict[str, str]:
    """The features that the client does not use, with the reason. A country was offered to it, unless excluded."""
    never = {name: why for name, why in NEVER_SEEN.items() if name not in {"country", *found, *plan.claimed}}
    # A client that sends a country has the feature, whatever is said of it.
    return never | {name: f"{name} is not claimed" for name in plan.excluded - (found & {"country"})}


def _ending(seen: tuple[LookupRecord, ...]) -> tuple[str, tuple[str, ...]]:
    """The error for a client without requests and outcomes, and a note for one without outcomes."""
    if seen and not any(one.exchanges for one in seen) and any(isinstance(one.reported, Outcome) for one in seen):
        return "", ("no request came: does the client ask the base URL that it is given?",)
    silent = [one.reported for one in seen if isinstance(one.reported, MissingOutcome)]
    if not seen or len(silent) < len(seen):
        return "", ()
    if not any(one.exchanges for one in seen):
        return f"the client cannot be judged, for it neither asked nor reported anything: {_as_it_was(silent[0])}", ()
    told = silent[-1].message
    return "", (f"the client told nothing of its first {len(seen)} lookups and was not asked more: {told}",)


def _as_it_was(told: MissingOutcome) -> str:
    """The reason for a missing outcome, and the traceback or other output of the command, in its own lines."""
    if not told.detail:
        return told.message
    return f"{told.message.partition('; its last words')[0]}; its last words:\n{told.detail}"
