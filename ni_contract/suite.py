"""The suite without a test file: `pytest --pyargs ni_contract.suite --ni-target URL`."""

from ni_contract.testing import ProviderContract


class TestProvider(ProviderContract):
    """Judges what --ni-target names; declared deviations are matched by that name."""

    # Collected for any value of python_classes.
    __test__ = True
