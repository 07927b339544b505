"""The XML Schemas: response.xsd finds every fault, response-1.0.xsd those that do not depend on the status."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from ni_contract.contract import vocabulary
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge import Judge
from ni_contract.schemas import answer_validator
from ni_contract.simulator.for_mocks import MadeAnswer
from ni_contract.simulator.lookup import example

XSD = "{http://www.w3.org/2001/XMLSchema}"
REQUEST_ID = "<request_id>d781445d-233a-4ae8-a6a4-1d072e17179a</request_id>"
INTERNATIONAL = "<international_format_number>441632960960</international_format_number>"
COUNTRY = 'country_code="GB" country_code_iso3="GBR" country_name="United Kingdom" country_prefix="44"'
LOCAL = f"<local_number {COUNTRY}>01632 960960</local_number>"
OUTCOME = '<error code="0">Success</error>'
REFUSED = '<error code="4">Invalid credentials</error>'
SUCCESS = f"<format>{REQUEST_ID}{INTERNATIONAL}{LOCAL}{OUTCOME}</format>"


@pytest.fixture(scope="module")
def full(spec: Path) -> xmlschema.XMLSchema11:
    return xmlschema.XMLSchema11(spec / "response.xsd")


@pytest.fixture(scope="module")
def profile(spec: Path) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(spec / "response-1.0.xsd"))


def fits(profile: etree.XMLSchema, document: str) -> bool:
    return bool(profile.validate(etree.fromstring(document)))


def success(old: str, new: str) -> str:
    assert old in SUCCESS, old
    return SUCCESS.replace(old, new)


def refusal(children: str) -> str:
    return f"<format>{children}</format>"


GOOD = {
    "success": SUCCESS,
    "a declaration and a layout": '<?xml version="1.0"?>\n' + SUCCESS.replace("><", ">\n  <"),
    "children in another order": f"<format>{OUTCOME}{LOCAL}{INTERNATIONAL}{REQUEST_ID}</format>",
    "white space around texts": SUCCESS.replace("</", " \n</").replace("<request_id>", "<request_id>\n "),
    "text between the children": success(OUTCOME, f"Success{OUTCOME}"),
    "the root lookup": SUCCESS.replace("format>", "lookup>").replace("international_lookup", "international_format"),
    "an unknown element": success(OUTCOME, f'<ported a="b">yes<x/></ported>{OUTCOME}'),
    "unknown elements in several places": success(INTERNATIONAL, f"<a/>{INTERNATIONAL}<b/><a/>"),
    "an unknown element of another namespace": success(OUTCOME, f'<x:y xmlns:x="urn:x"/>{OUTCOME}'),
    "unknown attributes": SUCCESS.replace("<format>", '<format v="1">').replace("<error", '<error lang="en"'),
    "an unknown attribute of the local number": success("<local_number", '<local_number ported="no"'),
    "an error": refusal(REFUSED),
    "an error with a request id": refusal(REQUEST_ID + REFUSED),
    "an error with empty children": refusal(
        f"<request_id/><international_format_number/><local_number/>{REFUSED}"
    ),
    "an error with empty attributes": refusal(
        '<local_number country_code="" country_code_iso3="" country_name="" country_prefix=""> </local_number>'
        + REFUSED
    ),
    **{f"status {code}": refusal(f'<error code="{code}">no</error>') for code in (1, 3, 4, 5, 9)},
    "a request id of 40 characters": success(REQUEST_ID, f"<request_id>{'x' * 40}</request_id>"),
}  # fmt: skip

# Each broken in one way that does not depend on the status.
BAD_FOR_BOTH = {
    "another root": SUCCESS.replace("format>", "answer>").replace("international_answer", "international_format"),
    "no error": f"<format>{REQUEST_ID}{INTERNATIONAL}{LOCAL}</format>",
    "two errors": success(OUTCOME, OUTCOME + OUTCOME),
    "two request ids": success(REQUEST_ID, REQUEST_ID + REQUEST_ID),
    "two international numbers": success(INTERNATIONAL, INTERNATIONAL + INTERNATIONAL),
    "two local numbers": success(LOCAL, LOCAL + LOCAL),
    "no code": success('<error code="0">', "<error>"),
    **{
        f"the code {code!r}": success('code="0"', f'code="{code}"')
        for code in ("", "2", "19", "999", "00", "0.0", "-0", "+0", "x", " 0", "0 ", "\u0660")
    },
    "an error without a code": refusal("<error>no</error>"),
    "an error without a text": refusal('<error code="4"/>'),
    "an error with a blank text": refusal('<error code="4"> \n</error>'),
    "an element in the text of the error": refusal('<error code="4"><b>no</b></error>'),
    **{
        f"the request id {value!r}": success(REQUEST_ID, f"<request_id>{value}</request_id>")
        for value in ("x" * 41, "a_b", "a b", "\u0661")
    },
    **{
        f"the international number {value!r}": success("441632960960", value)
        for value in ("+441632960960", "0441632960960", "1234", "1" * 16, "44 1632", "4416\u0660\u0660")
    },
    **{
        f"the country code {value!r}": success('country_code="GB"', f'country_code="{value}"')
        for value in ("gb", "GBR", "G1", "GB&#10;", " GB", "\uff27\uff22")
    },
    **{
        f"the alpha-3 code {value!r}": success('"GBR"', f'"{value}"') for value in ("gbr", "GB", "GB1", "GBR&#10;")
    },
    **{
        f"the calling code {value!r}": success('"44"', f'"{value}"') for value in ("+44", "044", "4444", "\u0664\u0664")
    },
}  # fmt: skip

# Faults that only XSD 1.1 finds: rules about the status, and the four children as roots.
BAD_FOR_FULL_ONLY = {
    "a success without a request id": success(REQUEST_ID, ""),
    "a success with an empty request id": success(REQUEST_ID, "<request_id> </request_id>"),
    "a success without an international number": success(INTERNATIONAL, ""),
    "a success with an empty international number": success("441632960960", ""),
    "a success without a local number": success(LOCAL, ""),
    "a success with an empty local number": success("01632 960960", " "),
    **{
        f"a success without {part}": success(part, "")
        for part in (
            'country_code="GB"', 'country_code_iso3="GBR"', 'country_name="United Kingdom"', 'country_prefix="44"',
        )
    },
    "a success with an empty country code": success('country_code="GB"', 'country_code=""'),
    "a success with a blank country name": success('"United Kingdom"', '" "'),
    "a success with nothing": refusal(OUTCOME),
    "an error with an international number": refusal(INTERNATIONAL + REFUSED),
    "an error with a local number": refusal(f"<local_number>01632 960960</local_number>{REFUSED}"),
    **{
        f"an error with a {name}": refusal(f'<local_number {name}="{value}"/>{REFUSED}')
        for name, value in (
            ("country_code", "GB"), ("country_code_iso3", "GBR"), ("country_name", "UK"), ("country_prefix", "44"),
        )
    },
    "an error element as the root": REFUSED,
    "a local number as the root": LOCAL,
    "a request id as the root": REQUEST_ID,
    "an international number as the root": INTERNATIONAL,
}  # fmt: skip

# The cost of tolerating unknown elements in XSD 1.0.
BAD_FOR_PROFILE_ONLY = {
    "a known name with a bad value deep inside an unknown element": success(OUTCOME, f"<x><error/></x>{OUTCOME}"),
}


@pytest.mark.parametrize("case", GOOD)
def test_good_answer_fits_both(case: str, full: xmlschema.XMLSchema11, profile: etree.XMLSchema) -> None:
    assert full.is_valid(GOOD[case])
    assert fits(profile, GOOD[case])


@pytest.mark.parametrize("case", BAD_FOR_BOTH)
def test_broken_answer_fits_neither(case: str, full: xmlschema.XMLSchema11, profile: etree.XMLSchema) -> None:
    assert not full.is_valid(BAD_FOR_BOTH[case])
    assert not fits(profile, BAD_FOR_BOTH[case])


@pytest.mark.parametrize("case", [case for case in BAD_FOR_BOTH if case.startswith(("no ", "two "))])
def test_other_root_has_same_rules(case: str, full: xmlschema.XMLSchema11, profile: etree.XMLSchema) -> None:
    document = BAD_FOR_BOTH[case].replace("<format>", "<lookup>").replace("</format>", "</lookup>")
    assert not full.is_valid(document)
    assert not fits(profile, document)


@pytest.mark.parametrize("case", BAD_FOR_FULL_ONLY)
def test_status_rule_needs_xsd_1_1(case: str, full: xmlschema.XMLSchema11, profile: etree.XMLSchema) -> None:
    """A broken rule about the status is found by XSD 1.1 alone."""
    assert not full.is_valid(BAD_FOR_FULL_ONLY[case])
    assert fits(profile, BAD_FOR_FULL_ONLY[case])


@pytest.mark.parametrize("case", BAD_FOR_PROFILE_ONLY)
def test_profile_is_stricter_by_necessity(case: str, full: xmlschema.XMLSchema11, profile: etree.XMLSchema) -> None:
    """The profile is stricter only where XSD 1.0 has no other way."""
    assert full.is_valid(BAD_FOR_PROFILE_ONLY[case])
    assert not fits(profile, BAD_FOR_PROFILE_ONLY[case])


def test_profile_is_valid_xsd_1_0(spec: Path) -> None:
    """The profile is good XSD 1.0 to a second processor too."""
    profile = xmlschema.XMLSchema10(spec / "response-1.0.xsd")
    assert profile.is_valid(SUCCESS)
    assert not profile.is_valid(BAD_FOR_BOTH["two errors"])


@pytest.mark.skipif(shutil.which("xmllint") is None, reason="xmllint is not installed")
def test_the_profile_works_with_xmllint(spec: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.xml"
    answer.write_text(SUCCESS, encoding="utf-8")
    command = ["xmllint", "--noout", "--schema", str(spec / "response-1.0.xsd"), str(answer)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_asserts_are_single_and_named(spec: Path) -> None:
    """Each rule is an assert of its own with a name."""
    rules = etree.parse(str(spec / "response.xsd")).getroot().iter(f"{XSD}assert")
    words = [rule.findtext(f"{XSD}annotation/{XSD}documentation") for rule in rules]
    assert words
    assert all(words)
    assert len(set(words)) == len(words)


def test_a_broken_rule_names_itself(full: xmlschema.XMLSchema11) -> None:
    broken = BAD_FOR_FULL_ONLY["a success without a request id"]
    assert ["Status 0 has a request id." in str(fault) for fault in full.iter_errors(broken)] == [True]


def test_clauses_have_same_type_twice(spec: Path) -> None:
    """Clauses have one type in both files."""
    full, profile = (types(spec / name) for name in ("response.xsd", "response-1.0.xsd"))
    assert full
    assert full.items() <= profile.items()


def types(path: Path) -> dict[str, bytes]:
    """Every type that is named by a clause, in canonical form."""
    root = etree.parse(str(path)).getroot()
    named = {child.get("name", ""): child for child in root if child.tag in (f"{XSD}complexType", f"{XSD}simpleType")}
    return {name: canonical(node) for name, node in named.items() if name.startswith("NIB-")}


def canonical(node: etree._Element) -> bytes:
    # Exclusive, or the namespaces declared at the file's root would count as a difference.
    return etree.tostring(node, method="c14n", exclusive=True, with_tail=False)


@pytest.mark.parametrize(("length", "fits_all"), [(1, True), (40, True), (41, False)])
def test_request_ids_have_one_bound(
    full: xmlschema.XMLSchema11, profile: etree.XMLSchema, length: int, fits_all: bool
) -> None:
    """Python, the JSON Schema, both XML Schemas and the judge bound a request id at the same length."""
    value = "7" * length
    document = success(REQUEST_ID, f"<request_id>{value}</request_id>")
    members = {**MadeAnswer(example(), "documented"), "request_id": value}
    url = "https://api.nexmo.com/ni/basic/json?number=441632960960"
    answer = Answer(200, (("Content-Type", "application/json"),), json.dumps(members).encode())
    broken = {one.clause_id for one in Judge().provider(Exchange(Request("GET", url), answer))}
    answers = {
        "Python": re.fullmatch(vocabulary.REQUEST_ID, value) is not None,
        "JSON Schema": not any(fault.clause_id == "NIB-RES-004" for fault in answer_validator().faults(members)),
        "XSD 1.1": full.is_valid(document),
        "XSD 1.0": fits(profile, document),
        "judge": "NIB-RES-004" not in broken,
    }
    assert answers == dict.fromkeys(answers, fits_all)
