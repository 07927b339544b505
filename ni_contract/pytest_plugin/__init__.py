"""The pytest plugin: flags, fixtures and reports. Imports nothing but pytest until a test or a flag uses it.

Hooks stand in the order in which pytest calls them.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from ni_contract.exchanges.credentials import Credentials
    from ni_contract.exchanges.values import Exchange
    from ni_contract.pytest_plugin.mock_fixtures import Check, Watch
    from ni_contract.simulator import RunningSimulator
    from ni_contract.simulator.for_mocks import Answers


def _count(text: str) -> int:
    from ni_contract.commands.options import count

    return count(text)


def _positive(text: str) -> float:
    from ni_contract.commands.options import positive_float

    return positive_float(text)


_FLAGS: dict[str, dict[str, Any]] = {
    "target": {"metavar": "TARGET", "help": "the provider: a base URL, or module:app (ASGI or WSGI)"},
    "edition": {"choices": ("documented", "observed"), "help": "the edition by which tests fail (documented)"},
    "features": {"metavar": "LIST", "help": "what the provider offers: xml,throttle=5,... or no-xml,..."},
    "deviations": {"metavar": "FILE", "action": "append", "default": [], "help": "declared deviations, TOML"},
    "report": {"metavar": "FILE", "action": "append", "default": [], "help": "write .html, .json, .md, .xml (JUnit)"},
    "numbers": {"metavar": "LIST", "help": "the numbers that the target knows, if it knows only some"},
    "explore": {"metavar": "N", "type": _count, "help": "how many requests are drawn on top of the vectors"},
    "live": {
        "action": "store_true",
        "help": "judge the real API, or the https:// URL of --ni-target: it is charged for",
    },
    "budget": {"metavar": "N", "type": _count, "help": "live: send at most N requests, those that show most"},
    "rate": {"metavar": "R", "type": _positive, "help": "live: requests a second"},
    "record": {"metavar": "FILE", "help": "live: write the exchanges as HAR, without credentials"},
    "ledger": {"metavar": "FILE", "help": "live: an earlier report, whose days of confirmation are kept"},
    "ca-file": {"metavar": "FILE", "help": "live: certificates to trust instead of the system's"},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the flags; none has an ini option."""
    group = parser.getgroup("ni-contract", "ni-contract: the contract of the Number Insight Basic API")
    for name, settings in _FLAGS.items():
        group.addoption(f"--ni-{name}", dest=_dest(name), **settings)


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker, and refuses flags that cannot be used before any test runs."""
    config.addinivalue_line("markers", "ni_contract: a clause of the contract of the Number Insight Basic API")
    config.addinivalue_line(
        "markers", "ni_watch(edition, only, deviations, at_least): judge what the test sends to the API's host"
    )
    is_used = config.getoption("pyargs") or any(config.getoption(_dest(name)) for name in _FLAGS)
    if is_used and not hasattr(config, "workerinput"):
        from ni_contract.pytest_plugin.options import check_options

        check_options(config)


def _dest(flag: str) -> str:
    return f"ni_{flag.replace('-', '_')}"


def pytest_report_header(config: pytest.Config) -> list[str]:
    """The plan of a live run, for the session's header, before anything is sent."""
    if not config.getoption("ni_live"):
        return []
    from ni_contract.pytest_plugin.live import header_lines

    return header_lines(config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Loads all modules and data that the collected tests may need, before a test replaces files or the clock."""
    _preload(set(chain.from_iterable(map(_fixtures_of, session.items))))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Adds the fixture of that name for the marker ni_watch, before all others; a marker may be added at any time."""
    names = getattr(item, "fixturenames", None)
    if item.get_closest_marker("ni_watch") is None or "ni_watch" in (names or ()):
        return
    if names is None:
        pytest.fail(f"ni-contract: ni_watch cannot watch a {type(item).__name__}: it has no fixtures", pytrace=False)
    _preload({"ni_watch"})
    # A new list, because the tests of one function share theirs.
    item.fixturenames = ["ni_watch", *names]  # type: ignore[attr-defined]


def _fixtures_of(item: pytest.Item) -> tuple[str, ...]:
    fixtures = tuple(name for name in getattr(item, "fixturenames", ()) if name.startswith("ni_"))
    if item.get_closest_marker("ni_watch") is None:
        return fixtures
    return ("ni_watch", *fixtures)


def _preload(fixtures: set[str]) -> None:
    if fixtures:
        from ni_contract.pytest_plugin.preload import preload

        preload(sorted(fixtures))


@pytest.fixture(scope="session")
def ni_target(request: pytest.FixtureRequest) -> Any:
    """The provider to judge: what --ni-target names. Override it in a class or module to return your own:
    a base URL, an ASGI or WSGI application, or a callable from Request to Answer, sync or async. With --ni-live
    it is the real API."""
    target = request.config.getoption("ni_target")
    if target is None and request.config.getoption("ni_live"):
        from ni_contract.drivers.live.gate import PRODUCTION

        return PRODUCTION
    if target is None:
        pytest.fail("there is no target: define a fixture ni_target, or give --ni-target URL", pytrace=False)
    return target


@pytest.fixture(scope="session")
def ni_client() -> Any:
    """The client to judge. Override it in a class or module to return your own: a callable, sync or async, from
    (server, number, country=None) to a result with the documented names; a refusal is returned or raised."""
    pytest.fail("there is no client: define a fixture ni_client that returns a function", pytrace=False)


@pytest.fixture(scope="session")
def ni_outcome() -> Any:
    """How to read what ni_client returns or raises: None for the usual way. Override it to return a function from
    the result, or the exception, to an `ni_contract.testing.Outcome`."""
    return None


@pytest.fixture(scope="session")
def ni_credentials() -> Credentials:
    """The credentials that are valid at ni_target: NI_API_KEY, NI_API_SECRET, NI_SIGNATURE_SECRET of the
    environment, else the published examples. Override it to return your own `ni_contract.Credentials`."""
    from ni_contract.pytest_plugin.options import credentials_from_environment

    return credentials_from_environment()


@pytest.fixture
def ni_simulator(request: pytest.FixtureRequest, ni_credentials: Credentials) -> Iterator[RunningSimulator]:
    """A running simulator on 127.0.0.1 that knows ni_credentials: `url`, `credentials`, `script`, `received`."""
    from ni_contract.exchanges.log_redaction import masked_logs
    from ni_contract.pytest_plugin.options import blocked_sockets_explained
    from ni_contract.simulator import RunningSimulator, Settings

    edition = request.config.getoption("ni_edition") or "documented"
    with (
        # The HTTP library of the client under test logs whole URLs.
        masked_logs(ni_credentials.redactor()),
        blocked_sockets_explained(),
        RunningSimulator(Settings(edition=edition, credentials=ni_credentials)) as simulator,
    ):
        yield simulator


@pytest.fixture
def ni_exchange(ni_credentials: Credentials, ni_target: Any) -> Iterator[Callable[..., Exchange]]:
    """A function from (number, country=None, path="/json") to the Exchange with ni_target."""
    from ni_contract.pytest_plugin.options import blocked_sockets_explained
    from ni_contract.pytest_plugin.provider_runs import exchanges_with

    with blocked_sockets_explained(), exchanges_with(ni_target, ni_credentials) as send:
        yield send


@pytest.fixture
def ni_check(request: pytest.FixtureRequest, ni_credentials: Credentials) -> Iterator[Check]:
    """A function that judges what a mock recorded: `ni_check(respx_mock.calls)`, `responses.calls`, a cassette, a HAR
    file, responses, exchanges; with edition=, only= and deviations=. Nothing of this API in it is a failure."""
    from ni_contract.drivers.mocks.recorder import Recorder
    from ni_contract.pytest_plugin.mock_fixtures import Check

    with Recorder() as recorder:
        yield Check(request, ni_credentials, recorder)


@pytest.fixture
def ni_watch(request: pytest.FixtureRequest, ni_credentials: Credentials) -> Iterator[Watch]:
    """Judges everything that the test sends to the API's host through httpx, httpx2, requests, urllib3 or aiohttp,
    mocked or not, once the test has passed. Also as a marker: `@pytest.mark.ni_watch(edition="observed")`."""
    from ni_contract.drivers.mocks.recorder import Recorder
    from ni_contract.pytest_plugin.mock_fixtures import Watch

    with Recorder() as recorder:
        yield Watch(request, ni_credentials, recorder)


@pytest.fixture
def ni_answers(request: pytest.FixtureRequest) -> Answers:
    """The API's own answers, for mocks: `.success("+447700900000")`, `.refused(4)`, `.busy()`; each is the object of
    the JSON and has `.json`, `.xml` (bytes) and `.response("httpx")`."""
    from ni_contract.simulator.for_mocks import Answers

    return Answers(request.config.getoption("ni_edition") or "documented")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Judges the exchanges that ni_watch recorded, if the test itself has passed."""
    yield
    watch: Watch | None = getattr(item, "funcargs", {}).get("ni_watch")
    if watch is not None:
        watch.judge()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Masks secrets in the report of every test with credentials, since a fake may print or log its requests."""
    report = yield
    if "ni_credentials" in getattr(item, "fixturenames", ()):
        from ni_contract.pytest_plugin.reports import mask

        mask(report, getattr(item, "funcargs", {}).get("ni_credentials"))
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Takes the results of a worker of pytest-xdist."""
    handed_over = getattr(node, "workeroutput", {}).get("ni_outcomes")
    if handed_over:
        from ni_contract.pytest_plugin.reports import take_over

        take_over(node.config, handed_over)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the reports; a worker of pytest-xdist passes its results on instead."""
    if session.config.stash.get(OUTCOMES, None) or session.config.getoption("ni_report"):
        from ni_contract.pytest_plugin.reports import finish

        finish(session)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Prints for each target the result in both editions, the SHOULD clauses that fail, and the reports' names."""
    if lines := config.stash.get(SUMMARY, ()):
        terminalreporter.section("ni-contract")
        terminalreporter.write_line("\n".join(lines))


# The results of runs in this session, by the node id of the class and its parameters; and the text about them.
OUTCOMES = pytest.StashKey[dict[str, Any]]()
SUMMARY = pytest.StashKey[list[str]]()
