"""Measured figures beside the claimed ones, as Markdown tables and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from operator import ge, le, lt
from typing import Any

_COMPARE = {"<=": le, "<": lt, ">=": ge}
_SIGNS = {"<=": "≤", "<": "<", ">=": "≥"}


class MeasuringError(Exception):
    """A figure could not be measured; this is no statement about any speed."""


@dataclass(frozen=True)
class Figure:
    """One figure. *goal* is a sign and a limit, such as ("<=", 2.5), or None; *beside* is what to know besides."""

    area: str
    name: str
    value: float
    unit: str
    goal: tuple[str, float] | None = None
    beside: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the goal was met in this run; None where there is none."""
        return None if self.goal is None else bool(_COMPARE[self.goal[0]](self.value, self.goal[1]))

    def as_json(self) -> dict[str, Any]:
        """The figure for programs."""
        return {**asdict(self), "met": self.is_met}

    def row(self) -> list[str]:
        """The figure as cells: name, value, goal, met, note."""
        unit = f" {self.unit}" if self.unit else ""
        goal = "" if self.goal is None else f"{_SIGNS[self.goal[0]]} {_number(self.goal[1])}{unit}"
        met = {None: "", True: "yes", False: "**no**"}[self.is_met]
        return [f"{self.area}: {self.name}", f"{_number(self.value)}{unit}", goal, met, self.beside]


def _number(value: float) -> str:
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value == int(value) and value >= 10 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def goals_table(figures: Sequence[Figure]) -> str:
    """All *figures*, those without a goal included."""
    return table(["what", "figure", "goal", "met", "beside"], [figure.row() for figure in figures])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An aligned Markdown table."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines)
