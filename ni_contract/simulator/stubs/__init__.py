"""Answers of the simulator as stubs for tools of other languages: `ni-contract stubs`."""

from __future__ import annotations
