"""A service with facts of numbers, for providers in other languages: GET ?number=…&country=… → facts, or null."""

from __future__ import annotations

import json
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@cache
def serve_numbers() -> str:
    """The URL of the service, which runs in this process until it ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


@cache
def _provider() -> dict[str, Any]:
    """The names of the right ASGI provider, whose numbers these are."""
    file = Path(__file__).parent / "right" / "providers" / "asgi_fake.py"
    space: dict[str, Any] = {"__name__": "numbers", "__file__": str(file)}
    exec(compile(file.read_text("utf-8"), str(file), "exec"), space)  # noqa: S102  a program of our own
    return space


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query))
        try:
            facts = _provider()["look_up"](asked)
        except _provider()["Refused"]:
            facts = None
        body = json.dumps(facts).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        """Prints nothing: the lines would stand between the scores."""
