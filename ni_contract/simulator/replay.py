"""A recording instead of the simulator's own answers."""

import re
from typing import TYPE_CHECKING, Final

from ni_contract.simulator.asgi import Scope
from ni_contract.simulator.decode import Call
from ni_contract.simulator.recording import request_of
from ni_contract.simulator.reply import HttpError, Reply

if TYPE_CHECKING:
    from ni_contract.simulator.settings import Settings

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_NOT_RECORDED: Final = "The recording that is replayed here holds no such request."


def replayed(call: Call, scope: Scope, settings: "Settings") -> Reply | None:
    """The recorded answer to *call*. Without one: None, or HttpError (404) if only recorded answers are allowed."""
    if settings.replay is None:
        return None
    from ni_contract.recordings.replay import MARK, NOTHING

    found = settings.replay.answer(request_of(scope, call.body), settings.credentials, settings.clock())
    if found is None and not settings.replay_only:
        return None
    if found is None:
        raise HttpError(404, _NOT_RECORDED, ((MARK.encode(), NOTHING.encode()),))
    headers = tuple(
        (n.encode("latin-1"), v.encode("latin-1")) for n, v in found.answer.headers if _is_valid_header(n, v)
    )
    return Reply(found.answer.http_status, (*headers, (MARK.encode(), found.mark.encode())), found.answer.body)


def _is_valid_header(name: str, value: str) -> bool:
    """Whether a server could have sent the headers; in a file, one with a line end would begin another answer."""
    return _NAME.fullmatch(name) is not None and _VALUE.fullmatch(value) is not None
