"""The simulator as a provider that takes 50 ms for each answer, on uvicorn; started by commands.py."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

from ni_contract.simulator import create_app

LATENCY_SECONDS = 0.05
_simulator = create_app()
_Message = MutableMapping[str, Any]


async def app(
    scope: _Message, receive: Callable[[], Awaitable[_Message]], send: Callable[[_Message], Awaitable[None]]
) -> None:
    """Waits, then answers as the simulator does."""
    if scope["type"] == "http":
        await asyncio.sleep(LATENCY_SECONDS)
    await _simulator(scope, receive, send)


def main() -> None:
    """Serves on 127.0.0.1 and a free port until it is ended."""
    uvicorn.run(app, host="127.0.0.1", port=0, log_config=None, access_log=False, ws="none", lifespan="off")


if __name__ == "__main__":
    main()
