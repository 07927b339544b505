"""The two errors that end a command without a verdict, and the names of options in their messages."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches

_OPTION_NAME: ContextVar[Callable[[str], str]] = ContextVar("option name", default="--{}".format)


class UsageError(Exception):
    """An input that cannot be used (exit code 2): the message says what is wrong, where, and what to do next."""


class HarnessError(Exception):
    """A target that cannot be reached or a failure of the harness (exit code 3): the message says how."""


def require(holds: object, sentence: str) -> None:
    """Raises UsageError, which says *sentence*, unless something *holds*."""
    if not holds:
        raise UsageError(sentence)


def option(name: str) -> str:
    """The option *name* as it is given here: `--features` on the command line, `--ni-features` under pytest."""
    return _OPTION_NAME.get()(name)


@contextmanager
def options_named(naming: Callable[[str], str]) -> Iterator[None]:
    """Has `option` name options by *naming* in what is called meanwhile."""
    token = _OPTION_NAME.set(naming)
    try:
        yield
    finally:
        _OPTION_NAME.reset(token)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question "did you mean …?" with the most similar of *known*; "" where none is similar to *word*."""
    # Of equally similar words the one with the same letters: two of them were swapped.
    found = sorted(get_close_matches(word, list(known), cutoff=0.6), key=lambda one: sorted(one) != sorted(word))
    if found:
        return f"; did you mean {found[0]}?"
    return ""
