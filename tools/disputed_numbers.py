"""Writes `spec/disputed_numbers.json`: the facts about numbers on which releases of libphonenumber disagree.

`PYTHONPATH=tools:. python -m disputed_numbers FOLDER…`, where each folder holds one release, installed with
`pip install --no-deps --target FOLDER phonenumbers==VERSION`, or libphonenumber-js, a library of its own with the same
data, installed with `npm install --prefix FOLDER libphonenumber-js` (needs node). The release of this Python is one of
them.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType, ValidationResult

from ni_contract.contract.numbering import digits_of
from ni_contract.contract.numbering_plans import REGIONS, national_format, parse_international, possibility, region_of
from ni_contract.drivers.provider.controls import value_of
from ni_contract.drivers.provider.sweep import lookups_of_all_regions

Facts = Mapping[str, Any]
TARGET: Final = Path(__file__).parents[1] / "spec" / "disputed_numbers.json"
DRAWN, MAX_PREFIX_DIGITS, MIN_SHARE = 12, 4, 0.5
DESCRIPTION: Final = (
    "What releases of libphonenumber, and libphonenumber-js, disagree on, so that a provider with another release is "
    "not wrong. lengths: by calling code, the numbers of digits behind it that only some releases take for possible. "
    "countries: by the first digits of an international number, the countries that releases name. national_forms, "
    "layouts: first digits of international numbers whose national form has other digits, or only another layout. Made "
    "by tools/disputed_numbers.py."
)


def numbers() -> Iterator[str]:
    """International numbers: all examples, some close to them, every length, and all beginnings of shared codes."""
    drawn = random.Random(1)
    yield from filter(None, (value_of(fields, "number") for fields in lookups_of_all_regions()))
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in PhoneNumberType.values():
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            digits = phonenumbers.format_number(example, PhoneNumberFormat.E164)[1:]
            yield digits
            yield from (digits[:-3] + f"{drawn.randrange(1000):03}" for _ in range(DRAWN))
            yield from (digits[:length] for length in range(len(digits) - 3, len(digits)))
            yield from (digits + "12345678"[:longer] for longer in range(1, 16 - len(digits)))
    for code, regions in REGIONS.items():
        example = phonenumbers.example_number(regions[0])
        if len(regions) > 1 and example:
            length = len(phonenumbers.national_significant_number(example))
            yield from (f"{code}{f'{first:04}1234567890'[:length]}" for first in range(10_000))


def _is_possible(digits: str) -> bool:
    number = parse_international(digits)
    return number is not None and possibility(number) == ValidationResult.IS_POSSIBLE


def facts_of_this_release(asked: Iterable[str]) -> Facts:
    """The lengths of each calling code, and region and national form of each number."""
    lengths: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for code, regions in REGIONS.items():
        plan: Any = PhoneMetadata.metadata_for_region_or_calling_code(code, regions[0])
        general = plan.general_desc
        lengths[str(code)] = [list(general.possible_length), list(general.possible_length_local_only)]
    for digits in asked:
        number = parse_international(digits)
        if number is not None and f"{number.calling_code}{number.national}" == digits:
            found[digits] = [region_of(number) or REGIONS[number.calling_code][0], national_format(number)]
    return {"version": phonenumbers.__version__, "lengths": lengths, "numbers": found}


def facts_of_release(folder: str, asked: list[str]) -> Facts:
    """The facts of the release in *folder*, found by a Python of its own."""
    paths = os.pathsep.join((folder, *sys.path))
    command = [sys.executable, "-c", "import disputed_numbers; disputed_numbers.tell()"]
    done = subprocess.run(
        command, input=json.dumps(asked), env={"PYTHONPATH": paths}, capture_output=True, text=True, check=True
    )
    facts: Facts = json.loads(done.stdout)
    return facts


def facts_of_js(folder: Path, asked: list[str], ours: Facts) -> Facts:
    """The facts of libphonenumber-js in *folder*, with all its metadata; local lengths, which it lacks, are *ours*."""
    module = folder / "node_modules" / "libphonenumber-js" / "max" / "index.js"
    main_regions = json.dumps({str(code): regions[0] for code, regions in REGIONS.items()})
    command = ["node", str(Path(__file__).with_suffix(".mjs")), str(module), main_regions]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
    facts = json.loads(done.stdout)
    lengths = {code: [full, ours["lengths"][code][1]] for code, full in facts["lengths"].items()}
    return {**facts, "lengths": lengths}


def tell() -> None:
    """Prints the facts of this release about the numbers on stdin."""
    json.dump(facts_of_this_release(json.load(sys.stdin)), sys.stdout)


def disputed_lengths(releases: list[Facts]) -> dict[str, list[int]]:
    """The lengths that not all releases take for equally possible, by calling code."""
    found = {}
    for code in sorted(map(str, REGIONS), key=int):
        known = [release["lengths"][code] for release in releases if code in release["lengths"]]
        lengths = [n for n in range(1, 18) if len({(n in full, n in local) for full, local in known}) > 1]
        if lengths:
            found[code] = lengths
    return found


def prefixes(releases: list[Facts], differs: Callable[[list[Any]], bool]) -> dict[str, list[list[Any]]]:
    """The shortest prefixes of which at least half of the numbers differ, with the facts of those that do."""
    by_code: dict[str, list[str]] = defaultdict(list)
    for digits in releases[-1]["numbers"]:
        by_code[str(phonenumbers.parse("+" + digits).country_code)].append(digits)
    found: dict[str, list[list[Any]]] = {}
    for code, members in by_code.items():
        known = {one: [r["numbers"][one] for r in releases if one in r["numbers"]] for one in members}
        _divide(code, len(code) + MAX_PREFIX_DIGITS, known, differs, found)
    return dict(sorted(found.items()))


def _divide(
    prefix: str,
    longest: int,
    known: Mapping[str, list[Any]],
    differs: Callable[[list[Any]], bool],
    found: dict[str, list[list[Any]]],
) -> None:
    different = [facts for facts in known.values() if differs(facts)]
    if not different:
        return
    if len(different) >= MIN_SHARE * len(known) or len(prefix) >= longest:
        found[prefix] = different
        return
    for digit in "0123456789":
        part = {number: facts for number, facts in known.items() if number.startswith(prefix + digit)}
        _divide(prefix + digit, longest, part, differs, found)


def main() -> None:
    """Compares the releases and writes the file."""
    asked = sorted(set(numbers()))
    ours, releases = facts_of_this_release(asked), []
    for folder in sys.argv[1:]:
        if (Path(folder) / "node_modules").is_dir():
            releases.append(facts_of_js(Path(folder), list(filter(_is_possible, asked)), ours))
        else:
            releases.append(facts_of_release(folder, asked))
    releases = [json.loads(json.dumps(release)) for release in (*releases, ours)]
    regions = prefixes(releases, lambda facts: len({region for region, _ in facts}) > 1)
    forms = prefixes(releases, lambda facts: len({digits_of(text) for _, text in facts}) > 1)
    layouts = prefixes(releases, lambda facts: len({text for _, text in facts}) > 1)
    rows = {
        "description": DESCRIPTION,
        "releases": [release["version"] for release in releases],
        "lengths": disputed_lengths(releases),
        "countries": {p: sorted({r for facts in found for r, _ in facts}) for p, found in regions.items()},
        "national_forms": list(forms),
        "layouts": list(layouts),
    }
    lines = [f'  "{name}": {json.dumps(value)}' for name, value in rows.items()]
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
