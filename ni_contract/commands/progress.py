"""A progress bar on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Never

from tqdm import tqdm


@contextmanager
def progress(unit: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A bar that counts *unit*s up to *total*; the function that it gives adds its argument, or 1, to the count."""

    def advance(count: int = 1) -> None:
        bar.update(count)

    bar: tqdm[Never] = tqdm(
        total=total, unit=unit, unit_scale=total is None, leave=False, disable=None, file=sys.stderr
    )
    with bar:
        yield advance
