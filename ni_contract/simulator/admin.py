"""The admin endpoint: the script over HTTP, on a path of its own. Off unless asked for."""

from __future__ import annotations

import json

from ni_contract.errors import UsageError
from ni_contract.simulator.reply import HttpError, Reply
from ni_contract.simulator.script import Script

_JSON = ((b"content-type", b"application/json"),)


def administer(script: Script, method: str, body: bytes) -> Reply:
    """GET shows what is left of *script*, PUT and POST replace it by a JSON list, DELETE clears it."""
    if method in ("PUT", "POST"):
        _replace(script, body)
    elif method == "DELETE":
        script.clear()
    elif method not in ("GET", "HEAD"):
        raise HttpError(
            405, "The script takes GET, PUT, POST and DELETE.", ((b"allow", b"GET, HEAD, PUT, POST, DELETE"),)
        )
    return Reply(200, _JSON, _shown(script))


def _replace(script: Script, body: bytes) -> None:
    try:
        script.set(json.loads(body))
    except UsageError as error:
        raise HttpError(400, f"{error}.") from None
    except (ValueError, RecursionError):
        raise HttpError(400, "The script is not well-formed JSON.") from None


def _shown(script: Script) -> bytes:
    return json.dumps({"remaining": [step.as_dict() for step in script.remaining]}).encode() + b"\n"
