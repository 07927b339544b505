"""Reads the parameters of a request. Sections: Request (methods, encodings, media types), wire facts."""

import json
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ni_contract.contract.form_encoding import MAX_FIELDS, MalformedForm, Pairs, parse_form
from ni_contract.contract.vocabulary import FORM, JSON_TYPES, KNOWN
from ni_contract.exchanges.request import refuse_constant, split_media_type
from ni_contract.simulator.asgi import HttpError, RawHeaders

METHODS: Final = ("GET", "HEAD", "POST")
# Maximum length of a form whose pairs are cached.
_MAX_KEPT_BYTES: Final = 256
_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii"})


class Call(NamedTuple):
    """One request to the API: method, format ("json" or "xml", from the path), query, headers, body."""

    method: str
    format: str
    query: bytes
    headers: RawHeaders
    body: bytes = b""


def parameters(call: Call) -> Pairs:
    """The parameters of *call*, decoded, in order. Raises HttpError for a request that is not of this API.

    All methods but POST: the query, whatever headers and bodies come with it. POST: the body, and other names from the
    query.
    """
    if call.method != "POST":
        return _form(call.query)
    pairs = _body(call)
    if not call.query:
        return pairs
    names = {name for name, _ in pairs}
    return pairs + tuple(pair for pair in _form(call.query) if pair[0] not in names)


def _body(call: Call) -> Pairs:
    is_json = _is_json(call.headers, call.format)
    if not call.body:
        return ()
    if is_json:
        return _json(call.body)
    return _form(call.body)


def _form(data: bytes) -> Pairs:
    if len(data) > _MAX_KEPT_BYTES:
        return _parsed(data)
    return _kept(data)


@lru_cache(maxsize=2_048)
def _kept(data: bytes) -> Pairs:
    """The pairs of a short form, cached because clients ask the same again."""
    return _parsed(data)


def _parsed(data: bytes) -> Pairs:
    try:
        return parse_form(data.decode())
    except UnicodeDecodeError:
        raise HttpError(400, "The parameters are not UTF-8.") from None
    except MalformedForm as error:
        raise HttpError(400, f"The parameters cannot be read: {error}.") from None


def _is_json(headers: RawHeaders, path_format: str) -> bool:
    """Whether a body under these *headers* is JSON; else it is a form. Raises HttpError (415) if it is neither."""
    content_type = None
    for name, value in headers:
        if name == b"content-type" and content_type is None:
            content_type = value
        elif name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            raise HttpError(415, "Send the body without Content-Encoding.")
    # Without a Content-Type the body is a form, as clients that set none send.
    if content_type is None:
        return False
    return _is_json_type(content_type, path_format)


@lru_cache(maxsize=64)
def _is_json_type(content_type: bytes, path_format: str) -> bool:
    media_type, charset = split_media_type(content_type.decode("latin-1"))
    if charset is not None and charset.lower() not in _CHARSETS:
        raise HttpError(415, "Send the body in UTF-8.")
    if media_type == FORM:
        return False
    if media_type not in JSON_TYPES:
        raise HttpError(415, f"Send the body as {FORM}, or to the JSON path as application/json.")
    if path_format != "json":
        raise HttpError(415, f"The XML path takes {FORM} only; JSON bodies belong to the JSON path.")
    return True


def _json(body: bytes) -> Pairs:
    """The members of the JSON object *body* as text; null is absent. Raises HttpError (400) for any other body.

    Unknown members that are no text, number or boolean are ignored, as all unknown parameters are.
    """
    members = _load(body)
    if not isinstance(members, dict):
        raise HttpError(400, "The JSON body is not an object.")
    if len(members) > MAX_FIELDS:
        raise HttpError(400, f"The JSON body has more than {MAX_FIELDS} members.")
    texts = ((name, _text(name, value)) for name, value in members.items())
    pairs = tuple((name, text) for name, text in texts if text is not None)
    _check_unicode(pairs)
    return pairs


def _load(body: bytes) -> Any:
    try:
        return _DECODER.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise HttpError(400, "The JSON body is not UTF-8.") from None
    except (ValueError, RecursionError):
        # The parser's own message would quote the body with its credentials.
        raise HttpError(400, "The body is not well-formed JSON.") from None


def _text(name: str, value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    if name in KNOWN and value is not None:
        raise HttpError(400, f"The JSON member {name} is not text, a whole number or a boolean.")
    return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise HttpError(400, "The JSON body names a member twice.")
    return members


def _check_unicode(pairs: Pairs) -> None:
    try:
        "".join(map("".join, pairs)).encode()
    except UnicodeEncodeError:
        raise HttpError(400, "The JSON body holds half a surrogate pair.") from None


# An integer stays the text as written, because a phone number is no quantity.
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_int=str, parse_constant=refuse_constant)
