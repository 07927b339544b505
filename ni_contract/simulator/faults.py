"""Faults of script steps: a changed answer, another answer, or a broken connection."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from ni_contract.simulator.asgi import Reply
from ni_contract.simulator.script import Step

BAD_GATEWAY: Final = 502
_HTML: Final = ((b"content-type", b"text/html; charset=utf-8"),)


def spoil(reply: Reply, step: Step) -> Reply:
    """*reply* with the fault of *step* in its bytes; unchanged for faults of the connection."""
    if step.fault == "wrong-status":
        return reply._replace(http_status=step.http_status or BAD_GATEWAY)
    if step.fault == "gateway" or step.http_status is not None:
        return gateway_page(step.http_status or BAD_GATEWAY)
    spoiler = _SPOILERS.get(step.fault or "")
    if spoiler:
        return spoiler(reply)
    return reply


def gateway_page(http_status: int) -> Reply:
    """The page of a gateway in front of the API: neither JSON nor XML."""
    try:
        title = f"{http_status} {HTTPStatus(http_status).phrase}"
    except ValueError:
        title = str(http_status)
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><hr>gateway<br></body></html>\n"
    return Reply(http_status, _HTML, page.encode())


_SPOILERS: Final[dict[str, Callable[[Reply], Reply]]] = {
    # A page with HTTP 200, as for a login or maintenance.
    "html": lambda _reply: gateway_page(HTTPStatus.OK),
    # The first half of the body, in which no object and no root element is closed.
    "malformed": lambda reply: reply._replace(body=reply.body[: len(reply.body) // 2]),
    "wrong-content-type": lambda reply: reply._replace(headers=_HTML),
    "empty": lambda reply: reply._replace(body=b""),
}


def redirection(scheme: str, host: str, path: str) -> Reply:
    """HTTP 302 to the same simulator under another name of this machine; *host* is the requested one."""
    name, _, port = host.rpartition(":")
    other = "127.0.0.1" if name == "localhost" else "localhost"
    location = f"{scheme}://{other}:{port}{path}"
    return Reply(HTTPStatus.FOUND, ((b"location", location.encode("latin-1")),), b"")
