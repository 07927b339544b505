"""Options of several commands."""

import argparse
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from tqdm import tqdm

from ni_contract.contract.catalogue import DOCUMENTED, EDITIONS
from ni_contract.exchanges.credentials import FLAGS, VARIABLES, flag_of
from ni_contract.report.paint import CHOICES

BYTES = "B"
ENDINGS = ".html, .json, .md, .xml (JUnit), .sarif, .svg (badge), .shields.json (badge by shields.io)"
DEFAULT_TIMEOUT = 10.0


def add_credentials(parser: argparse.ArgumentParser) -> None:
    """Adds the three options for credentials; the environment is read when they are absent."""
    group = parser.add_argument_group(
        "credentials",
        "Other users of this machine can see a secret that is given as a flag; "
        "$NI_API_KEY, $NI_API_SECRET and $NI_SIGNATURE_SECRET are the better way.",
    )
    for flag, variable in FLAGS.items():
        group.add_argument(flag, metavar="TEXT", help=f"default: ${variable}, else the published example")


def add_connection(group: argparse._ActionsContainer, timeout: float = DEFAULT_TIMEOUT) -> None:
    """Adds the options for requests to a URL: --timeout, --ca-file."""
    group.add_argument("--timeout", type=positive_float, default=timeout, metavar="S", help="per request")
    group.add_argument("--ca-file", metavar="FILE", help="certificates to trust instead of the system's")


def add_listening(parser: argparse.ArgumentParser) -> None:
    """Adds the options of a server: --host, --port."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=port, default=0, help="port to listen on (default: a free one, printed)")


def warn_of_visible_secrets(args: argparse.Namespace) -> None:
    """Writes one sentence to stderr when a secret was given as a flag, without showing it."""
    flags = {"--api-secret": args.api_secret, "--signature-secret": args.signature_secret}
    given = [flag for flag, value in flags.items() if value]
    if given:
        print(
            f"ni-contract: other users of this machine can see the value of {' and '.join(given)}; "
            "give $NI_API_SECRET and $NI_SIGNATURE_SECRET in the environment instead",
            file=sys.stderr,
        )


def add_judging(parser: argparse.ArgumentParser, features: str = "") -> None:
    """Adds the options of every command that judges: what is judged, what is shown, and the credentials.

    *features* is the help of --features, which is added with it.
    """
    group = parser.add_argument_group("what is judged")
    group.add_argument(
        "--edition",
        choices=EDITIONS,
        default=DOCUMENTED,
        help="which edition sets the exit code: the reference page read literally, or what the API was seen to do "
        "(default: %(default)s); both are always judged",
    )
    group.add_argument("--only", action="append", default=[], metavar="GLOB", help="judge only these clauses")
    if features:
        group.add_argument("--features", metavar="LIST", help=features)
    group.add_argument(
        "--deviations", action="append", default=[], metavar="FILE", help="declared deviations, TOML; may be repeated"
    )
    _add_showing(parser.add_argument_group("what is shown and written"))
    add_credentials(parser)


def _add_showing(group: argparse._ActionsContainer) -> None:
    """Adds the options for what is printed and written."""
    add_report(group, f"write a report; the ending chooses the format: {ENDINGS}; may be repeated")
    group.add_argument(
        "--color",
        choices=CHOICES,
        default="auto",
        help="colour: on a terminal, and as NO_COLOR and FORCE_COLOR say (auto, the default), always or never",
    )
    group.add_argument(
        "--write-deviations",
        metavar="FILE",
        help="write what fails now to this new file, as deviations whose reasons are to be filled in",
    )
    group.add_argument(
        "--annotate",
        action=argparse.BooleanOptionalAction,
        help="show failures and warnings in a job of GitHub, and the report in the summary of its step "
        "(default: where GITHUB_ACTIONS is true)",
    )
    group.add_argument(
        "--exchanges", action="store_true", help="show every exchange in .json and .html, not only those that matter"
    )


def add_report(group: argparse._ActionsContainer, words: str) -> None:
    """Adds --report with the help *words*."""
    group.add_argument("--report", action="append", default=[], metavar="FILE", help=words)


def rerun_command(args: argparse.Namespace, command: Iterable[str], *names: str) -> Callable[[str], str]:
    """A function from a clause's id, or "" for all, to the command line that judges it again.

    That is *command*, then the options *names* that were changed, and the variables of credentials that were given.
    """
    changed: list[str] = []
    for name in names:
        flag, value = flag_of(name), getattr(args, name)
        if value is True:
            changed.append(flag)
        elif value != args.options.get_default(name):
            changed += [flag, str(value)]
    start = ["ni-contract", *command]
    given = [flag_of(name) for name in VARIABLES if getattr(args, name, None) is not None]
    secrets = "".join(f' {flag} "${FLAGS[flag]}"' for flag in given)
    return lambda clause_id: shlex.join([*start, *(("--only", clause_id) if clause_id else ()), *changed]) + secrets


def named(flag: str, *files: str | None) -> list[tuple[str, str]]:
    """The *files* that were given with *flag*, as pairs for messages."""
    return [(flag, file) for file in files if file]


def positive_float(text: str) -> float:
    """A number greater than zero. Raises argparse.ArgumentTypeError."""
    value = 0.0
    with suppress(ValueError):
        value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number greater than 0")
    return value


def whole(least: int, most: int) -> Callable[[str], int]:
    """A function that reads a whole number from *least* to *most*; it raises argparse.ArgumentTypeError."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text[:12]) <= most or len(text) > 12:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return read


count, positive, port = whole(0, 1_000_000), whole(1, 1_000_000), whole(0, 65_535)
# As a date is written, too: 20261127.
seed = whole(0, 2**32 - 1)


@contextmanager
def progress_bar(unit: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar with the time left on a terminal, nothing in a pipe; the function it yields moves it by so many units.

    Only a bar may move the cursor.
    """
    stream = getattr(sys.stderr, "unescaped", sys.stderr)
    # No thread that looks after bars: a process with threads must not be forked, which is how `audit` gets its workers.
    # That thread would lower *miniters* where steps become slow; so each step may redraw the bar from the start.
    tqdm.monitor_interval = 0
    scale = unit == BYTES
    with tqdm(total=total, unit=unit, unit_scale=scale, leave=False, miniters=1, disable=None, file=stream) as bar:

        def step(count: int) -> None:
            # The total is an estimate: work beyond it is counted too.
            bar.total = bar.total and max(bar.total, bar.n + count)
            bar.update(count)

        yield step
