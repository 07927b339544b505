"""What a client in this process prints, in which secrets are looked for."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, Final, TextIO, cast

MAX_PRINTED: Final = 200_000  # in characters, between two calls


@contextmanager
def printed_here() -> Iterator[Callable[[], str]]:
    """A function that returns what was printed since its last call; all of it goes its usual way too."""
    printed = io.StringIO()

    def take() -> str:
        taken = printed.getvalue()
        printed.seek(0)
        printed.truncate()
        return taken

    with redirect_stdout(_both(sys.stdout, printed)), redirect_stderr(_both(sys.stderr, printed)):
        yield take


def _both(first: TextIO, second: io.StringIO) -> TextIO:
    return cast(TextIO, _Both(first, second))


class _Both:
    """The stream *first*, whose text is written to *second* as well.

    No subclass of io.TextIOBase: that has an `encoding` and a `fileno` of its own, and flushes when it is collected,
    though *first* may be closed by then.
    """

    def __init__(self, first: TextIO, second: io.StringIO) -> None:
        self._first, self._second = first, second

    def write(self, text: str) -> int:
        self._second.write(text[: MAX_PRINTED - self._second.tell()])
        return self._first.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        """What else the stream has, such as `flush` and `buffer`."""
        return getattr(self._first, name)
