"""The command line as reports show it, without secrets."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final

from ni_contract.exchanges.redaction import MASK
from ni_contract.printable import printable

SECRET_FLAGS: Final = ("--api-key", "--api-secret", "--signature-secret")
# Shorter abbreviations are ambiguous: other flags begin so too.
_MIN_PREFIX_LENGTH: Final = len("--sig")


def shown_command(arguments: Sequence[str]) -> str:
    """The command line of ni-contract with *arguments*, the values of credential flags masked wherever they stand."""
    secrets = set(filter(None, _secret_values(arguments)))
    return printable(shlex.join(["ni-contract", *(_masked(argument, secrets) for argument in arguments)]))


def _masked(argument: str, secrets: set[str]) -> str:
    name, _, value = argument.partition("=")
    if argument in secrets:
        return MASK
    if value in secrets and name.startswith("--"):
        return f"{name}={MASK}"
    return argument


def _secret_values(arguments: Sequence[str]) -> Iterator[str]:
    """The values of credential flags; after a `--` the arguments of another program follow, which are not searched."""
    own = list(takewhile(lambda argument: argument != "--", arguments))
    for argument, following in zip(own, [*own[1:], ""], strict=True):
        name, has_value, value = argument.partition("=")
        if len(name) >= _MIN_PREFIX_LENGTH and any(flag.startswith(name) for flag in SECRET_FLAGS):
            yield value
            if not has_value:
                yield following
