"""One side of a comparison: a recording, judged now, or a JSON report, judged earlier."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from ni_contract.contract.catalogue import EDITIONS, load_catalogue
from ni_contract.contract.vocabulary import BAD_CREDENTIALS
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.gateway import is_gateway_answer, status_of
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.request_credential import credential_of
from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.judge import Judge
from ni_contract.judge.verdicts import (
    DEVIATES,
    FAIL,
    PASS,
    STALE,
    UNCLAIMED,
    UNTESTED,
    WARN,
    Tally,
    by_edition,
    verdict_of,
)
from ni_contract.recordings.read import load_exchanges
from ni_contract.recordings.replay import account_of, identity
from ni_contract.runs.saved_report import read_report, words_in

# Verdicts from declarations, claims or omissions concern the run; the provider's behaviour is compared.
_PLAIN_WORDS = {DEVIATES: FAIL, STALE: PASS, UNCLAIMED: UNTESTED}


@dataclass(frozen=True, slots=True)
class Side:
    """*words* are the verdicts by edition and clause; *exchanges* those of a recording, by the identity of the request.

    *unreadable* are the places of a recording that could not be read.
    """

    name: str
    words: Mapping[str, Mapping[str, str]]
    exchanges: Mapping[Hashable, list[Exchange]] | None = None
    unreadable: tuple[str, ...] = ()

    def failing(self, edition: str) -> int:
        return sum(word == FAIL for word in self.words[edition].values())

    def tested(self, edition: str) -> int:
        return sum(word != UNTESTED for word in self.words[edition].values())

    @property
    def fits(self) -> str:
        """The edition with fewer failing clauses, "" when none has fewer."""
        failing = {edition: self.failing(edition) for edition in EDITIONS}
        best = min(failing, key=lambda edition: failing[edition])
        if len(set(failing.values())) > 1:
            return best
        return ""


def read_side(file: str) -> Side:
    """The side in *file*, a JSON report or a recording. Raises UsageError for any other file."""
    if Path(file).suffix.lower() == ".json" and (report := _report(file)) is not None:
        return Side(file, _words_of_report(report, file))
    exchanges, unreadable = _exchanges(file)
    account = account_of(exchanges)
    return Side(file, _judged(exchanges, account), _by_identity(exchanges, account), tuple(unreadable))


def _report(file: str) -> dict[str, Any] | None:
    """The document, if it is a report: a recording may have the same ending."""
    try:
        return read_report(file)
    except UsageError:
        return None


def _words_of_report(report: Mapping[str, Any], file: str) -> dict[str, dict[str, str]]:
    levels = {clause.id: clause.level for clause in load_catalogue()}
    words: dict[str, dict[str, str]] = {}
    try:
        for edition in EDITIONS:
            found = words_in(report, edition).items()
            words[edition] = {clause_id: _plain(word, levels.get(clause_id, "MUST")) for clause_id, word in found}
    except (KeyError, TypeError):
        raise UsageError(f"{file}: a report of ni-contract without verdicts in both editions") from None
    return words


def _plain(word: str, level: str) -> str:
    if word == DEVIATES and level != "MUST":
        return WARN
    return _PLAIN_WORDS.get(word, word)


def _exchanges(file: str) -> tuple[list[Exchange], list[str]]:
    found, problems = load_exchanges(file, "compared", lambda one: parse_request(one.request).format is not None)
    if not found:
        why = problems[0] if problems else "no exchange in it went to the API's two paths"
        raise UsageError(f"{file}: neither a report nor a recording to compare: {why}")
    return found, problems


def _judged(exchanges: list[Exchange], account: Credentials | None) -> dict[str, dict[str, str]]:
    judge, tally = Judge(account), Tally()
    for exchange in exchanges:
        if isinstance(exchange.answer, Answer) and not is_gateway_answer(exchange):
            # Our recordings mark redaction, so an absent credential was not sent.
            broken = judge.provider(exchange if account is None else replace(exchange, filtered=False))
            tally.add(judge.counted(), broken)
    clauses = load_catalogue().select("provider")
    verdicts = by_edition(clauses, lambda clause: verdict_of(clause, tally, {}))
    return {edition: dict(map(attrgetter("clause.id", "word"), found)) for edition, found in verdicts.items()}


def _by_identity(exchanges: list[Exchange], account: Credentials | None) -> dict[Hashable, list[Exchange]]:
    """The exchanges by request. Without *account*, requests with right and wrong credentials are taken for the same.

    Then those whose credentials were refused are the last, to be compared with such.
    """
    grouped: dict[Hashable, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        asked = parse_request(exchange.request)
        credential = credential_of(asked, account, exchange.sent_at)
        grouped[identity(asked, credential, account, account is not None)].append(exchange)
    if account is None:
        for found in grouped.values():
            found.sort(key=lambda exchange: status_of(exchange) == BAD_CREDENTIALS)
    return grouped
