from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SPEC = Path(__file__).parents[2] / "spec"
Accepts = Callable[[str, Any], bool]


@cache
def load(uri: str) -> Any:
    """A file of the contract by the address that other files use: its path."""
    text = Path(uri.removeprefix("file://")).read_text(encoding="utf-8")
    return yaml.safe_load(text) if uri.endswith(".yaml") else json.loads(text)


def resource(uri: str) -> Resource[Any]:
    return Resource.from_contents(load(uri), default_specification=DRAFT202012)


@pytest.fixture(scope="session")
def spec() -> Path:
    return SPEC


@pytest.fixture(scope="session")
def openapi() -> dict[str, Any]:
    document: dict[str, Any] = load(str(SPEC / "openapi.yaml"))
    return document


@pytest.fixture(scope="session")
def accepts() -> Accepts:
    """accepts("schemas/request.schema.json#/$defs/form", value): the result of both validators, which must agree."""
    registry: Registry[Any] = Registry(retrieve=resource)  # type: ignore[call-arg]

    def accepts(reference: str, value: Any) -> bool:
        schema = {"$ref": f"file://{SPEC}/{reference}"}
        oracle = Draft202012Validator(schema, registry=registry).is_valid(value)
        fast = jsonschema_rs.Draft202012Validator(schema, retriever=load).is_valid(value)
        assert oracle == fast, f"jsonschema says {oracle}, jsonschema_rs says {fast}"
        return oracle

    return accepts
