"""Parses a request once for all clauses: parameters, credentials, characteristics."""

import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, NoReturn

from ni_contract.contract.form_encoding import MAX_BODY_BYTES, MAX_FIELDS, MalformedForm, Pairs, parse_form
from ni_contract.contract.vocabulary import FORM, JSON_TYPES, KNOWN
from ni_contract.exchanges.values import Headers, Request

MAX_QUERY_CHARACTERS: Final = 2_000
_STRAY_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")
# The name and the type of a member of JSON.
NoText = tuple[str, type]


class ParsedRequest(NamedTuple):
    """A parsed request.

    *problem* is why the parameters cannot be read, *unclear* why the reference does not define them, *no_text* the name
    and the type of the first member of JSON that has to be text and is not.
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
    unclear: str
    no_text: NoText | None
    authorization: str | None
    accept: str | None
    content_type: str | None
    is_chunked: bool
    params: Pairs
    values: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """The first value of the parameter *name*, or None."""
        return self.values.get(name)


def parse_request(request: Request) -> ParsedRequest:
    """*request*, parsed; for a body or query that cannot be read, `problem` has the reason."""
    location, _, query = request.url.partition("#")[0].partition("?")
    path = "/" + location.partition("//")[2].partition("/")[2] if "//" in location else location
    head = _read_headers(request.headers, request.method == "POST")
    pairs, problem = _form(query)
    raw, unclear, params, body = query, _unclear_query(query), pairs, _Body()
    if request.method == "POST":
        raw = request.body[:MAX_BODY_BYTES].decode("utf-8", "replace")
        body = _body(request.body, head.media_type)
        params, problem, unclear = body.params, body.problem, body.unclear or unclear
    name = path.rpartition("/")[2]
    return ParsedRequest(
        method=request.method,
        path=path,
        format=name if name in ("json", "xml") else None,
        query=pairs,
        body=body.params,
        raw_parameters=raw,
        problem=problem,
        no_text=body.no_text,
        params=params,
        values=dict(reversed(params)),
        **head._asdict() | {"unclear": unclear or head.unclear},
    )


class _Body(NamedTuple):
    """The parameters in a body; the other fields as in `ParsedRequest`."""

    params: Pairs = ()
    problem: str = ""
    unclear: str = ""
    no_text: NoText | None = None


class _Head(NamedTuple):
    """The facts in the headers; *unclear* as in `ParsedRequest`."""

    media_type: str
    charset: str | None
    unclear: str
    authorization: str | None
    accept: str | None
    content_type: str | None
    is_chunked: bool


# A client sends the same headers with every request.
@lru_cache(maxsize=128)
def _read_headers(headers: Headers, is_post: bool) -> _Head:
    values = {name.lower(): value for name, value in reversed(headers)}
    content_type = values.get("content-type")
    media_type, charset = split_media_type(content_type or "")
    is_quoted = '"' in (content_type or "")
    unclear = _unclear_headers([name.lower() for name, _ in headers], is_post, media_type, charset, is_quoted)
    is_chunked = is_post and values.get("transfer-encoding", "").lower() == "chunked"
    authorization, accept = values.get("authorization"), values.get("accept")
    return _Head(media_type, charset, unclear, authorization, accept, content_type, is_chunked)


def _unclear_headers(names: list[str], is_post: bool, media_type: str, charset: str | None, is_quoted: bool) -> str:
    if names.count("authorization") > 1:
        return "two Authorization headers"
    if not is_post:
        return ""
    if media_type not in (FORM, *JSON_TYPES):
        return "a body without a Content-Type that the reference lists"
    if charset is not None and charset.lower() not in ("utf-8", "utf8"):
        return "a charset other than UTF-8"
    if is_quoted:
        return "a parameter of the Content-Type in quotes"
    if "content-encoding" in names:
        return "a body with a Content-Encoding"
    return ""


@lru_cache(maxsize=256)
def split_media_type(content_type: str) -> tuple[str, str | None]:
    """The media type in lower case and the value of its charset parameter, or None."""
    media_type, _, rest = content_type.partition(";")
    for parameter in rest.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return media_type.strip().lower(), value.strip().strip('"')
    return media_type.strip().lower(), None


def _unclear_query(text: str) -> str:
    """Why a query is read differently by servers, or refused with HTTP statuses of their own."""
    if len(text) > MAX_QUERY_CHARACTERS:
        return f"a query of more than {MAX_QUERY_CHARACTERS} characters"
    return _unclear_form(text)


def _unclear_form(text: str) -> str:
    """Why a query or a form is read differently by servers."""
    if "%" in text and _STRAY_PERCENT.search(text):
        return "a percent sign without two hexadecimal digits behind it"
    return ""


def _form(text: str) -> tuple[Pairs, str]:
    try:
        return parse_form(text), ""
    except MalformedForm as error:
        return (), str(error)


def _body(body: bytes, media_type: str) -> _Body:
    if len(body) > MAX_BODY_BYTES:
        return _Body(unclear=f"a body of more than {MAX_BODY_BYTES} bytes")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _Body(problem="the body is not UTF-8")
    if media_type in JSON_TYPES:
        return _json(text)
    return _Body(*_form(text), _unclear_form(text))


def _json(text: str) -> _Body:
    try:
        value = json.loads(text, object_pairs_hook=tuple, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        return _Body(problem=f"the body is not JSON: {error}")
    if not isinstance(value, tuple):
        return _Body(problem="the body is not a JSON object")
    pairs = tuple((name, _text(item)) for name, item in value[: MAX_FIELDS + 1])
    try:
        "".join(map("".join, pairs)).encode()
    except UnicodeEncodeError:
        # It cannot be hashed or printed.
        return _Body(problem="the JSON body holds half a surrogate pair")
    no_text = _no_text(value)
    return _Body(pairs, unclear=_unclear_members(value, no_text), no_text=no_text)


def _unclear_members(members: tuple[tuple[str, Any], ...], no_text: NoText | None) -> str:
    if len(members) > MAX_FIELDS:
        return f"more than {MAX_FIELDS} members"
    if len({name for name, _ in members}) < len(members):
        return "a member that occurs twice"
    if any(isinstance(item, float) and math.isinf(item) for _, item in members):
        return "a number that is too large for some parsers"
    if no_text is not None:
        return f"a {no_text[0]} that is no text"
    if any(isinstance(item, list | tuple) for _, item in members):
        return "a member that is a list or an object"
    return ""


def _no_text(members: tuple[tuple[str, Any], ...]) -> NoText | None:
    """The first of *members* that has to be text and is not; `cnam` may be a boolean too."""
    for name, item in members:
        if name in KNOWN and not isinstance(item, str) and not (name == "cnam" and isinstance(item, bool)):
            return name, type(item)
    return None


def refuse_constant(name: str) -> NoReturn:
    """Raises ValueError for NaN and Infinity, which Python's reader of JSON takes."""
    raise ValueError(f"{name} is not JSON")


def _text(value: Any) -> str:
    """A member as text; "" for a value that is no text, number or boolean."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int):
        return json.dumps(value)
    return ""


def _repeats_parameter(asked: ParsedRequest) -> bool:
    """Whether a parameter that counts is there twice: one of the API, or any in a signed request."""
    if len(asked.params) == len(asked.values):
        return False
    known = [name for name, _ in asked.params if name in KNOWN]
    return "sig" in asked.values or len(set(known)) < len(known)


def is_ambiguous(asked: ParsedRequest) -> bool:
    """Whether the reference leaves the question open: unclear, repeated, or in body and query."""
    if asked.unclear or _repeats_parameter(asked):
        return True
    if asked.method == "POST" and any(name in KNOWN for name, _ in asked.query):
        return True
    has_basic = (asked.authorization or "")[:5].lower() == "basic"
    return has_basic and "api_key" in asked.values and not {"api_secret", "sig"} & asked.values.keys()
