"""The settings of a simulator, fixed at its start."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.contract.vocabulary import API_PATH
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Exchange
from ni_contract.simulator.script import Step, parse_script

if TYPE_CHECKING:
    from ni_contract.recordings.replay import Replay

MAX_RATE: Final = 100_000

_ADMIN_PATH = re.compile(r"(/[A-Za-z0-9_.~-]+)+")


@dataclass(frozen=True)
class Settings:
    """Settings of a simulator. Raises UsageError for invalid values.

    *rate*: requests a second before status 1; *quota*: successes before status 9; None: no limit.
    *script*: the answers to the first requests; *admin_path*: where it can be changed over HTTP (None: nowhere).
    *clock*: seconds since the epoch, for the rate and for signatures. *record* is called with every exchange.
    *replay*: the recording whose answers are given instead of our own; then rate and quota have no effect.
    *replay_only*: a request without a recorded answer gets HTTP 404; else it gets our own answer.
    """

    edition: str = "documented"
    credentials: Credentials = field(default_factory=Credentials)
    rate: int | None = None
    quota: int | None = None
    script: tuple[Step, ...] = ()
    admin_path: str | None = None
    clock: Callable[[], float] = time.time
    record: Callable[[Exchange], None] | None = None
    replay: "Replay | None" = None
    replay_only: bool = True

    def __post_init__(self) -> None:
        if self.edition not in EDITIONS:
            raise UsageError(f"no edition is called {self.edition!r}: choose one of {', '.join(EDITIONS)}")
        _check_number("rate", self.rate, 1, MAX_RATE)
        _check_number("quota", self.quota, 0, None)
        for name in ("api_key", "api_secret", "signature_secret"):
            if not getattr(self.credentials, name):
                raise UsageError(f"{name} is empty: give a value, or leave it out for the published example")
        _check_admin_path(self.admin_path)
        object.__setattr__(self, "script", parse_script(self.script))


def _check_number(name: str, value: int | None, lowest: int, highest: int | None) -> None:
    if value is not None and (value < lowest or (highest is not None and value > highest)):
        allowed = f"at least {lowest}" if highest is None else f"{lowest} to {highest}"
        raise UsageError(f"{name} is {value}: give a whole number, {allowed}, or none for no limit")


def _check_admin_path(path: str | None) -> None:
    if path is None:
        return
    if not _ADMIN_PATH.fullmatch(path):
        raise UsageError(f"the admin path {path!r} cannot be used: give one like /_admin, without a slash at the end")
    if f"{API_PATH}/".startswith(f"{path}/") or f"{path}/".startswith(f"{API_PATH}/"):
        raise UsageError(f"the admin path {path!r} is in the way of {API_PATH}: give one like /_admin")
