"""Mock servers of other projects on 127.0.0.1. They come from npm, so these tests run only by `tox -e peers`."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from started_servers import free_port, wait_for

SPEC = Path(__file__).parents[2] / "spec"
Start = Callable[..., str]


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
