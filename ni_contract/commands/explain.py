"""`ni-contract explain [CLAUSE | AREA | WORD…]`: a clause's statement, its source, and an example that breaks it."""

import argparse
import re
from collections.abc import Iterable

from ni_contract.contract.catalogue import Catalogue, Clause, load_catalogue
from ni_contract.errors import UsageError
from ni_contract.report.counterexample import broken_example
from ni_contract.report.layout import print_lines

_AREA = re.compile(r"(?:NIB-)?([A-Z]{3})(?:-\*?)?")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="CLAUSE",
        help="an id such as NIB-RES-004; an area such as NIB-RES; words to look for; none: list all clauses",
    )


def run(args: argparse.Namespace) -> int:
    """Prints one clause, or a line for each that matches. Raises UsageError where none matches."""
    catalogue = load_catalogue()
    found = _found(catalogue, args.words)
    lines: Iterable[str] = (f"{clause.id}  {clause.level:<6}  {clause.title}" for clause in found)
    if len(args.words) == 1 and args.words[0].upper() == found[0].id:
        lines = _explanation(catalogue, found[0])
    print_lines(lines, " " * 10)
    return 0


def _found(catalogue: Catalogue, words: list[str]) -> list[Clause]:
    if not words:
        return list(catalogue)
    name = " ".join(words).upper()
    area = _AREA.fullmatch(name)
    if area and (members := [clause for clause in catalogue if clause.id.startswith(f"NIB-{area[1]}-")]):
        return members
    if len(words) == 1 and name.startswith("NIB-"):
        return [catalogue[name]]
    wanted = [word.lower() for word in words]
    found = [clause for clause in catalogue if all(map(_text(catalogue, clause).__contains__, wanted))]
    if not found:
        raise UsageError(f"no clause has the words {' '.join(words)!r}; `ni-contract explain` lists them all")
    return found


def _text(catalogue: Catalogue, clause: Clause) -> str:
    """All text of a clause that a search looks at, in lower case."""
    stated = (sentence.about for sentence in catalogue.sentences if clause.id in sentence.clauses)
    return " ".join((clause.id, clause.title, clause.section, *clause.needs, *stated)).lower()


def _explanation(catalogue: Catalogue, clause: Clause) -> Iterable[str]:
    yield f"{clause.id}  {clause.title}"
    yield ""
    yield f"level     {clause.level}"
    yield f"judges    the {clause.side}, by looking at: {clause.kind}"
    yield f"known     {clause.basis}"
    yield f"editions  {', '.join(clause.editions)}"
    yield f"source    {catalogue.title}, {clause.section}"
    if clause.needs:
        yield f"needs     {', '.join(clause.needs)}"
    for sentence in catalogue.sentences:
        if clause.id in sentence.clauses:
            yield f"states    {sentence.section} {sentence.number}: {sentence.about}"
    yield ""
    yield "an exchange that breaks it:"
    yield from (f"  {line}" for line in broken_example(clause.id))
