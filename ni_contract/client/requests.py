"""Builds the bytes of a request from an operation and the caller's arguments. Sections: Request, Encoding."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import chain
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import httpx2

from ni_contract.client.credentials import Credentials
from ni_contract.client.errors import InvalidArgument
from ni_contract.client.operation import Api, Operation, Parameter
from ni_contract.exchanges.redaction import redact_target
from ni_contract.exchanges.values import Request

# The schema sets no bound for a number; longer ones do not exist.
MAX_VALUE_LENGTH = 1_000

_FORM = "application/x-www-form-urlencoded"
_SHOWN = 60
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f]")


def build_request(
    api: Api,
    operation: Operation,
    base_url: str,
    credentials: Credentials,
    values: Mapping[str, object],
    media_type: str | None = None,
) -> Request:
    """The request of *operation* with *values* by name; None leaves a parameter out. Raises InvalidArgument.

    *media_type*, one of the operation's `body_types`, says how a body is written.
    """
    # Arguments are checked before credentials are read, so no frame of a traceback holds a secret.
    if operation.body_types and media_type not in operation.body_types:
        raise InvalidArgument(
            f"{operation.path} takes no body of type {media_type!r}; use {' or '.join(operation.body_types)}"
        )
    given = [*chain.from_iterable(_pairs(p, values.get(p.name)) for p in operation.parameters)]
    params, headers = credentials.added_to(given, api), tuple(credentials.headers())
    url = base_url + operation.path
    if media_type is None:
        return Request(operation.method, f"{url}?{_form(params)}", headers)
    body = _form(params) if media_type == _FORM else json.dumps(dict(params), ensure_ascii=False)
    return Request(operation.method, url, (*headers, ("Content-Type", media_type)), body.encode())


def _form(params: list[tuple[str, str]]) -> str:
    """The pairs as a URL-encoded form; a `+` in a value becomes %2B, because a bare one means a space."""
    return urlencode(params, quote_via=quote, safe="")


def _pairs(parameter: Parameter, value: object) -> list[tuple[str, str]]:
    if value is None:
        if parameter.required:
            raise InvalidArgument(f"{parameter.name} is missing: {parameter.hint}")
        return []
    return [(parameter.name, _flag(parameter, value) if parameter.is_flag else _text(parameter, value))]


def _flag(parameter: Parameter, value: object) -> str:
    if not isinstance(value, bool):
        raise InvalidArgument(f"{parameter.name} has to be True or False, not {_shown(value)}")
    if value:
        return "true"
    return "false"


def _text(parameter: Parameter, value: object) -> str:
    """*value* as text, unchanged: a silent correction would ask about another number."""
    if not isinstance(value, str):
        raise InvalidArgument(f"{parameter.name} has to be text, not {type(value).__name__}: {parameter.hint}")
    longest = MAX_VALUE_LENGTH if parameter.max_length is None else parameter.max_length
    is_matched = parameter.pattern is None or re.search(parameter.pattern, value, re.ASCII)
    if not parameter.min_length <= len(value) <= longest or not is_matched:
        raise InvalidArgument(f"{parameter.name} {_shown(value)} cannot be sent: {parameter.hint}")
    return value


def _shown(value: object) -> str:
    text = ascii(value)
    if len(text) <= _SHOWN:
        return text
    return f"{text[:_SHOWN]}…"


def clean_base_url(url: str | None, api: Api) -> str:
    """Scheme, host, port and the path in front of the API's own; the document's server for None.

    The API's own path may be given or not: `http://localhost:8080`, `…/ni/basic` and `…/ni/basic/json` are the same.
    Raises InvalidArgument.
    """
    url = api.server if url is None else url
    parts = _split(url)
    if parts is None:
        raise InvalidArgument(
            f"base_url {redact_target(str(url))!r} is not a URL: give https://HOST or https://HOST:PORT"
        )
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise InvalidArgument("base_url carries more than scheme, host, port and path: give those only")
    server = urlsplit(api.server)
    if (parts.hostname or "").rstrip(".") == server.hostname and parts.scheme != server.scheme:
        raise InvalidArgument(f"base_url would send credentials to {parts.hostname} in the clear: use {server.scheme}")
    path = re.sub(rf"{re.escape(api.base_path)}(?:/[a-z]+)?$", "", parts.path.rstrip("/"))
    return f"{parts.scheme}://{parts.netloc}{path}"


def _split(url: str) -> SplitResult | None:
    """The parts of *url*, None where it is no URL of a host that can be asked."""
    try:
        parts = urlsplit(url)
        is_usable = bool((parts.hostname or "").encode("idna")) and parts.port != 0
        httpx2.URL(url)
    except (ValueError, AttributeError, TypeError, httpx2.InvalidURL):
        return None
    is_usable = is_usable and parts.scheme in ("http", "https") and not _UNPRINTABLE.search(url)
    if is_usable:
        return parts
    return None
