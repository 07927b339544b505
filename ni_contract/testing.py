"""What goes into other people's test suites: `ProviderContract`, one inherited, parametrized test a clause."""

from __future__ import annotations

from typing import Any

import pytest

from ni_contract.catalogue import EDITIONS, load_catalogue
from ni_contract.credentials import Credentials
from ni_contract.exchange import Answer, Request

__all__ = ["Answer", "Credentials", "ProviderContract", "Request"]

_PLUGIN = "ni_contract"


class ProviderContract:
    """Inherit from it, define the fixture `ni_target`, and the provider is judged clause by clause.

    `ni_target` returns a base URL, an ASGI or WSGI application, or a callable from Request to Answer.
    `ni_edition` ("documented", "observed") and `ni_features` ("xml,throttle=5", "no-xml") may be set in the class;
    the flags --ni-edition and --ni-features win over them.
    """

    ni_edition: str | None = None
    ni_features: str | None = None
    pytestmark = (pytest.mark.ni_contract,)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "test_clause" in vars(cls):
            raise TypeError(
                f"{cls.__name__} redefines test_clause, which would hide what the contract says; "
                "declare deviations in a file and name it with --ni-deviations"
            )
        if cls.ni_edition not in (None, *EDITIONS):
            raise TypeError(f"{cls.__name__}.ni_edition is {cls.ni_edition!r}; choose one of {', '.join(EDITIONS)}")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test a clause that binds in the edition which decides."""
        if "ni_clause" not in metafunc.fixturenames:
            return
        require_plugin(metafunc.config, type(self).__name__)
        from ni_contract.pytest_runs import edition_of

        edition = edition_of(metafunc.config, self.ni_edition)
        ids = [clause.id for clause in load_catalogue().select("provider") if clause.binds(edition)]
        metafunc.parametrize("ni_clause", ids, ids=ids)

    def test_clause(
        self, ni_clause: str, ni_target: Any, ni_credentials: Credentials, request: pytest.FixtureRequest
    ) -> None:
        """The clause holds for every exchange with the target that exercises it."""
        __tracebackhide__ = True
        from ni_contract.pytest_runs import judge_clause

        judge_clause(request, ni_clause, ni_target, ni_credentials)


def require_plugin(config: pytest.Config, class_name: str) -> None:
    """Ends the session with a usage error when the plugin is switched off but one of our classes is used."""
    if not config.pluginmanager.hasplugin(_PLUGIN):
        pytest.exit(
            f"ni-contract: {class_name} needs the plugin ni_contract, which -p no:ni_contract switches off; "
            "take that flag away, or deselect the file",
            returncode=pytest.ExitCode.USAGE_ERROR,
        )
