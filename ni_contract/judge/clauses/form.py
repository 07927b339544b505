"""Clauses about the form of an answer: the definitions of the JSON Schemas, each named by its clause, executed.

One call decides the usual case, an answer that fits all of them; only a broken one is asked clause by clause.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from typing import Any, Final

import jsonschema_rs

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.spec_files import read_spec
from ni_contract.exchanges.finding import Finding, shown
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.judge.clauses.registry import Stage, clause

Values = dict[str, Any]
Accepts = Callable[[Values], bool]
# An answer that is no object is the reader's to refuse.
_READER: Final = frozenset({"NIB-RES-003"})
_MAX_PROFILES: Final = 1_000


@cache
def _schema_of(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(read_spec(f"schemas/{name}.schema.json"))
    return schema


def _definitions(name: str) -> dict[str, Any]:
    """The definitions of the schema *name* that are clauses, by id."""
    return {key: value for key, value in _schema_of(name)["$defs"].items() if key.startswith("NIB-")}


def _compile(*schemas: Any) -> Accepts:
    """A function that says whether values fit all *schemas*."""
    known = _schema_of("answer")["$defs"] | _schema_of("answer.xml")["$defs"]
    accepts: Accepts = jsonschema_rs.Draft202012Validator({"allOf": schemas, "$defs": known}).is_valid
    return accepts


class Definition:
    """The definition of one clause, with the words of its findings."""

    def __init__(self, clause_id: str, schema: Mapping[str, Any]) -> None:
        self.id, self.expected = clause_id, str(schema["description"])
        self._if = schema.get("if", True)
        self.rule = schema.get("then", schema)
        self._names = tuple(self.rule.get("properties", ()))

    @cached_property
    def concerns(self) -> Accepts:
        """Says whether the clause applies to an answer's values."""
        return _compile(self._if)

    @cached_property
    def accepts(self) -> Accepts:
        """Says whether an answer's values fit."""
        return _compile({"$ref": f"#/$defs/{self.id}"})

    def finding(self, answered: ParsedResponse) -> Finding:
        """What an answer that is not accepted has in the place of what is expected."""
        if len(self._names) == 1:
            return Finding(answered.place(self._names[0]), self.expected, _shown(answered, self._names[0]))
        there = [name for name in self._names if name in answered.keys] or answered.extras[:5]
        return Finding("the answer's keys", self.expected, shown(there))


def _shown(answered: ParsedResponse, name: str) -> str:
    if name in answered.keys:
        return shown(answered.keys[name])
    return "nothing: it is missing"


FORM: Final[Stage[Definition]] = Stage()
for _id, _schema in (_definitions("answer") | _definitions("answer.xml")).items():
    if _id not in _READER:
        clause(_id, FORM)(Definition(_id, _schema))


class _Group:
    """Definitions that one call decides together, for answers that all of them concern: only their rules are run."""

    def __init__(self, members: Iterable[Definition]) -> None:
        self.members = tuple(members)
        self.accepts = _compile(*(one.rule for one in self.members))


class Form:
    """The definitions for the answers of one format: first all together, then those of each set of editions."""

    def __init__(self, ids: Iterable[str]) -> None:
        chosen = frozenset(ids)
        self._all = tuple(one for clause_id, one in FORM.checks if clause_id in chosen)
        self._profiles: dict[object, tuple[tuple[str, ...], Accepts, list[_Group]]] = {}

    def judge(self, answered: ParsedResponse, held: list[str], broken: list[tuple[str, Finding]]) -> None:
        """Adds what the definitions say of *answered*: to *held* the ids, to *broken* the findings as well."""
        values = values_of(answered)
        ids, accepts, groups = self._profile(answered, values)
        if _fits(accepts, values):
            held.extend(ids)
            return
        for group in groups:
            _judge_group(group, answered, values, held, broken)

    def _profile(self, answered: ParsedResponse, values: Values) -> tuple[tuple[str, ...], Accepts, list[_Group]]:
        """Which definitions concern an answer depends on its status, its keys, and whether its id is a text."""
        request_id = values.get("request_id")
        key = (answered.status, tuple(values), isinstance(request_id, str), request_id == "")
        found = self._profiles.get(key)
        if found is None:
            if len(self._profiles) >= _MAX_PROFILES:
                self._profiles.clear()
            found = self._profiles[key] = self._concerning(answered, values)
        return found

    def _concerning(self, answered: ParsedResponse, values: Values) -> tuple[tuple[str, ...], Accepts, list[_Group]]:
        # A status that only repeats that of HTTP is a gateway's: nothing that depends on it is asked.
        known = values if answered.status is not None else {k: v for k, v in values.items() if k != "status"}
        flat = _flat(known)
        concerned = _Group(one for one in self._all if one.concerns(flat))
        editions = {one.id: one.editions for one in load_catalogue()}
        groups = defaultdict(list)
        for member in concerned.members:
            groups[editions[member.id]].append(member)
        return tuple(one.id for one in concerned.members), concerned.accepts, [_Group(m) for m in groups.values()]


def _judge_group(
    group: _Group, answered: ParsedResponse, values: Values, held: list[str], broken: list[tuple[str, Finding]]
) -> None:
    if _fits(group.accepts, values):
        held.extend(one.id for one in group.members)
        return
    for one in group.members:
        if _fits(one.accepts, values):
            held.append(one.id)
        else:
            broken.append((one.id, one.finding(answered)))


def values_of(answered: ParsedResponse) -> Values:
    """The values that definitions look at: those of the answer, but a status such as 0.0 as a text.

    It is no integer, and JSON Schema, which compares numbers by value, would take it for 0. Of XML the elements and
    attributes that are not documented are names without a value.
    """
    if type(answered.keys.get("status")) is float:
        return answered.keys | {"status": str(answered.status)}
    if answered.is_xml and answered.extras:
        return answered.keys | dict.fromkeys(answered.extras, "")
    return answered.keys


def _fits(accepts: Accepts, values: Values) -> bool:
    try:
        return accepts(values)
    except ValueError:  # half a surrogate pair, which Rust cannot hold
        return accepts(_flat(values))


def _flat(values: Values) -> Values:
    """*values* as far as definitions look: half a surrogate pair is a question mark, what is nested is empty."""
    return {_text(name): _simple(value) for name, value in values.items()}


def _simple(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | dict):
        return type(value)()
    return value


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode()


@cache
def form_of(is_xml: bool) -> Form:
    """The definitions for JSON or for XML: those of the format's schema, and those that are a SHOULD in both."""
    advised = [one.id for one in load_catalogue() if one.level == "SHOULD"]
    if not is_xml:
        return Form(_definitions("answer"))
    return Form([*advised, *(one["$ref"].rpartition("/")[2] for one in _schema_of("answer.xml")["allOf"])])
