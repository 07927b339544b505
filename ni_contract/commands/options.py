"""Options that several commands share."""

from __future__ import annotations

import argparse
import os

from ni_contract.catalogue import DOCUMENTED, EDITIONS
from ni_contract.credentials import EXAMPLE_KEY, EXAMPLE_SECRET, EXAMPLE_SIGNATURE_SECRET, Credentials
from ni_contract.errors import UsageError


def add_credentials(parser: argparse.ArgumentParser) -> None:
    """Adds the three options for credentials; the environment is read when they are absent."""
    for name, variable in (
        ("--api-key", "NI_API_KEY"),
        ("--api-secret", "NI_API_SECRET"),
        ("--signature-secret", "NI_SIGNATURE_SECRET"),
    ):
        parser.add_argument(name, metavar="TEXT", help=f"default: ${variable}, else the published example")


def credentials_from(args: argparse.Namespace) -> Credentials:
    """The credentials of *args*, else of the environment, else the published examples. Raises UsageError."""
    values = (
        _value(args.api_key, "NI_API_KEY", EXAMPLE_KEY),
        _value(args.api_secret, "NI_API_SECRET", EXAMPLE_SECRET),
        _value(args.signature_secret, "NI_SIGNATURE_SECRET", EXAMPLE_SIGNATURE_SECRET),
    )
    if not all(values):
        raise UsageError("a credential is empty; give --api-key, --api-secret and --signature-secret, or none of them")
    check_text(*values)
    return Credentials(*values)


def check_text(*values: str) -> None:
    """Raises UsageError for a credential that was not given in UTF-8, without showing it."""
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        raise UsageError("a credential is not text in UTF-8") from None


def environment_credentials() -> Credentials:
    """The credentials of the environment, else the published examples. Raises UsageError when one is empty."""
    return credentials_from(argparse.Namespace(api_key=None, api_secret=None, signature_secret=None))


def _value(given: str | None, variable: str, default: str) -> str:
    return given if given is not None else os.environ.get(variable, default)


def add_edition(parser: argparse.ArgumentParser) -> None:
    """Adds --edition."""
    parser.add_argument(
        "--edition",
        choices=EDITIONS,
        default=DOCUMENTED,
        help="whose verdict decides: the reference read literally (default), or what the API was seen to do",
    )


def changed_flags(*rows: tuple[str, object, object]) -> list[str]:
    """The words that repeat a command: of each (flag, value, usual value), flag and value where it is not the usual."""
    return [word for flag, value, usual in rows if value != usual for word in (flag, str(value))]


def positive_float(text: str) -> float:
    """A number greater than zero. Raises argparse.ArgumentTypeError."""
    value = _number(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number greater than 0")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def count(text: str) -> int:
    """A whole number, zero or more, at most a million. Raises argparse.ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or int(text[:9]) > 1_000_000 or len(text) > 7:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to 1000000")
    return int(text)
