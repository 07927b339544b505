"""The stubs as data, for code in other languages."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from ni_contract.simulator.stubs.model import StubSet


def code(name: str) -> str:
    """The file *name* of this package with code in another language."""
    return files(__package__).joinpath("code", name).read_text("utf-8")


def rows(stubs: StubSet) -> list[dict[str, Any]]:
    """The stubs as plain objects, for code in other languages."""
    return [
        {
            "name": stub.title,
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
