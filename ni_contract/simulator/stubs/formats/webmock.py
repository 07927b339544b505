"""A module for WebMock."""

from __future__ import annotations

from ni_contract.printable import json_text
from ni_contract.simulator.stubs.data import access, code, rows
from ni_contract.simulator.stubs.model import StubSet

_HEAD = """\
# frozen_string_literal: true

# Stubs for WebMock, by ni-contract.
require "json"
require "uri"
require "webmock"

module NumberInsightStubs
"""


def write_webmock(stubs: StubSet) -> str:
    data = f"  CREDENTIALS = {_ruby(access(stubs))}\n  STUBS = {_ruby(rows(stubs))}\n"
    return f"{_HEAD}{data}{code('webmock.rb')}"


def _ruby(value: object) -> str:
    """*value* as an expression of Ruby; single quotes disable its escapes."""
    return f"JSON.parse(<<~'NUMBER_INSIGHT')\n{json_text(value)}  NUMBER_INSIGHT"
