"""The admin endpoint: the script over HTTP, on a path of its own. Disabled by default."""

import ipaddress
import json
import re

from ni_contract.contract.vocabulary import JSON
from ni_contract.errors import UsageError
from ni_contract.simulator.asgi import HttpError, Reply
from ni_contract.simulator.script import Script

_JSON = ((b"content-type", JSON.encode()),)


def refuse_foreign(origin: bytes | None, host: bytes | None) -> None:
    """Raises HttpError for a request from a web page, whether its headers show that or its host name is foreign."""
    if origin is not None:
        raise HttpError(403, "The script is not for web pages: leave the header Origin out.")
    name = re.sub(r":[0-9]*$", "", (host or b"localhost").decode("latin-1").lower())
    if not _is_private_name(name.strip("[]")):
        raise HttpError(403, "The script is for this machine and its networks: ask by address, or by localhost.")


def _is_private_name(host: str) -> bool:
    """Whether *host* is an IP address or a name that no public server has: one label, or under localhost."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(".localhost")
    return True


def administer(script: Script, method: str, body: bytes) -> Reply:
    """GET returns the rest of *script*, PUT and POST replace it by a JSON list, DELETE clears it."""
    if method in ("PUT", "POST"):
        _replace(script, body)
    elif method == "DELETE":
        script.clear()
    elif method not in ("GET", "HEAD"):
        raise HttpError(
            405, "The script takes GET, PUT, POST and DELETE.", ((b"allow", b"GET, HEAD, PUT, POST, DELETE"),)
        )
    remaining = [step.as_dict() for step in script.remaining]
    return Reply(200, _JSON, json.dumps({"remaining": remaining}).encode() + b"\n")


def _replace(script: Script, body: bytes) -> None:
    try:
        script.set(json.loads(body))
    except UsageError as error:
        raise HttpError(400, f"{error}.") from None
    except (ValueError, RecursionError):
        raise HttpError(400, "The script is not well-formed JSON.") from None
