"""Reads a request once for all clauses: the parameters, the credentials, and what is special about it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from ni_contract.credentials import Credentials
from ni_contract.exchange import Request, header
from ni_contract.forms import NotAForm, Pairs, parse_form
from ni_contract.signature import METHODS, WINDOW_SECONDS, matching_method

FORM: Final = "application/x-www-form-urlencoded"
JSON_TYPES: Final = (
    "application/json",
    "application/jsonrequest",
    "application/x-javascript",
    "text/json",
    "text/javascript",
    "text/x-javascript",
    "text/x-json",
)
LARGEST_BODY: Final = 100_000
KNOWN: Final = frozenset({"number", "country", "cnam", "api_key", "api_secret", "sig", "timestamp"})
CREDENTIAL_NAMES: Final = ("api_key", "api_secret", "sig")

# Escaped where no escape is needed (letters, digits, hyphen): only a server that decodes reads the value right.
_NEEDLESS_ESCAPE = re.compile(r"%(?:3[0-9]|[46][1-9a-f]|[57][0-9a]|2d)", re.IGNORECASE)
_RAW_PLUS = re.compile(r"number=[^&]*\+")


@dataclass(frozen=True, slots=True)
class Credential:
    """How the caller identified itself: *kind* none, secret, basic or signature; *valid* None when nobody can tell.

    *reason* says what is wrong: missing, key, secret, basic, signature or timestamp. *method* is the signature's.
    """

    kind: str
    valid: bool | None
    reason: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the clauses see it.

    *params* are those that count: a POST's are in its body, all others' in the query; *values* has the first of each.
    """

    method: str
    path: str
    format: str | None
    query: Pairs
    body: Pairs
    media_type: str
    charset: str | None
    raw_parameters: str
    problem: str
    authorization: str | None
    accept: str | None
    content_type: str | None
    params: Pairs
    values: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """The first value of the parameter *name*, or None."""
        return self.values.get(name)


def read_request(request: Request) -> Asked:
    """What *request* asks; a body or query that cannot be read leaves its reason in `problem`."""
    location, _, query = request.url.partition("#")[0].partition("?")
    path = location[location.find("/", location.find("//") + 2) :] if "//" in location else location
    content_type = header(request.headers, "content-type")
    media_type, charset = split_media_type(content_type or "")
    pairs, problem = _form(query)
    body: Pairs = ()
    raw = query
    if request.method == "POST":
        raw = request.body[:LARGEST_BODY].decode("utf-8", "replace")
        body, problem = _body(request.body, media_type)
    params = body if request.method == "POST" else pairs
    return Asked(
        method=request.method,
        path=path,
        format=_format(path),
        query=pairs,
        body=body,
        media_type=media_type,
        charset=charset,
        raw_parameters=raw,
        problem=problem,
        authorization=header(request.headers, "authorization"),
        accept=header(request.headers, "accept"),
        content_type=content_type,
        params=params,
        values=dict(reversed(params)),
    )


def split_media_type(content_type: str) -> tuple[str, str | None]:
    """The media type in lower case and the value of its charset parameter, or None."""
    media_type, _, rest = content_type.partition(";")
    for parameter in rest.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return media_type.strip().lower(), value.strip().strip('"')
    return media_type.strip().lower(), None


def _format(path: str) -> str | None:
    name = path.rpartition("/")[2]
    return name if name in ("json", "xml") else None


def _form(text: str) -> tuple[Pairs, str]:
    try:
        return parse_form(text), ""
    except NotAForm as error:
        return (), str(error)


def _body(body: bytes, media_type: str) -> tuple[Pairs, str]:
    if len(body) > LARGEST_BODY:
        return (), f"a body of more than {LARGEST_BODY} bytes"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return (), "the body is not UTF-8"
    return _json(text) if media_type in JSON_TYPES else _form(text)


def _json(text: str) -> tuple[Pairs, str]:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return (), f"the body is not JSON: {error}"
    if not isinstance(value, dict):
        return (), "the body is not a JSON object"
    unread = [name for name, item in value.items() if name in KNOWN and not isinstance(item, str | int)]
    problem = f"nobody says how a {unread[0]} that is no text, whole number or boolean is read" if unread else ""
    pairs = tuple((name, _text(item)) for name, item in value.items())
    # An escape can write half a surrogate pair, which no provider could hash and no report could print.
    return (pairs, problem) if _is_unicode(pairs) else ((), "the JSON body holds half a surrogate pair")


def _is_unicode(pairs: Pairs) -> bool:
    try:
        "".join(part for pair in pairs for part in pair).encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def credential_of(asked: Asked, account: Credentials | None, sent_at: float | None) -> Credential:
    """The credential in *asked*, checked against *account* (None: unknown); timestamps count from *sent_at*."""
    key, secret, sig = (asked.get(name) for name in CREDENTIAL_NAMES)
    if sig is not None:
        return _signature(asked, account, sent_at, key, sig, secret)
    if key is not None or secret is not None:
        return _secret(account, key, secret)
    basic = basic_pair(asked.authorization)
    if basic is None:
        return Credential("none", False, "missing")
    if account is None:
        return Credential("basic", None)
    right = basic == (account.api_key, account.api_secret)
    return Credential("basic", right, "" if right else "basic")


def _secret(account: Credentials | None, key: str | None, secret: str | None) -> Credential:
    if key is None or secret is None:
        return Credential("secret", False, "missing")
    if account is None:
        return Credential("secret", None)
    if key != account.api_key:
        return Credential("secret", False, "key")
    right = secret == account.api_secret
    return Credential("secret", right, "" if right else "secret")


def _signature(
    asked: Asked, account: Credentials | None, sent_at: float | None, key: str | None, sig: str, secret: str | None
) -> Credential:
    timestamp = asked.get("timestamp") or ""
    if key is None:
        return Credential("signature", False, "missing")
    if account is None or secret is not None:
        return Credential("signature", None)
    if key != account.api_key:
        return Credential("signature", False, "key")
    method = matching_method(asked.params, account.signature_secret, sig)
    if method is None:
        return Credential("signature", False, "signature")
    if not is_fresh(timestamp, sent_at):
        return Credential("signature", False, "timestamp", method)
    return Credential("signature", True, method=method)


def is_fresh(timestamp: str, sent_at: float | None) -> bool:
    """Whether *timestamp* is seconds since the epoch, no further from *sent_at* than the window (None: not checked)."""
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    return sent_at is None or abs(int(timestamp) - sent_at) <= WINDOW_SECONDS


def basic_pair(authorization: str | None) -> tuple[str, str] | None:
    """User and password of an `Authorization: Basic` header, or None when it is not one."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(token.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (user, password) if colon else None


def is_ambiguous(asked: Asked) -> bool:
    """Whether the reference leaves open which values count: repeated, in body and query, in a body of another type."""
    if asked.method == "POST" and asked.media_type not in ("", FORM, *JSON_TYPES):
        return True
    names = [name for name, _ in asked.params if name in KNOWN]
    if len(names) != len(set(names)):
        return True
    return asked.method == "POST" and any(name in KNOWN for name, _ in asked.query)


def traits_of(asked: Asked, credential: Credential) -> list[str]:
    """What is special about a request, most telling first: the words are keys of `TRAIT_CLAUSES`."""
    traits = []
    if credential.kind == "signature":
        traits.append("hmac" if credential.method in METHODS[1:] else "md5hash")
    elif credential.kind == "basic":
        traits.append("basic")
    if asked.method == "POST":
        traits.append("json" if asked.media_type in JSON_TYPES else "form")
    traits.extend(name for name, test in _TESTS if test(asked))
    return traits


def _other_format_accepted(asked: Asked) -> bool:
    accept = asked.accept
    return accept is not None and "*/*" not in accept and (asked.format or "") not in accept


def _stray_header(asked: Asked) -> bool:
    if asked.method == "POST":
        return False
    has_credentials = any(asked.get(name) is not None for name in CREDENTIAL_NAMES)
    return asked.content_type is not None or (asked.authorization is not None and has_credentials)


def _beyond_ascii(asked: Asked) -> bool:
    return any(not value.isascii() for _, value in asked.params)


def _rough(asked: Asked) -> bool:
    raw = asked.raw_parameters
    return asked.media_type not in JSON_TYPES and ("(" in raw or raw.endswith("&") or "&&" in raw)


def _unknown(asked: Asked) -> bool:
    return any(name not in KNOWN for name, _ in asked.params)


def _encoded(asked: Asked) -> bool:
    raw = asked.raw_parameters
    if asked.media_type in JSON_TYPES:
        return False
    return bool("%" in raw and _NEEDLESS_ESCAPE.search(raw)) or bool("+" in raw and _RAW_PLUS.search(raw))


def _noisy(asked: Asked) -> bool:
    number = asked.get("number")
    return number is not None and not number.isalnum()


_TESTS: Final = (
    ("accept", _other_format_accepted),
    ("stray", _stray_header),
    ("utf8", _beyond_ascii),
    ("rough", _rough),
    ("unknown", _unknown),
    ("encoded", _encoded),
    ("cnam", lambda asked: asked.get("cnam") is not None),
    ("country", lambda asked: bool(asked.get("country"))),
    ("noise", _noisy),
)
