"""Changes of a key or a secret that must be refused, each with the shell command that makes it from the right one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Final, NamedTuple

_WIDE: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_SHIFTED: Final = {code: code + 0x100 for code in range(0x21, 0x7F)}


class Change(NamedTuple):
    """*apply* changes a text; *command* does so in a shell, from standard input to standard output."""

    apply: Callable[[str], str]
    command: str


def _digest(method: str) -> Change:
    return Change(lambda text: hashlib.new(method, text.encode()).hexdigest(), _openssl(f"dgst -{method}"))


def _openssl(arguments: str) -> str:
    return f"openssl {arguments} | sed 's/.* //'"


# Programs compare after normalisation, without accents or marks, the low byte alone, a sum, or a pattern.
CHANGES: Final = {
    "wide": Change(lambda text: text.translate(_WIDE), r"perl -CS -pe 'tr/\x21-\x7e/\x{ff01}-\x{ff5e}/'"),
    "shifted": Change(lambda text: text.translate(_SHIFTED), r"perl -CS -pe 'tr/\x21-\x7e/\x{121}-\x{17e}/'"),
    "accented": Change(lambda text: f"{text}\u0301", r"perl -CS -pe 's/$/\x{301}/'"),
    "hidden": Change(lambda text: f"{text[:1]}\u200b{text[1:]}", r"perl -CS -pe 's/./$&\x{200b}/'"),
    "hyphenated": Change(lambda text: f"{text[:1]}\xad{text[1:]}", r"perl -CS -pe 's/./$&\x{ad}/'"),
    "glob": Change(lambda text: f"{text[:-1]}*", "sed 's/.$/*/'"),
    "reversed": Change(lambda text: text[::-1], "perl -CS -ne 'print scalar reverse'"),
    "base64": Change(lambda text: base64.b64encode(text.encode()).decode(), "openssl base64 -A"),
    "md5": _digest("md5"),
    "sha256": _digest("sha256"),
}
