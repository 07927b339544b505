"""The suite without a test file: `pytest --pyargs ni_contract.suite --ni-target URL`."""

from __future__ import annotations

import pytest

from ni_contract.testing import ProviderContract, require_plugin


class TestProvider(ProviderContract):
    """Judges what --ni-target names."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Ends the session with a usage error when there is no target."""
        require_plugin(metafunc.config, "ni_contract.suite")
        if metafunc.config.getoption("ni_target") is None:
            pytest.exit(
                "ni-contract: give --ni-target URL (or module:app), for the suite has no target of its own",
                returncode=pytest.ExitCode.USAGE_ERROR,
            )
        super().pytest_generate_tests(metafunc)
