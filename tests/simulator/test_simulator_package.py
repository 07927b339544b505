"""The public names of the package, and the cost of importing it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

import ni_contract.simulator as package


@pytest.mark.parametrize("name", package.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(package, name) is getattr(package, name)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing


def test_importing_it_imports_nothing_else() -> None:
    code = "import sys, ni_contract.simulator; print([m for m in sys.modules if 'uvicorn' in m or 'phonenumbers' in m])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_app_needs_no_own_server() -> None:
    code = "import sys; from ni_contract.simulator import app; print([m for m in sys.modules if 'uvicorn' in m])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def conversation(scope: Any, *messages: Any) -> Any:
    incoming, sent = list(messages), []

    async def receive() -> Any:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(package.create_app()(scope, receive, send))
    return sent


def test_recording_lasts_as_its_server() -> None:
    told = conversation({"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_it_refuses_web_sockets() -> None:
    assert conversation({"type": "websocket"}) == ["websocket.close"]


def test_leaving_client_gets_no_answer() -> None:
    scope = {"type": "http", "method": "POST", "path": "/ni/basic/json", "query_string": b"", "headers": []}
    assert conversation(scope, {"type": "http.disconnect"}) == []


def test_simulator_exports_load_replay() -> None:
    from ni_contract.recordings import replay

    assert package.load_replay is replay.load_replay
