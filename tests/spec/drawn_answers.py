"""Drawn answers with any number of faults, and the broken clauses by the judge and by validators."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import jsonschema_rs
from hypothesis import strategies as st
from lxml import etree

from ni_contract.contract.catalogue import EDITIONS, load_catalogue
from ni_contract.exchanges.response import NUMBER_KEYS
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge import judge_provider
from ni_contract.judge.context import evaluation_context
from ni_contract.schemas import answer_validator, xml_validator

SPEC = Path(__file__).parents[2] / "spec"
Values = dict[str, Any]
Clauses = frozenset[str]
Opinion = Callable[[Any], Clauses]

SUCCESS: Values = {
    "status": 0,
    "status_message": "Success",
    "request_id": "d79c3d82-e2ee-46ff-972a-97b76be419cb",
    "international_format_number": "441632960960",
    "national_format_number": "01632 960960",
    "country_code": "GB",
    "country_code_iso3": "GBR",
    "country_name": "United Kingdom",
    "country_prefix": "44",
}
MISSING = object()

# ---------------------------------------------------------------- strategies

letters = st.text("ABCXYZ", min_size=2, max_size=3)
texts = st.one_of(
    st.sampled_from(["Success", "no", "\u00a0", "\u2003", "\u65e5\u672c", "x ", " x"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=6),
)
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from([0, 1, 3, 4, 5, 9]),
    "status_message": st.sampled_from(["Success", "Busy", "\u00a0", "\u2003", " x\u00a0"]),
    "error_text": st.sampled_from(["Invalid credentials", "\u00a0", "\u2003"]),
    "request_id": st.text("0129abzABZ-", min_size=1, max_size=40),
    "international_format_number": st.from_regex("[1-9][0-9]{4,14}", fullmatch=True, alphabet="0123456789"),
    "national_format_number": st.sampled_from(["01632 960960", "\u00a0", "\u2003", "x  y"]),
    "country_code": st.text("AGZ", min_size=2, max_size=2),
    "country_code_iso3": st.text("AGZ", min_size=3, max_size=3),
    "country_name": st.sampled_from(["United Kingdom", "\u65e5\u672c", "\u00a0", " x "]),
    "country_prefix": st.from_regex("[1-9][0-9]{0,2}", fullmatch=True, alphabet="0123456789"),
}
BLANK = ["", " ", "\t", " \t"]
BAD: dict[str, list[Any]] = {
    "status": ["0", "4", "7", "00", " 0", "0 ", "x", "", 2, 7, 43, 999, 10**17, 10**18, -1],
    "status_message": BLANK,
    "error_text": BLANK,
    "request_id": ["", "x" * 41, "a_b", "a b", "_" * 41, "\u0661", "\u00e9", "\u00a0"],
    "international_format_number": ["", "+441632960960", "0441632960960", "1234", "1" * 16, "44 1632", "\u0664" * 6],
    "national_format_number": BLANK,
    "country_code": ["", "gb", "GBR", "G", "G1", " GB", "GB ", "\uff27\uff22"],
    "country_code_iso3": ["", "gbr", "GB", "GBRX", "GB1", " GBR"],
    "country_name": BLANK,
    "country_prefix": ["", "+44", "044", "0", "4444", "\u0664\u0664", "4x", " 44"],
}
# Only JSON can represent these, or keeps them unchanged.
BAD_IN_JSON: list[Any] = [
    None,
    True,
    False,
    0,
    44,
    0.5,
    -0.5,
    [],
    {},
    ["x"],
    {"a": []},
    "44\n",
    "GB\n",
    "id\n",
    "\ud800",
    "\n",
]
values_in_json = st.one_of(texts, st.sampled_from(BAD_IN_JSON), st.integers(-5, 10**20))


@st.composite
def right_answers(draw: st.DrawFn, is_xml: bool) -> Values:
    """The values of an answer that is right in one edition at least."""
    status = draw(GOOD["status"])
    answer = {"status": status}
    text = "status_message" if status in (0, 1) or is_xml else draw(st.sampled_from(["status_message", "error_text"]))
    answer[text] = draw(GOOD[text])
    if status == 0 or draw(st.booleans()):
        answer["request_id"] = draw(GOOD["request_id"])
    if status == 0:
        answer |= {name: draw(GOOD[name]) for name in NUMBER_KEYS}
    return answer


@st.composite
def answers(draw: st.DrawFn, faults: int, is_xml: bool) -> Values:
    """The values of an answer that is broken in at most *faults* ways."""
    answer = draw(right_answers(is_xml))
    names = [name for name in BAD if not (is_xml and name == "error_text")]
    for _ in range(faults):
        name = draw(st.sampled_from(names))
        bad = st.one_of(st.just(MISSING), st.sampled_from(BAD[name]), GOOD[name], texts)
        value = draw(bad if is_xml else st.one_of(bad, values_in_json))
        answer[name] = value
    extra = {} if draw(st.integers(0, 4)) else {"ported": draw(texts)}
    return {name: value for name, value in (answer | extra).items() if value is not MISSING}


def document_of(values: Values, odd: str = "") -> str:
    """The XML document with *values*; *odd* is an unusual form, which may be a fault."""
    country = "".join(f" {name}={quoteattr(_xml(values[name]))}" for name in NUMBER_KEYS[2:] if name in values)
    children = [_element(name, values) for name in ("request_id", "international_format_number")]
    if country or "national_format_number" in values:
        children.append(f"<local_number{country}>{_text(values, 'national_format_number')}</local_number>")
    code = f" code={quoteattr(_xml(values['status']))}" if "status" in values else ""
    if code or "status_message" in values:
        children.append(f"<error{code}>{_text(values, 'status_message')}</error>")
    children.append(_element("ported", values))
    return _oddly("".join(children), odd)


ODD = ("", "", "", "lookup", "answer", "beside", "spaces", "nested request_id", "nested error", "nested local_number",
       "nested international_format_number", "twice request_id", "twice error", "twice local_number")  # fmt: skip


def _oddly(children: str, odd: str) -> str:
    what, _, name = odd.partition(" ")
    root = what if what in ("lookup", "answer") else "format"
    if what == "beside":
        children = f"text{children}beside"
    if what == "spaces":
        children = children.replace("><", "> \n <")
    if what == "nested":
        children = children.replace(f"</{name}>", f"<b>1</b></{name}>")
    if what == "twice" and f"</{name}>" in children:
        children += children[children.index(f"<{name}") : children.index(f"</{name}>")] + f"</{name}>"
    return f"<{root}>{children}</{root}>"


def _xml(value: object) -> str:
    return str(value)


def _text(values: Values, name: str) -> str:
    return escape(_xml(values.get(name, "")))


def _element(name: str, values: Values) -> str:
    return f"<{name}>{_text(values, name)}</{name}>" if name in values else ""


@st.composite
def documents(draw: st.DrawFn, faults: int) -> str:
    """XML documents of answers that are broken in at most *faults* ways, or written in an odd way that is a fault."""
    odd = draw(st.sampled_from(ODD)) if faults else ""
    values = right_answers(True) if odd.startswith(("nested", "twice")) else answers(faults, True)
    return document_of(draw(values), odd)


# ---------------------------------------------------------------- opinions

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
    plain = json.loads(json.dumps(values).replace("\\ud800", "?"))
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
