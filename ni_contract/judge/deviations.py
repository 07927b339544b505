"""Declared deviations: read from TOML, checked before anything is sent, matched by target and day."""

import tomllib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path
from typing import Any

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.errors import UsageError, did_you_mean, require
from ni_contract.files import read_text

_KEYS = {"clause", "target", "reason", "until"}
MAX_FILE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Deviation:
    """A clause that a target is known to break: the reason, the targets (a glob), and the last day."""

    clause: str
    reason: str
    target: str = "*"
    until: date | None = None

    def counts(self, target: str, today: date) -> bool:
        """Whether it applies to *target* and has not expired."""
        return fnmatchcase(target, self.target) and (self.until is None or today <= self.until)


def read_all_deviations(files: Iterable[str]) -> tuple[Deviation, ...]:
    """The deviations that *files* declare, in their order. Raises UsageError as `read_deviations` does."""
    return tuple(chain.from_iterable(map(read_deviations, files)))


def read_deviations(path: str | Path) -> tuple[Deviation, ...]:
    """The deviations in the TOML file *path*.

    Raises UsageError for a file that cannot be read, an unknown clause or key, a missing reason, a bad day.
    """
    where = str(path)
    text = read_text(path, where, MAX_FILE_BYTES)
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not TOML: {error}") from None
    _check_keys(data, {"deviation"}, where, "only [[deviation]] tables belong here")
    tables = data.get("deviation", [])
    are_tables = isinstance(tables, list) and all(isinstance(table, dict) for table in tables)
    require(are_tables, f"{where}: write each deviation as a table that begins with [[deviation]]")
    return tuple(_deviation(table, f"{where}, deviation {number}") for number, table in enumerate(tables, 1))


def _check_keys(table: Mapping[str, Any], known: Set[str], where: str, hint: str) -> None:
    for key in sorted(table.keys() - known):
        raise UsageError(f"{where}: unknown key {key!r}; {hint}")


def _deviation(table: Mapping[str, Any], where: str) -> Deviation:
    _check_keys(table, _KEYS, where, f"allowed are {', '.join(sorted(_KEYS))}")
    clause, reason, target = (_string(table, key, where) for key in ("clause", "reason", "target"))
    require(clause, f'{where}: clause is missing; write clause = "NIB-RES-004"')
    known = [one.id for one in load_catalogue()]
    guess = did_you_mean(clause, known)
    require(clause in known, f"{where}: no clause is called {clause!r}{guess}; `ni-contract explain` lists them all")
    require(reason.strip(), f'{where}: {clause} has no reason; write reason = "why it deviates"')
    until = table.get("until")
    is_day = until is None or type(until) is date
    require(is_day, f"{where}: until is not a day; write until = 2027-03-01, without quotes")
    return Deviation(clause, reason, target or "*", until)


def _string(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key, "")
    require(isinstance(value, str), f"{where}: {key} is a {type(value).__name__}, not a string")
    return str(value)


def deviations_for(target: str, deviations: Iterable[Deviation], day: date | None = None) -> dict[str, Deviation]:
    """The deviations that apply to *target* on *day* (None: today), by clause."""
    day = day or date.today()
    return {d.clause: d for d in deviations if d.counts(target, day)}
