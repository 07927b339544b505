"""Stubs in other languages: modules in JavaScript for MSW (Mock Service Worker) and nock, one in Ruby for WebMock."""

import json
from importlib.resources import files
from typing import Any

from ni_contract.printable import json_text
from ni_contract.simulator.stubs.model import StubSet

_MSW_HEAD = '// Handlers for MSW, by ni-contract.\nimport { http, HttpResponse } from "msw";\n\n'
_NOCK_HEAD = "// Stubs for nock, by ni-contract.\n"
_WEBMOCK_HEAD = """\
# frozen_string_literal: true

# Stubs for WebMock, by ni-contract.
require "json"
require "uri"
require "webmock"

module NumberInsightStubs
"""


def write_msw(stubs: StubSet) -> str:
    return f"{_MSW_HEAD}{_javascript(stubs)}{_code('msw.mjs')}"


def write_nock(stubs: StubSet) -> str:
    return f"{_NOCK_HEAD}{_javascript(stubs)}{_code('nock.cjs')}"


def _javascript(stubs: StubSet) -> str:
    """The stubs and the function that finds one, in JavaScript."""
    right, found = json.dumps(_credentials(stubs)), json_text(_rows(stubs)).rstrip()
    return f"const CREDENTIALS = {right};\nconst STUBS = {found};\n{_code('answers.js')}"


def write_webmock(stubs: StubSet) -> str:
    data = f"  CREDENTIALS = {_ruby(_credentials(stubs))}\n  STUBS = {_ruby(_rows(stubs))}\n"
    return f"{_WEBMOCK_HEAD}{data}{_code('webmock.rb')}"


def _ruby(value: object) -> str:
    """*value* as an expression of Ruby; single quotes disable its escapes."""
    return f"JSON.parse(<<~'NUMBER_INSIGHT')\n{json_text(value)}  NUMBER_INSIGHT"


def _code(name: str) -> str:
    return files("ni_contract.simulator.stubs").joinpath("code", name).read_text("utf-8")


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
