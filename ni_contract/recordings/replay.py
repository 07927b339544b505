"""A recording as a source of answers: finds the recorded exchange of a request, for any account's credentials."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Final

from ni_contract.contract.numbering import interpret, without_separators
from ni_contract.contract.vocabulary import CREDENTIAL_NAMES, JSON_TYPES, KNOWN
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import RECORDED_ACCOUNT, Credentials
from ni_contract.exchanges.gateway import is_gateway_answer, status_of
from ni_contract.exchanges.request import ParsedRequest, parse_request
from ni_contract.exchanges.request_credential import Credential, basic_pair, credential_of
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.recordings.read import load_exchanges

# A header of every replayed answer: the number of the recorded exchange, or that it is only similar, or that there is
# none. `verify` judges each recorded exchange once, by the request that it answered.
MARK: Final = "ni-contract-replay"
NOTHING, SIMILAR = "nothing", "similar"
# Headers of the recorded connection or encoding, not of the answer.
_NOT_REPLAYED: Final = frozenset(
    (
        "connection",
        "content-encoding",
        "content-length",
        "date",
        "keep-alive",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
_RIGHT: Final = "the account's"
_CHANGING: Final = ("sig", "timestamp")


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recorded answer, the number of its exchange (the first is 1), and whether the request was exactly that one."""

    answer: Answer
    number: int
    exact: bool

    @property
    def mark(self) -> str:
        """The value of the header `MARK`."""
        if self.exact:
            return str(self.number)
        return f"{self.number} {SIMILAR}"


class Replay:
    """The answers in *exchanges*; the same request again gets the next one recorded for it, and then the first.

    Failures, gateways' pages and exchanges outside the API's two paths are left out.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges = [exchange for exchange in exchanges if _is_replayable(exchange)]
        self._account = account_of(self._exchanges)
        exact: dict[Hashable, list[int]] = defaultdict(list)
        similar: dict[Hashable, list[int]] = defaultdict(list)
        for number, exchange in enumerate(self._exchanges, 1):
            asked = parse_request(exchange.request)
            credential = credential_of(asked, self._account, exchange.sent_at)
            exact[identity(asked, credential, self._account, self._account is not None)].append(number)
            similar[self._similar_key(asked, credential)].append(number)
        self._exact = {key: cycle(numbers) for key, numbers in exact.items()}
        self._similar = {key: cycle(numbers) for key, numbers in similar.items()}

    def __len__(self) -> int:
        """The number of exchanges that can be replayed."""
        return len(self._exchanges)

    def questions(self) -> list[tuple[str, str | None]]:
        """The numbers and countries of valid requests that were served, each once: a client may be asked for them."""
        found: dict[tuple[str, str | None], tuple[str, str | None]] = {}
        for exchange in self._exchanges:
            asked = parse_request(exchange.request)
            number, country = asked.get("number"), asked.get("country")
            is_plain = asked.method in ("GET", "POST") and "cnam" not in asked.values
            is_sound = interpret(number, country).facts is not None and status_of(exchange) == 0
            if is_plain and number and is_sound:
                found.setdefault((without_separators(number), country), (number, country))
        return list(found.values())

    def answer(self, request: Request, account: Credentials, now: float) -> Replayed | None:
        """The recorded answer to *request*, whose right credentials are those of *account*; None: not recorded."""
        asked = parse_request(request)
        credential = credential_of(asked, account, now)
        exact = self._exact.get(identity(asked, credential, account, self._account is not None))
        numbers = exact or self._similar.get(self._similar_key(asked, credential))
        if numbers is None:
            return None
        number = next(numbers)
        return Replayed(self._answer(number), number, exact is not None)

    def _answer(self, number: int) -> Answer:
        answer = self._exchanges[number - 1].answer
        assert isinstance(answer, Answer)  # noqa: S101  what else there is was left out
        return replace(answer, headers=tuple(h for h in answer.headers if h[0].lower() not in _NOT_REPLAYED))

    def _similar_key(self, asked: ParsedRequest, credential: Credential) -> Hashable:
        """The key without spelling: format, number, country, cnam, and whether the credentials are right."""
        method = "GET" if asked.method == "POST" else asked.method
        plain = {"number": without_separators}
        params = sorted((n, plain.get(n, str)(v)) for n, v in without_credentials(asked.params) if n in KNOWN)
        is_refused = credential.valid is False and self._account is not None
        return method, asked.format, tuple(params), is_refused


def _is_replayable(exchange: Exchange) -> bool:
    answer = exchange.answer
    if not isinstance(answer, Answer) or not answer.body_recorded or exchange.templated:
        return False
    return parse_request(exchange.request).format is not None and not is_gateway_answer(exchange)


def load_replay(file: str | Path) -> Replay:
    """The replay of the recording *file*. Raises UsageError when there is nothing in it that can be replayed."""
    exchanges, problems = load_exchanges(file, "replayed")
    replay = Replay(exchanges)
    if not len(replay):
        why = next(iter(problems), f"none of its {len(exchanges)} exchanges is an answer of the API")
        raise UsageError(f"nothing in {file} can be replayed: {why}")
    return replay


def identity(
    asked: ParsedRequest, credential: Credential, account: Credentials | None, with_credentials: bool = True
) -> Hashable:
    """A key that is equal for the same request of another account, at another time.

    *with_credentials*: right and wrong ones make different requests, as far as *account* shows which they are.
    """
    accept = None if asked.accept in (None, "*/*") else asked.accept
    way = (asked.method, asked.format, asked.content_type, accept, asked.is_chunked)
    if not with_credentials:
        return (*way, without_credentials(asked.query), without_credentials(asked.body))
    signature = None
    if credential.kind == "signature":
        signature = (credential.valid, credential.reason, credential.method)
    return (*way, *_parameters(asked, account), _basic(asked, account), signature)


def without_credentials(params: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """*params* without credentials and their time."""
    return tuple(pair for pair in params if pair[0] not in (*CREDENTIAL_NAMES, "timestamp"))


def _parameters(asked: ParsedRequest, account: Credentials | None) -> tuple[Hashable, Hashable]:
    if asked.method != "POST":
        return _raw(asked.raw_parameters, asked.query, account), ()
    if asked.media_type in JSON_TYPES:
        return _neutral(asked.query, account), _neutral(asked.body, account)
    return _neutral(asked.query, account), _raw(asked.raw_parameters, asked.body, account)


def _raw(text: str, pairs: Sequence[tuple[str, str]], account: Credentials | None) -> Hashable:
    """The undecoded parts of a form, because encodings matter; credentials by their kind."""
    parts = tuple(part for part in text.split("&") if part.partition("=")[0] not in (*CREDENTIAL_NAMES, "timestamp"))
    return parts, _neutral([pair for pair in pairs if pair[0] in CREDENTIAL_NAMES], account)


def _neutral(pairs: Iterable[tuple[str, str]], account: Credentials | None) -> Hashable:
    """*pairs* without values that depend on the account and the time."""
    right = {"api_key": account.api_key, "api_secret": account.api_secret} if account else {}
    return tuple(
        (name, _RIGHT if right.get(name) == value or (value and name in _CHANGING) else value) for name, value in pairs
    )


def _basic(asked: ParsedRequest, account: Credentials | None) -> Hashable:
    pair = basic_pair(asked.authorization)
    if pair is None:
        return asked.authorization
    return _neutral(zip(("api_key", "api_secret"), pair, strict=True), account)


def account_of(exchanges: Iterable[Exchange]) -> Credentials | None:
    """`RECORDED_ACCOUNT` when a live run made these *exchanges*, else None: the account is not known."""
    for asked in (parse_request(exchange.request) for exchange in exchanges):
        basic = basic_pair(asked.authorization) or (None, None)
        if RECORDED_ACCOUNT.api_key in (asked.get("api_key"), basic[0]):
            return RECORDED_ACCOUNT
    return None
