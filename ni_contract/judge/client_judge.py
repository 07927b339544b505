"""The judge of clients: one lookup after the other, from the task to the reported outcome."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from ni_contract.contract.signature import METHODS, UNSIGNED, joined, matching_method, sign_text
from ni_contract.exchanges.client_lookup import (
    CLOSED,
    PLAIN_HTTP,
    LookupRecord,
    MissingOutcome,
    Outcome,
    words_of,
)
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.finding import Finding, RequestFinding, shorten
from ni_contract.exchanges.request import ParsedRequest
from ni_contract.judge import Judge, Violation
from ni_contract.judge.clauses.lookup import LOOKUP
from ni_contract.judge.clauses.lookup_requests import (
    ASKED_NUMBER,
    NO_REQUEST,
    fault_of_unread,
    host_of,
    is_plus_lost,
)
from ni_contract.judge.clauses.request import (
    DECODABLE,
    HIDDEN,
    HTTPS_USED,
    METHOD,
    NUMBER_OF_DIGITS,
    NUMBER_WITHOUT_LETTERS,
    PLUS_ENCODED,
    SIGNATURE,
)
from ni_contract.judge.clauses.result import PASSED
from ni_contract.judge.context import EvaluationContext
from ni_contract.judge.observed_lookup import EarlierLookups, Kind, ObservedLookup, observe

# For a server that must not be asked, and a number that was not asked about, only these clauses are judged.
_OF_ANY_SERVER: Final = ("NIB-CLI-058", "NIB-CLI-059", "NIB-CLI-065")
# An outcome that was not waited for as long as it may take shows nothing: only requests and output are judged.
_WITHOUT_OUTCOME: Final = (
    *("NIB-CLI-016", "NIB-CLI-017", "NIB-CLI-021", "NIB-CLI-053"),
    *("NIB-CLI-058", "NIB-CLI-063", "NIB-CLI-065", "NIB-CLI-066"),
)
# Where no connection is possible, a client reports a failure. How often it tries, nobody sees: it may take its time.
_WITHOUT_CONNECTION: Final = ("NIB-CLI-033", "NIB-CLI-043", "NIB-CLI-058", "NIB-CLI-064", "NIB-CLI-065")
_GIVEN_SIGNED: Final = "the hash of the number as the client was given it, which is not the number that was sent"
_SIG_SIGNED: Final = "the hash of parameters with the sig of an earlier request among them"
_LONGER_BODY: Final = Finding("body", "a whole one: of its Content-Length", "more bytes behind it")
_IN_THE_CLEAR: Final = Finding("request", "https, as in the URL that was given", "plain HTTP, at the port of HTTPS")


class ClientJudge:
    """Judges the lookups of one client in their order, plain ones before their variants."""

    def __init__(self, account: Credentials) -> None:
        self._account = account
        self._requests = Judge(account)
        self._redact = account.redactor()
        self._earlier = EarlierLookups()

    def lookup(self, record: LookupRecord) -> list[Violation]:
        """The clauses that the client broke in *record*: by its requests, or by its reported outcome."""
        seen = observe(record, self._account, self._earlier)
        broken: list[Violation] = []
        for clause_id, found in _of_unread(record):
            broken.append(self._unread(clause_id, record, found))
        if record.trusted:
            requests = [self._request(seen, one) for one in seen.own_readings]
            broken += _placed(requests)
        broken += self._outcome(seen)
        self._remember(seen)
        return broken

    def _remember(self, seen: ObservedLookup) -> None:
        earlier = self._earlier
        if seen.reported is not None and seen.reported.ok:
            earlier.survived.add(earlier.kind)
        earlier.remember(seen)
        if Kind.REDIRECT in seen.kinds and not earlier.home:
            earlier.home = host_of(seen.readings[0])

    def counted(self) -> Counter[str]:
        """For each clause the lookups to which it applied since the last call, or their requests."""
        return self._requests.counted()

    def _unread(self, clause_id: str, record: LookupRecord, found: Finding) -> Violation:
        first = record.exchanges[0] if record.exchanges else None
        if first is None:  # otherwise the clause is counted with the request before the unread bytes
            self._requests.evaluated[clause_id] += 1
        return Violation(clause_id, first, found, case=record.case, redact=self._redact)

    def _request(self, seen: ObservedLookup, reading: EvaluationContext) -> list[Violation]:
        record, asked = seen.record, reading.asked
        number = asked.get("number") or ""
        beside = set()
        if not is_plus_lost(record.lookup, number):
            beside.add(PLUS_ENCODED)
        if record.may_refuse and "_" not in number:  # which stands for & and = in the signed text alone
            beside |= {NUMBER_OF_DIGITS, NUMBER_WITHOUT_LETTERS}
        if _is_followed(record):
            beside.add(DECODABLE)
        broken = [one for one in self._requests.client(reading.exchange) if one.clause_id not in beside]
        return [self._with_mistake(one, seen, asked) for one in broken]

    def _with_mistake(self, one: Violation, seen: ObservedLookup, asked: ParsedRequest) -> Violation:
        """*one*; a signature of the number as the client was given it, or of an earlier signature too, is named."""
        if one.clause_id != SIGNATURE or one.unmasked.actual != HIDDEN:
            return one
        secret, sig = self._account.signature_secret, asked.get("sig") or ""
        given = [(name, seen.record.lookup.number if name == "number" else value) for name, value in asked.params]
        if matching_method(given, secret, sig) is not None:
            return replace(one, unmasked=replace(one.unmasked, actual=_GIVEN_SIGNED))
        kept = [pair for pair in asked.params if pair[0] not in UNSIGNED]
        texts = [joined(sorted([*kept, ("sig", earlier)])) for earlier in seen.signatures if earlier]
        if sig.lower() in {sign_text(text, secret, method) for text in texts for method in METHODS}:
            return replace(one, unmasked=replace(one.unmasked, actual=_SIG_SIGNED))
        return one

    def _outcome(self, seen: ObservedLookup) -> list[Violation]:
        results = [(clause_id, check(seen)) for clause_id, check in LOOKUP.checks if _applies(clause_id, seen)]
        self._requests.evaluated.update(clause_id for clause_id, result in results if result is not None)
        self._earlier.held.update(clause_id for clause_id, result in results if result is PASSED)
        return [self._judged(i, seen.record, result) for i, result in results if isinstance(result, Finding)]

    def _judged(self, clause_id: str, record: LookupRecord, found: Finding) -> Violation:
        told, shown, last = shorten(self._redact(words_of(record.reported))), None, None
        if record.exchanges:
            shown, last = record.exchanges[_place_of(record, found)], record.exchanges[record.last_answered]
        if found.at == ASKED_NUMBER:
            last = None
        return Violation(
            clause_id,
            shown,
            found,
            reported=told,
            is_untold=isinstance(record.reported, MissingOutcome),
            case=record.case,
            last=last,
            redact=self._redact,
        )


def _placed(requests: Sequence[list[Violation]]) -> Iterator[Violation]:
    """The clauses that the *requests* of a lookup broke; where the first request did not, the place says so."""
    first = {one.clause_id for one in chain.from_iterable(requests[:1])}
    for one in chain.from_iterable(requests):
        found = one.unmasked
        if one.clause_id not in first:
            found = replace(found, at=f"request after the first, {found.at}")
        yield replace(one, unmasked=found)


def _applies(clause_id: str, seen: ObservedLookup) -> bool:
    if seen.record.shape == CLOSED and seen.missing != "late":
        return clause_id in _WITHOUT_CONNECTION
    if not seen.record.trusted or _is_refused(seen.record):
        return clause_id in _OF_ANY_SERVER
    if seen.record.hurried and seen.missing == "late":
        return clause_id in _WITHOUT_OUTCOME
    return True


def _is_refused(record: LookupRecord) -> bool:
    """Whether the client refused a number that it may refuse: `nexmo` for node does so, and asks all the same."""
    told = record.reported
    is_failure = isinstance(told, Outcome) and not told.ok and told.status is None
    return record.may_refuse and (is_failure or not record.exchanges)


def _of_unread(record: LookupRecord) -> Iterator[tuple[str, Finding]]:
    """The clauses that a request broke, with the findings, where the server could not read it, or what followed it."""
    if _is_followed(record):
        yield DECODABLE, _LONGER_BODY
    if record.exchanges:
        return
    if record.tls_fault == PLAIN_HTTP:
        yield HTTPS_USED, _IN_THE_CLEAR
    if record.unread:
        clause_id, fault = fault_of_unread(record.unread)
        if clause_id in (METHOD, DECODABLE):
            yield clause_id, Finding("request", "an HTTP request", f"no HTTP: {fault}")


def _is_followed(record: LookupRecord) -> bool:
    """Whether bytes that are no request came behind one that could be read."""
    return bool(record.exchanges and record.unread) and fault_of_unread(record.unread)[1] == NO_REQUEST


def _place_of(record: LookupRecord, found: Finding) -> int:
    """The index of the exchange that shows *found*: its own, or the last before the outcome."""
    if isinstance(found, RequestFinding):
        return found.index
    return record.last_answered
