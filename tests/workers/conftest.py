"""The projects of users of tests/plugin, for tests that start processes of pytest."""

from __future__ import annotations

from plugin.conftest import project

__all__ = ["project"]
