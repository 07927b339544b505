"""The implementation of the pytest fixtures `ni_check` and `ni_watch`."""

import shlex
from collections.abc import Sequence
from typing import Any

import pytest

from ni_contract.contract.catalogue import known_edition
from ni_contract.drivers.mocks.collect import exchanges_in
from ni_contract.drivers.mocks.recorder import Recorder
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Exchange
from ni_contract.judge.deviations import read_all_deviations
from ni_contract.pytest_plugin.mock_check import DeviationsGiven, MockRules, declared_deviations, fault_of
from ni_contract.pytest_plugin.options import credentials_from_environment, edition_of
from ni_contract.runs.audit.plan import audited_clauses

_SETTINGS = ("edition", "only", "deviations", "at_least")


class _Judging:
    """Judges exchanges by the rules of the calling test."""

    def __init__(self, request: pytest.FixtureRequest, account: Credentials, recorder: Recorder) -> None:
        self._request, self._account, self._recorder = request, account, recorder

    def _rules_of(
        self,
        edition: str | None = None,
        only: str | Sequence[str] | None = None,
        deviations: DeviationsGiven | None = None,
        at_least: int = 1,
    ) -> MockRules:
        """The rules that the test gives, and the usual ones where it gives none. Raises UsageError."""
        config = self._request.config
        globs = (only,) if isinstance(only, str) else tuple(only or ())
        audited_clauses(globs)
        return MockRules(
            edition=known_edition(edition or edition_of(config, None)),
            only=globs,
            declared=declared_deviations(deviations),
            at_least=at_least,
            excused=read_all_deviations(config.getoption("ni_deviations")),
            repeat=shlex.join(["pytest", self._request.node.nodeid]),
        )

    def _fault(self, exchanges: list[Exchange], rules: MockRules) -> str:
        # Valid credentials are known only where the test defines ni_credentials: without them status 4 is right.
        known = self._account if self._account != credentials_from_environment() else None
        return fault_of(exchanges, rules, self._request.node.name, known)


class Check(_Judging):
    """The fixture `ni_check`: a function that fails the test if a mock's exchanges break the contract.

    It records too, because some libraries keep requests without their answers.
    """

    def __call__(
        self,
        what: Any,
        edition: str | None = None,
        only: str | Sequence[str] | None = None,
        deviations: DeviationsGiven | None = None,
    ) -> None:
        """Judges *what*: calls, a log, a cassette, a HAR file, responses, or a list of exchanges.
        *edition*: the one that sets the result. *only*: globs of clauses. *deviations*: files of declared deviations,
        or `Deviation` values. Fails the test if a clause is broken, or if nothing in *what* is of this API.
        """
        __tracebackhide__ = True
        try:
            rules = self._rules_of(edition, only, deviations)
            fault = self._fault(exchanges_in(what, self._recorder), rules)
        except UsageError as error:
            fault = f"ni-contract: {error}"
        if fault:
            pytest.fail(fault)


class Watch(_Judging):
    """The fixture `ni_watch`: everything that the test sends to the API's host is judged when the test has passed.

    Call it to set rules: `ni_watch(edition="observed")`. `exchanges` are those recorded so far.
    """

    def __init__(self, request: pytest.FixtureRequest, account: Credentials, recorder: Recorder) -> None:
        super().__init__(request, account, recorder)
        self._rules = self._rules_of()
        marker = request.node.get_closest_marker("ni_watch")
        if marker is None:
            return
        if marker.args or not marker.kwargs.keys() <= set(_SETTINGS):
            pytest.fail(f"ni-contract: ni_watch takes {', '.join(f'{name}=' for name in _SETTINGS)}", pytrace=False)
        self(**marker.kwargs)

    def __call__(
        self,
        edition: str | None = None,
        only: str | Sequence[str] | None = None,
        deviations: DeviationsGiven | None = None,
        at_least: int = 1,
    ) -> None:
        """Sets the rules; see `ni_check`. *at_least*: the minimum number of exchanges, 0 to allow none."""
        try:
            self._rules = self._rules_of(edition, only, deviations, at_least)
        except UsageError as error:
            pytest.fail(f"ni-contract: {error}", pytrace=False)

    @property
    def exchanges(self) -> list[Exchange]:
        """The exchanges so far, with any host."""
        return self._recorder.exchanges()

    def judge(self) -> None:
        """Fails the test if a clause is broken, or if there are no exchanges."""
        __tracebackhide__ = True
        if fault := self._fault(self.exchanges, self._rules):
            pytest.fail(fault, pytrace=False)
