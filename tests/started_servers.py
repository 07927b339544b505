"""Servers that a test starts as programs of their own."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request

STARTS_WITHIN_SECONDS = 120


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Waits until something answers at *url*; fails where *process*, the server, ends before."""
    for _ in range(STARTS_WITHIN_SECONDS * 4):
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"nothing answers at {url}")
