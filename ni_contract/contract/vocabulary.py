"""Terms of a request that judge and simulator share: media types and names of parameters."""

from __future__ import annotations

from typing import Final

FORM: Final = "application/x-www-form-urlencoded"
JSON_TYPES: Final = (
    "application/json",
    "application/jsonrequest",
    "application/x-javascript",
    "text/json",
    "text/javascript",
    "text/x-javascript",
    "text/x-json",
)
CREDENTIAL_NAMES: Final = ("api_key", "api_secret", "sig")
KNOWN: Final = frozenset({"number", "country", "cnam", "timestamp", *CREDENTIAL_NAMES})
