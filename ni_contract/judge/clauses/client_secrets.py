"""The places of the account's secrets: in a client's request, and in what it reports and prints."""

import re
from typing import Final
from urllib.parse import unquote

from ni_contract.contract.vocabulary import CREDENTIAL_NAMES
from ni_contract.exchanges.client_lookup import SLOW
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.redaction import redactor_of
from ni_contract.exchanges.request_credential import basic_pair
from ni_contract.exchanges.values import Request
from ni_contract.judge.clauses.lookup import LOOKUP
from ni_contract.judge.clauses.registry import clause
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Result
from ni_contract.judge.context import EvaluationContext
from ni_contract.judge.observed_lookup import MIN_TELLING_LENGTH, Kind, ObservedLookup

MIN_SECRET_LENGTH: Final = 8  # in characters, of those that the vendor gives out
SIMULATOR: Final = "simulator"  # the origin of what it records
# The query of a URL, with which HTTP libraries log what they ask for.
_QUERY = re.compile(r"""\?[^\s"'<>]*""")
# The query of a URL, or a form: HTTP libraries put either into their errors.
_PARAMETERS = re.compile(r"""[^\s"'<>]+""")
# A secret among parameters, whose & some loggers escape. Alone it is no URL and no form.
_SECRET_PARAMETER = re.compile(r"(?i)(?<=.)(?:api_secret|sig)=[^&\\]*")
# Answers that an HTTP library hands over without an error of its own, which could show the URL. Libraries that decode
# answers into types, such as Rust's reqwest, have one for bodies that only resemble these.
_READ: Final = (Kind.SUCCESS, Kind.BUSY, Kind.REFUSAL)
# Headers in which a gateway repeats the URL of a request.
_OF_A_URL = re.compile(r"(?i)forwarded|x-(?:original|forwarded|rewrite|envoy|real|request)-.*")


def place_of_secret(reading: EvaluationContext) -> str:
    """The place of a secret of the account in the request; "" where there is none or the account is not known."""
    request, asked = reading.exchange.request, reading.asked
    places = [("URL", request.url), *((f"header {name}", value) for name, value in request.headers)]
    places += [(f"parameter {name}", value) for name, value in (*asked.query, *asked.body) if name != "sig"]
    places.append(("header Authorization", ":".join(basic_pair(asked.authorization) or ())))
    texts = ((place, one) for place, text in places for one in {text, unquote(text)})
    return next((place for place, text in texts if any(secret in text for secret in reading.secrets)), "")


def other_places(reading: EvaluationContext) -> list[str]:
    """The further places of a secret: parameters, headers, and the body of a GET.

    Not a header in which a gateway repeats the URL.
    """
    if reading.account is None or reading.credential.kind == "signature":
        return []  # NIB-CLI-014
    request, asked = reading.exchange.request, reading.asked
    secrets = (*reading.secrets, reading.account.basic_token())
    others = ((name, value) for name, value in (*asked.query, *asked.body) if name not in CREDENTIAL_NAMES)
    parts = [(f"parameter {name}", value) for name, value in others]
    headers = [one for one in request.headers if not _is_basic(*one)]
    # Between a client and the simulator there is no gateway.
    if reading.exchange.origin != SIMULATOR:
        headers = [one for one in headers if not _is_of_a_gateway(request, *one)]
    parts += [(f"header {name}", value) for name, value in headers]
    found = [place for place, text in parts if any(_is_in(text, secret) for secret in secrets)]
    if asked.method == "GET":
        body = request.body.decode("utf-8", "replace")
        if redactor_of(secrets).known(body) != body:
            found.append("body")
    return found


def _is_basic(name: str, value: str) -> bool:
    return name.lower() == "authorization" and value[:6].lower() == "basic "


def _is_of_a_gateway(request: Request, name: str, value: str) -> bool:
    query = request.url.partition("?")[2]
    is_url = _OF_A_URL.fullmatch(name) and ("/ni/basic/" in value or (query and query in value))
    return bool(is_url) or name.startswith(":")


def _is_in(text: str, secret: str) -> bool:
    """Whether *secret* is in *text*, in any encoding; a short one has to stand alone, for it may be there by chance."""
    if len(secret) >= MIN_TELLING_LENGTH:
        return redactor_of((secret,)).known(text) != text
    alone = rf"(?<![\w-]){re.escape(secret)}(?![\w-])"
    return len(secret) >= MIN_SECRET_LENGTH and re.search(alone, text) is not None


@clause("NIB-CLI-058", LOOKUP)
def outcome_has_no_secret(seen: ObservedLookup) -> Result:
    for name, part in _leaks(seen):
        if _is_more_than_an_error(seen, name, part):
            return Finding(name, "no secret of the account", "a secret, masked here")
    return NOT_APPLICABLE if seen.reported is None else PASSED


@clause("NIB-CLI-065", LOOKUP)
def error_has_no_url_with_a_secret(seen: ObservedLookup) -> Result:
    leaks = _leaks(seen)
    if any(_is_more_than_an_error(seen, name, part) for name, part in leaks):  # NIB-CLI-058
        return NOT_APPLICABLE
    for name, _ in leaks:
        return Finding(name, "no URL with a secret", "one, with its secret masked here")
    return NOT_APPLICABLE if seen.reported is None else PASSED


def _leaks(seen: ObservedLookup) -> list[tuple[str, str]]:
    """The parts of what the client reported and printed that show a secret, with their names."""
    told, hide = seen.reported, redactor_of(seen.secrets).known
    parts = [("output", seen.record.printed)]
    if told is not None:
        parts = [("reason", str(told.reason)), ("result", str(told.result)), *parts]
    return [(name, part) for name, part in parts if hide(part) != part]


def _is_more_than_an_error(seen: ObservedLookup, name: str, part: str) -> bool:
    """Whether *part* shows a secret where no HTTP library had an error or a log, or outside the URL in one."""
    is_read = all(kind in _READ for kind in seen.kinds) and seen.record.shape != SLOW
    if is_read and len(seen.kinds) == 1 and name != "output":
        rest = part
    else:
        # Libraries may log each URL that they ask for: Go's retryablehttp does so on stderr.
        shown = _QUERY if is_read else _PARAMETERS
        rest = shown.sub(_without_secrets, part)
    return any(_is_in(rest, secret) for secret in seen.secrets)


def _without_secrets(parameters: re.Match[str]) -> str:
    return _SECRET_PARAMETER.sub("", parameters[0])
