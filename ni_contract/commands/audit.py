"""`ni-contract audit FILE…`: judge recorded traffic."""

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from ni_contract.commands.finish import check_files, exit_code, show
from ni_contract.commands.options import BYTES, add_judging, named, progress_bar, rerun_command, whole
from ni_contract.contract.catalogue import Clause, matching
from ni_contract.drivers.provider.numbers import read_numbers
from ni_contract.exchanges.credentials import VARIABLES, Credentials, credentials_from
from ni_contract.files import refuse_same_files
from ni_contract.interruption import Interrupted
from ni_contract.judge.deviations import read_all_deviations
from ni_contract.judge.verdicts import ERROR, FAIL, NONCONFORMANT, STALE, WARN
from ni_contract.printable import printable
from ni_contract.recordings.find_files import MAX_SPOOLED_BYTES, named_files
from ni_contract.recordings.rewrite import PlannedCopy, plan_copies, rewrite
from ni_contract.runs.audit import ENGINES, AuditPlan, AuditRules, audit, audited_clauses, input_bytes
from ni_contract.runs.audit.engines import cores
from ni_contract.runs.audit.guard import MAX_SHOWN, places_of
from ni_contract.runs.run import EXIT_CODES, Run

_positive = whole(1, 10**11)


def configure(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is read, and where the work is done")
    parser.add_argument("files", nargs="+", metavar="FILE", help="a recording, a folder of them, or - for stdin")
    add_judging(parser)
    group.add_argument("--since", type=_moment, metavar="TIME", help="only exchanges from this ISO 8601 time on")
    group.add_argument("--limit", type=_positive, metavar="N", help="judge no more than the first N exchanges")
    group.add_argument(
        "--rewrite", metavar="FOLDER", help="copy the recordings there without any secret; judge them too"
    )
    parser.add_argument(
        "--fail-on",
        action="append",
        default=[],
        metavar="CLAUSES",
        help="let only findings of these set the exit code: secrets, an id or a glob, such as NIB-RES-*",
    )
    parser.add_argument(
        "--numbers",
        metavar="LIST",
        help="the numbers that the provider knows: 447700900123,07700900456:GB, or a file with one a line",
    )
    group.add_argument("--force", action="store_true", help="let --rewrite replace what is there already")
    parser.add_argument(
        "--max-bytes",
        type=_positive,
        default=MAX_SPOOLED_BYTES,
        metavar="N",
        help="take no more of standard input, a pipe or a device (default: %(default)s)",
    )
    group.add_argument("--engine", choices=ENGINES, default="local", help="where the work is done (default: local)")
    group.add_argument("--address", metavar="ADDRESS", help="of the engine's scheduler; default: a cluster of its own")
    group.add_argument("--workers", type=_positive, metavar="N", help="processes; default: one a core")


def run(args: argparse.Namespace) -> int:
    """Judges the recordings and returns the exit code. Raises UsageError and HarnessError."""
    check_files(args)
    plan = _plan(args)
    guarded = matching(plan.rules.clauses, args.fail_on, "--fail-on", "that is judged here", {"secrets": "NIB-SEC-*"})
    with named_files(args.files, args.max_bytes) as inputs:
        refuse_same_files(named("--report", *args.report), named("the input", *(path for path, _ in inputs.files)))
        copies = _copies(args, inputs.files)
        plan = replace(plan, files=inputs.files, signal=inputs.signal)
        with progress_bar(BYTES, input_bytes(inputs.files)) as step:
            outcome = replace(audit(plan, step), repeat=_repeat(args))
        are_made = True
        if outcome.signal is None:
            outcome, are_made = _with_copies(outcome, copies, plan.rules.account)
        show(outcome, args)
        if outcome.signal is not None or not args.fail_on:
            code = exit_code(outcome, args.edition)
        else:
            code = _guarded(outcome, args, plan, guarded)
        if not are_made:
            return code or EXIT_CODES[NONCONFORMANT]
        return code


def _plan(args: argparse.Namespace) -> AuditPlan:
    """The plan that the arguments describe, still without files. Raises UsageError."""
    known = frozenset(read_numbers(args.numbers))
    rules = AuditRules(_account(args), audited_clauses(args.only), args.since, args.limit, known)
    deviations, workers = read_all_deviations(args.deviations), args.workers or cores()
    name = " ".join(args.files) if len(args.files) < 4 else f"{args.files[0]} and {len(args.files) - 1} more"
    return AuditPlan((), rules, deviations, args.engine, args.address, workers, printable(name))


def _with_copies(outcome: Run, copies: Iterable[PlannedCopy], account: Credentials | None) -> tuple[Run, bool]:
    """The run after *copies*, with the signal if one came meanwhile, and whether all were made; stderr names each."""
    are_made = True
    try:
        for copy in rewrite(copies, account):
            print(copy.sentence, file=sys.stderr)
            are_made = are_made and copy.is_made
    except Interrupted as interrupted:
        note = f"interrupted ({interrupted}) before all copies were made"
        return replace(outcome, signal=interrupted.number, notes=(*outcome.notes, note)), False
    return outcome, are_made


def _guarded(outcome: Run, args: argparse.Namespace, plan: AuditPlan, guarded: Sequence[Clause]) -> int:
    """Prints the findings that --fail-on names, with their places; 1 if there are any, 3 if nothing could be judged."""
    found_in = outcome.verdicts_with(args.edition, FAIL, WARN, STALE)  # not in what is declared
    refused = {clause.id for clause in guarded}.intersection(verdict.clause.id for verdict in found_in)
    if not refused:
        return 0 if outcome.results[args.edition] != ERROR else EXIT_CODES[ERROR]
    print(f"\n--fail-on: found {', '.join(sorted(refused))}")
    found = places_of(plan.files, refused, plan.rules.account)
    for place in islice(found, MAX_SHOWN):
        print(f"  {place.clause_id} {printable(f'{place.name}{place.place}: {place.at}')}")
        if place.clause_id.startswith("NIB-SEC-"):
            again = shlex.join(["ni-contract", "audit", place.name, "--rewrite", "copies"])
            print(f"    a copy without it: {printable(again)}")
    print("".join("  and more\n" for _ in islice(found, 1)), end="")
    return EXIT_CODES[NONCONFORMANT]


def _copies(args: argparse.Namespace, files: Iterable[tuple[str, str]]) -> list[PlannedCopy]:
    """The copies that --rewrite asks for. Raises UsageError, before anything is judged, when one cannot be written."""
    if args.rewrite is None:
        return []
    copies = plan_copies(files, args.rewrite, args.files, args.force)
    refuse_same_files(named("--report", *args.report), [("--rewrite", str(copy.target)) for copy in copies])
    return copies


def _account(args: argparse.Namespace) -> Credentials | None:
    """The account from flags or environment; None where none is named, since recordings may be of any account."""
    has_flag = any(getattr(args, name) is not None for name in VARIABLES)
    if not has_flag and not any(map(os.environ.get, VARIABLES.values())):
        return None
    return credentials_from(args)


def _repeat(args: argparse.Namespace) -> Callable[[str], str]:
    """A function as that of `rerun_command`, whose line also has the time of --since; credentials are not shown."""
    again = rerun_command(args, ["audit", *args.files], "edition", "limit", "numbers")
    since = ""
    if args.since is not None:
        since = f" --since {datetime.fromtimestamp(args.since, UTC).isoformat()}"
    return lambda clause_id: printable(again(clause_id) + since)


def _moment(text: str) -> float:
    """Seconds since the epoch of an ISO 8601 time, UTC where it names no zone. Raises argparse.ArgumentTypeError."""
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=found.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no ISO 8601 time; write 2026-11-24 or 2026-11-24T10:00:00Z"
        ) from None
