"""Traffic for the judge, made by the simulator in a process of its own, so that the judge's caches stay cold.

    python bench/traffic.py FORMAT AMOUNT DISTINCT SEED POSTS    writes lists of exchanges, pickled

Every tenth exchange is a refusal: wrong secret, no number, impossible number. About every POSTS-th is a POST (0: none).
"""

from __future__ import annotations

import asyncio
import io
import pickle
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from figures import MeasuringError
from load import CREDENTIALS, new_numbers
from processes import environment

CHUNK = 2_000
_MAX_SECONDS = 300
_FORM = (b"content-type", b"application/x-www-form-urlencoded")


def record(format_: str, amount: int, distinct: int, seed: int = 10, posts: int = 0) -> bytes:
    """*amount* exchanges about *distinct* numbers in *format_*, to be `read`. Raises MeasuringError."""
    line = [sys.executable, str(Path(__file__).resolve()), format_, *map(str, (amount, distinct, seed, posts))]
    try:
        done = subprocess.run(line, env=environment(), capture_output=True, timeout=_MAX_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise MeasuringError(f"making traffic took longer than {_MAX_SECONDS} s") from None
    if done.returncode:
        raise MeasuringError(f"traffic could not be made: {done.stderr.decode(errors='replace').strip()[-300:]}")
    return done.stdout


def read(recorded: bytes) -> Iterator[list[Any]]:
    """The exchanges, a list of `CHUNK` after the other, so that no more of them live than the judge keeps."""
    written = io.BytesIO(recorded)
    while written.tell() < len(recorded):
        yield pickle.load(written)  # noqa: S301 - our own process wrote it


def _requests(amount: int, distinct: int, seed: int, posts: int) -> Iterator[tuple[str, str]]:
    """Method and parameters of each request."""
    for index, number in enumerate(islice(cycle(list(islice(new_numbers(seed), distinct))), amount)):
        turn, place = divmod(index, distinct)
        # Another tenth of the numbers each time round, and another part of them by POST.
        is_refused, is_post = (place + turn) % 10 == 9, posts and (place // 10 + turn) % posts == 0
        parameters = _refused(place // 10, number) if is_refused else f"number={number}&{CREDENTIALS}"
        yield "POST" if is_post else "GET", parameters


def _refused(turn: int, number: str) -> str:
    return (f"number={number}&{CREDENTIALS}x", CREDENTIALS, f"number={number[:3]}&{CREDENTIALS}")[turn % 3]


async def _ask(app: Any, format_: str, method: str, parameters: str) -> None:
    """Asks an ASGI app and discards the answer, which is recorded."""
    raw, is_post = parameters.encode(), method == "POST"
    headers = [(b"host", b"api.nexmo.com"), (b"accept", b"*/*"), (b"user-agent", b"traffic")]
    scope = {
        "type": "http",
        "scheme": "https",
        "method": method,
        "path": f"/ni/basic/{format_}",
        "query_string": b"" if is_post else raw,
        "headers": [*headers, _FORM, (b"content-length", b"%d" % len(raw))] if is_post else headers,
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw if is_post else b""}

    async def send(message: dict[str, Any]) -> None:
        pass

    await app(scope, receive, send)


async def _write(format_: str, amount: int, distinct: int, seed: int, posts: int) -> None:
    from ni_contract.simulator import create_app

    recorded: list[Any] = []
    app = create_app(record=recorded.append)
    for method, parameters in _requests(amount, distinct, seed, posts):
        await _ask(app, format_, method, parameters)
    for start in range(0, amount, CHUNK):
        pickle.dump(recorded[start : start + CHUNK], sys.stdout.buffer)


if __name__ == "__main__":
    asyncio.run(_write(sys.argv[1], *map(int, sys.argv[2:6])))
