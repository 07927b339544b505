"""Judges the exchanges of mocks and formats each failure around the mock's own answer."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ni_contract.contract.catalogue import Clause, load_catalogue
from ni_contract.contract.scope import API_HOSTS, is_mocked_lookup
from ni_contract.drivers.mocks.convert import UNKNOWN
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.gateway import is_gateway_failure, is_preflight
from ni_contract.exchanges.known_secrets import with_secrets_of
from ni_contract.exchanges.values import Answer, Exchange, header
from ni_contract.judge import Violation
from ni_contract.judge.deviations import Deviation, deviations_for, read_deviations
from ni_contract.judge.verdicts import FAIL, STALE, Tally, Verdict, apply_deviation, by_edition, results_of, verdict_of
from ni_contract.report.failure import failure_text
from ni_contract.report.words import only_if, plural
from ni_contract.runs.audit.plan import audited_clauses
from ni_contract.runs.both_sides import BothSides
from ni_contract.runs.run import Run
from ni_contract.runs.undocumented import without_undocumented

_MAX_HOSTS: Final = 5
DeviationsGiven = str | Path | Iterable[str | Path | Deviation]


@dataclass(frozen=True, slots=True)
class MockRules:
    """The rules of judging: the edition that counts, globs of clauses, declared deviations, the minimum of exchanges.

    *excused* are deviations that may or may not occur. *repeat* is the command that runs the test again.
    """

    edition: str
    only: tuple[str, ...]
    declared: tuple[Deviation, ...]
    at_least: int
    excused: tuple[Deviation, ...]
    repeat: str


def declared_deviations(given: DeviationsGiven | None) -> tuple[Deviation, ...]:
    """The deviations of files, or given as such. Raises UsageError."""
    items = [given] if isinstance(given, str | Path) else given or ()
    return tuple(chain.from_iterable((one,) if isinstance(one, Deviation) else read_deviations(one) for one in items))


def fault_of(exchanges: Iterable[Exchange], rules: MockRules, name: str, account: Credentials | None) -> str:
    """The reason, in words, why the test *name* fails, "" if it passes; *account*: the valid credentials, if known."""
    seen = list(exchanges)
    ours = [one for one in seen if is_mocked_lookup(one.request.url) and not is_preflight(one)]
    if len(ours) < max(rules.at_least, 0):
        return _too_few(seen, ours, rules)
    if not ours:
        return ""
    if unknown := sum(one.answer is UNKNOWN for one in ours):
        return (
            f"ni-contract: nobody knows what {unknown} of {len(ours)} requests were answered: they were made before "
            "ni_check was there; name ni_check before the fixtures that make requests, or hand over responses"
        )
    secrets = with_secrets_of(ours, account)
    tally, undocumented = _judged(ours, account)
    run = _run(tally, undocumented, rules, name, secrets)
    return secrets.redactor()(_text(run, rules, len(ours)))


def _too_few(seen: list[Exchange], ours: list[Exchange], rules: MockRules) -> str:
    others = sorted({urlsplit(one.request.url).netloc.rpartition("@")[2] for one in seen if one not in ours})
    where = only_if(others, f"; {len(seen) - len(ours)} went elsewhere: {', '.join(others[:_MAX_HOSTS])}")
    count = f"{only_if(ours, plural(len(ours), 'exchange')) or 'no exchange'} with the API"
    hosts = " or ".join(API_HOSTS)
    return f"ni-contract: {count} ({hosts} or this machine, below /ni/basic), at least {rules.at_least} expected{where}"


def _judged(exchanges: list[Exchange], account: Credentials | None) -> tuple[Tally, set[str]]:
    """What was found, and the clauses that only the observed edition knows in it."""
    sides, tally = BothSides(account), Tally()
    # A mock that raises or plays a broken gateway tests only the client.
    found = [sides.judge(one, isinstance(one.answer, Answer) and not is_gateway_failure(one)) for one in exchanges]
    for judged in [*found, *sides.finish()]:
        if judged is not None:
            tally.add(judged.counted, [broken for broken in judged.broken if not _is_forgiven(broken)])
    return tally, sides.undocumented


def _is_forgiven(judged: Violation) -> bool:
    """Whether a mock may break this clause: most libraries add no Content-Type, which clients of a mock do not miss."""
    answer = judged.exchange and judged.exchange.answer
    is_bare = isinstance(answer, Answer) and header(answer.headers, "content-type") is None
    return is_bare and load_catalogue()[judged.clause_id].mocks == "labelled"


def _run(tally: Tally, undocumented: Collection[str], rules: MockRules, name: str, account: Credentials) -> Run:
    clauses = [c for c in audited_clauses(rules.only) if c.side != "recording" and _is_asked(c, rules.only)]
    excused = deviations_for(name, rules.excused)
    declared = deviations_for(name, rules.declared)

    def verdict(clause: Clause) -> Verdict:
        found = verdict_of(clause, tally, {})
        if clause.id in declared:
            return apply_deviation(found, declared[clause.id])
        if found.failed:
            return apply_deviation(found, excused.get(clause.id))
        return found

    verdicts = without_undocumented(by_edition(clauses, verdict), undocumented)
    name, results = "the mocks of this test", results_of(verdicts)
    return Run(name, account, verdicts, results, command="mock", repeat=lambda _clause_id: rules.repeat)


def _is_asked(clause: Clause, only: tuple[str, ...]) -> bool:
    """Whether the clause applies to mocks, which always give the same answer; a full id selects any clause."""
    return clause.mocks != "never" or any(fnmatchcase(clause.id, glob) and "*" not in glob for glob in only)


def _text(run: Run, rules: MockRules, count: int) -> str:
    failed, stale = run.verdicts_with(rules.edition, FAIL), run.verdicts_with(rules.edition, STALE)
    if not failed and not stale:
        return ""
    words = f"ni-contract: exchanges with the API: {count}, judged as {rules.edition}; clauses broken: {len(failed)}"
    blocks = [words, *(failure_text(run, verdict) for verdict in failed)]
    blocks += (f"{one.clause.id} {one.clause.title}: {one.reason}; take it out" for one in stale)
    for edition in run.verdicts:
        if not run.verdicts_with(edition, FAIL, STALE):
            blocks.append(f"As {edition} nothing is broken: say edition={edition!r} if that is what is meant.")
    return "\n\n".join(blocks)
