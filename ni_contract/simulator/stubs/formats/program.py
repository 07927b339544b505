"""Stubs in other languages: modules in JavaScript for MSW (Mock Service Worker) and nock, one in Ruby for WebMock."""

import json
from typing import Any

from ni_contract.printable import json_text
from ni_contract.simulator.stubs.model import StubSet


def write_msw(stubs: StubSet) -> str:
    return _filled("msw.mjs", stubs, json.dumps(_credentials(stubs)))


def write_nock(stubs: StubSet) -> str:
    return _filled("nock.cjs", stubs, json.dumps(_credentials(stubs)))


def write_webmock(stubs: StubSet) -> str:
    return _filled("webmock.rb", stubs, json_text(_credentials(stubs)).rstrip())


def _filled(name: str, stubs: StubSet, credentials: str) -> str:
    """The program *name* with its data. Jinja is imported here, for few runs write a program."""
    from jinja2 import Environment, PackageLoader

    loader = PackageLoader("ni_contract.simulator.stubs", "code")
    code = Environment(loader=loader, keep_trailing_newline=True)  # noqa: S701  no HTML
    return code.get_template(name).render(credentials=credentials, stubs=json_text(_rows(stubs)).rstrip())


def _rows(stubs: StubSet) -> list[dict[str, Any]]:
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


def _credentials(stubs: StubSet) -> dict[str, str] | None:
    """The right credentials; None where all are right."""
    right = stubs.credentials
    if right is None:
        return None
    return {"key": right.api_key, "secret": right.api_secret, "basic": right.basic_token()}
