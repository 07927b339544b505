"""The provenance of a report: the tool, the contract's data, the numbering plans, the command and the time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.spec_files import read_spec, spec_names, version_of


@dataclass(frozen=True, slots=True)
class SpecSource:
    """One part of the contract's data: its revision (a day, as written in it) and the SHA-256 of its text."""

    revision: str
    digest: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """The versions that a run was judged by. *phonenumbers* is the version of the numbering plans."""

    version: str
    catalogue: SpecSource
    vectors: SpecSource
    phonenumbers: str

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON has them."""
        return asdict(self)


@cache
def provenance() -> Provenance:
    """The versions of this installation."""
    return Provenance(
        version=version_of("ni-contract"),
        catalogue=SpecSource(load_catalogue().revision, _digest(["clauses.toml"])),
        vectors=SpecSource(
            json.loads(read_spec("vectors/lookups.json"))["revision"],
            _digest(name for name in spec_names() if name.startswith("vectors/") and name.endswith(".json")),
        ),
        phonenumbers=version_of("phonenumbers"),
    )


def _digest(names: Iterable[str]) -> str:
    """The SHA-256 of the files *names* concatenated, each after its name and length."""
    found = sha256()
    for name in names:
        data = read_spec(name).encode()
        found.update(f"{name} {len(data)}\n".encode() + data)
    return found.hexdigest()
