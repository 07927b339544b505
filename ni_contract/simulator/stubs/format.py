"""The interface of a stub format."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from ni_contract.simulator.stubs.model import StubSet

Write = Callable[[StubSet], dict[str, str]]


@dataclass(frozen=True, slots=True)
class StubFormat:
    """A stub format: *write* returns the text of each file by its name.

    *tool*, *load* and *matching* are for people: the program, how it loads the files, and which requests get an answer.
    """

    name: str
    tool: str
    load: str
    matching: str
    write: Write


def as_json(value: Any) -> str:
    """*value* as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def code(name: str) -> str:
    """The file *name* of this package with code in another language."""
    return files(__package__).joinpath("code", name).read_text("utf-8")


def rows(stubs: StubSet) -> list[dict[str, Any]]:
    """The stubs as plain objects, for code in other languages."""
    return [
        {
            "name": stub.name,
            "path": stub.path,
            "number": stub.number,
            "countries": list(stub.countries),
            "wrongCredentials": stub.is_refused,
            "contentType": stub.content_type,
            "body": stub.text,
        }
        for stub in stubs.stubs
    ]


def access(stubs: StubSet) -> dict[str, str] | None:
    """The right credentials, for code in other languages; None where all are right."""
    right = stubs.credentials
    if right is None:
        return None
    return {"key": right.api_key, "secret": right.api_secret, "basic": right.basic_token()}
