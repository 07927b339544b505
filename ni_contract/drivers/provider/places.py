"""Possible base URLs of the API below a URL: not every fake uses the vendor's path."""

from typing import Final

from ni_contract.contract.vocabulary import API_PATH, HTTP_OK
from ni_contract.drivers.provider.controls import Fields
from ni_contract.drivers.provider.driver import Driver, refuse_unusable
from ni_contract.drivers.provider.replayed import is_replayed
from ni_contract.errors import HarnessError, option
from ni_contract.exchanges.redaction import redact_url
from ni_contract.exchanges.values import Answer, Exchange, Failure

# The vendor's own OpenAPI document has /basic, its overview /number/insight.
OTHER_PATHS: Final = ("", "/basic", "/number/insight")
_NOT_FOUND: Final = (404, 410)


def places_of(root: str) -> tuple[str, ...]:
    """The base URLs to try for a *root* without a path of the API, the most likely first."""
    return (root + API_PATH, *(root + path for path in OTHER_PATHS))


def find_place(driver: Driver, fields: Fields) -> Exchange:
    """The first answer to *fields* from a base URL that exists, which the target then keeps.

    Raises HarnessError when there is none, and for a target that cannot be judged.
    """
    target = driver.target
    places = target.places
    for place in places:
        target.base_url = place
        exchange = driver.ask(fields, "place")
        if not (_is_broken(exchange) and _answers_otherwise(driver, fields)):
            refuse_unusable(exchange)
        if is_replayed(exchange) or not _is_nowhere(exchange):
            return exchange
    tried = ", ".join(redact_url(place) + fields["path"] for place in places)
    raise HarnessError(
        f"the API lies at none of the places that were tried (HTTP 404): {tried}; give the URL below which /json and "
        f"/xml lie, or --path PATH; if it knows only certain numbers, {option('numbers')} LIST"
    )


def _is_broken(exchange: Exchange) -> bool:
    return isinstance(exchange.answer, Failure) and exchange.answer.kind in ("reset", "protocol")


def _answers_otherwise(driver: Driver, fields: Fields) -> bool:
    """Whether a request without parameters is answered by HTTP: then the target breaks on the lookup in *fields*."""
    answer = driver.ask({"method": "GET", "path": fields["path"], "query": ""}, "place").answer
    return isinstance(answer, Answer) and answer.http_status == HTTP_OK


def _is_nowhere(exchange: Exchange) -> bool:
    return isinstance(exchange.answer, Answer) and exchange.answer.http_status in _NOT_FOUND
