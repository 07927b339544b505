"""What goes into other people's test suites: `ProviderContract`, one inherited, parametrized test a clause."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from ni_contract.catalogue import EDITIONS, load_catalogue
from ni_contract.credentials import Credentials
from ni_contract.errors import UsageError
from ni_contract.exchange import Answer, Request
from ni_contract.features import parse_claims

__all__ = ["Answer", "Credentials", "ProviderContract", "Request", "Unusable"]

_PLUGIN_NAMES = ("ni_contract", "ni_contract.pytest_plugin")


class Unusable(pytest.Collector.CollectError, TypeError):
    """A test class that cannot be used as it is written; pytest shows the sentence without a traceback."""


class _NotATest:
    """The `__test__` of ProviderContract alone, so that no setting of python_classes collects it where it is imported.

    A plain False would be inherited, and a True in subclasses would collect what python_classes leaves out.
    """

    def __get__(self, _instance: object, owner: type) -> bool:
        if owner is ProviderContract:
            return False
        raise AttributeError("__test__")


class ProviderContract:
    """Inherit from it, define the fixture `ni_target`, and the provider is judged clause by clause.

    `ni_target` returns a base URL, an ASGI or WSGI application, or a callable from Request to Answer, sync or async.
    `ni_edition` ("documented", "observed") and `ni_features` ("xml,throttle=5", "no-xml") may be set in the class;
    the flags --ni-edition and --ni-features win over them.
    """

    ni_edition: ClassVar[str | None] = None
    ni_features: ClassVar[str | None] = None
    __test__: ClassVar[Any] = _NotATest()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.test_clause is not ProviderContract.test_clause:
            raise Unusable(
                f"ni-contract: {cls.__name__} redefines test_clause, which would hide what the contract says; "
                "declare deviations in a file and name it with --ni-deviations"
            )
        _check_settings(cls)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test a clause that binds in the edition which decides."""
        if "ni_clause" not in metafunc.fixturenames:
            return
        if not _has_plugin(metafunc.config):
            _refuse(metafunc.config, f"{type(self).__name__} needs the plugin ni_contract, which is switched off")
        edition = metafunc.config.getoption("ni_edition", None) or self.ni_edition or EDITIONS[0]
        ids = [clause.id for clause in load_catalogue().select("provider") if clause.binds(edition)]
        # The mark comes with the parameter: at import time, it would be unknown to --strict-markers without the plugin.
        marks = [pytest.mark.ni_contract]
        if metafunc.config.getoption("ni_live", False) and metafunc.config.pluginmanager.hasplugin("xdist"):
            marks.append(pytest.mark.xdist_group("ni-live"))
        metafunc.parametrize("ni_clause", [pytest.param(i, id=i, marks=marks) for i in ids])

    def test_clause(
        self, ni_clause: str, ni_credentials: Credentials, ni_target: Any, request: pytest.FixtureRequest
    ) -> None:
        """The clause holds for every exchange with the target that exercises it."""
        from ni_contract.pytest_runs import judge_clause

        judge_clause(request, ni_clause, ni_target, ni_credentials)

    # Collected whatever python_functions says.
    test_clause.__test__ = True  # type: ignore[attr-defined]


def _check_settings(cls: type[ProviderContract]) -> None:
    if cls.ni_edition not in (None, *EDITIONS):
        raise Unusable(
            f"ni-contract: {cls.__name__}.ni_edition is {cls.ni_edition!r}; choose one of {', '.join(EDITIONS)}"
        )
    try:
        parse_claims(cls.ni_features, has_signature_secret=False)
    except UsageError as error:
        words = str(error).removeprefix("--features: ")
        raise Unusable(f"ni-contract: {cls.__name__}.ni_features: {words}") from None


def _has_plugin(config: pytest.Config) -> bool:
    return any(config.pluginmanager.hasplugin(name) for name in _PLUGIN_NAMES)


def _refuse(config: pytest.Config, sentence: str) -> None:
    """Ends the session with a usage error, which pytest takes from a hook but not from here.

    A worker of pytest-xdist has no such ending: there it is an error of collection.
    """
    words = f"ni-contract: {sentence}; take -p no:ni_contract away (or add -p ni_contract), or leave this file out"
    if hasattr(config, "workerinput"):
        raise Unusable(words)
    if not config.pluginmanager.hasplugin(_Refusal.__name__):
        config.pluginmanager.register(_Refusal(words), _Refusal.__name__)


class _Refusal:
    """A plugin that ends the session once everything is collected."""

    def __init__(self, words: str) -> None:
        self._words = words

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self) -> None:
        """Raises UsageError."""
        raise pytest.UsageError(self._words)
