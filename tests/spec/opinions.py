"""The clauses that an answer breaks, by the judge and by validators."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from lxml import etree
from spec.drawn_answers import SPEC, Clauses, Values

from ni_contract.contract.catalogue import EDITIONS, load_catalogue
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge import judge_provider
from ni_contract.judge.context import evaluation_context
from ni_contract.schemas import answer_validator, xml_validator

Opinion = Callable[[Any], Clauses]

FORM_OF_JSON: Clauses = frozenset(json.loads((SPEC / "schemas/answer.schema.json").read_text("utf-8"))["$defs"])
ADVICE: Clauses = frozenset(clause.id for clause in load_catalogue() if clause.level == "SHOULD")
XML_CLAUSES: Clauses = frozenset(f"NIB-RES-{number:03}" for number in (4, 6, *range(8, 16), 19)) | {
    "NIB-ERR-005", "NIB-XML-003", "NIB-XML-004", "NIB-XML-005",
}  # fmt: skip


def judged(body: str, path_format: str) -> Clauses:
    """All clauses that the judge finds broken by an answer with this *body*."""
    request = Request("GET", f"https://api.nexmo.com/ni/basic/{path_format}?number=441632960960")
    content_type = "application/json" if path_format == "json" else "text/xml"
    answer = Answer(200, (("Content-Type", content_type),), body.encode("utf-8"))
    return frozenset(
        clause_id for clause_id, _ in judge_provider(evaluation_context(Exchange(request, answer), None)).broken
    )


def judge_of_json(values: Values) -> Clauses:
    return judged(json.dumps(values), "json") & (FORM_OF_JSON - ADVICE)


def judge_of_xml(document: str) -> Clauses:
    """The judge's clauses; for another root, only the clause about it, since an XSD reports nothing else then."""
    clauses = judged(document, "xml") & XML_CLAUSES
    return clauses & {"NIB-XML-003"} or clauses


def jsonschema_of_json(values: Values) -> Clauses:
    """The clauses by `jsonschema`, with both editions."""
    return frozenset(fault.clause_id for edition in EDITIONS for fault in answer_validator(edition).faults(values))


@cache
def _fast(edition: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"answer.{edition}.schema.json"},
        base_uri=f"{SPEC.as_uri()}/schemas/",
        retriever=lambda uri: json.loads(Path(uri.removeprefix("file://")).read_text("utf-8")),
    )


def jsonschema_rs_of_json(values: Values) -> Clauses:
    """The clauses by `jsonschema-rs`, which cannot represent half a surrogate pair."""
    # Not in ASCII, where the first half of a pair, which is no fault, looks the same.
    plain = json.loads(json.dumps(values, ensure_ascii=False).replace("\ud800", "?"))
    faults = (fault for edition in EDITIONS for fault in _fast(edition).iter_errors(plain))
    return frozenset(step for fault in faults for step in map(str, fault.schema_path) if step in FORM_OF_JSON)


def xmlschema_of_xml(document: str) -> Clauses:
    return frozenset(fault.clause_id for fault in xml_validator().faults(document))


@cache
def _profile() -> tuple[etree.XMLSchema, dict[str, str]]:
    """The XSD 1.0, and the clause of each facet by its text: libxml2 does not name the type."""
    tree = etree.parse(str(SPEC / "response-1.0.xsd"))
    facets = {
        facet.get("value", ""): kind.get("name", "")
        for kind in tree.getroot().iter("{*}simpleType")
        for facet in kind.iter("{*}pattern")
    }
    return etree.XMLSchema(tree), facets


def lxml_of_xml(document: str) -> Clauses:
    """The clauses by libxml2, as far as XSD 1.0 goes. It names the narrower type, and has no rule about the status."""
    schema, facets = _profile()
    root = etree.fromstring(document)
    schema.validate(root)
    log: Any = schema.error_log
    clauses = frozenset(filter(None, (_clause_of(entry, facets, root) for entry in log)))
    if "NIB-XML-004" in clauses:
        return clauses & {"NIB-XML-004", "NIB-XML-005"}
    return clauses if _code(root) == "0" else clauses - _VALUES_OF_SUCCESS


_VALUES_OF_SUCCESS: Clauses = frozenset(("NIB-RES-010", "NIB-RES-012", "NIB-RES-013", "NIB-RES-015"))
_NESTED = {"error": "NIB-XML-005", "request_id": "NIB-RES-008"}
_NESTED_SUCCESS = {"international_format_number": "NIB-RES-010", "local_number": "NIB-RES-011"}


def _code(root: etree._Element) -> str:
    error = root.find("error")
    return "" if error is None else error.get("code", "")


def _clause_of(entry: Any, facets: dict[str, str], root: etree._Element) -> str:
    name = entry.path.rpartition("/")[2].partition("[")[0]
    match entry.type_name:
        case "SCHEMAV_CVC_ELT_1":
            return "NIB-XML-003"
        case "SCHEMAV_CVC_COMPLEX_TYPE_4":
            return "NIB-XML-004"
        case "SCHEMAV_CVC_PATTERN_VALID":
            found = next(one for value, one in facets.items() if entry.message.endswith(f"pattern '{value}'."))
            return "NIB-XML-004" if found == "NIB-RES-006" and not CODE.fullmatch(_code(root)) else found
        case "SCHEMAV_CVC_IDC" if "more than one member" in entry.message:
            return "NIB-RES-019"
        case "SCHEMAV_CVC_IDC" if "NIB-XML-004" in entry.message and root.find("error") is None:
            return "NIB-XML-004"
        case "SCHEMAV_CVC_COMPLEX_TYPE_2_2" | "SCHEMAV_CVC_TYPE_3_1_2":
            return _NESTED.get(name) or (_NESTED_SUCCESS[name] if _code(root) == "0" else "NIB-ERR-005")
    return ""


CODE = re.compile("0|[1-9][0-9]{0,17}")


def seen_by_profile(document: str) -> Clauses:
    """The judge's clauses for a document, as far as XSD 1.0 has them."""
    clauses = judge_of_xml(document)
    root = etree.fromstring(document)
    empty = {clause_id for clause_id, value in _values(root).items() if not value}
    seen = set(clauses - _OF_STATUS - empty)
    nested = {child.tag for child in root if len(child)}
    seen |= {"NIB-RES-008"} & clauses if "request_id" in nested else set()
    seen |= {"NIB-RES-011"} & clauses if "local_number" in nested else set()
    seen |= {"NIB-ERR-005"} & clauses if nested & set(_NESTED_SUCCESS) else set()
    return frozenset(seen - {"NIB-RES-004"} if "NIB-RES-009" in seen else seen)


# Rules that depend on the status or require a value.
_OF_STATUS: Clauses = frozenset(("NIB-ERR-005", "NIB-RES-008", "NIB-RES-011", "NIB-RES-014"))


def _values(root: etree._Element) -> dict[str, str]:
    """By clause, the text of the value that it is about."""
    number, local = root.find("international_format_number"), root.find("local_number")
    attributes: Any = {} if local is None else local.attrib
    return {
        "NIB-RES-010": "".join(map(str, number.itertext())).strip(" \t\r\n") if number is not None else "",
        "NIB-RES-012": str(attributes.get("country_code", "")),
        "NIB-RES-013": str(attributes.get("country_code_iso3", "")),
        "NIB-RES-015": str(attributes.get("country_prefix", "")),
    }


def differences(value: Any, judge: Opinion, others: Iterable[Opinion]) -> dict[str, tuple[Clauses, Clauses]]:
    """By the name of each opinion that differs: the judge's clauses, and its own."""
    ours = judge(value)
    theirs = {other.__name__: other(value) for other in others}
    return {name: (ours, clauses) for name, clauses in theirs.items() if clauses != ours}
