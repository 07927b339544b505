"""What was measured, beside a peer and a limit; as tables for people (Markdown) and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from operator import ge, le
from statistics import median
from typing import Any

_COMPARE = {"<=": le, ">=": ge}
_SIGNS = {"<=": "≤", ">=": "≥"}
NOT_INSTALLED = "not installed"


class MeasuringError(Exception):
    """A figure could not be measured; this is no statement about any speed."""


@dataclass(frozen=True)
class Figure:
    """One row. *samples* are one figure a round, *peer_samples* those of the peer in the same rounds.

    *limit* is a sign and a number, of the ratio to the peer where there is one, else of the figure. *missing* says why
    the peer has no figure.
    """

    what: str
    samples: Sequence[float]
    unit: str
    peer: str = ""
    peer_samples: Sequence[float] = ()
    limit: tuple[str, float] | None = None
    missing: str = ""

    @property
    def value(self) -> float:
        """The median over the rounds."""
        return median(self.samples)

    @property
    def ratios(self) -> list[float]:
        """This figure through the peer's, by round; empty without a peer."""
        return [mine / theirs for mine, theirs in zip(self.samples, self.peer_samples, strict=False)]

    @property
    def is_met(self) -> bool | None:
        """Whether the limit was kept in this run; None where there is none, or no peer to compare with."""
        if self.limit is None or self.missing:
            return None
        sign, limit = self.limit
        return bool(_COMPARE[sign](median(self.ratios or self.samples), limit))

    def as_json(self) -> dict[str, Any]:
        """The figure for programs."""
        return {**asdict(self), "value": self.value, "ratio": _median(self.ratios), "met": self.is_met}

    def row(self) -> list[str]:
        """The figure as cells: what, figure, peer, its figure, ratio, limit, met, noise."""
        peer = _median(self.peer_samples)
        ratio = _median(self.ratios)
        return [
            self.what,
            f"{number(self.value)} {self.unit}",
            self.peer,
            self.missing or ("" if peer is None else f"{number(peer)} {self.unit}"),
            "" if ratio is None else number(ratio),
            "" if self.limit is None else f"{_SIGNS[self.limit[0]]} {number(self.limit[1])}",
            {None: "", True: "yes", False: "**no**"}[self.is_met],
            _noise(self.ratios or self.samples),
        ]


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _noise(values: Sequence[float]) -> str:
    """Half of what lies between the lowest and the highest round, to the median."""
    if len(values) < 2 or not median(values):
        return ""
    return f"± {abs((max(values) - min(values)) / 2 / median(values)):.0%}"


def number(value: float) -> str:
    """*value* with three digits or so."""
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


HEAD = ("what", "figure", "peer", "the peer's", "ratio", "limit", "met", "noise")


def figures_table(figures: Sequence[Figure]) -> str:
    """All *figures*, those without a limit included, as an aligned Markdown table."""
    rows = [HEAD, *(figure.row() for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = [rows[0], ["-" * width for width in widths], *rows[1:]]
    return "\n".join("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines)
