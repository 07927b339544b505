"""Ready validators of an edition: JSON answers, requests, XML answers. Their faults name the clause.

Needs the extra `schemas`: `pip install 'ni-contract[schemas]'`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import xmlschema
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from xmlschema.validators import XsdAssert, XsdAttributeGroup, XsdComponent, XsdElement, XsdFacet, XsdGroup

from ni_contract.contract.catalogue import DOCUMENTED, OBSERVED, known_edition
from ni_contract.contract.spec_files import read_spec, spec_folder, spec_names
from ni_contract.errors import UsageError

__all__ = ["Fault", "JsonValidator", "XmlValidator", "answer_validator", "request_validator", "xml_validator"]

_BASE: Final = "https://ni-contract.invalid/"
_CLAUSE: Final = "NIB-"
_REQUESTS: Final = {DOCUMENTED: "", OBSERVED: "#/$defs/observed", "form": "#/$defs/form"}
# Without a status, no other clause applies.
_STATUS, _WITHOUT_STATUS = "NIB-XML-004", frozenset(("NIB-XML-003", "NIB-XML-004", "NIB-XML-005"))
# By element: the clause that requires text, at status 0 and at any other.
_TEXT_CLAUSES: Final = {
    "request_id": ("NIB-RES-008", "NIB-RES-008"),
    "error": ("NIB-XML-005", "NIB-XML-005"),
    "international_format_number": ("NIB-RES-010", "NIB-ERR-005"),
    "local_number": ("NIB-RES-011", "NIB-ERR-005"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault *at* a place of a message, in the validator's words; *clause_id* is "" where no clause covers it."""

    clause_id: str
    at: str
    message: str


class JsonValidator:
    """Finds the faults of JSON values.

    *native* is the validator of `jsonschema`, whose errors name clauses in their path.
    """

    def __init__(self, reference: str) -> None:
        self.native = _Named({"$ref": _BASE + reference}, registry=_registry())

    def is_valid(self, value: object) -> bool:
        """Whether *value*, as `json.loads` returns it, has no fault."""
        return bool(self.native.is_valid(value))

    def faults(self, value: object) -> list[Fault]:
        """All faults of *value*."""
        return [Fault(_clause_of(error), error.json_path, error.message) for error in self.native.iter_errors(value)]


def answer_validator(edition: str | None = DOCUMENTED) -> JsonValidator:
    """The validator of JSON answers; *edition* None accepts either. Raises UsageError for an unknown edition."""
    return JsonValidator(
        "schemas/answer.schema.json" if edition is None else f"schemas/answer.{known_edition(edition)}.schema.json"
    )


def request_validator(edition: str = DOCUMENTED, form: bool = False) -> JsonValidator:
    """The validator of a request's parameters: a JSON body, or with *form* a query or form, where all is text.

    Raises UsageError for an unknown edition, and for forms of the observed one, which has no schema of its own.
    """
    if known_edition(edition) != DOCUMENTED and form:
        raise UsageError("request_validator: form=True is of the documented edition only")
    name = "form" if form else edition
    return JsonValidator(f"schemas/request.schema.json{_REQUESTS[name]}")


class XmlValidator:
    """Finds the faults of XML answers, by XSD 1.1. *native* is the schema of `xmlschema`."""

    def __init__(self) -> None:
        self.native = xmlschema.XMLSchema11(str(spec_folder() / "response.xsd"))

    def is_valid(self, document: str) -> bool:
        """Whether the text *document* has no fault. Raises ParseError where it is not well-formed."""
        return bool(self.native.is_valid(document))

    def faults(self, document: str) -> list[Fault]:
        """All faults of the text *document*. Raises ParseError where it is not well-formed."""
        errors: Iterator[Any] = self.native.iter_errors(document)
        found = [Fault(_xml_clause_of(error), error.path or "", error.reason or "") for error in errors]
        if any(fault.clause_id == _STATUS for fault in found):
            return [fault for fault in found if fault.clause_id in _WITHOUT_STATUS]
        return found


@cache
def xml_validator() -> XmlValidator:
    """The validator of XML answers, which are the same in both editions."""
    return XmlValidator()


@cache
def _registry() -> Registry[Any]:
    """The schemas without their `$schema`, by which `jsonschema` would choose another validator."""
    registry: Registry[Any] = Registry()
    for name in (name for name in spec_names() if name.startswith("schemas/")):
        contents = {key: value for key, value in json.loads(read_spec(name)).items() if key != "$schema"}
        registry = registry.with_resource(_BASE + name, DRAFT202012.create_resource(contents))
    return registry


def _named_ref(validator: Any, ref: str, instance: object, schema: Any) -> Iterator[ValidationError]:
    """Follows a reference and adds its definition to an error's path, which `jsonschema` leaves out."""
    name = ref.rpartition("/")[2]
    for error in Draft202012Validator.VALIDATORS["$ref"](validator, ref, instance, schema):
        if name.startswith(_CLAUSE):
            error.schema_path.extendleft((name, "$defs"))
        yield error


_Named: Final = extend(Draft202012Validator, {"$ref": _named_ref})  # type: ignore[no-untyped-call]


def _clause_of(error: ValidationError) -> str:
    return next((str(step) for step in error.absolute_schema_path if str(step).startswith(_CLAUSE)), "")


def _xml_clause_of(error: Any) -> str:
    """The id in the schema's assert or type; for a missing or superfluous element, the clause that requires it."""
    match error.validator:
        case XsdAssert(elem=element):
            return str(element.get("id"))
        case XsdFacet(parent=XsdComponent(name=name)):
            return str(name)
        case XsdGroup() if error.invalid_tag:
            return "NIB-RES-019"
        case XsdGroup() | XsdAttributeGroup():
            return _STATUS
        case XsdElement():
            return _text_clause(error)
    return "NIB-XML-003"


def _text_clause(error: Any) -> str:
    status = error.root.find("error")
    at_success, otherwise = _TEXT_CLAUSES.get(error.validator.name, ("", ""))
    if status is not None and status.get("code") == "0":
        return at_success
    return otherwise
