"""Masks the secrets of recorded exchanges: by the names they travel under, and wherever their values turn up again."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from ni_contract.contract.vocabulary import FORM, JSON_TYPES, KNOWN
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.known_secrets import secrets_in
from ni_contract.exchanges.redaction import MASK, MIN_MASKED_LENGTH, SECRET_NAMES, Redactor
from ni_contract.exchanges.response import KEYS
from ni_contract.exchanges.values import Answer, Exchange, Headers
from ni_contract.recordings.entry import require

_SCHEME: Final = re.compile(r"(?i)(basic|bearer|digest)\s+\S.*", re.DOTALL)
_WHOLE: Final = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})
# Of these many in one file nobody has more; a file made to hold more of them must not slow everything down.
MAX_SECRETS: Final = 200
MAX_DEPTH: Final = 60
MAX_NODES: Final = 200_000
_WORDS: Final = " ".join((*SECRET_NAMES, *KNOWN, *KEYS, "https://api.nexmo.com/ni/basic/json xml", *JSON_TYPES, FORM))


class Masking:
    """Masks text, headers, bodies and whole documents. Learns secrets from each exchange that it is shown.

    What was learnt counts for all that comes later; what is known beforehand, such as the account, for all.
    """

    def __init__(self, account: Credentials | None) -> None:
        self._known: dict[str, None] = {}
        if account is not None:
            self._learn((account.api_key, account.api_secret, account.signature_secret, account.basic_token()))
        self._redact = _redactor(tuple(self._known))

    def learn(self, exchange: Exchange) -> None:
        """Takes note of the secrets in the request of *exchange*."""
        if self._learn(secrets_in(exchange, signatures=False)):
            self._redact = _redactor(tuple(self._known))

    def _learn(self, secrets: Iterable[str]) -> bool:
        new = [s for s in secrets if s not in self._known and _can_be_told(s)]
        room = MAX_SECRETS - len(self._known)
        self._known.update(dict.fromkeys(new[:room]))
        return bool(new[:room])

    def text(self, text: str) -> str:
        """*text* without a secret."""
        return self._redact(text)

    def header(self, name: str, value: str) -> str:
        """The value of a header: those that carry credentials are masked whole, but for the scheme."""
        if name.lower() not in _WHOLE:
            return self.text(value)
        scheme = _SCHEME.fullmatch(value.strip())
        return f"{scheme[1]} {MASK}" if scheme else MASK

    def headers(self, headers: Headers) -> Headers:
        """All of them."""
        return tuple((name, self.header(name, value)) for name, value in headers)

    def body(self, body: bytes) -> bytes:
        """A body; one that is no text in UTF-8 is masked byte by byte as if it were Latin-1."""
        try:
            return self.text(body.decode("utf-8")).encode("utf-8")
        except UnicodeDecodeError:
            return self.text(body.decode("latin-1")).encode("latin-1", "replace")

    def exchange(self, exchange: Exchange) -> Exchange:
        """*exchange* without a secret."""
        request, answer = exchange.request, exchange.answer
        asked = replace(
            request, url=self.text(request.url), headers=self.headers(request.headers), body=self.body(request.body)
        )
        if isinstance(answer, Answer):
            told: Any = replace(answer, headers=self.headers(answer.headers), body=self.body(answer.body))
        else:
            told = replace(answer, message=self.text(answer.message))
        return replace(exchange, request=asked, answer=told)

    def document(self, value: Any) -> Any:
        """A JSON or YAML value in which each text is masked, and what stands under the name of a secret.

        Raises Malformed for one that is nested too deeply or has too many parts.
        """
        self._nodes = 0
        return self._document(value, 0)

    def _document(self, value: Any, depth: int) -> Any:
        # In YAML a few lines can stand for more parts than there is memory.
        self._nodes += 1
        require(depth <= MAX_DEPTH and self._nodes <= MAX_NODES, f"it has more than {MAX_NODES} parts")
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.body(value)
        if isinstance(value, list | tuple):
            return self._list(list(value), depth)
        if isinstance(value, dict):
            return self._object(value, depth)
        return value

    def _list(self, items: list[Any], depth: int) -> list[Any]:
        """A pair of texts may be a header."""
        if len(items) == 2 and all(isinstance(one, str) for one in items):
            return [items[0], self._named(items[0], items[1], depth)]
        return [self._document(one, depth + 1) for one in items]

    def _object(self, members: dict[Any, Any], depth: int) -> dict[Any, Any]:
        """A member may be a header or parameter by its name, or have `name` and `value`, as in HAR."""
        name = members.get("name")
        if isinstance(name, str) and isinstance(members.get("value"), str):
            rest = {key: one for key, one in members.items() if key not in ("name", "value")}
            return {
                "name": self.text(name),
                "value": self._named(name, members["value"], depth),
                **self._object(rest, depth),
            }
        if members.get("encoding") == "base64" and isinstance(members.get("text"), str):
            members = {**members, "text": self._base64(members["text"])}
        keys = ((self.text(key) if isinstance(key, str) else key, one) for key, one in members.items())
        return {key: self._named(key, one, depth) for key, one in keys}

    def _named(self, name: Any, value: Any, depth: int) -> Any:
        lower = name.lower() if isinstance(name, str) else ""
        if lower in SECRET_NAMES and isinstance(value, str | int | float):
            return MASK
        if lower in _WHOLE and isinstance(value, list):
            return [self.header(lower, str(one)) for one in value]
        if lower in _WHOLE:
            return self.header(lower, str(value))
        if lower == "cookies" and isinstance(value, list):
            return [{**one, "value": MASK} if isinstance(one, dict) else MASK for one in value]
        if lower.endswith(("base64", "base64_string")) and isinstance(value, str):
            return self._base64(value)
        return self._document(value, depth + 1)

    def _base64(self, encoded: str) -> str:
        try:
            return base64.b64encode(self.body(base64.b64decode(encoded))).decode()
        except ValueError:
            return self.text(encoded)


def _can_be_told(secret: str) -> bool:
    """A short one, or a word that stands in every request, can be masked only by the name of its parameter."""
    return len(secret) >= MIN_MASKED_LENGTH and secret.lower() not in _WORDS


@lru_cache(maxsize=32)
def _redactor(secrets: tuple[str, ...]) -> Redactor:
    return Redactor(secrets)
