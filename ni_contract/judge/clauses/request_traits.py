"""Characteristics of a request: where a valid request is not served, one of them determines the failing clause."""

import re
from collections.abc import Mapping

from ni_contract.contract.signature import METHODS
from ni_contract.contract.vocabulary import CREDENTIAL_NAMES, JSON_TYPES, KNOWN
from ni_contract.exchanges.request import ParsedRequest
from ni_contract.exchanges.request_credential import Credential

# Characters escaped without need (letters, digits, hyphen): only a server that decodes reads the value right.
_NEEDLESS_ESCAPE = re.compile(r"%(?:3[0-9]|[46][1-9a-f]|[57][0-9a]|2d)", re.IGNORECASE)
_RAW_PLUS = re.compile(r"(?:^|&)number=[^&]*\+")


def characteristics_of(asked: ParsedRequest, credential: Credential) -> list[str]:
    """The characteristics of a request, most specific first: keys of `TRAIT_CLAUSES`."""
    traits = _way_of_sending(asked, credential)
    raw, values = asked.raw_parameters, asked.values
    if asked.accept is not None and _other_format_accepted(asked.accept, asked.format):
        traits.append("accept")
    if _has_stray_header(asked):
        traits.append("ignored_header")
    # Only escapes, or text that is not ASCII, can decode to characters beyond ASCII.
    if ("%" in raw or "\\" in raw or not raw.isascii()) and _is_utf8(asked):
        traits.append("non_ascii")
    is_form = asked.media_type not in JSON_TYPES
    if is_form and ("(" in raw or raw.endswith("&") or "&&" in raw):
        traits.append("unescaped")
    if not values.keys() <= KNOWN:
        traits.append("unknown")
    if is_form and _is_encoded(raw):
        traits.append("percent_encoded")
    traits.extend(_parameters(values))
    return traits


def _is_utf8(asked: ParsedRequest) -> bool:
    """Whether a value has characters beyond ASCII. Credentials have clauses of their own, and may be masked."""
    values = (value for name, value in asked.params if name not in CREDENTIAL_NAMES)
    # White space beyond ASCII is a characteristic of its own.
    return any(not value.isascii() and not "".join(value.split()).isascii() for value in values)


def _way_of_sending(asked: ParsedRequest, credential: Credential) -> list[str]:
    traits = []
    if credential.kind == "signature":
        traits.append("hmac" if credential.method in METHODS[1:] else "md5hash")
    elif credential.kind == "basic":
        traits.append("basic")
    if asked.is_chunked:
        traits.append("chunked")
    if asked.method == "POST":
        traits.append("json" if asked.media_type in JSON_TYPES else "form")
    return traits


def _other_format_accepted(accept: str, path_format: str | None) -> bool:
    return "*/*" not in accept and (path_format or "") not in accept


def _has_stray_header(asked: ParsedRequest) -> bool:
    if asked.method == "POST":
        return False
    if asked.content_type is not None:
        return True
    return asked.authorization is not None and any(name in asked.values for name in CREDENTIAL_NAMES)


def _is_encoded(raw: str) -> bool:
    return bool("%" in raw and _NEEDLESS_ESCAPE.search(raw)) or bool("+" in raw and _RAW_PLUS.search(raw))


def _parameters(values: Mapping[str, str]) -> list[str]:
    traits = []
    if "cnam" in values:
        traits.append("cnam")
    if values.get("country"):
        traits.append("country")
    number = values.get("number", "0")
    if not number.isalnum():
        if any(c.isspace() and c not in " \t" for c in number):
            traits.append("wide space")
        traits.append("separators")
    return traits
