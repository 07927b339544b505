"""The least that an ASGI app can do, on uvicorn with httptools as it comes, but for logs and a header less.

Started by servers.py; the simulator has neither the logs nor the header.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
BODY = (
    b'{"status": 0, "status_message": "Success", "request_id": "d79c3d82-e2ee-46ff-972a-97b76be419cb", '
    b'"international_format_number": "441632960960", "national_format_number": "01632 960960", "country_code": "GB", '
    b'"country_code_iso3": "GBR", "country_name": "United Kingdom", "country_prefix": "44"}'
)
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))],
}


async def app(scope: object, receive: object, send: Send) -> None:
    """Gives the same answer to every request."""
    await send(START)
    await send({"type": "http.response.body", "body": BODY})


async def reading_app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Gives the same answer, after the body of a POST, which a server of this API cannot answer unread."""
    while scope["method"] == "POST" and (await receive()).get("more_body"):
        pass
    await app(scope, receive, send)


def main(answer: Callable[..., Awaitable[None]] = app) -> None:
    """Serves on 127.0.0.1 and a free port until it is ended."""
    quiet: dict[str, Any] = {"log_config": None, "access_log": False, "proxy_headers": False, "server_header": False}
    uvicorn.run(answer, host="127.0.0.1", port=0, http="httptools", ws="none", lifespan="off", **quiet)


def main_reading() -> None:
    """As `main`, with bodies read."""
    main(reading_app)


if __name__ == "__main__":
    main()
