"""`ni-contract serve`: the simulator, for a client in any language."""

import argparse
import os
from dataclasses import replace
from functools import partial

from ni_contract.commands.options import add_credentials, add_listening, whole
from ni_contract.contract.catalogue import DOCUMENTED, EDITIONS
from ni_contract.contract.spec_files import version_of
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import VARIABLES, Credentials, credentials_from
from ni_contract.files import parse_json, read_text
from ni_contract.interruption import ended_by
from ni_contract.recordings.replay import load_replay
from ni_contract.simulator.script import parse_script
from ni_contract.simulator.server import MAX_WORKERS, Serving, serve_app, serve_with_workers
from ni_contract.simulator.service import Simulator
from ni_contract.simulator.settings import Settings

# Options that need a single process: each worker would have its own count, script or certificate.
_ONE_PROCESS = ("script", "rate", "quota", "admin", "replay", "tls")
# A script has at most 1,000 steps with 2,000 characters each, which JSON may write as six bytes.
MAX_SCRIPT_BYTES = 16_000_000

_DOES_NOT = """\
It is a simulator. It does not
  - ask any network or carrier: no live data, no portability, no roaming, no reachability
  - look up who owns a number: cnam is accepted and has no effect
  - bill anything, or know any account but the one it was given
  - know numbering plans better than libphonenumber (phonenumbers {version}); possible numbers count, valid or not"""

_REPLAY_DOES_NOT = """\
It is a recording. It
  - answers what was recorded, under the credentials named above; anything else gets HTTP 404
  - gives the same request the answers that were recorded for it in turn, with the request ids of then
  - says in the header ni-contract-replay which recorded exchange it was, and whether that only resembles the request"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_listening(parser)
    parser.add_argument("--edition", choices=EDITIONS, default=DOCUMENTED, help="which behaviour")
    add_credentials(parser)
    parser.add_argument("--workers", type=whole(1, MAX_WORKERS), default=1, metavar="N", help="processes (default: 1)")
    parser.add_argument("--rate", type=int, metavar="N", help="status 1 above N requests a second")
    parser.add_argument("--quota", type=int, metavar="N", help="status 9 after N successes")
    parser.add_argument("--tls", action="store_true", help="HTTPS, by a throw-away CA whose file is printed")
    parser.add_argument("--script", metavar="FILE", help="JSON list: what the first requests get instead")
    parser.add_argument("--replay", metavar="FILE", help="answer from this recording (HAR, …), and nothing else")
    parser.add_argument("--admin", metavar="PATH", help="change the script at PATH/script (default: off)")


def run(args: argparse.Namespace) -> int:
    """Serves until interrupted, then returns 0. Raises UsageError and HarnessError."""
    _check_workers(args)
    settings, origin = _settings(args)

    greet = partial(_greet, settings, origin, args.replay)
    if args.workers == 1:
        return ended_by(serve_app(Simulator(settings), args.host, args.port, args.tls, greet)) or 0
    return ended_by(serve_with_workers(settings, args.host, args.port, args.workers, greet)) or 0


def _check_workers(args: argparse.Namespace) -> None:
    # A rate or quota of 0 is given, too.
    values = {name: getattr(args, name) for name in _ONE_PROCESS}
    alone = [f"--{name}" for name, value in values.items() if value is not None and value is not False]
    if args.workers > 1 and alone:
        raise UsageError(f"--workers cannot be used with {', '.join(alone)}: each worker would count on its own")


def _settings(args: argparse.Namespace) -> tuple[Settings, str]:
    if args.replay is not None and (args.rate is not None or args.quota is not None):
        raise UsageError("--replay gives the recorded answers: --rate and --quota have no effect there; leave them out")
    credentials, origin = _credentials(args)
    settings = Settings(
        edition=args.edition, credentials=credentials, rate=args.rate, quota=args.quota, admin_path=args.admin
    )
    if args.script is not None:
        name = f"--script {args.script}"
        script = parse_json(read_text(args.script, name, MAX_SCRIPT_BYTES), name)
        settings = replace(settings, script=parse_script(script))
    if args.replay is not None:
        settings = replace(settings, replay=load_replay(args.replay))
    return settings, origin


def _credentials(args: argparse.Namespace) -> tuple[Credentials, str]:
    """The account, and a phrase that names its source; its values are never printed."""
    typed = {name for name in VARIABLES if getattr(args, name) is not None}
    exported = {name for name, variable in VARIABLES.items() if variable in os.environ}
    origins = {
        "the command line": typed,
        "the environment": exported - typed,
        "the published examples": VARIABLES.keys() - typed - exported,
    }
    return credentials_from(args), " and ".join(name for name, values in origins.items() if values)


def _greet(settings: Settings, origin: str, file: str | None, serving: Serving) -> None:
    what, does_not = f"edition {settings.edition}", _DOES_NOT.format(version=version_of("phonenumbers"))
    if settings.replay is not None:
        what, does_not = f"replaying the {len(settings.replay)} exchanges in {file}", _REPLAY_DOES_NOT
    lines = [f"serving {serving.url}", f"{what}, credentials from {origin}"]
    if serving.ca_file is not None:
        lines.append(f"CA certificate {serving.ca_file}")
    if settings.admin_path is not None:
        lines.append(f"script at {settings.admin_path}/script")
    print("\n".join([*lines, does_not, "Ctrl-C ends it."]), flush=True)
