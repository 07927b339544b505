"""The stub formats: for which tool, how it loads the file, and which requests get an answer."""

import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Final, NamedTuple

from ni_contract.simulator.stubs.formats.mountebank import write_mountebank
from ni_contract.simulator.stubs.formats.pact import write_pact
from ni_contract.simulator.stubs.formats.postman import write_postman
from ni_contract.simulator.stubs.formats.program import write_msw, write_nock, write_webmock
from ni_contract.simulator.stubs.formats.recordings import write_har, write_lines, write_vcr
from ni_contract.simulator.stubs.formats.wiremock import write_wiremock
from ni_contract.simulator.stubs.model import StubSet


class StubFormat(NamedTuple):
    """A stub format: *write* returns the text of the *file*.

    *tool*, *load* and *matching* are for people: the program, how it loads the file, and which requests get an answer.
    """

    file: str
    tool: str
    load: str
    matching: str
    write: Callable[[StubSet], str]


_WRITERS: Final = {
    "har": write_har,
    "jsonl": write_lines,
    "mountebank": write_mountebank,
    "msw": write_msw,
    "nock": write_nock,
    "pact": write_pact,
    "postman": write_postman,
    "vcr": write_vcr,
    "webmock": write_webmock,
    "wiremock": write_wiremock,
}
_ROWS: Final = tomllib.loads(files(__package__).joinpath("formats.toml").read_text("utf-8"))
STUB_FORMATS: Final = {name: StubFormat(**row, write=_WRITERS[name]) for name, row in _ROWS.items()}
