"""An index that selects the secrets which a text may contain, in any encoding; their patterns then give the result."""

import base64
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import unquote

_GRAM_LENGTH = 4
_MAX_LAYERS = 40
_ALPHANUMERIC = re.compile(r"[0-9a-z]+")
_ESCAPED = re.compile(r"(?i)(?<!\\)\\++(?:u\{0*([0-9a-f]{1,6})\}|u([0-9a-f]{4})|U000([0-9a-f]{5})|x([0-9a-f]{2}))")
# With its semicolon, because a parameter such as &times would match without it.
_REFERENCE = re.compile(r"&#?\w{1,12};")


class SecretIndex:
    """*secrets* by four characters that every encoding keeps; those without such characters are always candidates."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._by_gram: defaultdict[str, set[str]] = defaultdict(set)
        self._always: set[str] = set()
        for secret in secrets:
            grams = [_gram(form) for form in _forms(secret)]
            if not all(grams):
                self._always.add(secret)
            for gram in filter(None, grams):
                self._by_gram[gram].add(secret)

    def candidates(self, text: str) -> set[str]:
        """The secrets that *text* may contain; some of them it may not."""
        if not self._by_gram:
            return self._always
        folded = folded_text(text)
        grams = {folded[at : at + _GRAM_LENGTH] for at in range(len(folded) - _GRAM_LENGTH + 1)}
        return self._always.union(*(self._by_gram[gram] for gram in grams & self._by_gram.keys()))


def _forms(secret: str) -> Iterator[str]:
    """The forms of *secret*, one of which every text with it contains: plain, hexadecimal, Base64 at each alignment."""
    value = secret.encode("utf-8", "surrogatepass")
    # The secret without its last character is found too.
    yield secret[: max(_GRAM_LENGTH, len(secret) - 1)]
    yield value.hex()
    yield from base64_forms(value)


def base64_forms(value: bytes) -> Iterator[str]:
    """The letters of Base64 that *value* determines, at each of the three alignments."""
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + value).decode()
        yield encoded[-(-8 * offset // 6) : 8 * (offset + len(value)) // 6]


def _gram(form: str) -> str:
    """Four letters or digits from the middle of the longest run of them in *form*, where matches are rarest."""
    if not form.isascii():
        return ""
    run = max(_ALPHANUMERIC.findall(form.lower()), key=len, default="")
    start = max(0, len(run) - _GRAM_LENGTH) // 2
    if len(run) >= _GRAM_LENGTH:
        return run[start : start + _GRAM_LENGTH]
    return ""


def folded_text(text: str) -> str:
    """*text* in lower case without percent encoding, HTML references and escapes, even repeated ones."""
    for _ in range(_MAX_LAYERS):
        if not any(mark in text for mark in "%&\\"):
            break
        before = text
        text = _REFERENCE.sub(lambda match: unescape(match[0]), unquote(_ESCAPED.sub(_character, text)))
        if text == before:
            break
    return text.replace("\\", "").lower()


def _character(match: re.Match[str]) -> str:
    number = int(next(filter(None, match.groups())), 16)
    if number < 0x110000:
        return chr(number)
    return ""
