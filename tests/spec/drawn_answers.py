"""Drawn answers with any number of faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

from ni_contract.exchanges.response import NUMBER_KEYS

SPEC = Path(__file__).parents[2] / "spec"
Values = dict[str, Any]
Clauses = frozenset[str]

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
