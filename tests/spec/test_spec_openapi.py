"""The OpenAPI document: valid, complete, with examples that fit the schemas."""

from __future__ import annotations

import hashlib
import json
import keyword
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import xmlschema
import yaml
from lxml import etree
from openapi_spec_validator import validate
from openapi_spec_validator.readers import read_from_filename

Accepts = Callable[[str, Any], bool]
Document = dict[str, Any]

STATUSES = {0, 1, 3, 4, 5, 9}
FORM = "application/x-www-form-urlencoded"
JSON_TYPES = {
    "application/json", "application/jsonrequest", "application/x-javascript", "text/json", "text/javascript",
    "text/x-javascript", "text/x-json",
}  # fmt: skip
OPENAPI: Document = yaml.safe_load((Path(__file__).parents[2] / "spec" / "openapi.yaml").read_text(encoding="utf-8"))
OPERATIONS = {
    f"{method} {path}": operation for path, item in OPENAPI["paths"].items() for method, operation in item.items()
}
POSTS = {name: operation for name, operation in OPERATIONS.items() if name.startswith("post")}
GETS = {name: operation for name, operation in OPERATIONS.items() if name.startswith("get")}


def pointer(reference: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in reference.split("/")[1:]]


def resolve(document: Any, reference: str) -> Any:
    for part in pointer(reference):
        document = document[part]
    return document


def here(node: Document) -> Any:
    """The node, or its reference's target in the same document."""
    return resolve(OPENAPI, node["$ref"].removeprefix("#")) if "$ref" in node else node


def mappings(node: Any) -> Iterator[Document]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from mappings(child)


def media(kind: str) -> Iterator[tuple[str, str, Document]]:
    """(pointer, media type, media type object) of every body under components."""
    for name, body in OPENAPI["components"][kind].items():
        for media_type, value in body.get("content", {}).items():
            yield f"/components/{kind}/{name}/content/{media_type.replace('/', '~1')}", media_type, value


def json_examples() -> Iterator[tuple[str, str, Any]]:
    """(pointer of the schema, name, value) of every example that is not XML."""
    for place, media_type, value in [*media("responses"), *media("requestBodies")]:
        if media_type != "text/xml":
            yield from (
                (f"{place}/schema", name, here(example)["value"]) for name, example in value["examples"].items()
            )
    for name, parameter in OPENAPI["components"]["parameters"].items():
        place = f"/components/parameters/{name}/schema"
        yield from ((place, key, example["value"]) for key, example in parameter.get("examples", {}).items())
        yield from [(place, "example", parameter["example"])] if "example" in parameter else []


def answers() -> dict[str, Any]:
    return {name: example["value"] for name, example in OPENAPI["components"]["examples"].items()}


JSON_ANSWERS = {name: value for name, value in answers().items() if name.startswith("Json")}
XML_ANSWERS = {name: value for name, value in answers().items() if name.startswith("Xml")}


def code(xml: str) -> int:
    return int(etree.fromstring(xml.encode()).find("error").get("code"))  # type: ignore[union-attr,arg-type]


# The document


def test_document_is_valid_openapi(spec: Path) -> None:
    document, base_uri = read_from_filename(str(spec / "openapi.yaml"))
    assert document["openapi"].startswith("3.1.")
    validate(document, base_uri=base_uri)


@pytest.mark.parametrize("name", ["openapi.yaml", "answer", "answer.documented", "answer.observed", "request"])
def test_references_stay_inside_folder(name: str, spec: Path) -> None:
    """Every reference leads to a place inside the folder."""
    path = spec / name if name.endswith(".yaml") else spec / "schemas" / f"{name}.schema.json"
    references = [node["$ref"] for node in mappings(load(path)) if isinstance(node.get("$ref"), str)]
    for reference in references:
        file, _, fragment = reference.partition("#")
        target = (path.parent / file if file else path).resolve()
        assert target.is_relative_to(spec)
        assert resolve(load(target), fragment) is not None


@cache
def load(path: Path) -> Any:
    # YAML 1.2 contains JSON, and these files stay within what PyYAML reads the same way.
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_both_paths_have_get_and_post() -> None:
    assert set(OPERATIONS) == {f"{method} /ni/basic/{kind}" for method in ("get", "post") for kind in ("json", "xml")}


def test_local_server_comes_first() -> None:
    """Tools send to the first one, and lookups at the vendor's are charged for."""
    own, vendors = OPENAPI["servers"]
    assert own["url"] == "http://127.0.0.1:8080"
    assert vendors["url"] == "https://api.nexmo.com"
    assert "charged" in vendors["description"]


def test_every_form_field_is_described() -> None:
    schemas = json.loads((Path(__file__).parents[2] / "spec/schemas/request.schema.json").read_text("utf-8"))
    for field in schemas["$defs"]["form"]["properties"].values():
        assert schemas["$defs"][field["$ref"].rpartition("/")[2]]["description"]


def test_operation_ids_are_python_names() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in names)
    assert len({name.lower() for name in names}) == len(names)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_answer_in_their_format(name: str) -> None:
    """An operation answers in its format and leaves other statuses to the gateway."""
    responses = {status: here(response) for status, response in OPERATIONS[name]["responses"].items()}
    assert set(responses) == {"200", "4XX", "5XX"}
    assert list(responses["200"]["content"]) == ["application/json" if name.endswith("json") else "text/xml"]
    assert all("content" not in responses[status] for status in ("4XX", "5XX"))


@pytest.mark.parametrize("name", GETS)
def test_get_needs_only_the_number(name: str) -> None:
    """A GET takes the parameters in the query and needs only the number."""
    parameters = [here(parameter) for parameter in GETS[name]["parameters"]]
    assert {(p["name"], p["in"], p["required"]) for p in parameters} == {
        ("number", "query", True), ("country", "query", False), ("cnam", "query", False), ("timestamp", "query", False),
    }  # fmt: skip


def test_get_has_three_authentications() -> None:
    """A GET is authenticated by key and secret, by key and signature, or by Basic."""
    assert [set(choice) for choice in OPENAPI["security"]] == [
        {"apiKey", "apiSecret"},
        {"apiKey", "signature"},
        {"basic"},
    ]
    assert not any("security" in operation for operation in GETS.values())


@pytest.mark.parametrize("name", POSTS)
def test_post_credentials_may_be_in_body(name: str) -> None:
    """A POST may carry its credentials in the body, which no security scheme can express."""
    assert POSTS[name]["security"] == [{}, {"basic": []}]


def test_post_types_differ_by_path() -> None:
    """A POST takes a form on both paths and seven JSON media types on one."""
    bodies = {name: here(operation["requestBody"]) for name, operation in POSTS.items()}
    assert all(body["required"] for body in bodies.values())
    assert set(bodies["post /ni/basic/json"]["content"]) == {FORM} | JSON_TYPES
    assert set(bodies["post /ni/basic/xml"]["content"]) == {FORM}


@pytest.mark.parametrize("media_type", sorted(JSON_TYPES))
def test_json_body_fits_each_type(media_type: str, accepts: Accepts) -> None:
    """A JSON body fits under each of its media types, decoded or not."""
    schema = f"openapi.yaml#/components/requestBodies/FormOrJson/content/{media_type.replace('/', '~1')}/schema"
    body = {"api_key": "k", "api_secret": "s", "number": "441632960960", "cnam": True, "page_index": 1}
    assert accepts(schema, body)
    assert not accepts(schema, {"api_key": "k", "api_secret": "s"})
    assert not accepts(schema, "number=441632960960")
    assert accepts(schema, f" {json.dumps(body)}") == (media_type != "application/json")


# Examples


@pytest.mark.parametrize(("schema", "name", "value"), list(json_examples()))
def test_every_example_fits_its_schema(schema: str, name: str, value: Any, accepts: Accepts) -> None:
    assert accepts(f"openapi.yaml#{schema}", value)


@pytest.mark.parametrize("name", JSON_ANSWERS)
def test_observed_examples_are_named_so(name: str, accepts: Accepts) -> None:
    """An example named observed is of that edition, and the others are documented."""
    documented = not name.endswith("Observed")
    assert accepts("schemas/answer.documented.schema.json", JSON_ANSWERS[name]) == documented
    if not documented or JSON_ANSWERS[name]["status"] in (0, 1):
        assert accepts("schemas/answer.observed.schema.json", JSON_ANSWERS[name])


def test_examples_cover_statuses_and_editions() -> None:
    """There is an example of every status in both formats and editions."""
    observed = {value["status"] for name, value in JSON_ANSWERS.items() if name.endswith("Observed")}
    assert {value["status"] for value in JSON_ANSWERS.values()} == STATUSES
    assert observed == STATUSES - {0, 1}
    assert {code(value) for value in XML_ANSWERS.values()} == STATUSES


@pytest.mark.parametrize("name", XML_ANSWERS)
def test_xml_examples_fit_both_schemas(name: str, spec: Path) -> None:
    document = XML_ANSWERS[name]
    assert xmlschema.XMLSchema11(spec / "response.xsd").is_valid(document)
    assert etree.XMLSchema(file=str(spec / "response-1.0.xsd")).validate(etree.fromstring(document.encode()))


def test_every_example_is_used_somewhere() -> None:
    used = {node["$ref"].rpartition("/")[2] for node in mappings(OPENAPI) if isinstance(node.get("$ref"), str)}
    assert set(OPENAPI["components"]["examples"]) <= used


def test_success_keys_keep_reference_order() -> None:
    """The success has its keys in the order of the reference, and is what mocks answer by default."""
    assert list(JSON_ANSWERS["JsonSuccess"]) == [
        "status", "status_message", "request_id", "international_format_number", "national_format_number",
        "country_code", "country_code_iso3", "country_name", "country_prefix",
    ]  # fmt: skip
    assert OPENAPI["components"]["schemas"]["JsonAnswer"]["example"] == JSON_ANSWERS["JsonSuccess"]
    for _, _, value in media("responses"):
        assert next(iter(value["examples"])) == "success"


def test_the_signed_example_is_signed() -> None:
    request = answers()["RequestSigned"]
    signed = {name: value for name, value in sorted(request.items()) if name != "sig"}
    text = "".join(f"&{name}={value}" for name, value in signed.items())
    # The md5 hash is one of the contract's signature methods, not this test's choice.
    assert request["sig"] == hashlib.md5(f"{text}SIGSECRET".encode(), usedforsecurity=False).hexdigest()


def test_xml_hints_lead_to_values() -> None:
    """The XML hints lead to every value of the XML example."""
    root = etree.fromstring(XML_ANSWERS["XmlSuccess"].encode())
    model = OPENAPI["components"]["schemas"]["XmlAnswer"]
    assert root.tag == model["xml"]["name"]
    assert {child.tag for child in root} == set(model["properties"])
    for name in ("local_number", "error"):
        element = root.find(name)
        assert element is not None
        assert found_by_hints(element, here(model["properties"][name])) == {*element.attrib.values(), element.text}


def found_by_hints(element: etree._Element, model: Document) -> set[str | None]:
    parts = model["properties"]
    attributes = {name for name, part in parts.items() if part["xml"].get("attribute")}
    texts = {name for name, part in parts.items() if part["xml"].get("x-nodeType") == "text"}
    assert attributes | texts == set(parts)
    assert len(texts) == 1
    return {*(element.get(name) for name in attributes), element.text}
