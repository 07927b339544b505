"""Takes secrets out of a command line: out of the process title, which other users see, and out of reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ni_contract.exchanges.redaction import MASK

SECRET_FLAGS: Final = ("--api-key", "--api-secret", "--signature-secret")
# Shorter beginnings of a flag are those of other flags too.
_SHORTEST_PREFIX: Final = len("--sig")
# In /proc/PID/stat, counted after the name in parentheses: where the arguments begin and end in memory.
_ARG_START, _ARG_END = 45, 46


def hide_secrets(arguments: Sequence[str]) -> None:
    """Overwrites the values of credential flags in this process's own title with asterisks.

    Only Linux lets a process do that so simply; elsewhere, as before this has run, the environment is the place
    for secrets. Never raises.
    """
    secrets = {os.fsencode(value) for value in secret_values(arguments) if value}
    if not secrets or not sys.platform.startswith("linux"):
        return
    try:
        import ctypes  # most commands carry no secret, and need not wait for it

        start, end = _bounds()
        held = ctypes.string_at(start, end - start)
    except (OSError, ValueError, IndexError):
        return
    ctypes.memmove(start, _masked(held, secrets), len(held))


def secret_values(arguments: Sequence[str]) -> Iterator[str]:
    """The values of credential flags in *arguments*, up to a `--`, behind which another program's arguments stand."""
    own = list(arguments)[: list(arguments).index("--")] if "--" in arguments else list(arguments)
    for position, argument in enumerate(own):
        name, has_value, value = argument.partition("=")
        if len(name) >= _SHORTEST_PREFIX and any(flag.startswith(name) for flag in SECRET_FLAGS):
            yield value if has_value else "".join(own[position + 1 : position + 2])


def masked_arguments(arguments: Sequence[str]) -> list[str]:
    """*arguments* with the values of credential flags masked, wherever they stand."""
    secrets = set(filter(None, secret_values(arguments)))
    return [_masked_word(argument, secrets) for argument in arguments]


def _masked_word(argument: str, secrets: set[str]) -> str:
    name, _, value = argument.partition("=")
    if argument in secrets:
        return MASK
    return f"{name}={MASK}" if value in secrets and name.startswith("--") else argument


def _bounds() -> tuple[int, int]:
    fields = Path("/proc/self/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    start, end = int(fields[_ARG_START]), int(fields[_ARG_END])
    if not 0 < start < end:
        raise ValueError("the kernel does not say where the arguments are")
    return start, end


def _masked(held: bytes, secrets: set[bytes]) -> bytes:
    """The arguments, each with a zero byte at its end, in the same length, with the secrets masked."""
    return b"\0".join(_one_masked(argument, secrets) for argument in held.split(b"\0"))


def _one_masked(argument: bytes, secrets: set[bytes]) -> bytes:
    name, equals, value = argument.partition(b"=")
    if argument in secrets:
        return b"*" * len(argument)
    return name + equals + b"*" * len(value) if value in secrets and name.startswith(b"--") else argument
