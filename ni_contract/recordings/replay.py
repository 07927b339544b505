"""A recording as a source of answers: which recorded exchange a request is, whosever credentials it carries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ni_contract.credentials import Credentials
from ni_contract.errors import UsageError
from ni_contract.exchange import Answer, Exchange, Request
from ni_contract.judge.asked import Asked, read_request
from ni_contract.judge.credential import Credential, basic_pair, credential_of
from ni_contract.judge.gateway import is_gateway_answer
from ni_contract.recordings.account import account_of
from ni_contract.recordings.read import read_recordings
from ni_contract.recordings.seam import Unreadable
from ni_contract.request_words import CREDENTIAL_NAMES, JSON_TYPES, KNOWN

# Every answer of a replay carries it: the number of the recorded exchange, whether it only resembles the request, or
# that there is none. `verify` judges each recorded exchange once, by the request that it answered.
MARK: Final = "ni-contract-replay"
NOTHING, SIMILAR = "nothing", "similar"
MOST_EXCHANGES: Final = 100_000
# They belong to the connection or the encoding that was, not to the answer.
_NOT_REPLAYED: Final = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "date",
        "keep-alive",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_RIGHT: Final = "the account's"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recorded answer, the number of its exchange (the first is 1), and whether the request was exactly that one."""

    answer: Answer
    number: int
    exact: bool

    @property
    def mark(self) -> str:
        """The value of the header `MARK`."""
        return str(self.number) if self.exact else f"{self.number} {SIMILAR}"


class Replay:
    """The answers in *exchanges*; the same request again gets the next one recorded for it, and then the first.

    Failures, gateways' pages and what did not go to the API's two paths are left out.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges = [exchange for exchange in exchanges if _is_replayable(exchange)]
        self._account = account_of(self._exchanges)
        self._exact: dict[Hashable, list[int]] = defaultdict(list)
        self._similar: dict[Hashable, list[int]] = defaultdict(list)
        self._asked: Counter[Hashable] = Counter()
        for number, exchange in enumerate(self._exchanges):
            asked = read_request(exchange.request)
            credential = credential_of(asked, self._account, exchange.sent_at)
            self._exact[self._exact_key(asked, self._account, credential)].append(number)
            self._similar[self._similar_key(asked, credential)].append(number)

    def __len__(self) -> int:
        """How many exchanges can be replayed."""
        return len(self._exchanges)

    def answer(self, request: Request, account: Credentials, now: float) -> Replayed | None:
        """The recorded answer to *request*, whose right credentials are those of *account*; None: not recorded."""
        asked = read_request(request)
        credential = credential_of(asked, account, now)
        if number := self._next(self._exact, self._exact_key(asked, account, credential)):
            return Replayed(self._answer(number), number, exact=True)
        if number := self._next(self._similar, self._similar_key(asked, credential)):
            return Replayed(self._answer(number), number, exact=False)
        return None

    def _next(self, known: dict[Hashable, list[int]], key: Hashable) -> int:
        """The number of the exchange, counted from 1, whose turn it is; 0 when there is none."""
        if key not in known:
            return 0
        self._asked[key] += 1
        return known[key][(self._asked[key] - 1) % len(known[key])] + 1

    def _answer(self, number: int) -> Answer:
        answer = self._exchanges[number - 1].answer
        assert isinstance(answer, Answer)  # noqa: S101  what else there is was left out
        return replace(answer, headers=tuple(h for h in answer.headers if h[0].lower() not in _NOT_REPLAYED))

    def _exact_key(self, asked: Asked, account: Credentials | None, credential: Credential) -> Hashable:
        """Everything that a request says, byte for byte, but for the account's own credentials."""
        accept = None if asked.accept in (None, "*/*") else asked.accept
        body = () if asked.method != "POST" else _body(asked, account)
        way = (asked.method, asked.format, asked.content_type, accept)
        if self._account is None:
            return ("exact", *way, _without(asked.query), _without(asked.body))
        return ("exact", *way, _query(asked, account), body, _basic(asked, account), _signature(credential))

    def _similar_key(self, asked: Asked, credential: Credential) -> Hashable:
        """The question alone: format, number, country, cnam, and whether the credentials are right."""
        method = "GET" if asked.method in ("GET", "POST") else asked.method
        params = sorted((name, value) for name, value in _without(asked.params) if name in KNOWN)
        is_refused = credential.valid is False and self._account is not None
        return ("similar", method, asked.format, tuple(params), is_refused)


def _is_replayable(exchange: Exchange) -> bool:
    is_lookup = read_request(exchange.request).format is not None
    return is_lookup and isinstance(exchange.answer, Answer) and not is_gateway_answer(exchange)


def _without(params: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in params if pair[0] not in (*CREDENTIAL_NAMES, "timestamp"))


def _query(asked: Asked, account: Credentials | None) -> Hashable:
    if asked.method == "POST":
        return _neutral(asked.query, account)
    return _raw(asked.raw_parameters, asked.query, account)


def _body(asked: Asked, account: Credentials | None) -> Hashable:
    if asked.media_type in JSON_TYPES:
        return _neutral(asked.body, account)
    return _raw(asked.raw_parameters, asked.body, account)


def _raw(text: str, pairs: Sequence[tuple[str, str]], account: Credentials | None) -> Hashable:
    """The parts of a form as they were written, for how they are encoded matters; credentials by what they are."""
    parts = tuple(part for part in text.split("&") if part.partition("=")[0] not in (*CREDENTIAL_NAMES, "timestamp"))
    return parts, _neutral([pair for pair in pairs if pair[0] in CREDENTIAL_NAMES], account)


def _neutral(pairs: Iterable[tuple[str, str]], account: Credentials | None) -> Hashable:
    """*pairs* without what changes from one account and moment to the next."""
    right = {"api_key": account.api_key, "api_secret": account.api_secret} if account else {}
    changing = ("sig", "timestamp")
    return tuple(
        (name, _RIGHT if right.get(name) == value or (value and name in changing) else value) for name, value in pairs
    )


def _basic(asked: Asked, account: Credentials | None) -> Hashable:
    pair = basic_pair(asked.authorization)
    if pair is None:
        return asked.authorization
    return _neutral(zip(("api_key", "api_secret"), pair, strict=True), account)


def _signature(credential: Credential) -> Hashable:
    return (credential.valid, credential.reason, credential.method) if credential.kind == "signature" else None


def load_replay(file: str | Path) -> Replay:
    """The replay of the recording *file*. Raises UsageError when there is nothing in it that can be replayed."""
    exchanges: list[Exchange] = []
    problems: list[str] = []
    for recorded in read_recordings(file):
        if isinstance(recorded, Unreadable):
            problems.append(f"{recorded.place}: {recorded.why}")
        elif len(exchanges) < MOST_EXCHANGES:
            exchanges.append(recorded)
        else:
            raise UsageError(f"{file}: more than {MOST_EXCHANGES} exchanges cannot be replayed at once; split it")
    replay = Replay(exchanges)
    if not len(replay):
        why = problems[0] if problems else f"none of its {len(exchanges)} exchanges is an answer of the API"
        raise UsageError(f"nothing in {file} can be replayed: {why}")
    return replay
