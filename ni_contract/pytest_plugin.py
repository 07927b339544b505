"""The pytest plugin: flags, fixtures and the report. Imports nothing but pytest until a test uses it.

Hooks stand in the order in which pytest calls them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ni_contract.credentials import Credentials
    from ni_contract.exchange import Exchange
    from ni_contract.simulator import RunningSimulator


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the flags; none has an ini option."""
    group = parser.getgroup("ni-contract", "the contract of the Number Insight Basic API")
    group.addoption("--ni-target", metavar="TARGET", help="the provider: a base URL, or module:app (ASGI or WSGI)")
    group.addoption("--ni-edition", choices=("documented", "observed"), help="whose verdict decides (documented)")
    group.addoption("--ni-features", metavar="LIST", help="what the provider offers: xml,throttle=5,... or no-xml,...")
    group.addoption("--ni-deviations", metavar="FILE", action="append", default=[], help="declared deviations, TOML")
    group.addoption("--ni-report", metavar="FILE", action="append", default=[], help="write .json, .md or .xml (JUnit)")
    group.addoption("--ni-explore", metavar="N", type=int, help="how many requests are drawn on top of the vectors")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker, and checks files that are named on the command line before any test runs."""
    config.addinivalue_line("markers", "ni_contract: a clause of the contract of the Number Insight Basic API")
    if config.getoption("ni_report") or config.getoption("ni_deviations") or config.getoption("ni_features"):
        from ni_contract.pytest_runs import check_options

        check_options(config)


@pytest.fixture
def ni_target(request: pytest.FixtureRequest) -> Any:
    """The provider to judge: what --ni-target names. Override it in a class or module to return your own:
    a base URL, an ASGI or WSGI application, or a callable from Request to Answer, sync or async."""
    target = request.config.getoption("ni_target")
    if target is None:
        pytest.fail("there is no target: define a fixture ni_target, or give --ni-target URL", pytrace=False)
    return target


@pytest.fixture
def ni_credentials() -> Credentials:
    """The credentials that are valid at ni_target: NI_API_KEY, NI_API_SECRET, NI_SIGNATURE_SECRET of the
    environment, else the published examples. Override it to return your own `ni_contract.Credentials`."""
    from ni_contract.pytest_runs import credentials_from_environment

    return credentials_from_environment()


@pytest.fixture
def ni_simulator(request: pytest.FixtureRequest) -> Iterator[RunningSimulator]:
    """A running simulator on 127.0.0.1: `url`, `credentials`, `script`."""
    from ni_contract.simulator import RunningSimulator, Settings

    with RunningSimulator(Settings(edition=request.config.getoption("ni_edition") or "documented")) as simulator:
        yield simulator


@pytest.fixture
def ni_exchange(ni_target: Any, ni_credentials: Credentials) -> Iterator[Callable[..., Exchange]]:
    """A function from (number, country=None, path="/json") to the Exchange with ni_target."""
    from ni_contract.pytest_runs import exchanges_with

    with exchanges_with(ni_target, ni_credentials) as send:
        yield send


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Writes the reports that a worker of pytest-xdist made, once."""
    reports = getattr(node, "workeroutput", {}).get("ni_reports")
    if reports:
        from ni_contract.pytest_runs import write_texts

        write_texts(reports)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Lists the SHOULD clauses that fail: warnings that no configuration turns into errors."""
    found = {
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "ni_warning"
    }
    if found:
        terminalreporter.section("ni-contract warnings")
        terminalreporter.write_line("\n".join(sorted(found)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the reports, or hands them to the controller of pytest-xdist."""
    if session.config.getoption("ni_report"):
        from ni_contract.pytest_runs import finish

        finish(session.config)
