"""application/x-www-form-urlencoded, read as the API reads it: `+` and `%20` are a space, extra `&` are ignored."""

from urllib.parse import unquote_to_bytes

Pairs = tuple[tuple[str, str], ...]

MAX_FIELDS = 200
MAX_BODY_BYTES = 65_536


class MalformedForm(ValueError):
    """An error of bytes that are no form; its message is a sentence that says why."""


def parse_form(text: str) -> Pairs:
    """The decoded (name, value) pairs of *text* in order. Raises MalformedForm if they are not UTF-8 or too many."""
    fields = [part for part in text.split("&") if part]
    if len(fields) > MAX_FIELDS:
        raise MalformedForm(f"more than {MAX_FIELDS} parameters")
    parted = (part.partition("=") for part in fields)
    return tuple([(_decode(name), _decode(value)) for name, _, value in parted])


def _decode(text: str) -> str:
    if "%" not in text and text.isascii():
        return text.replace("+", " ")
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeError:
        raise MalformedForm("a parameter is not UTF-8 once it is percent-decoded") from None


def first(pairs: Pairs, name: str) -> str | None:
    """The value of the first parameter called *name*, or None."""
    for key, value in pairs:
        if key == name:
            return value
    return None
