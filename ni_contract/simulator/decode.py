"""Reads the parameters of a request. Sections: Request (methods, encodings, media types), wire facts."""

from __future__ import annotations

from typing import Final, NamedTuple

from ni_contract.contract.form_encoding import MalformedForm, Pairs, parse_form
from ni_contract.simulator.asgi import RawHeaders
from ni_contract.simulator.json_body import parse_json
from ni_contract.simulator.media import is_json
from ni_contract.simulator.reply import HttpError

METHODS: Final = ("GET", "HEAD", "POST")


class Call(NamedTuple):
    """One request to the API: method, format ("json" or "xml", from the path), query, headers, body."""

    method: str
    format: str
    query: bytes
    headers: RawHeaders
    body: bytes = b""


def parameters(call: Call) -> Pairs:
    """The parameters of *call*, decoded, in order. Raises Refusal for a request that is not of this API.

    All methods but POST: the query, whatever headers and bodies come with it. POST: the body, and other names from the
    query.
    """
    if call.method != "POST":
        return _form(call.query)
    pairs = _body(call)
    if call.query:
        return _with_query(pairs, _form(call.query))
    return pairs


def _body(call: Call) -> Pairs:
    json = is_json(call.headers, call.format)
    if not call.body:
        return ()
    if json:
        return parse_json(call.body)
    return _form(call.body)


def _form(data: bytes) -> Pairs:
    try:
        return parse_form(data.decode())
    except UnicodeDecodeError:
        raise HttpError(400, "The parameters are not UTF-8.") from None
    except MalformedForm as error:
        raise HttpError(400, f"The parameters cannot be read: {error}.") from None


def _with_query(body: Pairs, query: Pairs) -> Pairs:
    names = {name for name, _ in body}
    return body + tuple(pair for pair in query if pair[0] not in names)
