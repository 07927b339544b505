"""Keeps credentials out of everything that is printed, written or raised."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "***"
_NAMES = r"api_key|api_secret|signature_secret|sig"
# The variables of a curl line stay, and the vectors' wrong values: they repeat a request without showing a secret.
_STAYS = r"\$(?:S\b|\{?NI_API_(?:KEY|SECRET)\b)|not-the-(?:key|secret)\b"
_FORM = re.compile(rf"(?i)(?<![\w-])((?:{_NAMES})=)(?!{_STAYS})[^&#\s\"'<>]*")
_JSON = re.compile(rf'(?i)("(?:{_NAMES})"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^,}}\s]+)')
_USERINFO = re.compile(r"(?<=//)[^/@\s?#]+@")
# A token in an Authorization header; elsewhere only what is long enough not to be a word after "HTTP Basic".
_SCHEME = re.compile(
    r"((?i:authorization[\"':, ]+(?:basic|bearer|digest) +))[\w+/=.~-]+"
    r"|\b((?:Basic|Bearer) )(?=[\w+/.~-]*[0-9A-Z=])[\w+/=.~-]{12,}"
)
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})

# A shorter secret would be found inside ordinary words and turn every report into asterisks.
SHORTEST_MASKED = 4


def redact_text(text: str) -> str:
    """*text* with the value of every credential parameter, JSON member and Authorization scheme masked."""
    text = _FORM.sub(rf"\1{MASK}", text)
    text = _JSON.sub(rf'\1"{MASK}"', text)
    return _SCHEME.sub(lambda match: f"{match[1] or match[2]}{MASK}", text)


def redact_url(url: str) -> str:
    """*url* with user information and credential parameters masked."""
    return redact_text(_USERINFO.sub(f"{MASK}@", url))


def redact_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """*headers* with those that carry credentials masked whole, and credentials inside others masked."""
    return tuple((n, MASK if n.lower() in _SECRET_HEADERS else redact_url(v)) for n, v in headers)


def redact_body(body: bytes) -> str:
    """*body* as text (undecodable bytes escaped) with credential parameters and members masked."""
    return redact_text(body.decode("utf-8", "backslashreplace"))


class Redactor:
    """Masks known secret values wherever they travelled, on top of what can be told by name."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._pattern = _values_pattern([s for s in secrets if len(s) >= SHORTEST_MASKED])

    def __call__(self, text: str) -> str:
        """*text* without any of the secrets, as they are, percent-encoded, in Base64, in any case."""
        text = redact_url(text)
        return self._pattern.sub(MASK, text) if self._pattern else text

    def __repr__(self) -> str:
        return "Redactor(***)"


def _values_pattern(secrets: list[str]) -> re.Pattern[str] | None:
    forms = {form for secret in secrets for form in _written_forms(secret)}
    if not forms:
        return None
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(re.escape(form) for form in longest_first), re.IGNORECASE)


def _written_forms(secret: str) -> set[str]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    escaped = secret.encode("unicode_escape").decode()
    return {secret, quote(secret, safe=""), quote_plus(secret), encoded, escaped}
