"""Regions of numbers: codes, names, calling codes. The data is `spec/countries.json`."""

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from ni_contract.contract.spec_files import spec_folder

MAX_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Country:
    """A region: ISO 3166-1 codes, the calling code as digits (None: none), its name and the other names in use.

    *layout_settled* is False where metadata of different years writes its numbers differently. *other_calling_code* is
    that of a part to which ISO 3166-1 assigns no code.
    """

    alpha_2: str
    alpha_3: str
    official: bool
    calling_code: str | None
    layout_settled: bool
    name: str
    other_names: tuple[str, ...]
    other_calling_code: str | None = None


@cache
def countries() -> dict[str, Country]:
    """All regions by alpha-2 code."""
    rows = json.loads((spec_folder() / "countries.json").read_text("utf-8"))["countries"]
    return {row["alpha_2"]: Country(**{**row, "other_names": tuple(row["other_names"])}) for row in rows}


def is_name_of(name: str, alpha_2: str) -> bool:
    """Whether *name* is a name in use for the region, whatever its case, accents and punctuation."""
    return len(name) <= MAX_NAME_LENGTH and _comparable(name) in _comparable_names(alpha_2)


@cache
def _comparable_names(alpha_2: str) -> frozenset[str]:
    country = countries().get(alpha_2)
    if country is None:
        return frozenset()
    return frozenset(map(_comparable, (country.name, *country.other_names)))


@lru_cache(maxsize=4096)
def _comparable(name: str) -> str:
    """*name* in lower case without accents, punctuation and a leading "the"; "&" and "St." are spelled out."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    plain = letters.casefold().replace("&", " and ").replace("'", "").replace("\u2019", "")
    words = re.sub(r"[^\w]+", " ", plain).strip()
    return re.sub(r"\bst\b", "saint", words).removeprefix("the ")
