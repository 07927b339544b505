"""Clauses about the form of an answer: definitions of the JSON Schemas, named by clause id, executed.

One call accepts the usual answer, which fits all definitions; only a broken answer is checked clause by clause.
"""

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
# An answer that is no JSON object is refused by the parser.
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
    """A function that returns whether values fit all *schemas*."""
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
        """Whether the clause applies to an answer's values."""
        return _compile(self._if)

    @cached_property
    def accepts(self) -> Accepts:
        """Whether an answer's values fit."""
        return _compile({"$ref": f"#/$defs/{self.id}"})

    def finding(self, answered: ParsedResponse) -> Finding:
        """The finding of a refused answer: the actual value beside the expected one."""
        if len(self._names) == 1:
            return Finding(answered.place(self._names[0]), self.expected, _shown(answered, self._names[0]))
        there = [name for name in self._names if name in answered.keys] or answered.extras[:5]
        if not (self._names or there):
            there = list(answered.keys)
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
    """Definitions checked by one call, for answers to which all of them apply: only their rules are run."""

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
        """Adds the results of the definitions for *answered*: ids to *held*, findings to *broken*."""
        values = values_of(answered)
        ids, accepts, groups = self._profile(answered, values)
        if _fits(accepts, values):
            held.extend(ids)
            return
        for group in groups:
            _judge_group(group, answered, values, held, broken)

    def _profile(self, answered: ParsedResponse, values: Values) -> tuple[tuple[str, ...], Accepts, list[_Group]]:
        """The key of the definitions that apply: they depend on the status, the keys, and whether the id is a text."""
        request_id = values.get("request_id")
        key = (answered.status, tuple(values), isinstance(request_id, str), request_id == "")
        found = self._profiles.get(key)
        if found is None:
            if len(self._profiles) >= _MAX_PROFILES:
                self._profiles.clear()
            found = self._profiles[key] = self._concerning(answered, values)
        return found

    def _concerning(self, answered: ParsedResponse, values: Values) -> tuple[tuple[str, ...], Accepts, list[_Group]]:
        # A status that only repeats the HTTP status comes from a gateway: definitions that depend on it do not apply.
        known = values
        if answered.status is None:
            known = {name: value for name, value in values.items() if name != "status"}
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
    """The values that definitions check: those of the answer, but with a status such as 0.0 as a text.

    JSON Schema compares numbers by value and would take it for the integer 0. Undocumented elements and attributes of
    XML are names without a value.
    """
    if type(answered.keys.get("status")) is float:
        return answered.keys | {"status": str(answered.status)}
    if answered.is_xml and answered.extras:
        return answered.keys | dict.fromkeys(answered.extras, "")
    return answered.keys


def _fits(accepts: Accepts, values: Values) -> bool:
    try:
        return accepts(values)
    except ValueError:  # half a surrogate pair, which Rust's strings cannot hold
        return accepts(_flat(values))


def _flat(values: Values) -> Values:
    """*values* reduced to what definitions check: half a surrogate pair is a question mark, nested values empty."""
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
