"""The results of every reader of recordings: exchanges, and places that could not be read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ni_contract.exchanges.values import Exchange

# Maximum size of one entry. Exchanges of this API need less than a hundredth; browsers also record pictures.
MAX_ENTRY_BYTES: Final = 32_000_000
BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place in a recording that could not be read, and the reason: a sentence without any text of the recording.

    *is_rest*: nothing from there to the end of the file could be read, so that nobody knows how much is missing.
    """

    place: str
    why: str
    is_rest: bool = False


Recorded = Exchange | Unreadable


class Malformed(ValueError):
    """An error of one exchange that cannot be read: its message says why, without text of the recording."""


def attempt(place: str, read: Callable[..., Recorded], *arguments: Any) -> Recorded:
    """The result of *read* with *arguments*; an Unreadable for *place* where it raises Malformed."""
    try:
        return read(*arguments)
    except Malformed as error:
        return Unreadable(place, str(error))


def require(condition: object, why: str) -> None:
    """Raises Malformed with the sentence *why* unless *condition* is true."""
    if not condition:
        raise Malformed(why)


def record(value: object, name: str) -> Mapping[str, Any]:
    """*value* as an object. Raises Malformed, which calls it *name*."""
    if not isinstance(value, Mapping):
        raise Malformed(f"{name} is not an object")
    return value


def text(value: object, name: str) -> str:
    """*value* as text. Raises Malformed, which calls it *name*."""
    if not isinstance(value, str):
        raise Malformed(f"{name} is not text")
    return value
