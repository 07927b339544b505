"""The statuses in an answer's schema: name, required and forbidden values of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from generate_client.document import Document, Node
from ni_contract.errors import UsageError

_TYPES = {"string": "str", "integer": "int"}


@dataclass(frozen=True, slots=True)
class Status:
    """One documented status: its number, the name of its type, and its description in the document."""

    code: int
    name: str
    summary: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value of an answer: its name, its type in Python, and its description."""

    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers: *success* has all of *success_values*; each of *refusals* its status and perhaps *refusal_values*.

    *status* is the value that selects the type, *texts* are those that describe it in words.
    """

    status: Value
    success: Status
    success_values: tuple[Value, ...]
    refusals: tuple[Status, ...]
    refusal_values: tuple[Value, ...]
    texts: tuple[str, ...]

    @property
    def integers(self) -> tuple[str, ...]:
        """The names of the integer values."""
        return tuple(v.name for v in (self.status, *self.success_values) if v.type == "int")


def find_answers(document: Document) -> Answers:
    """The answers of *document*. Raises UsageError unless exactly one status promises values beyond text."""
    schema = _schema(document)
    (status_name,) = schema.get("required")
    values = {name: _value(name, node) for name, node in document.children(schema, "properties")}
    texts = tuple(_texts(document, schema))
    rules = list(_rules(document, schema))
    statuses = {s.code: s for s in _statuses(document, status_name)}
    required = {code: {n for rule in rules for n in rule.required({status_name: code})} for code in statuses}
    forbidden = {code: {n for rule in rules for n in rule.forbidden({status_name: code})} for code in statuses}
    successes = [code for code in statuses if required[code] - set(texts)]
    if len(successes) != 1 or set(statuses) != set(document.below(schema, "properties", status_name).get("enum")):
        raise UsageError("the answer's schema and its examples do not tell the one success from the refusals")
    refusals = [code for code in statuses if code not in successes]
    allowed = [n for n in values if n != status_name and not all(n in forbidden[code] for code in refusals)]
    return Answers(
        status=values[status_name],
        success=statuses[successes[0]],
        success_values=tuple(v for n, v in values.items() if n in required[successes[0]]),
        refusals=tuple(statuses[code] for code in sorted(refusals)),
        refusal_values=tuple(values[n] for n in allowed),
        texts=texts,
    )


def _schema(document: Document) -> Node:
    """The schema of the JSON answer, which the document wraps once."""
    (_, schema), *more = document.children(document.at("components", "schemas", "JsonAnswer"), "allOf")
    if more:
        raise UsageError("the schema of the JSON answer is made of several, which the generator does not know")
    return schema


def _value(name: str, node: Node) -> Value:
    return Value(name, _TYPES[node.get("type")], node.get("description"))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the form "if an answer is such, then it has these values and not those"."""

    condition: dict[str, Any]
    then: dict[str, Any]

    def required(self, answer: dict[str, Any]) -> list[str]:
        """The values that the rule requires in the answer *answer*."""
        return list(self.then.get("required", ())) if jsonschema_rs.is_valid(self.condition, answer) else []

    def forbidden(self, answer: dict[str, Any]) -> list[str]:
        """The values that the rule forbids in the answer *answer*."""
        names = [name for name, value in self.then.get("properties", {}).items() if value is False]
        return names if jsonschema_rs.is_valid(self.condition, answer) else []


def _rules(document: Document, schema: Node) -> Iterator[Rule]:
    definitions = {"$defs": schema.value["$defs"]}
    for _, rule in document.children(schema, "allOf"):
        if document.has(rule, "then") and not document.has(rule, "else"):
            yield Rule(definitions | rule.value["if"], rule.value["then"])


def _texts(document: Document, schema: Node) -> Iterator[str]:
    """The values of which an answer has one: "if this is there, … else that is required"."""
    for _, rule in document.children(schema, "allOf"):
        if document.has(rule, "else"):
            yield from document.below(rule, "else", "then").get("required")
            yield from document.below(rule, "if").get("required")


def _statuses(document: Document, status: str) -> Iterator[Status]:
    """Each status once, named by the first of the document's examples that shows it."""
    seen = set()
    media = document.at("components", "responses", "JsonAnswer", "content", "application/json")
    for key, example in document.children(media, "examples"):
        code = example.get("value")[status]
        if code not in seen:
            seen.add(code)
            yield Status(code, key[0].upper() + key[1:], example.get("summary").partition(", ")[2])
