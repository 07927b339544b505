"""The stubs of a set, independent of any format: which request gets which answer."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from ni_contract.contract.numbering import interpret
from ni_contract.contract.vocabulary import API_PATH, API_URL, BAD_CREDENTIALS, INVALID
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import EXAMPLE_KEY, EXAMPLE_SECRET, WRONG_SECRET, Credentials
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.simulator.for_mocks import FORMATS, MadeAnswer
from ni_contract.simulator.lookup import EXAMPLE_NUMBER, ApiResult, look_up, refusal

WORDS: Final = {0: "success", 1: "busy", 3: "invalid", 4: "bad-credentials", 5: "bad-format", 9: "quota"}
MAX_NUMBERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class StubNumber:
    """A number as a request spells it; with *country* only that country matches, else none or the number's own."""

    number: str
    country: str = ""

    def __str__(self) -> str:
        if self.country:
            return f"{self.country}:{self.number}"
        return self.number


# Ofcom reserves these numbers for fiction; the twelfth digit is the status. The API answers 3 for a country that does
# not match, and 5 for a number that is too long: no stub refuses a request that the API would serve.
TRIGGERS: Final = {
    1: StubNumber("447700900001"),
    3: StubNumber("447700900003", "US"),
    4: StubNumber("447700900004"),
    5: StubNumber("447700900005000"),
    9: StubNumber("447700900009"),
}


@dataclass(frozen=True, slots=True)
class Stub:
    """The *answer* to requests for *number* in the format *wanted*, "json" or "xml".

    *countries* are the values of `country` that match; "" is a request without one. Where *number* is empty, the stub
    is for requests without a number, or with *is_refused*, for wrong credentials, whatever the number.
    """

    title: str
    wanted: str
    status: int
    answer: Answer
    number: str = ""
    countries: tuple[str, ...] = ()
    is_refused: bool = False

    @property
    def path(self) -> str:
        return f"{API_PATH}/{self.wanted}"

    @property
    def content_type(self) -> str:
        return self.answer.headers[0][1]

    @property
    def text(self) -> str:
        return self.answer.body.decode()

    def parameters(self) -> dict[str, str]:
        """The parameters of the simplest matching request, without credentials."""
        wanted = {"number": self.number, "country": "" if "" in self.countries else "".join(self.countries[:1])}
        return {name: value for name, value in wanted.items() if value}


@dataclass(frozen=True, slots=True)
class StubSet:
    """The stubs to be written; those of wrong credentials come first. *credentials* None: all are right."""

    stubs: tuple[Stub, ...]
    credentials: Credentials | None
    edition: str

    def exchange(self, stub: Stub) -> Exchange:
        """*stub* as an exchange: a GET with the credentials in the query."""
        right = self.credentials or Credentials()
        secret = WRONG_SECRET if stub.is_refused else right.api_secret
        given = {**self.example(stub), "api_key": right.api_key, "api_secret": secret}
        query = urlencode(given, quote_via=quote)
        return Exchange(Request("GET", f"{API_URL}{stub.path}?{query}"), stub.answer, stub.title)

    def example(self, stub: Stub) -> dict[str, str]:
        """The parameters of a request that gets *stub*, without credentials."""
        if stub.is_refused:
            return next((other.parameters() for other in self.stubs if other.number), {"number": EXAMPLE_NUMBER})
        return stub.parameters()

    def recordable(self) -> tuple[Stub, ...]:
        """The stubs that a right client may have in a recording: those of requests with a number."""
        return tuple(stub for stub in self.stubs if stub.number or stub.is_refused)


def make_stubs(
    asked: Iterable[StubNumber],
    edition: str,
    statuses: Mapping[int, StubNumber | None],
    credentials: Credentials | None,
) -> StubSet:
    """The stubs of the numbers *asked* and of each of *statuses*, with the number that gets it. Raises UsageError."""
    numbers = list(dict.fromkeys(asked))
    if len(numbers) > MAX_NUMBERS:
        raise UsageError(f"--numbers: there are {len(numbers)}; at most {MAX_NUMBERS} can be written")
    triggers = {status: trigger for status, trigger in statuses.items() if trigger is not None}
    _refuse_doubles(numbers, triggers)
    return StubSet(tuple(_stubs(numbers, triggers, statuses, edition)), credentials, edition)


def _refuse_doubles(numbers: Iterable[StubNumber], triggers: Mapping[int, StubNumber]) -> None:
    taken = set(numbers)
    for status, trigger in triggers.items():
        if trigger in taken:
            raise UsageError(
                f"--numbers {trigger}: it is what gets status {status}; "
                f"leave it out, or name another number: --statuses {status}=NUMBER"
            )
        taken.add(trigger)


def _stubs(
    numbers: Iterable[StubNumber], triggers: Mapping[int, StubNumber], statuses: Container[int], edition: str
) -> Iterator[Stub]:
    """The stubs that need no number, then those of *triggers*, then those of *numbers*."""
    if BAD_CREDENTIALS in statuses:
        yield from _both(refusal(BAD_CREDENTIALS), edition, "any number with wrong credentials", is_refused=True)
    if INVALID in statuses:
        yield from _both(look_up(None, None, edition), edition, "no number")
    for status, trigger in triggers.items():
        outcome = look_up(trigger.number, trigger.country or None, edition)
        if outcome.status != status:
            outcome = refusal(status)
        yield from _both(outcome, edition, str(trigger), trigger.number, _countries_of(trigger))
    for one in numbers:
        outcome = look_up(one.number, one.country or None, edition)
        if outcome.status in statuses:
            yield from _both(outcome, edition, str(one), one.number, _countries_of(one))


def _countries_of(asked: StubNumber) -> tuple[str, ...]:
    """The values of `country` that do not change the answer; the requested one comes first."""
    if asked.country:
        return (asked.country,)
    facts = interpret(asked.number, None).facts
    if facts:
        return ("", facts.country)
    return ("",)


def _both(
    outcome: ApiResult,
    edition: str,
    about: str,
    number: str = "",
    countries: tuple[str, ...] = (),
    is_refused: bool = False,
) -> Iterator[Stub]:
    """The stub in JSON and in XML."""
    word = WORDS[outcome.status]
    for wanted in FORMATS:
        title = f"{word.replace('-', ' ')} (status {outcome.status}): {about}, {wanted.upper()}"
        answer = MadeAnswer(outcome, edition).answer(wanted)
        yield Stub(title, wanted, outcome.status, answer, number, countries, is_refused)


def check_credentials(text: str) -> Credentials | None:
    """The credentials of *text*, `KEY:SECRET`, or None for the word "any". Raises UsageError."""
    if text == "any":
        return None
    key, colon, secret = text.partition(":")
    if not (key and colon and secret):
        raise UsageError("--credentials: write KEY:SECRET, or the word any")
    return Credentials(key, secret)


EXAMPLE: Final = f"{EXAMPLE_KEY}:{EXAMPLE_SECRET}"
