"""Simpler versions of a request, called controls, with which a clause about one property of a request is judged.

A control is the same request without one property. Requests are the fields of vectors here.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, unquote_plus

from ni_contract.contract.numbering import Meaning, interpret
from ni_contract.contract.vocabulary import CREDENTIAL_NAMES, JSON_TYPES, KNOWN
from ni_contract.exchanges.credentials import WRONG_SECRET
from ni_contract.exchanges.request import split_media_type

Fields = Mapping[str, Any]
Parameters = list[tuple[str, str]]

# Right credentials, by their placeholders, and a wrong secret.
KEY: Final = ("api_key", "{{api_key}}")
SECRET: Final = ("api_secret", "{{api_secret}}")
WRONG: Final = ("api_secret", WRONG_SECRET)
# A number of the US, the one country with cnam.
AMERICAN: Final = "14155550100"
# Every object of JavaScript has these.
INHERITED: Final = ("constructor", "__proto__", "toString")

_NO_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_ORDER: Final = ("number", "country", "cnam", *CREDENTIAL_NAMES)


def parameters_of(fields: Fields) -> Parameters:
    """The parameters of a request by name, each value as it stands in a query, placeholders unfilled."""
    if fields["method"] != "POST":
        return _split(fields.get("query", ""))
    body = fields.get("body", "")
    if split_media_type(_header(fields, "content-type"))[0] not in JSON_TYPES:
        return _split(body)
    try:
        members = json.loads(body)
    except ValueError:
        return []
    if isinstance(members, dict):
        return [(name, escaped(_text_of(value))) for name, value in members.items()]
    return []


def _text_of(member: object) -> str:
    """The text of a *member* of JSON, as a parameter in a query has it: true, not True."""
    return member if isinstance(member, str) else json.dumps(member)


def _split(text: str) -> Parameters:
    pairs = [part.partition("=") for part in text.split("&") if part]
    return [(name, value) for name, _, value in pairs]


def escaped(value: str) -> str:
    """*value* as it stands in a query; a placeholder is unchanged."""
    if value.startswith("{{"):
        return value
    # JSON can escape half a surrogate pair.
    return quote(value, safe="", errors="replace")


def _decoded(value: str) -> str:
    if value.startswith("{{"):
        return value
    return unquote_plus(value)


def _header(fields: Fields, name: str) -> str:
    headers = fields.get("headers", {})
    return next((value for key, value in headers.items() if key.lower() == name), "")


def with_parameters(fields: Fields, parameters: Parameters) -> Fields:
    """*fields* with other parameters, carried as before."""
    text = "&".join(f"{name}={value}" for name, value in parameters)
    if fields["method"] != "POST":
        return {**fields, "query": text}
    if split_media_type(_header(fields, "content-type"))[0] not in JSON_TYPES:
        return {**fields, "body": text}
    return {**fields, "body": json.dumps({name: _decoded(value) for name, value in parameters})}


def with_value(fields: Fields, name: str, value: str) -> Fields:
    """*fields* with *value*, as it stands in a query, for each parameter called *name*."""
    return with_parameters(fields, [(n, value if n == name else v) for n, v in parameters_of(fields)])


def by_get(*parameters: tuple[str, str], **others: Any) -> Fields:
    """A GET of JSON with *parameters*, and the *others* of the fields of a vector."""
    return with_parameters({"method": "GET", "path": "/json", **others}, list(parameters))


def value_of(fields: Fields, name: str) -> str | None:
    """The decoded value of the first parameter called *name*, or None."""
    found = [value for key, value in parameters_of(fields) if key == name]
    if found:
        return unquote_plus(found[0])
    return None


def meaning_of(fields: Fields) -> Meaning:
    return interpret(value_of(fields, "number"), value_of(fields, "country"))


def as_get(fields: Fields) -> Fields:
    """The request as a GET."""
    if fields["method"] != "POST":
        return fields
    query = "&".join(f"{name}={value}" for name, value in parameters_of(fields))
    headers = {name: value for name, value in fields.get("headers", {}).items() if name.lower() != "content-type"}
    kept = {name: value for name, value in fields.items() if name != "body"}
    return _with_headers({**kept, "method": "GET", "query": query}, headers)


def in_json(fields: Fields) -> Fields:
    """The request at the path of JSON."""
    return {**fields, "path": "/json"}


def without_headers(fields: Fields) -> Fields:
    """The request without unnecessary headers: a form needs its type, Basic its credentials."""
    needed = []
    if fields["method"] == "POST":
        needed = ["content-type"]
    if not any(name in CREDENTIAL_NAMES for name, _ in parameters_of(fields)):
        needed.append("authorization")
    return _with_headers(fields, {n: v for n, v in fields.get("headers", {}).items() if n.lower() in needed})


def _with_headers(fields: Fields, headers: Mapping[str, str]) -> Fields:
    kept = {name: value for name, value in fields.items() if name != "headers"}
    if headers:
        return {**kept, "headers": headers}
    return kept


def with_secret(fields: Fields) -> Fields:
    """The request with api_key and api_secret in place of a right signature or right HTTP Basic."""
    basic = _header(fields, "authorization") == "Basic {{basic}}"
    sign = fields.get("sign", {})
    is_right_signature = bool(sign) and sign.keys() <= {"method", "hex"} and sign.get("hex", "upper") == "upper"
    if not basic and not is_right_signature:
        return fields
    kept: Fields = {name: value for name, value in fields.items() if name != "sign"}
    if basic:
        kept = _with_headers(kept, {n: v for n, v in fields["headers"].items() if n.lower() != "authorization"})
    return with_right_secret(_without(kept, "timestamp"))


def with_right_secret(fields: Fields) -> Fields:
    """The request with api_key and api_secret in place of its credentials in parameters."""
    return with_parameters(fields, [*parameters_of(_without(fields, *CREDENTIAL_NAMES)), KEY, SECRET])


def _without(fields: Fields, *names: str) -> Fields:
    """The request without the parameters called *names*."""
    return with_parameters(fields, [pair for pair in parameters_of(fields) if pair[0] not in names])


def without_proof(fields: Fields) -> Fields:
    """The request without its signature and HTTP Basic; unchanged where it has a secret too."""
    if value_of(fields, "api_secret") is not None:
        return fields
    headers = {n: v for n, v in fields.get("headers", {}).items() if n.lower() != "authorization"}
    return _with_headers(_without(fields, "sig", "timestamp"), headers)


def canonical(fields: Fields) -> Fields:
    """The request with values escaped in the usual way."""
    return with_parameters(fields, [(name, escaped(_decoded(value))) for name, value in parameters_of(fields)])


def without_unknown(fields: Fields) -> Fields:
    """The request without parameters that the API does not have."""
    return with_parameters(fields, [pair for pair in parameters_of(fields) if pair[0] in KNOWN])


def in_ascii(fields: Fields) -> Fields:
    """The request with a letter for each character beyond ASCII in parameters that the API does not have."""
    for name, value in parameters_of(fields):
        decoded = _decoded(value)
        if name not in KNOWN and not decoded.isascii():
            fields = with_value(fields, name, escaped(_NO_ASCII.sub("x", decoded)))
    return fields


def _with_plain_unknown(fields: Fields) -> Fields:
    """The request with a letter for the value of each parameter that the API does not have."""
    return with_parameters(fields, [(name, value if name in KNOWN else "x") for name, value in parameters_of(fields)])


def without_cnam(fields: Fields) -> Fields:
    """The request without cnam."""
    return _without(fields, "cnam")


def in_order(fields: Fields) -> Fields:
    """*fields* with the parameters in their usual order; the order of signed ones is a matter of the signature."""
    if "sign" in fields:
        return fields
    places = {name: place for place, name in enumerate(_ORDER)}
    return with_parameters(fields, sorted(parameters_of(fields), key=lambda pair: places.get(pair[0], len(places))))


def without_separators(fields: Fields) -> Fields:
    """The request with the digits of its number alone, if they mean the same."""
    if meaning_of(fields).facts is None:
        return fields
    digits = "".join(c for c in value_of(fields, "number") or "" if "0" <= c <= "9")
    without = with_value(fields, "number", digits)
    if meaning_of(without) == meaning_of(fields):
        return without
    return fields


def international(fields: Fields) -> Fields:
    """The request for the same number in international form, without a country; unchanged where it is no number."""
    facts = meaning_of(fields).facts
    if facts is None:
        return fields
    others = parameters_of(_without(fields, "number", "country"))
    return with_parameters(fields, [("number", facts.international), *others])


SIMPLIFICATIONS: Final[tuple[Callable[[Fields], Fields], ...]] = (
    without_headers,
    with_secret,
    canonical,
    in_ascii,
    without_unknown,
    _with_plain_unknown,
    without_cnam,
    in_order,
    without_separators,
    international,
    as_get,
    in_json,
)


def plain(fields: Fields) -> Fields:
    """The plainest request for the same, with credentials as right or wrong: a GET of JSON."""
    for simplify in (as_get, *SIMPLIFICATIONS):
        fields = simplify(fields)
    return fields


def minimal(fields: Fields, fails: Callable[[Fields], bool]) -> Fields:
    """The simplest version of *fields* for which *fails* is still true."""
    if fails(plainest := plain(fields)):
        return plainest
    for simplify in SIMPLIFICATIONS:
        simpler = simplify(fields)
        if simpler != fields and fails(simpler):
            fields = simpler
    return fields


def key_of(fields: Fields) -> str:
    """A text that is equal for equal fields."""
    return json.dumps(fields, sort_keys=True)
