"""The data of the client, extracted from the OpenAPI document, its schemas and the XSD; none is hard-coded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from posixpath import commonpath
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import yaml

from ni_contract.errors import UsageError

Node = dict[str, Any]
_FORM = "application/x-www-form-urlencoded"
_WAYS = [{"apiKey", "apiSecret"}, {"apiKey", "signature"}, {"basic"}]
_BOUNDS = {"pattern": "pattern", "minLength": "min_length", "maxLength": "max_length"}


def find_facts(read: Callable[[str], str]) -> Node:
    """The input of the templates. Raises UsageError where the document has something that the client cannot do."""
    try:
        load = cache(lambda name: yaml.safe_load(read(name)))
        return _facts(_resolved({"$ref": "openapi.yaml"}, "", load), ET.fromstring(read("response.xsd")))  # noqa: S314
    except (LookupError, TypeError, ValueError) as error:
        raise UsageError(f"the OpenAPI document lacks what the client needs: {error!r}") from None


def _resolved(value: Any, file: str, load: Callable[[str], Any]) -> Any:
    """*value* of *file* with what it refers to in the places of references, as `x-name` the last key of each."""
    if isinstance(value, list):
        return [_resolved(item, file, load) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" not in value:
        return {key: _resolved(item, file, load) for key, item in value.items()}
    name, _, pointer = value["$ref"].partition("#")
    target, keys = load(name or file), pointer.split("/")[1:]
    for key in keys:
        target = target[key.replace("~1", "/").replace("~0", "~")]
    beside = {key: item for key, item in value.items() if key != "$ref"}
    return {**_resolved(target, name or file, load), **beside, "x-name": [name, *keys][-1]}


def _facts(document: Node, xsd: ET.Element) -> Node:
    components, schemas = document["components"], document["components"]["schemas"]
    if [set(way) for way in document["security"]] != _WAYS:
        raise UsageError("the document's security alternatives are not the three that ni_contract.client has")
    security = {n: scheme["name"] for n, scheme in components["securitySchemes"].items() if scheme["type"] == "apiKey"}
    form = components["requestBodies"]["Form"]["content"][_FORM]["schema"]
    # What a signature needs besides the key.
    (timestamp,) = set(form["dependentRequired"][security["signature"]]) - set(security.values())
    operations = list(_operations(document, {*security.values(), timestamp}))
    parameters = list(chain.from_iterable(operation["parameters"].items() for operation in operations))
    if any(bounds != dict(parameters)[name] for name, bounds in parameters):
        raise UsageError("a parameter has another schema in one operation than in another: the client has one for all")
    urls = [server["url"] for server in document["servers"]]
    root = schemas["XmlAnswer"]["xml"]["name"]
    roots = (element.get("name") for element in xsd.findall("{http://www.w3.org/2001/XMLSchema}element"))
    return {
        "title": document["info"]["title"],
        "server": next((url for url in urls if url.startswith("https:")), urls[0]),  # others are for trying out
        "base_path": commonpath([operation["path"] for operation in operations]),
        "security": security,
        "timestamp": timestamp,
        "operations": operations,
        "parameters": dict(parameters),
        "bodies": {o["body"]["x-name"]: tuple(o["body"]["content"]) for o in operations if o["body"]},
        "xml_roots": (root, *(name for name in roots if name != root)),
        "xml_values": dict(_xml_values(schemas["XmlAnswer"])),
        **_answers(components["responses"]["JsonAnswer"]["content"]["application/json"]),
    }


def _operations(document: Node, left_to_us: set[str]) -> Iterator[Node]:
    """Each operation; its parameters are those of the query, or the members of the body's first schema."""
    for path, item in document["paths"].items():
        for method, node in item.items():
            answers = {int(code): answer for code, answer in node["responses"].items() if code.isdigit()}
            body = node.get("requestBody")
            for media_type in body["content"] if body else ():
                if media_type != _FORM and not re.search("json|javascript", media_type):
                    raise UsageError(f"the request body {body['x-name']} has a type that the client cannot write")
            form = next(iter(body["content"].values()))["schema"] if body else {"properties": {}}
            given = [(name, schema, name in form.get("required", ())) for name, schema in form["properties"].items()]
            given += [(p["name"], p["schema"], p.get("required", False)) for p in node.get("parameters", ())]
            yield {
                "name": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node["operationId"]).lower(),
                "summary": node["summary"],
                "method": method.upper(),
                "path": path,
                "body": body,
                "http_statuses": tuple(answers),
                "answer_types": tuple(name for answer in answers.values() for name in answer["content"]),
                "parameters": {n: _parameter(schema, required) for n, schema, required in given if n not in left_to_us},
            }


def _parameter(schema: Node, required: bool) -> Node:
    sentences = re.match(r"(?:[^.]+\.){1,2}", schema.get("description", ""))
    bounds = {name: schema[key] for key, name in _BOUNDS.items() if key in schema}
    flags = {"required": required, "is_flag": schema.get("enum") == ["true", "false"]}
    return {"hint": sentences[0] if sentences else schema["title"], **flags, **bounds}


def _xml_values(answer: Node) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """The place of each value: its schema is a property of the JSON answer, which names it."""
    for element, node in answer["properties"].items():
        for inner, value in node.get("properties", {None: node}).items():
            yield value["x-name"], (element, inner if value.get("xml", {}).get("attribute") else None)


def _answers(content: Node) -> Node:
    """The one success, which promises values beyond text, and the refusals, each named by its first example."""
    (schema,) = content["schema"]["allOf"]
    (status,) = schema["required"]
    values, rules = schema["properties"], [rule for rule in schema["allOf"] if "then" in rule]
    # "If this is there, … else that is required": an answer has one of the two.
    (either,) = (rule for rule in rules if "else" in rule)
    texts = [*either["else"]["then"]["required"], *either["if"]["required"]]
    named: dict[int, Node] = {}
    for key, example in content["examples"].items():
        summary = example["summary"].partition(", ")[2]
        named.setdefault(example["value"][status], {"name": key[0].upper() + key[1:], "summary": summary})
    required, forbidden = {}, {}
    for code in named:
        then = [r["then"] for r in rules if "else" not in r and jsonschema_rs.is_valid(r["if"], {status: code})]
        required[code] = set(chain.from_iterable(part.get("required", ()) for part in then))
        pairs = chain.from_iterable(part.get("properties", {}).items() for part in then)
        forbidden[code] = {name for name, value in pairs if value is False}
    successes = [code for code in named if required[code] - set(texts)]
    if len(successes) != 1 or set(named) != set(values[status]["enum"]):
        raise UsageError("the answer's schema and its examples do not tell the one success from the refusals")
    refusals = {code: named[code] for code in sorted(named) if code not in successes}
    never = set.intersection(*(forbidden[code] for code in refusals))
    texts_of_success = [name for name in values if name in required[successes[0]] and name != status]
    if any(values[name]["type"] != "string" for name in texts_of_success):
        raise UsageError("a success promises a value that is no text, which the client cannot read")
    return {
        "status": status,
        "success": {"code": successes[0], **named[successes[0]]},
        "success_values": texts_of_success,
        "refusals": refusals,
        "refusal_values": [name for name in values if name != status and name not in never],
        "texts": texts,
        "integers": tuple(name for name, value in values.items() if value["type"] == "integer"),
    }
