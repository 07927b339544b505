"""The ASGI lifespan protocol: the start and the end of an application."""

import asyncio
from contextlib import suppress
from typing import Any


class Lifespan:
    """The ASGI lifespan of an application; for one that does not support it, nothing happens."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._replies: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Sends startup and waits for its end."""
        self._task = asyncio.ensure_future(self._run())
        await self._events.put({"type": "lifespan.startup"})
        await self._replies.get()

    async def stop(self) -> None:
        """Sends shutdown and waits for its end."""
        if self._task is not None and not self._task.done():
            await self._events.put({"type": "lifespan.shutdown"})
            await self._replies.get()
            self._task.cancel()

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        # The protocol allows an application without lifespan to raise; SystemExit would stop the loop.
        try:
            with suppress(Exception, SystemExit, KeyboardInterrupt):
                await self._app(scope, self._events.get, self._replies.put)
        finally:
            self._replies.put_nowait({"type": "lifespan.ended"})
