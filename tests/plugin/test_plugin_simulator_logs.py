"""The HTTP library of a client under test logs whole URLs; no handler gets a secret."""

from __future__ import annotations

import pytest
from plugin.conftest import Project

pytestmark = pytest.mark.slow

TEST = """
    import httpx2, logging

    def test_lookup(ni_simulator):
        account = ni_simulator.credentials
        query = {"number": "447700900000", "api_key": account.api_key, "api_secret": account.api_secret}
        assert httpx2.get(f"{ni_simulator.url}/json", params=query).status_code == 200
        logging.getLogger("theirs").warning("asked with %s", account.api_secret)
"""


def test_logs_beside_simulator_have_no_secret(project: Project) -> None:
    """No secret is shown, neither on the terminal nor in a log file."""
    project.test_file(TEST)
    result = project.run_alone("--log-cli-level=INFO", "--log-file=log.txt", "--log-file-level=DEBUG")
    shown = result.stdout.str() + (project.path / "log.txt").read_text()
    assert "/ni/basic/json?" in shown
    assert "asked with ***" in shown
    assert "n3xm0rocks" not in shown
    assert "12ab34cd" not in shown
