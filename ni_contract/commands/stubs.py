"""`ni-contract stubs`: the simulator's answers, as stubs for tools of other languages."""

import argparse
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ni_contract.contract.catalogue import DOCUMENTED, EDITIONS
from ni_contract.contract.vocabulary import API_PATH, API_URL
from ni_contract.drivers.provider.numbers import SAMPLE
from ni_contract.drivers.provider.vectors import build, lookup_vectors
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.request import parse_request
from ni_contract.files import read_text, reason_of, write_file
from ni_contract.simulator.stubs.formats import STUB_FORMATS
from ni_contract.simulator.stubs.model import EXAMPLE, TRIGGERS, WORDS, StubNumber, check_credentials, make_stubs

# The reference's own example, and numbers reserved by regulators or given as examples of their regions.
DEFAULT_NUMBERS: Final = (
    "441632960960,442079460018,14155550100,14165550123,351210000000,48221234567,493012345678,33142685300,35722123456"
)
VECTORS: Final = "vectors"
MAX_LIST_BYTES: Final = 1_000_000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as", dest="format", required=True, choices=STUB_FORMATS, help="for which tool")
    parser.add_argument("--out", required=True, metavar="DIR", help="the folder for the files; made where it is not")
    parser.add_argument(
        "--numbers",
        default=DEFAULT_NUMBERS,
        metavar="LIST",
        help="numbers, comma-separated: 447700900123, or GB:07700900123 with a country; @FILE for a file with one a "
        "line; the word vectors for those that verify asks (default: the reference's example and eight more)",
    )
    parser.add_argument("--edition", choices=EDITIONS, default=DOCUMENTED, help="default: %(default)s")
    parser.add_argument(
        "--statuses",
        default=",".join(map(str, WORDS)),
        metavar="LIST",
        help="which statuses (default: %(default)s); 1=447700900777 names the number that gets status 1 "
        f"(default: {TRIGGERS[1]} for status 1, and so on)",
    )
    parser.add_argument(
        "--credentials",
        default=EXAMPLE,
        metavar="KEY:SECRET",
        help="which are right, written into the files, so no real ones; the word any: all "
        "(default: the published example)",
    )
    parser.add_argument("--force", action="store_true", help="replace files that are there")


def run(args: argparse.Namespace) -> int:
    """Writes the file and prints its name. Raises UsageError, if possible before anything is written."""
    stubs = make_stubs(
        _numbers(args.numbers), args.edition, _statuses(args.statuses), check_credentials(args.credentials)
    )
    chosen = STUB_FORMATS[args.format]
    _write(Path(args.out, chosen.file), chosen.write(stubs), args.force)
    print(f"{len(stubs.stubs)} stubs for {chosen.tool}; {chosen.load.replace('DIR', args.out)}")
    return 0


def _write(path: Path, text: str, overwrite: bool) -> None:
    if os.path.lexists(path) and not overwrite:
        raise UsageError(f"--out: {path} is there already; give another folder, or --force to replace it")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file("--out", path, text.encode(), is_new=not overwrite)
    except (OSError, ValueError) as error:
        raise UsageError(f"--out {path}: cannot be written: {reason_of(error)}") from None
    print(path)


def _numbers(text: str) -> Iterator[StubNumber]:
    for word in filter(None, map(str.strip, text.split(","))):
        if word == VECTORS:
            yield from _vectors()
        elif word.startswith("@"):
            lines = read_text(word[1:], f"--numbers {word}", MAX_LIST_BYTES).splitlines()
            yield from map(_number, filter(None, map(str.strip, lines)))
        else:
            yield _number(word)


def _number(word: str, flag: str = "--numbers") -> StubNumber:
    country, colon, number = word.rpartition(":")
    if not re.fullmatch(r"[0-9 ()+-]{1,40}", number) or (colon and not re.fullmatch("[A-Z]{2}", country)):
        raise UsageError(f"{flag}: {word!r} is no number; write 447700900123, or GB:07700900123 with a country")
    return StubNumber(number, country)


def _vectors() -> Iterator[StubNumber]:
    """The numbers and countries of the fixed requests of `ni-contract verify`."""
    yield from map(StubNumber, SAMPLE)
    for vector in lookup_vectors():
        values = parse_request(build(vector, API_URL + API_PATH, Credentials(), 0)).values
        if number := values.get("number"):
            yield StubNumber(number, values.get("country") or "")


def _statuses(text: str) -> dict[int, StubNumber | None]:
    chosen: dict[int, StubNumber | None] = {}
    for word in filter(None, map(str.strip, text.split(","))):
        status, equals, number = word.partition("=")
        if not status.isascii() or not status.isdigit() or int(status[:4]) not in WORDS:
            raise UsageError(f"--statuses: {word!r}: the API answers with {', '.join(map(str, WORDS))}")
        if equals and status == "0":
            raise UsageError(f"--statuses: {word!r}: the numbers that get status 0 are those of --numbers")
        if equals:
            chosen[int(status)] = _number(number, "--statuses")
        else:
            chosen[int(status)] = TRIGGERS.get(int(status))
    return chosen
