"""The two ways in which a command ends without a verdict; each carries one clear sentence."""

from __future__ import annotations


class UsageError(Exception):
    """What the user gave cannot be used (exit code 2): the message says what is wrong, where, and what to do next."""


class HarnessError(Exception):
    """The target cannot be reached or the harness failed (exit code 3): the message says how."""
