"""Changes of a key, a secret or a signature, each with what a shell writes to make it from the right one."""

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
    command = f"openssl dgst -{method} | sed 's/.* //'"
    return Change(lambda text: hashlib.new(method, text.encode()).hexdigest(), command)


def _replaced(characters: str, others: str) -> Change:
    """The change of *characters* to *others*; a text without any of them gets an accent at its end."""
    table = str.maketrans(characters, others)
    codes = "".join(f"\\x{{{ord(other):x}}}" for other in others)
    command = f"perl -CS -pe '$s = $_; tr/{characters}/{codes}/; s/$/\\x{{301}}/ if $_ eq $s'"

    def apply(text: str) -> str:
        changed = text.translate(table)
        return changed if changed != text else f"{text}\u0301"

    return Change(apply, command)


# Programs compare after normalisation or transliteration, without accents or marks, the low byte alone, a sum, or a
# pattern; bcrypt fails at 73 bytes.
CHANGES: Final = {
    "wide": Change(lambda text: text.translate(_WIDE), r"perl -CS -pe 'tr/\x21-\x7e/\x{ff01}-\x{ff5e}/'"),
    "shifted": Change(lambda text: text.translate(_SHIFTED), r"perl -CS -pe 'tr/\x21-\x7e/\x{121}-\x{17e}/'"),
    "accented": Change(lambda text: f"{text}\u0301", r"perl -CS -pe 's/$/\x{301}/'"),
    "hidden": Change(lambda text: f"{text[:1]}\u200b{text[1:]}", r"perl -CS -pe 's/./$&\x{200b}/'"),
    "hyphenated": Change(lambda text: f"{text[:1]}\xad{text[1:]}", r"perl -CS -pe 's/./$&\x{ad}/'"),
    "glob": Change(lambda text: f"{text[:-1]}*", "sed 's/.$/*/'"),
    "mistaken": _replaced("01oOlI", "Ol0011"),
    "look_alike": _replaced("aceopxyijs", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455"),
    "other_digits": _replaced("0123456789", "".join(map(chr, range(0x660, 0x66A)))),
    "reversed": Change(lambda text: text[::-1], "perl -CS -ne 'print scalar reverse'"),
    "preceded": Change(lambda text: f"x:{text}", "sed 's/^/x:/'"),
    "followed": Change(lambda text: f"{text}:x", "sed 's/$/:x/'"),
    "repeated": Change(lambda text: text * 40, "perl -ne 'print $_ x 40'"),
    "base64": Change(lambda text: base64.b64encode(text.encode()).decode(), "openssl base64 -A"),
    "md5": _digest("md5"),
    "sha256": _digest("sha256"),
}


# The texts before and after a key or a secret, in whatever way it is changed. In a shell they are encoded, because it
# has no NUL, and no line feed at the end of what a command prints.
AROUND: Final = {"ended": ("", "\0"), "line": ("", "\n"), "quoted": ('"', '"')}


class Written(NamedTuple):
    """A text, and what a shell writes for it: of a signature a command, "" for none; of a secret an expansion."""

    text: str
    shell: str


def near_misses(value: str, variable: str) -> dict[str, Written]:
    """What is close to the key or secret *value*, which the shell has in the variable named *variable*, by its name."""
    half = len(value) // 2
    start = "y" if value[:1] == "x" else "x"
    end = "y" if value[-1:] == "x" else "x"
    return {
        **{
            name: Written(change.apply(value), f'$(printf %s "${variable}" | {change.command})')
            for name, change in CHANGES.items()
        },
        "after_space": Written(f" {value}", f" ${{{variable}}}"),
        "padded": Written(f"{value} ", f"${{{variable}}} "),
        "doubled": Written(value + value[-1:], f"${{{variable}}}${{{variable}: -1}}"),
        "spaced": Written(f"{value[:half]} {value[half:]}", f"${{{variable}:0:{half}}} ${{{variable}:{half}}}"),
        "extended": Written(f"{value}x", f"${{{variable}}}x"),
        "other_start": Written(f"{start}{value[1:]}", f"{start}${{{variable}#?}}"),
        "other_end": Written(f"{value[:-1]}{end}", f"${{{variable}%?}}{end}"),
        "cut": Written(value[:-1], f"${{{variable}%?}}"),
        "other_case": Written(value.swapcase(), f"${{{variable}~~}}"),
    }


def signature_forms(sig: str) -> dict[str, Written]:
    """The ways in which the right signature *sig* may be written or changed, by their names in vectors."""
    half = len(sig) // 2
    return {
        "upper": Written(sig.upper(), "tr a-f A-F"),
        "cut": Written(sig[:8], "cut -c1-8"),
        "half": Written(sig[:half], f"cut -c1-{half}"),
        "extended": Written(f"{sig}00", "sed 's/$/00/'"),
        "padded": Written(f"{sig} ", "sed 's/$/%20/'"),
        "spaced": Written(f"{sig[:8]} {sig[8:]}", "sed 's/^......../&%20/'"),
        "garbled": Written(f"{sig}zz", "sed 's/$/zz/'"),
        "other_start": Written(f"{int(sig[0] == '0')}{sig[1:]}", "sed -e 's/^[^0]/0/;t' -e 's/^0/1/'"),
        "other_end": Written(f"{sig[:-1]}{int(sig[-1] == '0')}", "sed -e 's/[^0]$/0/;t' -e 's/0$/1/'"),
    }
