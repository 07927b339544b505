"""Pacts, specification 1 to 4: a consumer's expectations of the provider."""

from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded, record
from ni_contract.recordings.fields import body_in, json_bytes, pick, with_query
from ni_contract.recordings.format import document
from ni_contract.recordings.stubs import StubRequest, stub_answer, stub_of


@document
def pact(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    if pick(item, "response") is None:
        # A message, which is no exchange.
        return
    asked, told = (_example(record(pick(item, name), name)) for name in ("request", "response"))
    request = StubRequest("GET", str(pick(asked, "path") or ""))
    request.match(asked)
    if isinstance(query := pick(asked, "query"), str):
        request.url = with_query(request.url, query)
    request.body = _body(asked) or b""
    yield stub_of(request, stub_answer(told, _body(told)), place)


def _body(message: Mapping[str, Any]) -> bytes | None:
    """The body: a JSON value, or since version 4 its content with its type and encoding."""
    body = pick(message, "body")
    if not isinstance(body, Mapping) or "content" not in body:
        return body_in(body)
    content, encoded = body["content"], body.get("encoded")
    if isinstance(content, str):
        return body_in(content, encoded not in (None, False, "false", "json", "JSON"))
    if content is None:
        return None
    return json_bytes(content)


def _example(value: Any, depth: int = 0) -> Any:
    """*value* with each matcher replaced by its example."""
    if depth > 50:
        return value
    if isinstance(value, Mapping):
        for mark, example in (("pact:matcher:type", "value"), ("json_class", "contents")):
            if mark in value and example in value:
                return _example(value[example], depth + 1)
        return {name: _example(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_example(one, depth + 1) for one in value]
    return value
