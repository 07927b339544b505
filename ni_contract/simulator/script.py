"""The script: the answers to the next requests, instead of their normal ones. Nothing here is ever random."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.errors import UsageError
from ni_contract.simulator.answer_variants import VARIANTS

FAULTS: Final = (
    "cut-off",
    "malformed",
    "wrong-content-type",
    "wrong-status",
    "html",
    "redirect",
    "reset",
    "empty",
    "gateway",
    "silence",
    "stall",
    "pieces",
    "segments",
    "gzip",
    "cut-off-chunks",
    "capitals",
    "close",
)
_WITH_HTTP_STATUS: Final = (None, "gateway", "wrong-status")
MAX_DELAY_SECONDS: Final = 300
MAX_TEXT_LENGTH: Final = 2_000
MAX_STEPS: Final = 1_000
MAX_REPEATS: Final = 1_000_000
_GREATEST_STATUS: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Step:
    """The answer to *repeat* requests: a status, a *body*, a delay in seconds, a fault, an HTTP status.

    Nothing set: the normal answer. A delay goes with everything, a fault spoils the status' answer if one is set.
    A status may have its own *text*, the wording of an *edition*, and a *shape*: one of `VARIANTS`, ways to write the
    same answer, and bodies that only resemble an answer.
    """

    status: int | None = None
    text: str | None = None
    body: str | None = None
    edition: str | None = None
    shape: str | None = None
    delay: float = 0
    fault: str | None = None
    http_status: int | None = None
    repeat: int = 1

    def as_dict(self) -> dict[str, Any]:
        """The step as JSON: only the fields that are set."""
        return {name: value for name, value in asdict(self).items() if value != _DEFAULTS[name]}


_DEFAULTS: Final = {f.name: f.default for f in fields(Step)}


class Script:
    """The remaining steps. They may be changed from another thread while requests are answered.

    Requests that are kept waiting by a step end when `version` grows.
    """

    def __init__(self, steps: Iterable[Step | Mapping[str, Any]] = ()) -> None:
        self._lock = threading.Lock()
        self.version: int = 0
        self._steps: deque[Step] = deque()
        self.set(steps)

    def set(self, steps: Iterable[Step | Mapping[str, Any]], releases: bool = True) -> None:
        """Replaces the remaining steps by *steps*. Raises UsageError, with the position, for an invalid step.

        *releases*: whether requests that earlier steps keep waiting end.
        """
        parsed = parse_script(steps)
        with self._lock:
            self._steps = deque(parsed)
            if releases:
                self.version += 1

    def clear(self) -> None:
        """Removes the remaining steps: every request gets its normal answer."""
        self.set(())

    @property
    def remaining(self) -> tuple[Step, ...]:
        """The unused steps."""
        with self._lock:
            return tuple(self._steps)

    def next(self) -> Step | None:
        """The step for one more request, which uses it up; None when none is left."""
        if not self._steps:
            return None
        with self._lock:
            step = next(iter(self._steps), None)
            if step is not None and step.repeat > 1:
                self._steps[0] = replace(step, repeat=step.repeat - 1)
            elif step is not None:
                self._steps.popleft()
            return step


def parse_script(data: object) -> tuple[Step, ...]:
    """The steps in *data*: a list of steps or of JSON objects. Raises UsageError with position and allowed values."""
    if isinstance(data, str | bytes | Mapping) or not isinstance(data, Iterable):
        raise UsageError('a script is a list of steps, such as [{"status": 9}, {"fault": "reset"}, {}]')
    steps = tuple(_parse_step(position, item) for position, item in enumerate(data, start=1))
    if len(steps) > MAX_STEPS:
        raise UsageError(f"the script has {len(steps)} steps, at most {MAX_STEPS} are allowed; use repeat")
    return steps


def _parse_step(position: int, item: object) -> Step:
    if isinstance(item, Step):
        item = item.as_dict()
    if not isinstance(item, Mapping):
        raise UsageError(f"script step {position} is not an object; allowed in one: {', '.join(_CHECKS)}")
    for name, value in item.items():
        _check(position, name, value)
    step = Step(**item)
    if step.http_status is not None and step.fault not in _WITH_HTTP_STATUS:
        raise UsageError(f"script step {position}: http_status goes with no fault but gateway and wrong-status")
    if step.body is not None and step.status is not None:
        raise UsageError(f"script step {position}: give either a status or a body")
    for name in ("text", "edition", "shape"):
        if getattr(step, name) is not None and step.status is None:
            raise UsageError(f"script step {position}: {name} needs a status")
    return step


def _check(position: int, name: object, value: object) -> None:
    if not isinstance(name, str) or name not in _CHECKS:
        raise UsageError(f"script step {position}: unknown name {name!r}; allowed are {', '.join(_CHECKS)}")
    allowed, check = _CHECKS[name]
    if not check(value):
        raise UsageError(f"script step {position}: {name} must be {allowed}")


def _number(lowest: int, highest: int, kind: Any = int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind) and not isinstance(value, bool) and lowest <= value <= highest


def _is_text(value: object) -> bool:
    # JSON can escape a lone surrogate, which UTF-8 cannot encode.
    return (
        isinstance(value, str) and 0 < len(value) <= MAX_TEXT_LENGTH and value.encode(errors="ignore").decode() == value
    )


_CHECKS: Final[dict[str, tuple[str, Callable[[object], bool]]]] = {
    "status": ("a whole number", _number(0, _GREATEST_STATUS)),
    "text": (f"text of 1 to {MAX_TEXT_LENGTH} characters", _is_text),
    "body": (f"text of 1 to {MAX_TEXT_LENGTH} characters", _is_text),
    "edition": (f"one of {', '.join(EDITIONS)}", lambda value: value in EDITIONS),
    "shape": (f"one of {', '.join(VARIANTS)}", lambda value: value in VARIANTS),
    "delay": (f"seconds, 0 to {MAX_DELAY_SECONDS}", _number(0, MAX_DELAY_SECONDS, int | float)),
    "fault": (f"one of {', '.join(FAULTS)}", lambda value: value in FAULTS),
    "http_status": ("a whole number from 400 to 599", _number(400, 599)),
    "repeat": (f"a whole number from 1 to {MAX_REPEATS}", _number(1, MAX_REPEATS)),
}
