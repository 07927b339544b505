"""Failures that depend on other requests: said of the leading ones, which are asked again alone."""

from __future__ import annotations

from typing import Any

from right.plain import Provider
from test_right_providers import run_of

from ni_contract.report.terminal import terminal_report


class CachedByNumber(Provider):
    """A provider that keeps the facts of a number without its country."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[Any, Any] = {}

    def look_up(self, number: Any, country: Any) -> Any:
        if number not in self.kept:
            self.kept[number] = super().look_up(number, country)
        return self.kept[number]


def test_cache_without_country_is_said() -> None:
    """What the provider keeps of other requests leads, and each block says that its request alone may pass."""
    run = run_of(CachedByNumber())
    assert run.causes["documented"][0].clause_id in ("NIB-NUM-013", "NIB-REL-007", "NIB-REL-009")
    report = terminal_report(run, "documented")
    assert "the whole run shows it" in report
