"""The API's own answers for mocks: `ni_answers`."""

import json
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, Final

from ni_contract.contract.catalogue import DOCUMENTED, known_edition
from ni_contract.contract.numbering import Problem, interpret
from ni_contract.contract.vocabulary import API_PATH, API_URL, BUSY, INVALID
from ni_contract.errors import UsageError
from ni_contract.exchanges.values import Answer
from ni_contract.simulator.lookup import ApiResult, look_up, refusal
from ni_contract.simulator.render import render

# The statuses of Basic; others belong to other APIs.
REFUSALS: Final = (1, 3, 4, 5, 9)
FORMATS: Final = ("json", "xml")


class MadeAnswer(dict[str, Any]):
    """One answer of the API: the members of its JSON, usable wherever a mock takes an object.

    `json` and `xml` are its bytes in either format, `response(library, format)` the response of a library. All of them
    have the same request id; each answer has one of its own.
    """

    def __init__(self, outcome: ApiResult, edition: str) -> None:
        templates = {wanted: render(outcome, edition, wanted) for wanted in FORMATS}
        self._types = {wanted: template.content_type.decode() for wanted, template in templates.items()}
        self.json: bytes = templates["json"].body()
        super().__init__(json.loads(self.json))
        xml, request_id = templates["xml"], str(self.get("request_id", "")).encode()
        self.xml: bytes = b"%b%b%b" % (xml.start, request_id, xml.end)

    def body(self, format: str = "json") -> bytes:  # noqa: A002  the word that people know
        """The bytes in *format*, "json" or "xml". Raises UsageError."""
        _check_format(format)
        if format == "json":
            return self.json
        return self.xml

    def content_type(self, format: str = "json") -> str:  # noqa: A002
        """The Content-Type of `body`. Raises UsageError."""
        _check_format(format)
        return self._types[format]

    def answer(self, format: str = "json") -> Answer:  # noqa: A002
        """The answer as a value of this package, for callable targets. Raises UsageError."""
        return Answer(200, (("Content-Type", self.content_type(format)),), self.body(format))

    def response(self, library: str, format: str = "json") -> Any:  # noqa: A002
        """A response of *library*: httpx, httpx2, requests, urllib3, aiohttp (a web response), werkzeug, responses.

        Raises UsageError for another name, ImportError where the library is not installed.
        """
        make = _RESPONSES.get(library)
        if make is None:
            raise UsageError(f"ni_answers makes no response of {library!r}; choose one of {', '.join(_RESPONSES)}")
        return make(self.body(format), self.content_type(format), f"{API_URL}{API_PATH}/{format}")


class Answers:
    """Makes answers as *edition* words them: `success`, `refused`, `busy`."""

    def __init__(self, edition: str = DOCUMENTED) -> None:
        self._edition = known_edition(edition)

    def success(self, number: str, country: str | None = None, edition: str | None = None) -> MadeAnswer:
        """The answer with all facts of *number*, international or, with *country* (GB), national.

        Raises UsageError for a number that the API does not answer with success.
        """
        meaning = interpret(number, country)
        if meaning.facts is None:
            why = (meaning.problem or Problem.MISSING).value
            raise UsageError(f"ni_answers.success({number!r}): {why}; the API would refuse it: see ni_answers.refused")
        return MadeAnswer(look_up(number, country, DOCUMENTED), known_edition(edition or self._edition))

    def refused(self, status: int, number: str | None = None, edition: str | None = None) -> MadeAnswer:
        """The answer of *status*: 1, 3, 4, 5 or 9. *number* is the requested one, which an observed text repeats.

        Raises UsageError for a status that is no refusal of Basic, or a number that would not be refused.
        """
        if type(status) is not int or status not in REFUSALS:
            raise UsageError(f"ni_answers.refused({status!r}): the API refuses with {', '.join(map(str, REFUSALS))}")
        edition = known_edition(edition or self._edition)
        outcome = refusal(status)
        if number is not None and status in (INVALID, 5):
            outcome = look_up(number, None, edition)
            if outcome.status != status:
                raise UsageError(
                    f"ni_answers.refused({status}, {number!r}): as {edition}, the API answers status {outcome.status}"
                )
        return MadeAnswer(outcome, edition)

    def busy(self, edition: str | None = None) -> MadeAnswer:
        """The answer beyond the rate limit: status 1."""
        return self.refused(BUSY, edition=edition)


def _check_format(wanted: str) -> None:
    if wanted not in FORMATS:
        raise UsageError(f"format={wanted!r}: choose one of {', '.join(FORMATS)}")


def _httpx(library: str, body: bytes, content_type: str, url: str) -> Any:
    httpx = import_module(library)
    return httpx.Response(200, headers={"Content-Type": content_type}, content=body, request=httpx.Request("GET", url))


def _requests(body: bytes, content_type: str, url: str) -> Any:
    import requests

    response = requests.Response()
    response.status_code, response.url, response.reason, response.encoding = 200, url, "OK", "utf-8"
    response.headers["Content-Type"] = content_type
    response._content = body
    response.request = requests.Request("GET", url).prepare()
    return response


def _urllib3(body: bytes, content_type: str, url: str) -> Any:
    import urllib3

    return urllib3.HTTPResponse(
        body, {"Content-Type": content_type}, 200, reason="OK", request_method="GET", request_url=url
    )


_RESPONSES: Final[dict[str, Callable[[bytes, str, str], Any]]] = {
    "httpx": partial(_httpx, "httpx"),
    "httpx2": partial(_httpx, "httpx2"),
    "requests": _requests,
    "urllib3": _urllib3,
    "aiohttp": lambda body, kind, _url: import_module("aiohttp.web").Response(body=body, content_type=kind),
    "werkzeug": lambda body, kind, _url: import_module("werkzeug").Response(body, 200, content_type=kind),
    "responses": lambda body, kind, url: import_module("responses").Response("GET", url, body=body, content_type=kind),
}
