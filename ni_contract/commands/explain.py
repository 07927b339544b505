"""`ni-contract explain [CLAUSE]`: what a clause says, where it comes from, and an exchange that breaks it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from ni_contract.contract.catalogue import Catalogue, Clause, load_catalogue


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("clause", nargs="?", metavar="CLAUSE", help="an id such as NIB-RES-004; none: list them all")


def run(args: argparse.Namespace) -> int:
    """Prints the clause, or a line for each. Raises UsageError for an id that does not exist."""
    catalogue = load_catalogue()
    if args.clause is None:
        print("\n".join(f"{clause.id}  {clause.level:<6}  {clause.title}" for clause in catalogue))
    else:
        print("\n".join(_explanation(catalogue, catalogue[args.clause.upper()])))
    return 0


def _explanation(catalogue: Catalogue, clause: Clause) -> Iterable[str]:
    yield f"{clause.id}  {clause.title}"
    yield ""
    yield f"level     {clause.level}"
    yield f"judges    the {clause.side}, by looking at: {clause.kind}"
    yield f"basis     {clause.basis}"
    yield f"editions  {', '.join(clause.editions)}"
    yield f"source    {catalogue.title}, {clause.section}"
    if clause.needs:
        yield f"needs     {', '.join(clause.needs)}"
    for sentence in catalogue.sentences:
        if clause.id in sentence.clauses:
            yield f"states    {sentence.section} {sentence.number}: {sentence.about}"
    yield from _broken(clause)


def _broken(clause: Clause) -> Iterable[str]:
    from ni_contract.report.counterexample import broken_example

    yield ""
    yield "an exchange that breaks it:"
    yield from (f"  {line}" for line in broken_example(clause.id))
