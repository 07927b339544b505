"""The run of a `ProviderContract`: one a class and target, kept for all its clauses."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from ni_contract.commands.options import DEFAULT_TIMEOUT
from ni_contract.drivers.provider.driver import Driver
from ni_contract.drivers.provider.find_target import find_target, folder_importable
from ni_contract.drivers.provider.numbers import plain_lookup
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.log_redaction import masked_logs
from ni_contract.exchanges.sending import BLOCKED, is_blocked_socket
from ni_contract.exchanges.values import Exchange
from ni_contract.judge.verdicts import DEVIATES, FAIL, STALE, UNCLAIMED, UNTESTED
from ni_contract.pytest_plugin import OUTCOMES
from ni_contract.pytest_plugin.live import is_live, live_run
from ni_contract.pytest_plugin.options import SUITE, edition_of, plan_of, plugin_options, repeat_line
from ni_contract.pytest_plugin.reports import ClassReport, driven_once, outcome_of
from ni_contract.runs.run import Run
from ni_contract.runs.verify import verify


def judge_clause(
    request: pytest.FixtureRequest, clause_id: str, account: Credentials, drive: Callable[[], Run]
) -> None:
    """Ends the calling test by the verdict on *clause_id*; the first clause of a class makes its run.

    The parameters of a parametrized target are part of the node id, by which the results are stored.
    """
    outcomes: dict[str, ClassReport] = request.config.stash.setdefault(OUTCOMES, {})
    key = request.node.nodeid.replace(clause_id, "")
    if key not in outcomes:
        outcomes[key] = driven_once(request, key, lambda: _drive(request, clause_id, account, drive))
    outcome = outcomes[key]
    if outcome.error:
        pytest.fail(outcome.error, pytrace=False)
    word, reason, block = outcome.endings[clause_id]
    if word == DEVIATES:
        pytest.xfail(reason)  # xfail does nothing under --runxfail, which asks for the failure
    if word in (FAIL, DEVIATES):
        pytest.fail(block, pytrace=False)
    if word == STALE:
        pytest.fail(f"{block}: {reason}; take it out of the file of deviations", pytrace=False)
    if word in (UNCLAIMED, UNTESTED):
        pytest.skip(f"{word}: {reason}")


def _drive(
    request: pytest.FixtureRequest, clause_id: str, account: Credentials, drive: Callable[[], Run]
) -> ClassReport:
    """Makes the run; an error becomes its result too, so that it is reported once and not caused again."""
    name = request.node.name.replace(f"-{clause_id}", "").replace(f"{clause_id}-", "").replace(f"[{clause_id}]", "")
    name = request.cls.__name__ + name.removeprefix("test_clause")
    redact = account.redactor()
    # Until the end of the test, because a server may log a request after its answer.
    logs = ExitStack()
    request.addfinalizer(logs.close)
    logs.enter_context(masked_logs(redact))
    try:
        with plugin_options():
            edition = edition_of(request.config, request.cls.ni_edition)
            return outcome_of(name, drive(), edition, request.config.getoption("ni_report"))
    except UsageError as error:
        return ClassReport(name, redact(f"ni-contract: {error}"))
    except Exception as error:  # noqa: BLE001  our own fault; a traceback with locals would show more than it should
        if is_blocked_socket(error):
            return ClassReport(name, f"ni-contract: {BLOCKED}")
        trace = "".join(traceback.format_exception(error))
        return ClassReport(name, redact(f"ni-contract itself failed, which is a bug of it:\n{trace}"))


def provider_run(request: pytest.FixtureRequest, clause_id: str, target: Any, account: Credentials) -> Run:
    """The run of *target* for the class of the calling test, which is about *clause_id*."""
    cls = request.cls
    is_suite = cls.__module__ == SUITE
    plan = plan_of(request.config, cls.ni_features, account, cls.ni_numbers)
    deviation_target = None if is_suite else cls.__name__
    if is_live(request.config, target):
        return live_run(request, plan, target, deviation_target)
    with (
        folder_importable(),
        closing(find_target(target, DEFAULT_TIMEOUT, name=cls.__name__, account=account)) as found,
    ):
        run = verify(found, plan, deviations_name=deviation_target)
    return replace(run, repeat=repeat_line(request, clause_id, is_suite), deviation_target=deviation_target or "")


@contextmanager
def exchanges_with(target: Any, account: Credentials) -> Iterator[Callable[..., Exchange]]:
    """A function that sends lookups to *target* with the credentials of *account*."""
    try:
        with plugin_options():
            found = find_target(target, DEFAULT_TIMEOUT, account=account)
    except UsageError as error:
        pytest.fail(account.redactor()(f"ni-contract: {error}"), pytrace=False)
    driver = Driver(found, account)

    def send(number: str, country: str | None = None, path: str = "/json") -> Exchange:
        asked = plain_lookup(quote(number, safe=""), quote(country or "", safe=""))
        fields = {**asked, "path": path}
        with masked_logs(account.redactor()):
            return driver.send(driver.build(fields), "ni_exchange")

    with folder_importable(), closing(found):
        yield send
