"""Splits URLs that requests can be sent to."""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx2

_UNPRINTABLE: Final = re.compile(r"[\s\x00-\x1f\x7f]")


def split_url(url: str) -> SplitResult | None:
    """The parts of *url*, or None where it is none: its host or port cannot be, or it has white space in it."""
    try:
        url.encode()
        httpx2.URL(url)
        parts = urlsplit(url)
        (parts.hostname or "").encode("idna")
        if parts.port != 0 and not _UNPRINTABLE.search(url):
            return parts
    except (AttributeError, TypeError, ValueError, httpx2.InvalidURL):
        pass
    return None
