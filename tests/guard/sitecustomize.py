"""Guards every Python process that a test starts: its folder is on PYTHONPATH while the tests run."""

import network_guard

network_guard.install()
