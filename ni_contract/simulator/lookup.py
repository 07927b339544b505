"""The status, text and facts for a number. Sections: Keys and Values; wire facts, Two editions and Numbers."""

from typing import Final, NamedTuple

from ni_contract.contract import vocabulary
from ni_contract.contract.numbering import NumberFacts, Problem, interpret

EXAMPLE_NUMBER: Final = "441632960960"

# Texts never observed are in our own words; they contain the status' name from the reference page.
TEXTS: Final = {
    vocabulary.SUCCESS: "Success",
    vocabulary.BUSY: vocabulary.OBSERVED_TEXTS[vocabulary.BUSY],
    vocabulary.INVALID: "Invalid - the request is incomplete",
    vocabulary.BAD_CREDENTIALS: vocabulary.OBSERVED_TEXTS[vocabulary.BAD_CREDENTIALS],
    vocabulary.BAD_FORMAT: "Internal Error - no phone number has this format",
    vocabulary.NO_CREDIT: "Partner quota exceeded - the account has not enough credit for this request",
    19: "Facility Not Allowed - the request uses a facility that the account does not have",
    43: "Live mobile lookup - no answer",
    44: "Live mobile lookup - no answer",
    45: "Live mobile lookup - no answer",
    999: "Request unparsable",
}
_INVALID: Final = {
    Problem.MISSING: "Invalid - the request lacks the mandatory parameter number",
    Problem.COUNTRY: "Invalid - country is not an ISO 3166-1 alpha-2 code",
    Problem.MISMATCH: "Invalid - country does not match the number",
}


class ApiResult(NamedTuple):
    """The result of the API: status, its text, and facts when the status is 0."""

    status: int
    text: str
    facts: NumberFacts | None = None


def refusal(status: int) -> ApiResult:
    """The result for a *status* that does not depend on the number."""
    return ApiResult(status, TEXTS.get(status, f"Status {status}"))


def look_up(number: str | None, country: str | None, edition: str) -> ApiResult:
    """The result for the parameters `number` and `country` in *edition*."""
    meaning = interpret(number, country, edition == "observed")
    if meaning.facts is not None:
        return ApiResult(vocabulary.SUCCESS, TEXTS[vocabulary.SUCCESS], meaning.facts)
    problem = meaning.problem or Problem.IMPOSSIBLE
    if edition == "observed":
        return _observed(problem, number, country)
    if problem in _INVALID:
        return ApiResult(vocabulary.INVALID, _INVALID[problem])
    return refusal(vocabulary.BAD_FORMAT)


def example() -> ApiResult:
    """A success about the reference's own number."""
    return look_up(EXAMPLE_NUMBER, None, "documented")


def _observed(problem: Problem, number: str | None, country: str | None) -> ApiResult:
    """The observed texts. Only the one about the number's format was observed; the other two follow its pattern."""
    if problem is Problem.MISSING:
        return ApiResult(vocabulary.INVALID, "Invalid request :: Missing mandatory parameter [ number ]")
    if problem in (Problem.COUNTRY, Problem.MISMATCH):
        return ApiResult(vocabulary.INVALID, f"Invalid request :: Not valid country detected [ {country} ]")
    return ApiResult(vocabulary.INVALID, f"Invalid request :: Not valid number format detected [ {number} ]")
