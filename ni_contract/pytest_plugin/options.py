"""The settings of the pytest plugin: flags, checked before any test runs, and the environment."""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from ni_contract.contract.catalogue import DOCUMENTED, load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.provider.find_target import base_url_of, load_object
from ni_contract.drivers.provider.numbers import read_numbers
from ni_contract.errors import UsageError, options_named, require
from ni_contract.exchanges.credentials import (
    EXAMPLE_SIGNATURE_SECRET,
    Credentials,
    credentials_from,
    has_signature_secret,
)
from ni_contract.exchanges.sending import BLOCKED, is_blocked_socket
from ni_contract.judge.deviations import read_all_deviations
from ni_contract.pytest_plugin.live import LIVE_FLAGS, check_live
from ni_contract.recordings.replay import load_replay
from ni_contract.report.write import check_report_files
from ni_contract.runs.session import DEFAULT_EXAMPLES, VerifyPlan

SUITE = "ni_contract.suite"
# Has the sentences of our modules name options as they are called here.
plugin_options = partial(options_named, "--ni-{}".format)
_REPEATED = ("ni_target", "ni_edition", "ni_features", "ni_numbers", "ni_explore")


def check_options(config: pytest.Config) -> None:
    """Raises pytest.UsageError for a flag that cannot be used, or the suite without a target."""
    live = bool(config.getoption("ni_live"))
    names_suite = config.getoption("pyargs") and any(arg.partition("::")[0] == SUITE for arg in config.args)
    try:
        with plugin_options():
            has_target = live or config.getoption("ni_target") is not None
            remedy = "give --ni-target URL (or module:app), for the suite has no target of its own"
            require(has_target or not names_suite, remedy)
            check_report_files(config.getoption("ni_report"))
            parse_claims(config.getoption("ni_features"), has_signature_secret=False)
            read_all_deviations(config.getoption("ni_deviations"))
            read_numbers(config.getoption("ni_numbers"))
            if live:
                check_live(config)
            else:
                _check_not_live(config)
    except UsageError as error:
        raise pytest.UsageError(f"ni-contract: {error}") from None


def _check_not_live(config: pytest.Config) -> None:
    for flag in LIVE_FLAGS:
        if config.getoption(f"ni_{flag.replace('-', '_')}") is not None:
            raise UsageError(f"--ni-{flag} is for live runs: give --ni-live too")
    target: str | None = config.getoption("ni_target")
    if target is None:
        return
    if "://" in target:
        base_url_of(target)
    elif Path(target).is_file():
        load_replay(target)
    elif not callable(app := load_object(target)):
        raise UsageError(f"{target} is a {type(app).__name__}, not an ASGI or WSGI application, nor a callable")


def credentials_from_environment() -> Credentials:
    """The credentials of the environment, else the published examples; an empty one fails the test."""
    try:
        return credentials_from()
    except UsageError:
        pytest.fail(
            "ni-contract: NI_API_KEY, NI_API_SECRET or NI_SIGNATURE_SECRET is empty; give a value or unset it",
            pytrace=False,
        )


@contextmanager
def blocked_sockets_explained() -> Iterator[None]:
    """Fails the test with one sentence, of the cause and the remedy, where pytest-socket blocks a socket inside."""
    try:
        yield
    except RuntimeError as error:
        if not is_blocked_socket(error):
            raise
        pytest.fail(f"ni-contract: {BLOCKED}", pytrace=False)


def edition_of(config: pytest.Config, wanted: str | None) -> str:
    """The edition that sets the result: the flag's, else the class's, else documented."""
    return str(config.getoption("ni_edition") or wanted or DOCUMENTED)


def plan_of(
    config: pytest.Config, features: str | None, account: Credentials, numbers: str | None = None
) -> VerifyPlan:
    """The plan of a run; flags override the class's *features* and *numbers*. Raises UsageError."""
    declared = config.getoption("ni_numbers") or numbers
    explore = config.getoption("ni_explore")
    has_secret = has_signature_secret(None) or account.signature_secret != EXAMPLE_SIGNATURE_SECRET
    return VerifyPlan(
        account=account,
        claims=parse_claims(config.getoption("ni_features") or features, has_secret),
        clauses=load_catalogue().select("provider"),
        deviations=read_all_deviations(config.getoption("ni_deviations")),
        examples=DEFAULT_EXAMPLES if explore is None else explore,
        numbers=read_numbers(declared),
    )


def repeat_line(request: pytest.FixtureRequest, own_id: str, is_suite: bool = False) -> Callable[[str], str]:
    """A function from a clause's id to the command that runs its test again, with the flags that affect its verdict.

    *own_id* is that of the calling test's clause.
    """
    node_id, command = request.node.nodeid, ["pytest"]
    if is_suite:
        node_id = f"{SUITE}::{node_id.partition('::')[2]}"
        command.append("--pyargs")
    flags = list(_flags(request.config))
    return lambda clause_id: shlex.join([*command, node_id.replace(own_id, clause_id), *flags])


def _flags(config: pytest.Config) -> Iterator[str]:
    for name in _REPEATED:
        if (value := config.getoption(name)) is not None:
            yield from (f"--{name.replace('_', '-')}", str(value))
    for file in config.getoption("ni_deviations"):
        yield from ("--ni-deviations", file)
