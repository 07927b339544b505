"""The base of `ProviderContract` and `ClientContract`: one inherited, parametrized test a clause."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from ni_contract.contract.catalogue import EDITIONS, load_catalogue
from ni_contract.errors import UsageError, options_named

_PLUGIN_NAMES = ("ni_contract", "ni_contract.pytest_plugin")


class Unusable(pytest.Collector.CollectError, TypeError):
    """An error of a test class that cannot be used as written; pytest shows the sentence without a traceback."""


class _NotATest:
    """The `__test__` of the two contracts themselves, so that no python_classes collects them where they are imported.

    A plain False would be inherited, and a True in subclasses would collect classes that python_classes leaves out.
    """

    def __get__(self, _instance: object, owner: type) -> bool:
        if Contract in (owner, *owner.__bases__):
            return False
        raise AttributeError("__test__")


class Contract:
    """The clauses of one side as tests; what has no value here is defined by the two contracts only."""

    ni_side: ClassVar[str]
    ni_edition: ClassVar[str | None] = None
    ni_features: ClassVar[str | None] = None
    ni_numbers: ClassVar[str | None] = None
    # Raises UsageError for features that cannot be claimed.
    _parse_features: ClassVar[Any]
    test_clause: ClassVar[Callable[..., None]]
    __test__: ClassVar[Any] = _NotATest()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        contract = next(base for base in cls.__mro__ if Contract in base.__bases__)
        if cls.test_clause is not contract.__dict__["test_clause"]:
            raise Unusable(
                f"ni-contract: {cls.__name__} redefines test_clause, which would hide what the contract says; "
                "declare deviations in a file and name it with --ni-deviations"
            )
        if cls is not contract:
            _check_settings(cls)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each clause that binds in the edition that sets the result."""
        if "ni_clause" not in metafunc.fixturenames:
            return
        if not any(map(metafunc.config.pluginmanager.hasplugin, _PLUGIN_NAMES)):
            _refuse(metafunc.config, f"{type(self).__name__} needs the plugin ni_contract, which is switched off")
        edition = metafunc.config.getoption("ni_edition", None) or self.ni_edition or EDITIONS[0]
        ids = [clause.id for clause in load_catalogue().select(self.ni_side) if clause.binds(edition)]
        # The mark is set here: at import time it would be unknown to --strict-markers without the plugin.
        marks = [pytest.mark.ni_contract]
        # With --ni-live, all tests of a run must be in one worker of pytest-xdist.
        is_live = self.ni_side == "provider" and metafunc.config.getoption("ni_live", False)
        if is_live and metafunc.config.pluginmanager.hasplugin("xdist"):
            marks.append(pytest.mark.xdist_group("ni-live"))
        metafunc.parametrize("ni_clause", [pytest.param(i, id=i, marks=marks) for i in ids])


def _check_settings(cls: type[Contract]) -> None:
    if cls.ni_edition not in (None, *EDITIONS):
        raise Unusable(
            f"ni-contract: {cls.__name__}.ni_edition is {cls.ni_edition!r}; choose one of {', '.join(EDITIONS)}"
        )
    try:
        with options_named("ni_{}".format):
            cls._parse_features(cls.ni_features)
    except UsageError as error:
        raise Unusable(f"ni-contract: {cls.__name__}.{error}") from None


def _refuse(config: pytest.Config, sentence: str) -> None:
    """Ends the session with a usage error, by a plugin: pytest accepts one from a hook of the session only.

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
