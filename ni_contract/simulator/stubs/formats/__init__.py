"""The stub formats: for which tool, how it loads the file, and which requests get an answer."""

from collections.abc import Callable
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


STUB_FORMATS: Final = {
    "har": StubFormat(
        "number-insight.har",
        "whatever takes HAR 1.2",
        "`ni-contract serve --replay DIR/number-insight.har`",
        "GET with the credentials that were given",
        write_har,
    ),
    "jsonl": StubFormat(
        "number-insight.jsonl",
        "tables of tests in any language",
        "a JSON parser, line by line; `ni-contract serve --replay DIR/number-insight.jsonl`",
        "GET with the credentials that were given",
        write_lines,
    ),
    "mountebank": StubFormat(
        "imposters.json",
        "mountebank 2",
        '`mb --configfile DIR/imposters.json`; it picks and prints the port, or write `"port"` into the file',
        "GET, HEAD, POST of a form; credentials are checked",
        write_mountebank,
    ),
    "msw": StubFormat(
        "number-insight.mjs",
        "MSW 2",
        '`import { handlers } from "DIR/number-insight.mjs"`, then `setupServer(...handlers)`',
        "GET, POST of a form; credentials are checked",
        write_msw,
    ),
    "nock": StubFormat(
        "number-insight.cjs",
        "nock 14",
        '`require("DIR/number-insight.cjs").load(nock)`',
        "GET, POST of a form; credentials are checked",
        write_nock,
    ),
    "pact": StubFormat(
        "client-number-insight-basic.json",
        "Pact, specification 3",
        "`pact verifier --file DIR/client-number-insight-basic.json`, against a fake of the API",
        "GET with HTTP Basic; credentials are checked",
        write_pact,
    ),
    "postman": StubFormat(
        "number-insight.postman_collection.json",
        "Postman, Newman",
        "import it; the saved examples are what a mock server of Postman answers",
        "GET; credentials are variables of the collection",
        write_postman,
    ),
    "vcr": StubFormat(
        "number_insight.yml",
        "VCR (Ruby) 5 and 6",
        '`cassette_library_dir = "DIR"`; then `VCR.use_cassette("number_insight", OPTIONS)`, see below',
        "GET; credentials have to be left out of the matching",
        write_vcr,
    ),
    "webmock": StubFormat(
        "number_insight.rb",
        "WebMock 3",
        '`require_relative "DIR/number_insight"`, then `NumberInsightStubs.load` in each test',
        "GET, POST of a form; credentials are checked",
        write_webmock,
    ),
    "wiremock": StubFormat(
        "mappings/number-insight.json",
        "WireMock 3",
        '`wiremock --root-dir DIR`, or `withRootDirectory("DIR")`',
        "GET, HEAD, POST of a form; credentials are checked",
        write_wiremock,
    ),
}
