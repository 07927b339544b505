"""The data of the client, extracted from the OpenAPI document, its schemas and the XSD; none is hard-coded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import commonpath
from typing import Any
from xml.etree import ElementTree as ET

from generate_client.answers import Answers, find_answers
from generate_client.document import Document, Node
from ni_contract.client.credentials import Basic, KeyAndSecret, Signed
from ni_contract.client.operation import Parameter, XmlValue
from ni_contract.errors import UsageError

_SUPPORTED = (KeyAndSecret.schemes, Signed.schemes, Basic.schemes)
_FORM = "application/x-www-form-urlencoded"
_XSD = "response.xsd"
_ELEMENT = "{http://www.w3.org/2001/XMLSchema}element"
_SENTENCES = re.compile(r"(?:[^.]+\.){1,2}")


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """One operation. *body* is the name of its request body and its media types, None for a query."""

    name: str
    summary: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: tuple[str, tuple[str, ...]] | None
    http_statuses: tuple[int, ...]
    answer_types: tuple[str, ...]
    is_xml: bool

    @property
    def constant(self) -> str:
        """Its name as a constant."""
        return self.name.upper()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of its parameters as constants."""
        return tuple(f"_{parameter.name.upper()}" for parameter in self.parameters)


@dataclass(frozen=True, slots=True)
class Facts:
    """All input of the templates."""

    title: str
    server: str
    base_path: str
    security: dict[str, str]
    timestamp: str
    operations: tuple[OperationFacts, ...]
    parameters: tuple[Parameter, ...]
    bodies: dict[str, tuple[str, ...]]
    xml_roots: tuple[str, ...]
    xml_values: tuple[XmlValue, ...]
    answers: Answers


def find_facts(document: Document) -> Facts:
    """The facts of *document*. Raises UsageError for a feature that the client does not support."""
    security = _security(document)
    timestamp = _timestamp(document, security)
    left_to_us = {*security.values(), timestamp}
    operations = tuple(_operations(document, left_to_us))
    parameters = tuple(dict.fromkeys(p for operation in operations for p in operation.parameters))
    if len({p.name for p in parameters}) < len(parameters):
        raise UsageError("a parameter has another schema in one operation than in another: the client has one for all")
    return Facts(
        title=document.at("info").get("title"),
        server=_vendors_server(document),
        base_path=commonpath([operation.path for operation in operations]),
        security=security,
        timestamp=timestamp,
        operations=operations,
        parameters=parameters,
        bodies=dict(operation.body for operation in operations if operation.body),
        xml_roots=tuple(_xml_roots(document)),
        xml_values=tuple(_xml_values(document)),
        answers=find_answers(document),
    )


def _vendors_server(document: Document) -> Any:
    """The first server over HTTPS, else the first one: servers on this machine are for trials."""
    urls = [server.get("url") for _, server in document.children(document.at("servers"))]
    return next((url for url in urls if str(url).startswith("https://")), urls[0])


def _security(document: Document) -> dict[str, str]:
    """The parameter of each `apiKey` scheme, after a check that the client supports every alternative."""
    alternatives = {frozenset(node.value) for _, node in document.children(document.at("security"))}
    if alternatives != set(_SUPPORTED):
        raise UsageError("the document's security alternatives are not the three that ni_contract.client has")
    schemes = document.children(document.at("components", "securitySchemes"))
    return {name: node.get("name") for name, node in schemes if node.get("type") == "apiKey"}


def _timestamp(document: Document, security: dict[str, str]) -> str:
    """The one parameter that a signature needs besides the key, by `dependentRequired` of the request's schema."""
    content = document.at("components", "requestBodies", "Form", "content", _FORM, "schema")
    needed = document.below(content, "dependentRequired", security["signature"]).value
    (timestamp,) = set(needed) - set(security.values())
    return str(timestamp)


def _operations(document: Document, left_to_us: set[str]) -> Iterator[OperationFacts]:
    for path, item in document.children(document.at("paths")):
        for method, node in document.children(item):
            statuses = {code: n for code, n in document.children(node, "responses") if code.isdigit()}
            types = [name for n in statuses.values() for name, _ in document.children(n, "content")]
            yield OperationFacts(
                name=_snake(node.get("operationId")),
                summary=node.get("summary"),
                method=method.upper(),
                path=path,
                parameters=tuple(p for p in _parameters(document, node) if p.name not in left_to_us),
                body=_body(document, node),
                http_statuses=tuple(map(int, statuses)),
                answer_types=tuple(types),
                is_xml=all(name.endswith("xml") for name in types),
            )


def _body(document: Document, operation: Node) -> tuple[str, tuple[str, ...]] | None:
    if not document.has(operation, "requestBody"):
        return None
    body = document.below(operation, "requestBody")
    types = tuple(name for name, _ in document.children(body, "content"))
    if any(name != _FORM and not re.search("json|javascript", name) for name in types):
        raise UsageError(f"the request body {body.name} has a media type that the client cannot write")
    return body.name, types


def _parameters(document: Document, operation: Node) -> Iterator[Parameter]:
    """The parameters of the query, or the members of the body's first schema."""
    for _, node in document.children(operation, "parameters"):
        yield _parameter(document.below(node, "schema"), node.get("name"), node.get("required", False))
    if document.has(operation, "requestBody"):
        _, content = next(document.children(document.below(operation, "requestBody"), "content"))
        schema = document.below(content, "schema")
        for name, node in document.children(schema, "properties"):
            yield _parameter(node, name, name in schema.get("required", ()))


def _parameter(schema: Node, name: str, required: bool) -> Parameter:
    sentences = _SENTENCES.match(schema.get("description", ""))
    return Parameter(
        name=name,
        required=required,
        hint=sentences[0] if sentences else schema.get("title"),
        pattern=schema.get("pattern"),
        min_length=schema.get("minLength", 0),
        max_length=schema.get("maxLength"),
        is_flag=schema.get("enum") == ["true", "false"],
    )


def _xml_roots(document: Document) -> Iterator[str]:
    """The root names that the XSD allows, that of the OpenAPI document first."""
    first = document.at("components", "schemas", "XmlAnswer", "xml").get("name")
    root = ET.fromstring(document.read(_XSD))  # noqa: S314  the project's own XSD
    yield first
    yield from (str(element.get("name")) for element in root.findall(_ELEMENT) if element.get("name") != first)


def _xml_values(document: Document) -> Iterator[XmlValue]:
    """The place of each value: its schema is a property of the JSON answer, which names it."""
    answer = document.at("components", "schemas", "XmlAnswer")
    for element, node in document.children(answer, "properties"):
        if not document.has(node, "properties"):
            yield XmlValue(node.name, element, None)
        for inner, value in document.children(node, "properties"):
            xml = node.value["properties"][inner].get("xml", {})
            yield XmlValue(value.name, element, inner if xml.get("attribute") else None)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
