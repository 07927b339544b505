"""`ni-contract completion SHELL`: a script that completes commands and flags in bash, zsh or fish."""

import argparse

from ni_contract.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="print the script for this shell")


def run(args: argparse.Namespace) -> int:
    """Prints the script and returns 0. Raises UsageError where shtab, which makes it, is not installed."""
    try:
        import shtab
    except ImportError:
        raise UsageError("completion needs shtab: pip install 'ni-contract[completion]'") from None
    print(shtab.complete(args.parser, args.shell))
    return 0
