"""`ni-contract verify [TARGET]`: judges a provider."""

import argparse
from contextlib import closing
from dataclasses import replace
from itertools import chain

from ni_contract.commands.finish import check_files, exit_code, show
from ni_contract.commands.options import (
    add_connection,
    add_judging,
    count,
    positive,
    positive_float,
    progress_bar,
    rerun_command,
    seed,
)
from ni_contract.contract.catalogue import EDITIONS, load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.provider.find_target import find_target, folder_importable
from ni_contract.drivers.provider.numbers import read_numbers
from ni_contract.drivers.provider.vector_files import read_vectors
from ni_contract.exchanges.credentials import credentials_from, has_signature_secret
from ni_contract.judge.deviations import read_all_deviations
from ni_contract.runs.run import Run
from ni_contract.runs.session import DEFAULT_EXAMPLES, DEFAULT_MAX_SECONDS, VerifyPlan
from ni_contract.runs.verify import verify, work_of

EMBEDDED_RATE = 5
# With --jobs 1, because requests that do not overlap take longer.
ALONE_MAX_SECONDS = 2 * DEFAULT_MAX_SECONDS


def configure(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how the target is asked")
    what = "a base URL, module:app (ASGI or WSGI), the file of a recording, or nothing: the simulator"
    parser.add_argument("target", nargs="?", help=what)
    add_judging(parser, "what the target offers: xml,throttle=5,… or no-xml,…")
    kept = "vectors of your own, a file or the JSON itself: their requests; the clauses judge, not an `answer` in them"
    group.add_argument("--vectors", action="append", default=[], metavar="FILE", help=kept)
    group.add_argument(
        "--explore", type=count, metavar="N", help=f"requests drawn on top (default: {DEFAULT_EXAMPLES}, with --only 0)"
    )
    group.add_argument("--seed", type=seed, metavar="S", help="draw other requests than usual (a whole number)")
    group.add_argument("--rate", type=positive_float, metavar="N", help="send at most N requests a second")
    group.add_argument(
        "--numbers",
        metavar="LIST",
        help="the numbers that the target knows: 447700900123,07700900456:GB, or a file with one a line",
    )
    group.add_argument("--jobs", type=positive, metavar="N", help="requests under way at once (default: 4; 64 if slow)")
    group.add_argument("--path", metavar="PATH", help="where the API lies at the URL, if not at /ni/basic")
    group.add_argument(
        "--max-time",
        type=positive_float,
        metavar="S",
        help=f"what is left then is untested (default: {DEFAULT_MAX_SECONDS:g}; {ALONE_MAX_SECONDS:g} with --jobs 1)",
    )
    add_connection(group)


def run(args: argparse.Namespace) -> int:
    """Runs the verification and returns the exit code. Raises UsageError before anything is sent."""
    check_files(args, (args.target, args.ca_file, *args.vectors, *args.deviations))
    plan = plan_from(args)
    command = ("verify", *filter(None, (args.target,)))
    again = rerun_command(args, command, "edition", "features", "numbers", "path", "ca_file")
    outcome = replace(_verify(args, plan), repeat=again, repeats_requests=True)
    show(outcome, args)
    # With the embedded simulator both editions set the exit code.
    if args.target is None:
        return exit_code(outcome, *EDITIONS)
    return exit_code(outcome, args.edition)


def plan_from(args: argparse.Namespace) -> VerifyPlan:
    """The plan that the arguments describe. Raises UsageError."""
    has_secret = has_signature_secret(args.signature_secret) or args.target is None
    claims = parse_claims(args.features, has_secret)
    if args.target is None and claims.throttle is None and not claims.throttle_refused:
        claims = replace(claims, throttle=EMBEDDED_RATE)
    return VerifyPlan(
        account=credentials_from(args),
        claims=claims,
        clauses=load_catalogue().select("provider", tuple(args.only)),
        deviations=read_all_deviations(args.deviations),
        rate=args.rate,
        examples=_examples(args),
        kept=tuple(chain.from_iterable(map(read_vectors, args.vectors))),
        seed=args.seed,
        numbers=read_numbers(args.numbers),
        jobs=args.jobs,
        max_seconds=_max_seconds(args),
        only=bool(args.only),
    )


def _max_seconds(args: argparse.Namespace) -> float:
    """The time limit: that of --max-time, else the default."""
    if args.max_time is not None:
        return float(args.max_time)
    if args.jobs == 1:
        return ALONE_MAX_SECONDS
    return DEFAULT_MAX_SECONDS


def _examples(args: argparse.Namespace) -> int:
    if args.explore is not None:
        return int(args.explore)
    if args.only:
        return 0
    return DEFAULT_EXAMPLES


def _verify(args: argparse.Namespace, plan: VerifyPlan) -> Run:
    if args.target is None:
        from ni_contract.runs.embedded import verify_embedded

        with progress_bar("request", work_of(plan) * len(EDITIONS)) as step:
            return verify_embedded(plan, args.timeout, step)
    with folder_importable():
        target = find_target(args.target, args.timeout, args.ca_file, account=plan.account, path=args.path)
        with closing(target), progress_bar("request", work_of(plan)) as step:
            return verify(target, plan, step)
