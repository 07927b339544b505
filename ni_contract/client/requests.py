"""Builds the bytes of a request from an operation and the caller's arguments. Sections: Request, Encoding."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import quote, urlencode, urlsplit

import httpx2

from ni_contract.client.credentials import ClientCredentials, authenticated
from ni_contract.client.errors import InvalidArgument
from ni_contract.client.generated import operations as api
from ni_contract.client.operation import Operation, Parameter
from ni_contract.contract.vocabulary import FORM
from ni_contract.exchanges.redaction import redact_target
from ni_contract.exchanges.values import Request

_SHOWN = 60
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f]")


def build_request(
    operation: Operation,
    base_url: str,
    credentials: ClientCredentials,
    values: Mapping[str, object],
    media_type: str | None = None,
) -> Request:
    """The request of *operation* with *values* by name; None leaves a parameter out. Raises InvalidArgument.

    *media_type*, one of the operation's `body_types`, says how a body is written.
    """
    # Arguments are checked before credentials are read, so no frame of a traceback holds a secret.
    if operation.body_types and media_type not in operation.body_types:
        types = " or ".join(operation.body_types)
        raise InvalidArgument(f"{operation.path} takes no body of type {media_type!r}; use {types}")
    written = [(name, _written(name, api.PARAMETERS[name], value)) for name, value in values.items()]
    params, headers = authenticated([(name, text) for name, text in written if text is not None], credentials)
    # A `+` in a value becomes %2B, because a bare one means a space.
    form = urlencode(params, quote_via=quote, safe="")
    url = base_url + operation.path
    if media_type is None:
        return Request(operation.method, f"{url}?{form}", tuple(headers))
    body = form if media_type == FORM else json.dumps(dict(params), ensure_ascii=False)
    return Request(operation.method, url, (*headers, ("Content-Type", media_type)), body.encode())


def _written(name: str, parameter: Parameter, value: object) -> str | None:
    """*value* as text, None to leave it out; a silent correction would ask about another number."""
    if value is None and parameter.required:
        raise InvalidArgument(f"{name} is missing: {parameter.hint}")
    if value is None:
        return None
    if parameter.is_flag and isinstance(value, bool):
        return str(value).lower()
    if parameter.is_flag:
        raise InvalidArgument(f"{name} has to be True or False, not {_shown(value)}")
    if not isinstance(value, str):
        raise InvalidArgument(f"{name} has to be text, not {type(value).__name__}: {parameter.hint}")
    is_long_enough = parameter.min_length <= len(value) <= parameter.max_length
    if not is_long_enough or not re.search(parameter.pattern, value, re.ASCII):
        raise InvalidArgument(f"{name} {_shown(value)} cannot be sent: {parameter.hint}")
    return value


def _shown(value: object) -> str:
    text = ascii(value)
    return text[:_SHOWN] + "…" * (len(text) > _SHOWN)


def clean_base_url(url: str | None) -> str:
    """Scheme, host, port and the path in front of the API's own; the document's server for None.

    The API's own path may be given or not: `http://localhost:8080`, `…/ni/basic` and `…/ni/basic/json` are the same.
    Raises InvalidArgument.
    """
    given = api.SERVER if url is None else url
    server, parts, has_host = urlsplit(api.SERVER), None, False
    with suppress(ValueError, AttributeError, TypeError, httpx2.InvalidURL):
        httpx2.URL(given)
        parts = urlsplit(given)
        has_host = bool((parts.hostname or "").encode("idna")) and parts.port != 0
    if parts is None or not has_host or parts.scheme not in ("http", "https") or _UNPRINTABLE.search(given):
        shown = redact_target(str(given))
        raise InvalidArgument(f"base_url {shown!r} is not a URL: give https://HOST or https://HOST:PORT")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise InvalidArgument("base_url carries more than scheme, host, port and path: give those only")
    if (parts.hostname or "").rstrip(".") == server.hostname and parts.scheme != server.scheme:
        raise InvalidArgument(f"base_url would send credentials to {parts.hostname} in the clear: use {server.scheme}")
    path = re.sub(rf"{re.escape(api.BASE_PATH)}(?:/[a-z]+)?$", "", parts.path.rstrip("/"))
    return f"{parts.scheme}://{parts.netloc}{path}"
