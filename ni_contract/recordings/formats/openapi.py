"""Examples in OpenAPI and Swagger documents, which Prism, Microcks and others use as answers."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded, attempt
from ni_contract.recordings.fields import json_bytes, listed
from ni_contract.recordings.format import document
from ni_contract.recordings.stubs import StubRequest, stub_answer, stub_of

_METHODS: Final = ("get", "post")
MAX_REFERENCES: Final = 20
_NONE: Final = object()


@document
def openapi(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    api = _Document(item)
    for path, operations in api.object(api.root.get("paths")).items():
        for method, operation in api.object(operations).items():
            if method in _METHODS:
                yield from _examples(api, str(path), str(method), operations, operation, place)


def _examples(api: "_Document", path: str, method: str, shared: Any, operation: Any, place: str) -> Iterator[Recorded]:
    found = api.object(operation)
    parameters = [api.object(one) for side in (api.object(shared), found) for one in listed(side, "parameters")]
    for status, response in api.object(found.get("responses")).items():
        for media_type, name, body in api.bodies(response):
            where = f"{place}, {method.upper()} {path}, {status}, {media_type}, {name}"
            request = _request(api, api.base + path, method, parameters, name)
            yield attempt(where, _stub, request, _status(status), media_type, body, where)


def _stub(request: StubRequest, status: int, media_type: str, body: Any, place: str) -> Recorded:
    # An example of JSON is a value, or that value as text.
    if not isinstance(body, str) or ("json" in media_type and not body.lstrip().startswith(("{", "["))):
        body = json_bytes(body)
    return stub_of(request, stub_answer({"status": status, "headers": {"Content-Type": media_type}}, body), place)


def _status(status: Any) -> int:
    text = str(status).upper()
    if text[:1].isdigit():
        return int(text.replace("X", "0"))
    return 200


def _request(api: "_Document", path: str, method: str, parameters: list[Mapping[str, Any]], name: str) -> StubRequest:
    """The request for the example *name*: the parameters' examples of that name, as Microcks pairs them."""
    request = StubRequest(method)
    request.match_path(path)
    for parameter in parameters:
        examples = api.object(parameter.get("examples"))
        if parameter.get("in") == "query" and name in examples:
            value = api.object(examples[name]).get("value")
            request.match_parameters(request.query, {str(parameter.get("name")): value})
    return request


class _Document:
    """An OpenAPI document with its internal references resolved."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.base = self._base()

    def _base(self) -> str:
        """The path of the first server; the examples belong to this API, whatever the host."""
        servers = listed(self.root, "servers")
        url = self.object(servers[0]).get("url") if servers else self.root.get("basePath")
        try:
            return urlsplit(str(url or "")).path.rstrip("/")
        except ValueError:
            return ""

    def object(self, value: Any) -> Mapping[str, Any]:
        """*value*, or its reference's target, where that is an object; else an empty one."""
        for _ in range(MAX_REFERENCES):
            if not isinstance(value, Mapping):
                return {}
            reference = value.get("$ref")
            if not isinstance(reference, str):
                return value
            value = self._at(reference)
        return {}

    def _at(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            return None
        value: Any = self.root
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def bodies(self, response: Any) -> Iterator[tuple[str, str, Any]]:
        """Media type, name and value of each example of *response*."""
        found = self.object(response)
        for media_type, content in self.object(found.get("content")).items():
            yield from ((str(media_type), name, value) for name, value in self._of_content(self.object(content)))
        for media_type, value in self.object(found.get("examples")).items():
            # Swagger 2 has one example for each media type.
            yield str(media_type), "example", value

    def _of_content(self, content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        examples = self.object(content.get("examples"))
        if "example" in content:
            yield "example", content["example"]
        for name, example in examples.items():
            if (value := self.object(example).get("value", _NONE)) is not _NONE:
                yield str(name), value
        if "example" not in content and not examples:
            schema = self.object(content.get("schema"))
            yield from (("schema", value) for value in listed(schema, "examples"))
            if "example" in schema:
                yield "schema", schema["example"]
