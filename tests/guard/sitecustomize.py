"""Guards every Python process that a test starts: its folder is on PYTHONPATH while the tests run."""

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("network_guard", Path(__file__).parents[1] / "network_guard.py")
if _spec is not None and _spec.loader is not None:
    _guard = importlib.util.module_from_spec(_spec)
    sys.modules[_spec.name] = _guard
    _spec.loader.exec_module(_guard)
    _guard.install()
