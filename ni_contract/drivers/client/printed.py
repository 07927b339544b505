"""What a client in this process prints, in which secrets are looked for."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, Final, TextIO

MAX_PRINTED: Final = 200_000  # in characters, between two calls


@contextmanager
def printed_here() -> Iterator[Callable[[], str]]:
    """A function that returns what was printed since its last call; all of it goes its usual way too."""
    printed = io.StringIO()

    def take() -> str:
        taken = printed.getvalue()[:MAX_PRINTED]
        printed.seek(0)
        printed.truncate()
        return taken

    with redirect_stdout(_Both(sys.stdout, printed)), redirect_stderr(_Both(sys.stderr, printed)):
        yield take


class _Both(io.TextIOBase):
    """The stream *first*, whose text is written to *second* as well."""

    def __init__(self, first: TextIO, second: TextIO) -> None:
        self._first, self._second = first, second

    def write(self, text: str) -> int:
        self._second.write(text)
        return self._first.write(text)

    def flush(self) -> None:
        self._first.flush()

    def __getattr__(self, name: str) -> Any:
        """What else the stream has, such as `buffer`."""
        return getattr(self._first, name)
