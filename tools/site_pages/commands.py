"""docs/commands.md: every command with its options, exit codes and examples, as in `--help`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ni_contract.cli import _parser
from ni_contract.commands.parser import COMMANDS

_HEAD = """# All commands

<!-- Written by `PYTHONPATH=tools python -m site_pages --commands`; a test compares it with the commands. -->

Each command says the same with `--help`.
"""


def commands_page() -> str:
    """The page, in the order of `ni-contract --help`."""
    return "\n".join([_HEAD, *(line for name, parser in _parsers() for line in _command(name, parser))])


def _parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    whole = _parser(COMMANDS)
    for action in whole._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def _command(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f"## {name}\n\n{_cell(parser.description or '')}\n"
    for group in parser._action_groups:
        shown = [
            action for action in group._group_actions if action.help != argparse.SUPPRESS and action.dest != "help"
        ]
        if shown:
            yield f"| {group.title} | meaning |\n|---|---|"
            yield from (f"| {_flags(action)} | {_meaning(parser, action)} |" for action in shown)
            yield ""
    if parser.epilog:
        yield f"```text\n{parser.epilog}\n```\n"


def _flags(action: argparse.Action) -> str:
    value = _value(action)
    names = action.option_strings or [value]
    told = value if action.option_strings and action.nargs != 0 else ""
    return " ".join(filter(None, (f"`{'`, `'.join(names)}`", f"`{told}`" if told else "")))


def _value(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    return " ".join(action.metavar or ()) or "/".join(map(str, action.choices or ())) or action.dest


def _meaning(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    values = {name: value for name, value in vars(action).items() if value is not argparse.SUPPRESS}
    told = (action.help or "") % (values | {"prog": parser.prog})
    has_default = action.default not in (None, False, True, argparse.SUPPRESS, "") and action.default != []
    if has_default and action.option_strings and "default" not in told:
        told += f" (default: {action.default})"
    return _cell(told)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("\n", " ")
