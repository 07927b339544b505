"""Classes for test suites of other projects: `ProviderContract` for a fake, `ClientContract` for a client."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

try:
    import pytest
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError("ni_contract.testing needs pytest; pip install 'ni-contract[pytest]'") from _error

from ni_contract.contract.features import parse_claims
from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.client_features import parse_client_features
from ni_contract.exchanges.client_lookup import Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Request
from ni_contract.pytest_plugin.contract_class import Contract, Unusable

__all__ = ["Answer", "ClientContract", "Credentials", "Outcome", "ProviderContract", "Request", "Server", "Unusable"]


class ProviderContract(Contract):
    """Inherit from it, define the fixture `ni_target`, and the provider is judged clause by clause.

    `ni_target` returns a base URL, an ASGI or WSGI application, or a callable from Request to Answer, sync or async.
    `ni_edition` ("documented", "observed"), `ni_features` ("xml,throttle=5", "no-xml") and `ni_numbers` (those that it
    serves, if only some) may be set in the class; --ni-edition, --ni-features and --ni-numbers win over them.
    """

    ni_side = "provider"
    _parse_features = staticmethod(partial(parse_claims, has_signature_secret=False))

    def test_clause(
        self, ni_clause: str, ni_credentials: Credentials, ni_target: Any, request: pytest.FixtureRequest
    ) -> None:
        """The clause holds for every exchange with the target to which it applies."""
        from ni_contract.pytest_plugin.provider_runs import judge_clause, provider_run

        run = partial(provider_run, request, ni_clause, ni_target, ni_credentials)
        judge_clause(request, ni_clause, ni_credentials, run)

    # Collected for any value of python_functions.
    test_clause.__test__ = True  # type: ignore[attr-defined]


class ClientContract(Contract):
    """Inherit from it, define the fixture `ni_client`, and the client is judged clause by clause.

    `ni_client` returns a callable, sync or async, that looks up one number: (server, number) or (server, number,
    country). *server* is a `Server`. It returns the result, as a mapping or an object with the documented names, or
    raises; the fixture `ni_outcome` may return a function that turns either into an `Outcome`.
    `ni_timeout` is the number of seconds after which the client has to give up waiting: pass `server.timeout` on, or
    set it to the client's own time-out. `ni_edition` as in ProviderContract, `ni_features` "no-country" or the like.
    """

    ni_side = "client"
    _parse_features = staticmethod(parse_client_features)
    ni_timeout: ClassVar[float] = 2.0

    def test_clause(
        self,
        ni_clause: str,
        ni_credentials: Credentials,
        ni_client: Callable[..., Any],
        ni_outcome: Callable[[Any], Outcome] | None,
        request: pytest.FixtureRequest,
    ) -> None:
        """The clause holds for every lookup of the client to which it applies."""
        from ni_contract.pytest_plugin.client_runs import client_run
        from ni_contract.pytest_plugin.provider_runs import judge_clause

        run = partial(client_run, request, ni_clause, ni_client, ni_outcome, ni_credentials)
        judge_clause(request, ni_clause, ni_credentials, run)

    # Collected for any value of python_functions.
    test_clause.__test__ = True  # type: ignore[attr-defined]
