"""Plugins of pytest for all tests; only the topmost conftest may name them."""

pytest_plugins = ["pytester"]
