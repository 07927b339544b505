"""A finding: the expected and the actual value at a place of a message."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

# Characters that XML 1.0 cannot represent.
BEYOND_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

MAX_SHOWN_CHARACTERS: Final = 240

MAX_KEPT_CHARACTERS: Final = 20_000
MAX_ALIKE: Final = 1_000  # characters of texts that are compared by their looks

_LENGTH = re.compile(r" \(\d+ characters\)$")


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken clause: *at* a place (JSON path, XPath, header), with the *expected* and the actual value."""

    at: str
    expected: str
    actual: str

    @property
    def is_about_request_id(self) -> bool:
        """Whether it is about a request_id, which is random: it does not depend on the request."""
        return self.at.endswith("request_id")


@dataclass(frozen=True, slots=True)
class RequestFinding(Finding):
    """A finding that a request of a lookup shows, which is at this *index* among them."""

    index: int


def shown(value: object) -> str:
    """*value* as a finding keeps it: its repr, with the length of long text. `shorten` shortens it later."""
    text = repr(value)[:MAX_KEPT_CHARACTERS]
    if isinstance(value, str) and len(value) > 40:
        return f"{text} ({len(value)} characters)"
    return text


def shown_apart(*values: object) -> tuple[str, ...]:
    """The different *values* as `shown`; with escapes where they are texts that look the same on a screen."""
    short = [unicodedata.normalize("NFC", one) for one in values if isinstance(one, str) and len(one) <= MAX_ALIKE]
    if len(short) == len(values) and len(set(short)) == 1:
        return tuple(map(ascii, values))
    return tuple(map(shown, values))


def shorten(text: str) -> str:
    """*text* as a failure shows it. Call it on redacted text only: a secret that was cut would not be found."""
    length = _LENGTH.search(text)
    tail = length[0] if length else ""
    return cut(text.removesuffix(tail), MAX_SHOWN_CHARACTERS) + tail


def cut(text: str, max_characters: int) -> str:
    """*text*, its end replaced by a "…" where it is longer."""
    if len(text) > max_characters:
        return text[:max_characters] + "…"
    return text
