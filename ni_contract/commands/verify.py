"""`ni-contract verify [TARGET]`: judge a provider."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from dataclasses import replace
from typing import Never

from tqdm import tqdm

from ni_contract.commands.finish import show
from ni_contract.commands.options import add_credentials, add_judging, add_reports, changed_flags, count, positive_float
from ni_contract.contract.catalogue import DOCUMENTED, EDITIONS, load_catalogue
from ni_contract.contract.features import Claims, parse_claims
from ni_contract.drivers.provider.find_target import find_target
from ni_contract.drivers.provider.vector_files import read_vectors
from ni_contract.exchanges.account import credentials_from
from ni_contract.judge.deviations import read_deviations
from ni_contract.judge.verdicts import CONFORMANT, ERROR, NONCONFORMANT, PARTIAL
from ni_contract.report.write import check_report_files
from ni_contract.runs.run import Run
from ni_contract.runs.verify import DEFAULT_EXAMPLES, VerifyPlan, verify, work_of

EXIT_CODES = {CONFORMANT: 0, PARTIAL: 0, NONCONFORMANT: 1, ERROR: 3}
EMBEDDED_RATE = 5
DEFAULT_TIMEOUT = 10.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    what = "a base URL, module:app (ASGI or WSGI), the file of a recording, or nothing: the simulator"
    parser.add_argument("target", nargs="?", help=what)
    add_judging(parser, "what the target offers: xml,throttle=5,… or no-xml,…")
    add_reports(parser)
    add_credentials(parser)
    parser.add_argument("--vectors", action="append", default=[], metavar="FILE", help="vectors of your own, JSON")
    parser.add_argument("--explore", type=count, default=DEFAULT_EXAMPLES, metavar="N", help="requests drawn on top")
    parser.add_argument("--seed", type=count, metavar="S", help="draw other requests than the usual ones")
    parser.add_argument("--rate", type=positive_float, metavar="N", help="send at most N requests a second")
    parser.add_argument("--timeout", type=positive_float, default=DEFAULT_TIMEOUT, metavar="S", help="per request")
    parser.add_argument("--ca-file", metavar="FILE", help="certificates to trust instead of the system's")


def run(args: argparse.Namespace) -> int:
    """Runs the verification and returns the exit code. Raises UsageError before anything is sent."""
    check_report_files(args.report)
    plan = plan_from(args)
    outcome = replace(_verify(args, plan), repeat=_repeat(args))
    show(outcome, args)
    return exit_code(outcome, args)


def _repeat(args: argparse.Namespace) -> str:
    """The command that judges the clause CLAUSE again, drawing the same requests; credentials are not shown."""
    words = ["ni-contract", "verify", *([args.target] if args.target else []), "--only", "CLAUSE"]
    words += changed_flags(
        ("--edition", args.edition, DOCUMENTED),
        ("--features", args.features, None),
        ("--explore", args.explore, DEFAULT_EXAMPLES),
        ("--seed", args.seed, None),
        ("--ca-file", args.ca_file, None),
    )
    words += [word for file in args.vectors for word in ("--vectors", file)]
    return shlex.join(words)


def plan_from(args: argparse.Namespace) -> VerifyPlan:
    """The plan that the arguments describe. Raises UsageError."""
    has_secret = args.signature_secret is not None or "NI_SIGNATURE_SECRET" in os.environ or args.target is None
    claims = parse_claims(args.features, has_secret)
    if args.target is None and claims.throttle is None and not claims.throttle_refused:
        claims = Claims(claims.claimed, claims.assumed, EMBEDDED_RATE)
    return VerifyPlan(
        account=credentials_from(args),
        claims=claims,
        clauses=load_catalogue().select("provider", tuple(args.only)),
        deviations=tuple(d for file in args.deviations for d in read_deviations(file)),
        rate=args.rate,
        examples=args.explore,
        kept=tuple(vector for file in args.vectors for vector in read_vectors(file)),
        seed=args.seed,
    )


def _verify(args: argparse.Namespace, plan: VerifyPlan) -> Run:
    if args.target is None:
        from ni_contract.runs.embedded import verify_embedded

        with _bar(work_of(plan) * len(EDITIONS)) as bar:
            return verify_embedded(plan, args.timeout, lambda count: _step(bar, count))
    target = find_target(args.target, args.timeout, args.ca_file, account=plan.account)
    try:
        with _bar(work_of(plan)) as bar:
            return verify(target, plan, lambda count: _step(bar, count))
    finally:
        target.close()


def _bar(total: int) -> tqdm[Never]:
    """A progress bar on a terminal, nothing in a pipe."""
    return tqdm(total=total, unit="request", leave=False, disable=None, file=sys.stderr)


def _step(bar: tqdm[Never], count: int) -> None:
    bar.update(count)


def exit_code(outcome: Run, args: argparse.Namespace) -> int:
    """The worst of the editions that decide: the chosen one, and for the embedded simulator both."""
    deciding = EDITIONS if args.target is None else (args.edition,)
    return max(EXIT_CODES[outcome.results[edition]] for edition in deciding)
