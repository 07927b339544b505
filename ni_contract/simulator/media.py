"""The encoding of a POST body. Section: Request (Content-Type of a POST)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ni_contract.contract.vocabulary import FORM, JSON_TYPES
from ni_contract.simulator.asgi import RawHeaders
from ni_contract.simulator.reply import HttpError

_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii"})


def is_json(headers: RawHeaders, path_format: str) -> bool:
    """Whether a body under these *headers* is JSON; else it is a form. Raises Refusal (415) if it is neither."""
    content_type = None
    for name, value in headers:
        if name == b"content-type" and content_type is None:
            content_type = value
        elif name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            raise HttpError(415, "Send the body without Content-Encoding.")
    # Without a Content-Type the body is a form, as clients that set none send.
    if content_type is None:
        return False
    return _is_json_type(content_type, path_format)


@lru_cache(maxsize=64)
def _is_json_type(content_type: bytes, path_format: str) -> bool:
    media_type, *options = (part.strip() for part in content_type.decode("latin-1").lower().split(";"))
    _check_charset(options)
    if media_type == FORM:
        return False
    if media_type not in JSON_TYPES:
        raise HttpError(415, f"Send the body as {FORM}, or to the JSON path as application/json.")
    if path_format != "json":
        raise HttpError(415, f"The XML path takes {FORM} only; JSON bodies belong to the JSON path.")
    return True


def _check_charset(options: list[str]) -> None:
    for option in options:
        name, _, value = option.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in _CHARSETS:
            raise HttpError(415, "Send the body in UTF-8.")
