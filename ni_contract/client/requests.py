"""Credentials, and the request that is made of them, an operation and the caller's arguments.

Sections: Authentication information, Request, Encoding; wire facts, Request.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from ni_contract.client.errors import InvalidArgument
from ni_contract.client.generated import operations as api
from ni_contract.client.operation import Operation, Parameter
from ni_contract.contract.signature import METHODS, Method, sign
from ni_contract.contract.vocabulary import FORM
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import redact_target
from ni_contract.exchanges.url import split_url
from ni_contract.exchanges.values import Request

Pairs = list[tuple[str, str]]

_SHOWN = 60


def _check(*values: str) -> None:
    """Raises InvalidArgument, without showing a value, for a credential that cannot be sent."""
    if not all(isinstance(value, str) and value for value in values):
        raise InvalidArgument("a credential is empty or no text: give the key and the secret of the account")
    # Lone surrogates only: Python's own error of encoding would hold the value.
    if any("\ud800" <= character <= "\udfff" for character in "".join(values)):
        raise InvalidArgument("a credential is not text in UTF-8: give it as the account page shows it")


@dataclass(frozen=True, slots=True)
class KeyAndSecret:
    """API key and secret as two parameters: in the query of a GET, in the body of a POST."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        _check(self.api_key, self.api_secret)


@dataclass(frozen=True, slots=True)
class Basic:
    """API key and secret in the header `Authorization: Basic …` (RFC 7617), and in no parameter."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        _check(self.api_key, self.api_secret)
        if ":" in self.api_key:
            raise InvalidArgument("HTTP Basic cannot carry an api_key with a colon in it: use KeyAndSecret or Signed")


@dataclass(frozen=True, slots=True)
class Signed:
    """API key, and a signature of all parameters with the time (seconds since the epoch) in the place of the secret.

    *method* is what the account was set to: `md5hash`, or HMAC with md5, sha1, sha256 or sha512.
    """

    api_key: str = field(repr=False)
    signature_secret: str = field(repr=False)
    method: Method = "md5hash"
    clock: Callable[[], float] = field(default=time.time, repr=False)

    def __post_init__(self) -> None:
        _check(self.api_key, self.signature_secret)
        if self.method not in METHODS:
            raise InvalidArgument(f"no signature method is called {self.method!r}; use {', '.join(METHODS)}")


ClientCredentials = KeyAndSecret | Basic | Signed


def _authenticated(params: Pairs, credentials: ClientCredentials) -> tuple[Pairs, Pairs]:
    """*params* with those of *credentials*, and the headers that carry some."""
    if isinstance(credentials, Basic):
        return params, [("Authorization", f"Basic {account_of(credentials).basic_token()}")]
    with_key = [*params, (api.SECURITY["apiKey"], credentials.api_key)]
    if isinstance(credentials, KeyAndSecret):
        return [*with_key, (api.SECURITY["apiSecret"], credentials.api_secret)], []
    signed = [*with_key, (api.TIMESTAMP, str(int(credentials.clock())))]
    signature = sign(signed, credentials.signature_secret, credentials.method)
    return [*signed, (api.SECURITY["signature"], signature)], []


def account_of(credentials: ClientCredentials) -> Credentials:
    """The account, which masks its secrets in texts; one secret stands for both."""
    secret = credentials.signature_secret if isinstance(credentials, Signed) else credentials.api_secret
    return Credentials(credentials.api_key, secret, secret)


def build_request(
    base_url: str,
    credentials: ClientCredentials,
    operation: Operation,
    media_type: str | None,
    values: Mapping[str, object],
) -> Request:
    """The request of *operation* with *values* by name; None leaves a parameter out. Raises InvalidArgument.

    *media_type*, one of the operation's `body_types`, says how a body is written.
    """
    # Arguments are checked before credentials are read, so no frame of a traceback holds a secret.
    if operation.body_types and media_type not in operation.body_types:
        types = " or ".join(operation.body_types)
        raise InvalidArgument(f"{operation.path} takes no body of type {media_type!r}; use {types}")
    given = {name: value for name, value in values.items() if value is not None or api.PARAMETERS[name].required}
    written = [(name, _written(name, api.PARAMETERS[name], value)) for name, value in given.items()]
    params, headers = _authenticated(written, credentials)
    # A `+` in a value becomes %2B, because a bare one means a space.
    form = urlencode(params, quote_via=quote, safe="")
    url = base_url + operation.path
    if media_type is None:
        return Request(operation.method, f"{url}?{form}", tuple(headers))
    body = form if media_type == FORM else json.dumps(dict(params), ensure_ascii=False)
    return Request(operation.method, url, (*headers, ("Content-Type", media_type)), body.encode())


def _written(name: str, parameter: Parameter, value: object) -> str:
    """*value* as text, unchanged: a silent correction would ask about another number. Raises InvalidArgument."""
    if value is None:
        raise InvalidArgument(f"{name} is missing: {parameter.hint}")
    if parameter.is_flag and isinstance(value, bool):
        return str(value).lower()
    if parameter.is_flag:
        raise InvalidArgument(f"{name} has to be True or False, not {ascii(value)[:_SHOWN]}")
    if not isinstance(value, str):
        raise InvalidArgument(f"{name} has to be text, not {type(value).__name__}: {parameter.hint}")
    is_long_enough = parameter.min_length <= len(value) <= parameter.max_length
    if not is_long_enough or not re.search(parameter.pattern, value, re.ASCII):
        raise InvalidArgument(f"{name} {ascii(value)[:_SHOWN]} cannot be sent: {parameter.hint}")
    return value


def clean_base_url(url: str | None) -> str:
    """Scheme, host, port and the path in front of the API's own; the document's server for None.

    The API's own path may be given or not: `http://localhost:8080`, `…/ni/basic` and `…/ni/basic/json` are the same.
    Raises InvalidArgument.
    """
    given = api.SERVER if url is None else url
    server, parts = urlsplit(api.SERVER), split_url(given)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidArgument(f"base_url {redact_target(str(given))!r} is not a URL: give https://HOST:PORT")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise InvalidArgument("base_url carries more than scheme, host, port and path: give those only")
    if (parts.hostname or "").rstrip(".") == server.hostname and parts.scheme != server.scheme:
        raise InvalidArgument(f"base_url would send credentials to {parts.hostname} in the clear: use {server.scheme}")
    path = re.sub(rf"{re.escape(api.BASE_PATH)}(?:/[a-z]+)?$", "", parts.path.rstrip("/"))
    return f"{parts.scheme}://{parts.netloc}{path}"
