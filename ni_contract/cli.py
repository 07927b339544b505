"""`ni-contract`: finds the subcommand and turns every ending into an exit code. Sections: DESIGN, exit codes."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TextIO

from ni_contract.commands.parser import COMMANDS, Parser, ending_of, shown_command
from ni_contract.contract.spec_files import version_of
from ni_contract.errors import HarnessError, UsageError
from ni_contract.interruption import Interrupted, interruptible
from ni_contract.printable import printable, printable_streams

EXIT_USAGE, EXIT_HARNESS = 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line *argv* (without the program's name) and returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _prepare_streams()
    with printable_streams(), interruptible():
        return _ended(arguments)


def _ended(arguments: list[str]) -> int:
    """The exit code of the command, for a normal return, an error and a signal alike."""
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except UsageError as error:
        return _end(error, EXIT_USAGE)
    except HarnessError as error:
        return _end(error, EXIT_HARNESS)
    except BrokenPipeError:
        _silence(sys.stdout)
        return EXIT_HARNESS
    except OSError as error:
        _silence(sys.stdout)
        return _end(f"cannot go on: {error}", EXIT_HARNESS)
    except Interrupted as interrupted:
        return _end(f"interrupted ({interrupted})", interrupted.exit_code)


def _run(arguments: list[str]) -> int:
    chosen = next((a for a in arguments if a in COMMANDS), "")
    # Shell completion needs the options of all commands.
    parser = _parser(COMMANDS if chosen == "completion" else (chosen,))
    parsed = parser.parse_args(arguments)
    if parsed.command is None:
        parser.print_help()
        return EXIT_USAGE
    parsed.parser, parsed.command_line = parser, shown_command(arguments)
    code: int = import_module(f"ni_contract.commands.{parsed.command}").run(parsed)
    return code


def _parser(chosen: Iterable[str]) -> argparse.ArgumentParser:
    """The parser. Only the modules of the *chosen* commands are imported, to save import time."""
    parser = Parser(
        prog="ni-contract",
        description="The contract of the Number Insight Basic API.",
        epilog="ni-contract COMMAND --help has the options, exit codes and examples of a command. "
        "Documentation: README.md and docs/ of the project.",
    )
    parser.add_argument("--version", action="version", version=f"ni-contract {version_of('ni-contract')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, row in COMMANDS.items():
        words = row["help"]
        described = words[0].upper() + words[1:] + "."
        sub = commands.add_parser(name, help=words, description=described, epilog=ending_of(name))
        if name in chosen:
            import_module(f"ni_contract.commands.{name}").configure(sub)
            sub.set_defaults(options=sub)
            parser.known_words += sub.known_flags()
    parser.known_words += COMMANDS
    return parser


def _end(reason: object, code: int) -> int:
    try:
        print(f"ni-contract: {printable(str(reason))}", file=sys.stderr, flush=True)
    except OSError:
        _silence(sys.stderr)
    return code


def _prepare_streams() -> None:
    """Makes printing safe: output to a closed stream is dropped, a character that cannot be encoded is escaped."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _silence(stream: TextIO) -> None:
    """Redirects *stream* to nowhere, or the interpreter writes it again at its end and prints a traceback."""
    with suppress(OSError, ValueError), Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
