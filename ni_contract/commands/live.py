"""`ni-contract live`: judges the real API with as few requests as possible."""

import argparse
from contextlib import closing
from dataclasses import replace

from ni_contract.commands.finish import check_files, exit_code, show
from ni_contract.commands.options import (
    add_connection,
    add_judging,
    count,
    named,
    positive_float,
    progress_bar,
    rerun_command,
    warn_of_visible_secrets,
)
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.live.driver import DEFAULT_RATE
from ni_contract.drivers.live.gate import PRODUCTION, live_base_url, refuse_examples, refuse_without_credentials
from ni_contract.drivers.provider.http_target import UrlTarget
from ni_contract.errors import HarnessError, UsageError
from ni_contract.exchanges.credentials import Credentials, given_credentials, has_signature_secret
from ni_contract.files import refuse_same_files
from ni_contract.judge.deviations import read_all_deviations
from ni_contract.report.layout import print_lines
from ni_contract.report.live_plan import plan_lines
from ni_contract.runs.ledger import Ledger, extended, host_of, read_ledger
from ni_contract.runs.live.planning import LivePlan, make_plan
from ni_contract.runs.live.session import run_live
from ni_contract.runs.session import VerifyPlan


def configure(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how the API is asked")
    parser.add_argument("--plan", action="store_true", help="print what would be sent, send nothing, and exit with 0")
    parser.add_argument("--live", action="store_true", help="print the plan and send it: it is charged for")
    group.add_argument("--base-url", default=PRODUCTION, metavar="URL", help="https:// only (default: %(default)s)")
    add_judging(parser, "what the API offers: xml,… or no-xml,…")
    group.add_argument("--budget", type=count, metavar="N", help="send at most N requests: those that show most")
    group.add_argument("--rate", type=positive_float, default=DEFAULT_RATE, metavar="R", help="requests a second")
    group.add_argument("--record", metavar="FILE", help="write the exchanges as HAR, without credentials")
    group.add_argument("--ledger", metavar="FILE", help="an earlier report, whose days of confirmation are kept")
    add_connection(group)


def run(args: argparse.Namespace) -> int:
    """Prints the plan, sends it with --live, and returns the exit code. Raises UsageError before anything is sent."""
    if args.plan and args.live:
        raise UsageError("--plan sends nothing and --live sends: give one of them")
    warn_of_visible_secrets(args)
    record = named("--record", args.record)
    check_files(args, (args.ca_file, *args.deviations), record)
    # A report may take the place of the ledger: it is written whole or not at all, and holds the ledger.
    refuse_same_files(record, named("--ledger", args.ledger))
    base_url = live_base_url(args.base_url)
    ledger = read_ledger(args.ledger, host_of(base_url))
    given = given_credentials(args)
    plan, live_plan = _plans(args, given)
    print_lines(plan_lines(live_plan, base_url, args.rate), " " * 6)
    if args.plan:
        return 0
    if not args.live:
        raise UsageError(
            "nothing was sent: say --plan to see this plan only, or --live to send it and be charged for it"
        )
    account = refuse_without_credentials(given)
    refuse_examples(account, base_url)
    try:
        return _run(args, base_url, replace(plan, account=account), live_plan, ledger)
    except (UsageError, HarnessError, OSError):
        raise
    except Exception as error:  # noqa: BLE001  a traceback would show what was at hand, and that may be a secret
        shown = account.redactor()(f"{type(error).__name__}: {error}")
        raise HarnessError(f"ni-contract itself failed, which is a bug of it: {shown}") from None


def _plans(args: argparse.Namespace, given: Credentials | None) -> tuple[VerifyPlan, LivePlan]:
    signs = has_signature_secret(args.signature_secret)
    plan = VerifyPlan(
        account=given or Credentials(),
        claims=parse_claims(args.features, signs),
        clauses=load_catalogue().select("provider", tuple(args.only)),
        deviations=read_all_deviations(args.deviations),
        rate=args.rate,
    )
    return plan, make_plan(plan.claims, plan.clauses, signs, args.budget, bool(args.only))


def _run(args: argparse.Namespace, base_url: str, plan: VerifyPlan, live_plan: LivePlan, ledger: Ledger) -> int:
    target = UrlTarget(base_url, args.timeout, args.ca_file)
    with closing(target), progress_bar("request", len(live_plan.steps)) as step:
        run = run_live(target, plan, live_plan, args.record, step)
    again = rerun_command(args, ["live", "--live"], "base_url", "edition", "features", "ca_file")
    outcome = replace(run, repeat=again, ledger=extended(ledger, run.verdicts))
    show(outcome, args)
    return exit_code(outcome, args.edition)
