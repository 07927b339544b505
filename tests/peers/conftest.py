"""Mock servers of other projects on 127.0.0.1. They come from npm, so these tests run only by `tox -e peers`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SPEC = Path(__file__).parents[2] / "spec"
STARTS_WITHIN_SECONDS = 90
Start = Callable[..., str]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(STARTS_WITHIN_SECONDS * 4):
        assert process.poll() is None, "the mock server ended"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"nothing answers at {url}")


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Starts a program of the node packages with a port of its own in place of PORT; yields its base URL."""
    processes: list[subprocess.Popen[bytes]] = []

    def run(program: str, *arguments: str) -> str:
        port = free_port()
        command = [str(Path(os.environ["NI_NODE_MODULES"]) / ".bin" / program)]
        command += [argument.replace("PORT", str(port)) for argument in arguments]
        processes.append(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        )
        base = f"http://127.0.0.1:{port}/ni/basic"
        wait_for(f"{base}/json?number=441632960960&api_key=n3xm0rocks&api_secret=12ab34cd", processes[-1])
        return base

    yield run
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
