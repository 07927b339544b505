"""Loads everything that a fixture, a hook or a report may need, before a test replaces the file system or the clock."""

import sys
from collections.abc import Iterable
from importlib import import_module
from itertools import chain
from typing import Final

from phonenumbers import PhoneMetadata

# The report of a test with any of our fixtures is masked, and its clauses may be judged.
_ALWAYS: Final = ("pytest_plugin.reports", "pytest_plugin.options", "report.terminal", "exchanges.log_redaction")
_MOCKS: Final = ("pytest_plugin.mock_fixtures", "simulator.for_mocks")
_BY_FIXTURE: Final = {
    "ni_check": _MOCKS,
    "ni_watch": _MOCKS,
    "ni_answers": _MOCKS,
    "ni_simulator": ("simulator.running", "simulator.service"),
    "ni_exchange": ("pytest_plugin.provider_runs",),
    "ni_target": ("pytest_plugin.provider_runs", "pytest_plugin.live"),
    "ni_client": ("pytest_plugin.client_runs", "simulator.running", "simulator.service"),
}


def preload(fixtures: Iterable[str]) -> None:
    """Imports what the *fixtures* use, and reads the contract's data into memory."""
    used = [name for name in fixtures if name in _BY_FIXTURE]
    for module in dict.fromkeys(chain(_ALWAYS, *map(_BY_FIXTURE.__getitem__, used))):
        import_module(f"ni_contract.{module}")
    _judge_once()
    if "pyfakefs" in sys.modules:
        # Plans of other regions are modules that are imported when a number needs them.
        PhoneMetadata.load_all()


def _judge_once() -> None:
    """Judges one answer in each format, which reads the catalogue, the schemas, the countries and a numbering plan."""
    from ni_contract.contract.vocabulary import API_PATH, API_URL
    from ni_contract.exchanges.values import Exchange, Request
    from ni_contract.judge import Judge
    from ni_contract.simulator.for_mocks import FORMATS, Answers

    made = Answers("documented").success("441632960960")
    for wanted in FORMATS:
        request = Request("GET", f"{API_URL}{API_PATH}/{wanted}?number=441632960960")
        Judge().provider(Exchange(request, made.answer(wanted)))
