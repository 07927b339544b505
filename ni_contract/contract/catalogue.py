"""The catalogue of clauses, read from `spec/clauses.toml` into frozen values."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import filter as filter_names
from functools import cache
from typing import Any

from ni_contract.contract.spec_files import read_spec
from ni_contract.errors import UsageError, did_you_mean

DOCUMENTED, OBSERVED = "documented", "observed"
EDITIONS = (DOCUMENTED, OBSERVED)
_NO_NAMES: Mapping[str, str] = {}


def known_edition(edition: str) -> str:
    """*edition*. Raises UsageError for a name that is none."""
    if edition not in EDITIONS:
        raise UsageError(f"edition={edition!r}: choose one of {', '.join(EDITIONS)}")
    return edition


@dataclass(frozen=True, slots=True)
class Clause:
    """One testable statement of the contract; the fields are explained at the head of `spec/clauses.toml`."""

    id: str
    title: str
    level: str
    side: str
    kind: str
    basis: str
    editions: tuple[str, ...]
    section: str
    needs: tuple[str, ...] = ()
    shows: str = ""
    credentials: bool = False
    carrier: bool = False
    mocks: str = ""
    statuses: tuple[int, ...] = ()
    cases: tuple[tuple[str, str], ...] = ()

    def binds(self, edition: str) -> bool:
        return edition in self.editions


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the reference page: the clauses that state it, or why nothing of it can be tested."""

    section: str
    number: int
    about: str
    clauses: tuple[str, ...] = ()
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All clauses in order, the features a provider may lack, and the sentences they are traced to.

    *revision* is the day of the last change of meaning; *causes* say which failing clause leads a report, and why.
    """

    title: str
    revision: str
    features: tuple[str, ...]
    clauses: tuple[Clause, ...]
    sentences: tuple[Sentence, ...]
    causes: Mapping[str, Any]

    def __iter__(self) -> Iterator[Clause]:
        return iter(self.clauses)

    def __getitem__(self, clause_id: str) -> Clause:
        """The clause *clause_id*. Raises UsageError for an id that does not exist."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        guess = did_you_mean(clause_id, (clause.id for clause in self.clauses))
        raise UsageError(f"no clause is called {clause_id!r}{guess}; `ni-contract explain` lists them all")

    def with_case(self, kind: str) -> dict[str, tuple[Clause, ...]]:
        """The clauses by each of their words of *kind*, such as `trait`."""
        found: dict[str, tuple[Clause, ...]] = {}
        for clause in self.clauses:
            for word in (word for one, word in clause.cases if one == kind):
                found[word] = (*found.get(word, ()), clause)
        return found

    def select(self, side: str, only: tuple[str, ...] = ()) -> tuple[Clause, ...]:
        """The clauses of *side* whose ids match one of the globs *only* (all when there are none).

        Raises UsageError when a glob matches no clause of that side.
        """
        chosen = tuple(clause for clause in self.clauses if clause.side == side)
        return matching(chosen, only, "--only", f"of a {side}") or chosen


def matching(
    clauses: Iterable[Clause], globs: Iterable[str], flag: str, about: str, names: Mapping[str, str] = _NO_NAMES
) -> tuple[Clause, ...]:
    """Those of *clauses* whose ids match one of *globs*; *names* are other words for some globs.

    Raises UsageError, which names *flag* and what the clauses are *about*, when a glob matches none.
    """
    by_id, found = {clause.id: clause for clause in clauses}, set[str]()
    for glob in globs:
        ids = filter_names(by_id, names.get(glob, glob.upper()))
        if not ids:
            guess = did_you_mean(glob, [*names, *by_id])
            raise UsageError(f"{flag} {glob!r} matches no clause {about}{guess}; `ni-contract explain` lists them all")
        found.update(ids)
    return tuple(clause for clause_id, clause in by_id.items() if clause_id in found)


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that ships with this package."""
    data = tomllib.loads(read_spec("clauses.toml"))
    return Catalogue(
        title=data["title"],
        revision=data["revision"],
        features=tuple(data["features"]),
        clauses=tuple(_clause(data["defaults"] | row) for row in data["clause"]),
        sentences=tuple(Sentence(**_tuples(row)) for row in data["sentence"]),
        causes=data["causes"],
    )


def _clause(row: dict[str, Any]) -> Clause:
    cases = row.pop("cases", {})
    return Clause(**_tuples(row), cases=tuple((kind, word) for kind in cases for word in cases[kind]))


@cache
def ids_by_case(kind: str) -> dict[str, str]:
    """The id of the one clause that has each word of *kind*. Raises ValueError where two have one word."""
    return {word: clause.id for word, (clause,) in load_catalogue().with_case(kind).items()}


@cache
def credential_clauses() -> frozenset[str]:
    """The ids of the clauses that inspect credentials."""
    return frozenset(clause.id for clause in load_catalogue() if clause.credentials)


@cache
def feature_clauses() -> dict[str, str]:
    """By feature, the id of the clause that fails where the feature is claimed and never offered."""
    return {clause.shows: clause.id for clause in load_catalogue() if clause.shows}


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
