"""Clauses about a request alone, which a client has to keep. The answer does not matter here."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from ni_contract.contract.countries import countries
from ni_contract.contract.scope import is_local_name
from ni_contract.contract.vocabulary import CREDENTIAL_NAMES, FORM, JSON_TYPES, KNOWN
from ni_contract.exchanges.finding import Finding, shown
from ni_contract.exchanges.request_credential import is_fresh
from ni_contract.judge.clauses.client_secrets import other_places, place_of_secret
from ni_contract.judge.clauses.credential_mistakes import mistake_in
from ni_contract.judge.clauses.registry import Stage, clause
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Result, check
from ni_contract.judge.clauses.signature_mistakes import age_of, mistake_of
from ni_contract.judge.context import EvaluationContext

RequestCheck = Callable[[EvaluationContext], Result]
REQUEST: Final[Stage[RequestCheck]] = Stage()

NUMBER_CHARACTERS: Final = re.compile(r"[0-9\s\-+()]+")
# A digit and what may stand around it, or a phoneword after a digit, which the API was seen to serve.
_OR_PHONEWORD: Final = re.compile(r"[\s\-+()]*[0-9][0-9A-Za-z\s\-+()]*")
_NO_COUNTRY: Final = ("country", type(None))
_FORM_BODY = re.compile(r"[\w.%+-]*=")
# A percent sign that begins no escape; a word between two of them may be a placeholder.
_NO_ESCAPE = re.compile("%(?:u[0-9A-Fa-f]{4}|[0-9](?![0-9A-Fa-f])|[A-Fa-f]?(?![0-9A-Za-z_]))")
_LOST_PLUS = re.compile(r"(?:^|&)number=\+")
METHOD: Final = "NIB-CLI-002"
HTTPS_USED: Final = "NIB-CLI-003"
PLUS_ENCODED: Final = "NIB-CLI-006"
DECODABLE: Final = "NIB-CLI-009"
NUMBER_OF_DIGITS: Final = "NIB-CLI-005"
NUMBER_WITHOUT_LETTERS: Final = "NIB-CLI-050"
SIGNATURE: Final = "NIB-CLI-012"
HIDDEN: Final = "a value that is not shown"
_AUTHORIZATION: Final = "header Authorization"
_HASH = re.compile("(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{128})")


def _values(reading: EvaluationContext, name: str) -> list[str]:
    return [value for key, value in reading.asked.params if key == name]


def _is_readable(reading: EvaluationContext) -> bool:
    """Whether the parameters can be judged; of a body with a wrong label only the label is judged."""
    asked = reading.asked
    return asked.method in ("GET", "POST") and not asked.problem and not _mislabelled(reading)


def _mislabelled(reading: EvaluationContext) -> str:
    """The actual type of a POST body whose Content-Type is another; "" where they agree."""
    asked = reading.asked
    if asked.method != "POST":
        return ""
    start = asked.raw_parameters.lstrip()[:1]
    if not start:
        return ""
    if asked.media_type.startswith("multipart/"):
        return "in several parts"
    if asked.media_type not in JSON_TYPES and start == "{":
        return "a JSON object"
    if asked.media_type in JSON_TYPES and start != "{" and _FORM_BODY.match(asked.raw_parameters):
        return "a form"
    return ""


@clause("NIB-CLI-001", REQUEST)
def path(reading: EvaluationContext) -> Result:
    good = reading.asked.path in ("/ni/basic/json", "/ni/basic/xml")
    return check(good, "path", "/ni/basic/json or /ni/basic/xml", reading.asked.path)


@clause(METHOD, REQUEST)
def method(reading: EvaluationContext) -> Result:
    return check(reading.asked.method in ("GET", "POST"), "method", "GET or POST", reading.asked.method)


@clause(HTTPS_USED, REQUEST)
def scheme(reading: EvaluationContext) -> Result:
    return _scheme(reading.exchange.request.url.partition("?")[0])


# All requests of a client go to the same place.
@lru_cache(maxsize=256)
def _scheme(location: str) -> Result:
    try:
        parts = urlsplit(location)
    except ValueError:
        return Finding("URL", "a URL", HIDDEN)
    if parts.scheme == "https" or not parts.hostname or is_local_name(parts.hostname):
        return PASSED
    actual = f"{parts.scheme}, and the host {shown(parts.hostname)}"
    return Finding("URL, host", "https, or a host on this machine", actual)


@clause("NIB-CLI-004", REQUEST)
def number_once(reading: EvaluationContext) -> Result:
    if not _is_readable(reading):
        return NOT_APPLICABLE
    numbers = _values(reading, "number")
    if reading.asked.method == "POST":
        numbers += [value for name, value in reading.asked.query if name == "number"]
    if not numbers and (reading.exchange.partial or reading.exchange.templated):
        return NOT_APPLICABLE
    good = len(numbers) == 1 and bool(numbers[0].strip())
    return check(good, "parameter number", "one value that is not empty", numbers)


@clause(NUMBER_OF_DIGITS, REQUEST)
def number_characters(reading: EvaluationContext) -> Result:
    value = reading.asked.get("number") or ""
    if not value.strip():
        return NOT_APPLICABLE
    expected = "digits, white space, -, +, (, ), and at most a phoneword behind a digit"
    return check(bool(_OR_PHONEWORD.fullmatch(value)), "parameter number", expected, value)


@clause(NUMBER_WITHOUT_LETTERS, REQUEST)
def number_without_letters(reading: EvaluationContext) -> Result:
    value = reading.asked.get("number") or ""
    if not _OR_PHONEWORD.fullmatch(value):
        return NOT_APPLICABLE
    good = NUMBER_CHARACTERS.fullmatch(value) is not None
    return check(good, "parameter number", "digits, white space, -, +, (, )", value)


@clause(PLUS_ENCODED, REQUEST)
def plus_is_encoded(reading: EvaluationContext) -> Result:
    numbers = _values(reading, "number")
    if not numbers or not numbers[0].strip():
        return NOT_APPLICABLE
    lost = reading.asked.media_type not in JSON_TYPES and _LOST_PLUS.search(reading.asked.raw_parameters)
    return check(not lost, "parameter number", "no bare plus: it arrives as a space, so it is sent as %2B", numbers[0])


@clause("NIB-CLI-007", REQUEST)
def country_code(reading: EvaluationContext) -> Result:
    values = _values(reading, "country")
    if not values or reading.asked.no_text == _NO_COUNTRY:
        return NOT_APPLICABLE
    known = [countries().get(value) for value in values]  # of several, the one that counts is open
    good = all(country is not None and country.official for country in known)
    return check(good, "parameter country", "an ISO 3166-1 alpha-2 code in capital letters", values)


@clause("NIB-CLI-008", REQUEST)
def cnam(reading: EvaluationContext) -> Result:
    values = _values(reading, "cnam")
    if values:
        return check(values[0] in ("true", "false"), "parameter cnam", "true or false", values)
    return NOT_APPLICABLE


@clause(DECODABLE, REQUEST)
def decodable(reading: EvaluationContext) -> Result:
    asked, body = reading.asked, reading.exchange.request.body
    if reading.failure is not None and reading.failure.request_cut:
        return Finding("body", "a whole one: of its Content-Length, or with its last chunk", f"{len(body)} bytes of it")
    if _mislabelled(reading):
        return NOT_APPLICABLE
    if asked.method == "POST" and (asked.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        return Finding("header Content-Type", "no charset other than UTF-8", shown(asked.content_type))
    if reading.exchange.partial and not body:
        return NOT_APPLICABLE
    is_json = asked.method == "POST" and asked.media_type in JSON_TYPES
    if not is_json and not reading.exchange.templated and (raw := _NO_ESCAPE.search(asked.raw_parameters)):
        return Finding("parameters", "values that are URL-encoded, with %25 for a percent sign", shown(raw[0]))
    expected = "a JSON object in UTF-8" if is_json else "UTF-8 that can be decoded"
    return check(not asked.problem, "parameters", expected, asked.problem)


@clause("NIB-CLI-010", REQUEST)
def media_type(reading: EvaluationContext) -> Result:
    asked = reading.asked
    if asked.method != "POST" or (asked.content_type is None and reading.exchange.partial):
        return NOT_APPLICABLE
    body = _mislabelled(reading)
    if body and not asked.media_type.startswith("multipart/"):
        return Finding("header Content-Type", f"that of the body, which is {body}", shown(asked.content_type))
    if asked.format != "json":
        return check(asked.media_type == FORM, "header Content-Type", FORM, asked.content_type)
    allowed = (FORM, *JSON_TYPES)
    return check(asked.media_type in allowed, "header Content-Type", f"one of {', '.join(allowed)}", asked.content_type)


@clause("NIB-CLI-011", REQUEST)
def credentials_in_one_place(reading: EvaluationContext) -> Result:
    asked, credential = reading.asked, reading.credential
    if not _is_readable(reading):
        return NOT_APPLICABLE
    pairs = [("query", name) for name, _ in asked.query] + [("body", name) for name, _ in asked.body]
    places = list(dict.fromkeys(place for place, name in pairs if name in CREDENTIAL_NAMES))
    # Another scheme beside right parameters is a stray header, which the API ignores.
    if asked.authorization is not None and (not places or asked.authorization[:5].lower() == "basic"):
        places.append(_AUTHORIZATION)
    for place in other_places(reading):
        if place.lower() != _AUTHORIZATION.lower() or _AUTHORIZATION not in places:
            places.append(place)
    repeated = sorted({name for _, name in pairs if name in CREDENTIAL_NAMES and pairs.count((places[0], name)) > 1})
    if len(places) == 1 and not credential.missing and not repeated:
        return PASSED
    right = "body" if asked.method == "POST" else "query"
    actual = f"credentials in {' and '.join(places) or 'no place'}"
    if places == [right]:
        actual = f"only {' and '.join(name for name in CREDENTIAL_NAMES if name in asked.values)}"
    if repeated:
        actual = f"{' and '.join(repeated)} more than once"
    if places == [_AUTHORIZATION]:
        actual += ", which is not readable as HTTP Basic"
    return Finding("credentials", f"api_key with api_secret or sig, in the {right} and nowhere else", actual)


def _is_signed(reading: EvaluationContext) -> bool:
    return reading.credential.kind == "signature"


@clause(SIGNATURE, REQUEST)
def signature(reading: EvaluationContext) -> Result:
    if not _is_signed(reading) or reading.credential.reason not in ("", "signature", "timestamp"):
        return NOT_APPLICABLE
    if reading.credential.valid is None:
        return NOT_APPLICABLE
    if reading.credential.reason != "signature":
        return PASSED
    sig = reading.asked.get("sig") or ""
    if not _HASH.fullmatch(sig):
        hidden = f"{len(sig)} characters that are not shown"
        return Finding("parameter sig", "32, 40, 64 or 128 hexadecimal digits", hidden)
    expected = "the hash of the parameters that were sent"
    return Finding("parameter sig", expected, mistake_of(reading.asked.params, reading.account, sig) or HIDDEN)


@clause("NIB-CLI-013", REQUEST)
def timestamp(reading: EvaluationContext) -> Result:
    if not _is_signed(reading):
        return NOT_APPLICABLE
    value, sent_at = reading.asked.get("timestamp") or "", reading.exchange.sent_at
    if is_fresh(value, sent_at):
        return PASSED
    expected = "seconds since the epoch, at most five minutes off"
    return Finding("parameter timestamp", expected, f"{shown(value)}{age_of(value, sent_at)}")


@clause("NIB-CLI-014", REQUEST)
def no_secret_when_signed(reading: EvaluationContext) -> Result:
    if not _is_signed(reading):
        return NOT_APPLICABLE
    if reading.asked.get("api_secret") is not None:
        return Finding("parameter api_secret", "absent from a signed request", HIDDEN)
    place = place_of_secret(reading)
    if place:
        return Finding(place, "neither secret of the account in a signed request", HIDDEN)
    return PASSED


@clause("NIB-CLI-015", REQUEST)
def known_parameters(reading: EvaluationContext) -> Result:
    if _mislabelled(reading):
        return NOT_APPLICABLE
    if reading.asked.values.keys() <= KNOWN:
        return PASSED
    unknown = sorted({name for name, _ in reading.asked.params if name not in KNOWN})
    return check(not unknown, "parameters", "only those of the reference", unknown[:5])


@clause("NIB-CLI-018", REQUEST)
def credentials_of_the_account(reading: EvaluationContext) -> Result:
    credential = reading.credential
    if not _is_readable(reading) or credential.missing:
        return NOT_APPLICABLE
    if credential.reason in ("key", "secret", "basic"):
        return Finding("credentials", "the key and the secret of the account", mistake_in(reading) or HIDDEN)
    if credential.valid is None:
        return NOT_APPLICABLE
    return PASSED


@clause("NIB-CLI-019", REQUEST)
def credentials_are_parameters(reading: EvaluationContext) -> Result:
    if not _is_readable(reading) or reading.credential.kind == "none":
        return NOT_APPLICABLE
    expected = "api_key with api_secret, or with sig, as parameters"
    return check(reading.credential.kind != "basic", "header Authorization", expected, "HTTP Basic")


@clause("NIB-CLI-020", REQUEST)
def members_are_text(reading: EvaluationContext) -> Result:
    asked = reading.asked
    if asked.method != "POST" or asked.media_type not in JSON_TYPES or asked.problem:
        return NOT_APPLICABLE
    # A timestamp may be a number, and a country that is null is none.
    good = asked.no_text in (None, _NO_COUNTRY) or asked.no_text[0] == "timestamp"
    return check(good, "body", "a JSON object whose members are text", asked.unclear)
