"""`ni-contract proxy TARGET`: passes everything between a client and a provider, and judges both."""

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TextIO

from ni_contract.commands.finish import check_files, exit_code, show
from ni_contract.commands.options import add_connection, add_judging, add_listening, rerun_command
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.drivers.provider.find_target import any_base_url_of, base_url_of
from ni_contract.drivers.provider.http_target import trust
from ni_contract.drivers.proxy import Proxy
from ni_contract.errors import HarnessError, UsageError
from ni_contract.exchanges.credentials import Credentials, given_credentials
from ni_contract.exchanges.known_secrets import with_secrets_of
from ni_contract.exchanges.log_redaction import masked_logs
from ni_contract.exchanges.values import Exchange
from ni_contract.interruption import ended_by
from ni_contract.judge import Violation
from ni_contract.judge.deviations import read_all_deviations
from ni_contract.recordings.layers import UnseenError
from ni_contract.recordings.masking import Masking
from ni_contract.runs.audit import audited_clauses
from ni_contract.runs.proxy import ProxySession
from ni_contract.simulator.server import Serving, serve_app

DEFAULT_TIMEOUT = 30.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", help="the provider's base URL: a fake, a staging gateway, the simulator")
    add_listening(parser)
    parser.add_argument("--live", action="store_true", help="allow a target that is a public host")
    add_judging(parser)
    parser.add_argument("--record", metavar="FILE", help="write what passes to this new JSONL file, without secrets")
    add_connection(parser, DEFAULT_TIMEOUT)


def run(args: argparse.Namespace) -> int:
    """Passes requests on until it is interrupted, then reports. Raises UsageError and HarnessError."""
    check_files(args)
    account = given_credentials(args)
    deviations = read_all_deviations(args.deviations)
    clauses = tuple(clause for clause in audited_clauses(args.only) if clause.side != "recording")
    session = ProxySession(clauses, account, deviations, lambda one: _print_failure(one, account, args.edition))
    base_url = any_base_url_of(args.target) if args.live else base_url_of(args.target)
    with ExitStack() as stack:
        record = _recorder(args.record, account, stack)
        stack.enter_context(masked_logs(with_secrets_of((), account).redactor()))

        def on_exchange(exchange: Exchange, _seconds: float) -> None:
            record(exchange)
            session.add(exchange)

        proxy = Proxy(base_url, args.timeout, on_exchange, trust(args.ca_file) if args.ca_file else True)
        greet = partial(_greet, base_url, args.record)
        # The provider's Date is passed back, so the server adds none.
        number = serve_app(proxy, args.host, args.port, False, greet, date_header=False)
    # The recording is judged again where there is one, else the same traffic.
    again = rerun_command(args, ["audit", args.record] if args.record else ["proxy", args.target])
    outcome = replace(session.finish(args.target, base_url), repeat=again)
    show(outcome, args)
    return ended_by(number) or exit_code(outcome, args.edition)


def _recorder(file: str | None, account: Credentials | None, stack: ExitStack) -> Callable[[Exchange], None]:
    """A function that adds an exchange to *file*, with all secrets masked that were seen until then."""
    if file is None:
        return lambda _exchange: None
    out = stack.enter_context(_new_file(file))
    masking = Masking(account)

    def record(exchange: Exchange) -> None:
        try:
            masking.learn(exchange)
            out.write(masking.line(exchange))
            out.flush()
        except UnseenError as error:
            print(f"an exchange is not recorded, for it cannot be shown to be free of secrets: {error}")
        except OSError as error:
            raise HarnessError(f"the recording {file} cannot be written: {error.strerror}") from None

    return record


def _new_file(file: str) -> TextIO:
    if not file.endswith(".jsonl"):
        raise UsageError(f"--record {file}: a proxy records JSON lines; name a file that ends in .jsonl")
    try:
        return open(file, "x", encoding="utf-8")  # noqa: PTH123  the caller closes it
    except FileExistsError:
        raise UsageError(f"--record {file}: it is there already, and is not overwritten; name another file") from None
    except OSError as error:
        raise UsageError(f"--record {file}: cannot be written: {error.strerror}") from None


def _greet(base_url: str, record: str | None, serving: Serving) -> None:
    lines = [f"serving {serving.url}", f"everything is passed on to {base_url} and judged, request and answer"]
    if record:
        lines.append(f"recording to {record}, without secrets")
    print("\n".join([*lines, "Ctrl-C ends it and prints the report."]), flush=True)


def _print_failure(violation: Violation, account: Credentials | None, edition: str) -> None:
    """Prints one line for a failure as soon as it happens, if its clause binds in *edition*."""
    clause = load_catalogue()[violation.clause_id]
    if not clause.binds(edition):
        return
    exchange = violation.exchange
    redact = with_secrets_of(filter(None, (exchange,)), account).redactor()
    finding = violation.finding
    what = f"at {finding.at}: expected {finding.expected}, was {finding.actual}"
    print(f"{clause.level} {clause.side} {clause.id} {clause.title}: {redact(what)}", file=sys.stderr, flush=True)
