"""`ni-contract witness -- COMMAND…`: judges a client in any language against the simulator."""

import argparse
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from ni_contract.commands.finish import check_files, exit_code, show
from ni_contract.commands.options import add_judging, positive_float, progress_bar, rerun_command
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.drivers.client.cases import Case, recorded_cases
from ni_contract.drivers.client.child_process import adopt_orphans
from ni_contract.drivers.client.command_client import ClientCommand, client_environment
from ni_contract.drivers.client.stage import ClientStage, Elsewhere, LookupWatch
from ni_contract.errors import UsageError
from ni_contract.exchanges.client_features import parse_client_features
from ni_contract.exchanges.credentials import VARIABLES, Credentials, credentials_from
from ni_contract.exchanges.log_redaction import masked_logs
from ni_contract.judge.deviations import read_all_deviations
from ni_contract.recordings.replay import load_replay
from ni_contract.runs.run import Run
from ni_contract.runs.witness import DEFAULT_MAX_TIME, DEFAULT_TIMEOUT, ClientPlan, witness, work_of
from ni_contract.simulator import RunningSimulator, Settings

# Not the published example, which a client may have kept; a secret that has to be URL-encoded, and whose ends are no
# letters, and a Basic token with a plus, a slash and equals signs.
ACCOUNT: Final = Credentials("w1tn355k", "+7?/o>%2F&0v=8#4JX=", "s1G+key&5=tR9wL2")


def configure(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how the client is asked")
    parser.usage = "ni-contract witness [options] -- COMMAND [ARGUMENT ...]"
    parser.add_argument("client", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="the client, and its arguments")
    add_judging(parser, "what the client has: xml,signature,… or no-country,…")
    group.add_argument("--per-lookup", action="store_true", help="start COMMAND for each lookup, its last argument")
    group.add_argument("--replay", metavar="FILE", help="ask what this recording holds too, and answer that from it")
    group.add_argument("--tls", action="store_true", help="ask over HTTPS: NI_BASE_URL is that of NI_HTTPS_URL")
    parser.add_argument(
        "--max-time", type=positive_float, default=DEFAULT_MAX_TIME, metavar="S", help="after which nothing is asked"
    )
    group.add_argument(
        "--timeout", type=positive_float, default=DEFAULT_TIMEOUT, metavar="S", help="that the client is given"
    )


def run(args: argparse.Namespace) -> int:
    """Runs the client through all lookups and returns the exit code. Raises UsageError before anything is started."""
    command = args.client[1:] if args.client[:1] == ["--"] else args.client
    if not command:
        raise UsageError("there is no client to judge: give its command after --, as in: witness -- node my-client.js")
    check_files(args, (args.replay, *args.deviations))
    changeable = ("edition", "features", "timeout", "max_time", "replay", "per_lookup", "tls")
    again = rerun_command(args, ["witness"], *changeable)
    outcome = _witness(args, command, _plan(args))
    outcome = replace(outcome, repeat=lambda clause_id: f"{again(clause_id)} -- {shlex.join(command)}")
    show(outcome, args)
    return exit_code(outcome, args.edition)


def _plan(args: argparse.Namespace) -> ClientPlan:
    claimed, excluded = parse_client_features(args.features)
    return ClientPlan(
        account=credentials_from(args, ACCOUNT),
        clauses=load_catalogue().select("client", tuple(args.only)),
        deviations=read_all_deviations(args.deviations),
        claimed=claimed,
        excluded=excluded,
        timeout=args.timeout,
        max_time=args.max_time,
    )


def _witness(args: argparse.Namespace, command: list[str], plan: ClientPlan) -> Run:
    watch = LookupWatch()
    settings = Settings(credentials=plan.account, record=watch.record, replay_only=False)
    if args.replay is not None:
        replay = load_replay(args.replay)
        settings = replace(settings, replay=replay)
        plan = replace(plan, cases=(*plan.cases, *recorded_cases(replay.questions())))
    running = RunningSimulator(settings, True, "", watch.note_tls_fault, watch.note_unread)
    with masked_logs(plan.account.redactor()), running as simulator:
        client = _client(args, command, simulator, simulator.ca_file)
        stage = ClientStage(client.ask, simulator.script, watch, client.take_printed, client.stop)
        elsewhere = Elsewhere(lambda case: _own_stage(args, command, plan, case, simulator.ca_file), beside=True)
        adopt_orphans()
        try:
            with progress_bar("lookup", work_of(plan)) as step:
                found = witness(shlex.join(command), stage, plan, lambda: step(1), elsewhere)
        finally:
            client.stop(at_once=watch.interrupted is not None)
    return replace(found, notes=(*found.notes, *client.notes()))


@contextmanager
def _own_stage(
    args: argparse.Namespace, command: list[str], plan: ClientPlan, case: Case, other_ca: Path | None
) -> Iterator[ClientStage]:
    """A simulator and a process of the client for *case*. *other_ca*: a CA that does not vouch for the simulator."""
    watch = LookupWatch()
    settings = Settings(credentials=plan.account, record=watch.record)
    hooks = (watch.note_tls_fault, watch.note_unread)
    with RunningSimulator(settings, True, case.other_host, *hooks, case.closed) as simulator:
        is_vouched_for = case.trusted or case.closed or case.other_host
        client = _client(args, command, simulator, simulator.ca_file if is_vouched_for else other_ca)
        try:
            yield ClientStage(client.ask, simulator.script, watch, client.take_printed, client.stop)
        finally:
            client.stop(at_once=True)


def _client(
    args: argparse.Namespace, command: list[str], simulator: RunningSimulator, ca_file: Path | None
) -> ClientCommand:
    account = simulator.credentials
    values = {variable: getattr(account, name) for name, variable in VARIABLES.items()}
    values |= {"NI_BASE_URL": simulator.url, "NI_HTTPS_URL": simulator.https_url}
    if args.tls:
        values["NI_BASE_URL"] = simulator.https_url
    environment = client_environment(os.environ, values, str(ca_file))
    return ClientCommand(command, environment, args.per_lookup, account.redactor())
