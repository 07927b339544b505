"""A module for WebMock."""

from __future__ import annotations

from ni_contract.simulator.stubs.format import StubFormat, access, as_json, code, rows
from ni_contract.simulator.stubs.model import StubSet

_HEAD = """\
# frozen_string_literal: true

# Stubs for WebMock, by ni-contract.
require "json"
require "uri"
require "webmock"

module NumberInsightStubs
"""


def write(stubs: StubSet) -> dict[str, str]:
    """One Ruby file."""
    data = f"  CREDENTIALS = {_ruby(access(stubs))}\n  STUBS = {_ruby(rows(stubs))}\n"
    return {"number_insight.rb": f"{_HEAD}{data}{code('webmock.rb')}"}


def _ruby(value: object) -> str:
    """*value* as an expression of Ruby; single quotes disable its escapes."""
    return f"JSON.parse(<<~'NUMBER_INSIGHT')\n{as_json(value)}  NUMBER_INSIGHT"


FORMATS = (
    StubFormat(
        "webmock",
        "WebMock 3",
        '`require_relative "DIR/number_insight"`, then `NumberInsightStubs.load` in each test',
        "GET, POST of a form; credentials are checked",
        write,
    ),
)
