"""`ni-contract spec`: the contract's data files, for other tools."""

import argparse
import sys
from collections.abc import Iterator

from ni_contract.contract.bundle import bundled
from ni_contract.contract.spec_files import read_spec, spec_folder, spec_names
from ni_contract.errors import UsageError, did_you_mean
from ni_contract.runs.provenance import provenance


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="the file to print")
    parser.add_argument("--list", action="store_true", help="list the names of all files")
    parser.add_argument("--revision", action="store_true", help="print which contract this is, as reports name it")
    parser.add_argument("--bundle", action="store_true", help="print openapi.yaml as one file, with its schemas")
    parser.add_argument("--path", action="store_true", help="print the folder that holds them")


def run(args: argparse.Namespace) -> int:
    """Prints a file, the list, or the folder. Raises UsageError for an unknown name."""
    if args.bundle and args.name != "openapi.yaml":
        raise UsageError("--bundle is for openapi.yaml: `ni-contract spec openapi.yaml --bundle`")
    if args.path:
        print(spec_folder())
    elif args.revision:
        print("\n".join(_revision()))
    elif args.name is None:
        print("\n".join(spec_names()))
    elif args.bundle:
        sys.stdout.write(bundled(args.name))
    else:
        sys.stdout.write(_text(args.name))
    return 0


def _revision() -> Iterator[str]:
    found = provenance()
    for name in ("catalogue", "vectors"):
        yield f"{name:<13} {found[name]['revision']}  SHA-256 {found[name]['digest']}"
    yield f"{'phonenumbers':<13} {found['phonenumbers']}"
    yield f"{'ni-contract':<13} {found['version']}"


def _text(name: str) -> str:
    try:
        return read_spec(name)
    except KeyError:
        known = f"{did_you_mean(name, spec_names())}; `ni-contract spec --list` names them all"
        raise UsageError(f"the contract has no file {name!r}{known}") from None
