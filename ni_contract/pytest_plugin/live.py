"""`pytest --ni-live`: one run against the real API a session, paced, within its budget, and recorded."""

import shlex
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from ni_contract.commands.options import DEFAULT_TIMEOUT, named
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.live.driver import DEFAULT_RATE
from ni_contract.drivers.live.gate import PRODUCTION, live_base_url, refuse_examples, refuse_without_credentials
from ni_contract.drivers.provider.find_target import is_public
from ni_contract.drivers.provider.http_target import UrlTarget, trust
from ni_contract.errors import UsageError, option
from ni_contract.exchanges.credentials import given_credentials, has_signature_secret
from ni_contract.files import check_output, refuse_same_files
from ni_contract.report.live_plan import plan_lines
from ni_contract.runs.ledger import Ledger, extended, host_of, read_ledger
from ni_contract.runs.live.planning import LivePlan, make_plan
from ni_contract.runs.live.session import run_live
from ni_contract.runs.run import Run
from ni_contract.runs.session import VerifyPlan

LIVE_FLAGS = ("budget", "rate", "record", "ledger", "ca-file")
_GROUPED = ("no", "loadgroup", "loadscope", "loadfile")
_STARTED = pytest.StashKey[str]()


def check_live(config: pytest.Config) -> None:
    """Raises UsageError for anything that makes a live run unsafe, before anything is sent or any test runs."""
    if config.getoption("dist", "no") not in _GROUPED:
        raise UsageError("--ni-live with pytest-xdist needs its tests in one worker: give --dist loadgroup, or no -n")
    base_url = _base_url(config)
    refuse_examples(refuse_without_credentials(given_credentials()), base_url)
    _check_files(config)
    _ledger(config, base_url)
    if config.getoption("ni_ca_file"):
        trust(config.getoption("ni_ca_file"))
    _plan(config, config.getoption("ni_features"))


def _check_files(config: pytest.Config) -> None:
    record = named(option("record"), config.getoption("ni_record"))
    for flag, file in record:
        check_output(flag, file)
    reports = named(option("report"), *config.getoption("ni_report"))
    refuse_same_files(record, [*reports, *named(option("ledger"), config.getoption("ni_ledger"))])


def _base_url(config: pytest.Config) -> str:
    return live_base_url(config.getoption("ni_target") or PRODUCTION)


def _ledger(config: pytest.Config, base_url: str) -> Ledger:
    return read_ledger(config.getoption("ni_ledger"), host_of(base_url))


def _plan(config: pytest.Config, features: str | None) -> LivePlan:
    signs = has_signature_secret(None)
    claims = parse_claims(features, signs)
    return make_plan(claims, load_catalogue().select("provider"), signs, config.getoption("ni_budget"))


def header_lines(config: pytest.Config) -> list[str]:
    """The plan that the session's live run is going to send, for its header."""
    rate = config.getoption("ni_rate") or DEFAULT_RATE
    return list(plan_lines(_plan(config, config.getoption("ni_features")), _base_url(config), rate))


def is_live(config: pytest.Config, target: Any) -> bool:
    """Whether *target* is driven live: --ni-live was given, and the target is its URL or a public host."""
    if not config.getoption("ni_live") or not isinstance(target, str) or "://" not in target:
        return False
    return target == (config.getoption("ni_target") or PRODUCTION) or is_public(urlsplit(target).hostname or "")


def live_run(request: pytest.FixtureRequest, plan: VerifyPlan, target: str, deviation_target: str | None) -> Run:
    """The live run of the calling test's class. Raises UsageError for a second one in the session: it would cost.

    When it is interrupted, the session ends after this test, with its reports written.
    """
    config = request.config
    if config.stash.setdefault(_STARTED, request.cls.__name__) != request.cls.__name__:
        raise UsageError(f"one class a session runs live, and {config.stash[_STARTED]} did: each run is charged for")
    base_url = live_base_url(target)
    refuse_examples(plan.account, base_url)
    live_plan = _plan(config, config.getoption("ni_features") or request.cls.ni_features)
    plan = replace(plan, rate=config.getoption("ni_rate"))
    with closing(UrlTarget(base_url, DEFAULT_TIMEOUT, config.getoption("ni_ca_file"))) as found:
        run = run_live(found, plan, live_plan, config.getoption("ni_record"), deviations_name=deviation_target)
    if run.signal is not None:
        request.session.shouldstop = run.error
    ledger = extended(_ledger(config, base_url), run.verdicts)
    there = [] if base_url == PRODUCTION else ["--base-url", base_url]
    return replace(
        run,
        repeat=lambda clause_id: shlex.join(["ni-contract", "live", "--live", "--only", clause_id, *there]),
        deviation_target=deviation_target or "",
        ledger=ledger,
    )
