"""The parser of every command: defaults in the help, exit codes and examples below it, and a suggestion for a typo.

Also the command line as reports show it, without secrets.
"""

import argparse
import re
import shlex
import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import takewhile
from typing import Any, Final, NoReturn

from ni_contract.errors import did_you_mean
from ni_contract.exchanges.credentials import FLAGS
from ni_contract.exchanges.redaction import MASK
from ni_contract.printable import printable

COMMANDS: Final[dict[str, Any]] = tomllib.loads(files(__package__).joinpath("commands.toml").read_text("utf-8"))
# Shorter abbreviations are ambiguous: other flags begin so too.
_MIN_PREFIX_LENGTH: Final = len("--sig")
_WORD = re.compile(r"[\w./-]+")


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Adds the default to the help of each option, unless its help names it. Text of several lines is not wrapped."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:
            return super()._fill_text(text, width, indent)
        return argparse.HelpFormatter._fill_text(self, text, width, indent)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        text = action.help or ""
        says_it = "default" in text or not action.option_strings
        # The default of an option that is a switch is obvious.
        if says_it or action.default in (None, False, argparse.SUPPRESS) or action.default == []:
            return text
        return f"{text} (default: %(default)s)"


class Parser(argparse.ArgumentParser):
    """A parser that suggests a known word for an unknown one."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"formatter_class": HelpFormatter, **settings})
        self.known_words: list[str] = []

    def known_flags(self) -> list[str]:
        return list(self._option_string_actions)

    def error(self, message: str) -> NoReturn:
        """Ends with exit code 2, the message, and the most similar known word."""
        if "unrecognized" in message:
            unknown = message.rpartition(": ")[2].split()
            known = [word for word in self.known_words if word.startswith("-")]
        else:
            # "invalid choice: 'verfy' (choose from 'verify', 'audit')"; some versions of Python quote no choices.
            unknown, known = message.split("'")[1:2], _WORD.findall(message.partition("choose from")[2])
        guesses = (did_you_mean(word.partition("=")[0], known) for word in unknown)
        super().error(message + next(filter(None, guesses), ""))


def ending_of(command: str) -> str:
    """The text below the options of *command*: exit codes, examples, page of the documentation."""
    row = COMMANDS[command]
    codes, examples = ("".join(f"  {line}\n" for line in row[name]) for name in ("exit_codes", "examples"))
    return f"exit codes:\n{codes}\nexamples:\n{examples}\ndocumentation: {row['page']}"


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
        if len(name) >= _MIN_PREFIX_LENGTH and any(flag.startswith(name) for flag in FLAGS):
            yield value
            if not has_value:
                yield following
