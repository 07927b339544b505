"""Splits a base URL that a user gave."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx2

_UNPRINTABLE: Final = re.compile(r"[\s\x00-\x1f\x7f]")


def split_base_url(url: str) -> SplitResult | None:
    """The parts of *url*, or None unless it has the scheme http or https, a host, and no port that cannot be."""
    try:
        url.encode()
        httpx2.URL(url)
        parts = urlsplit(url)
        is_valid = bool((parts.hostname or "").encode("idna")) and parts.port != 0
    except (AttributeError, TypeError, ValueError, httpx2.InvalidURL):
        return None
    if not is_valid or parts.scheme not in ("http", "https") or _UNPRINTABLE.search(url):
        return None
    return parts
