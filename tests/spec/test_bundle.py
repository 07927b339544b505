"""`spec openapi.yaml --bundle` prints one document without references to other files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import yaml
from openapi_spec_validator import validate

from ni_contract.cli import main


@pytest.fixture
def bundle(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["spec", "openapi.yaml", "--bundle"]) == 0
    document: dict[str, Any] = yaml.safe_load(capsys.readouterr().out)
    return document


def references(node: Any) -> Iterator[str]:
    members = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for value in members:
        yield from references(value)
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"]


def test_bundle_is_valid_openapi(bundle: dict[str, Any]) -> None:
    validate(bundle)


def test_bundle_refers_to_itself_only(bundle: dict[str, Any]) -> None:
    found = set(references(bundle))
    assert found
    for reference in found:
        node: Any = bundle
        for key in reference.removeprefix("#/").split("/"):
            node = node[key]


def test_bundled_answer_holds_its_clauses(bundle: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/JsonAnswer", "components": bundle["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema)
    (fault,) = validator.iter_errors({"status": 1, "status_message": "Busy", "request_id": "a_b"})
    assert "NIB-RES-009" in map(str, fault.schema_path)


def test_other_files_are_not_bundled(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec", "clauses.toml", "--bundle"]) == 2
    assert "openapi.yaml --bundle" in capsys.readouterr().err
