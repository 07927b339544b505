"""For each clause about clients, a whole client that breaks it."""

from __future__ import annotations

from mutants import asking_lookups, telling_lookups
from mutants.registered import FALLS_WITH, MUTANTS

__all__ = ["FALLS_WITH", "MUTANTS", "asking_lookups", "telling_lookups"]
