"""Masks the secrets of recorded exchanges: by the names of their fields, and by value wherever they occur again."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from ni_contract.contract.vocabulary import API_PATH, API_URL, FORM, JSON_TYPES, KNOWN
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.known_secrets import header_secrets, is_secret_value, secrets_in
from ni_contract.exchanges.redaction import (
    MASK,
    MIN_MASKED_LENGTH,
    SECRET_NAMES,
    Redactor,
    has_secret_column,
    is_secret_header,
    named_values,
)
from ni_contract.exchanges.response import KEYS
from ni_contract.exchanges.values import Exchange
from ni_contract.recordings import layers
from ni_contract.recordings.entry import require
from ni_contract.recordings.formats.jsonl import row_of

_SCHEME: Final = re.compile(r"(?i)(basic|bearer|digest)\s+\S.*", re.DOTALL)
_SIGNATURE: Final = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{32,128}(?![0-9a-f])")
MAX_SECRETS: Final = 20_000
MAX_SIGNATURES: Final = 2_000_000
MAX_DEPTH: Final = 60
MAX_SEARCHED_MEDIA_BYTES: Final = 100_000
# Base64 has none of the characters between a name and its value; the search in it takes seconds for each megabyte.
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/\r\n]{1000,}={0,2}\s*")
MAX_LAYERS: Final = 4
MAX_NODES: Final = 200_000
_AUTH: Final = "auth"
_NO_CREDENTIAL: Final = ("key", "in", "addTokenTo", "algorithm", "realm", "tokenType")
_WORDS: Final = " ".join((*SECRET_NAMES, *KNOWN, *KEYS, f"{API_URL}{API_PATH}/json xml", *JSON_TYPES, FORM))


class Masking:
    """Masks text, headers, bodies and whole documents. Collects secrets from each exchange that it is given.

    Collected secrets are masked in all later content, those known beforehand, such as the account's, in all. Raises
    UnseenError where content cannot be shown to be free of secrets.
    """

    def __init__(self, account: Credentials | None) -> None:
        self._known: set[str] = set()
        self._signatures: set[str] = set()
        self._redactor: Redactor | None = None
        # The texts of a recording repeat.
        self.text = lru_cache(MAX_NODES)(self._masked)
        if account is not None:
            self._learn(account.masked())

    def learn(self, exchange: Exchange) -> None:
        self._learn(secrets_in(exchange))

    def _learn(self, secrets: Iterable[str]) -> None:
        for secret in secrets:
            if _SIGNATURE.fullmatch(secret):
                self._signatures.add(secret.lower())
                self.text.cache_clear()
            # A short secret, and one that every request contains as a word, is masked by its field only.
            elif secret not in self._known and len(secret) >= MIN_MASKED_LENGTH and secret.lower() not in _WORDS:
                self._known.add(secret)
                self._redactor = None
                self.text.cache_clear()
        if len(self._known) > MAX_SECRETS or len(self._signatures) > MAX_SIGNATURES:
            raise layers.UnseenError(f"there are more than {MAX_SECRETS} different secrets")

    def _masked(self, text: str, layer: int = 0) -> str:
        """*text* without a secret, plain or in Base64."""
        masked = _SIGNATURE.sub(self._without_signature, self._redact()(text))
        for run, data in layers.base64_runs(masked):
            if layer < MAX_LAYERS and (safe := self.body(data, layer + 1)) != data:
                masked = masked.replace(run, base64.b64encode(safe).decode())
        if not layer and (
            any(map(self._is_seen, layers.views(masked))) or any(map(self._is_known, layers.disguises(masked)))
        ):
            raise layers.UnseenError("a secret is packed in a way that cannot be undone")
        if has_secret_column(masked):
            raise layers.UnseenError("a table has a column of secrets")
        return masked

    def _redact(self) -> Redactor:
        if self._redactor is None:
            self._redactor = Redactor(self._known)
        return self._redactor

    def _is_seen(self, text: str) -> bool:
        is_signed = any(sig.lower() in self._signatures for sig in _SIGNATURE.findall(text))
        return self._is_known(text) or is_signed or any(map(is_secret_value, named_values(text)))

    def _is_known(self, text: str) -> bool:
        return self._redact().known(text) != text

    def _without_signature(self, match: re.Match[str]) -> str:
        if match[0].lower() in self._signatures:
            return MASK
        return match[0]

    def header(self, name: str, value: str) -> str:
        """The value of a header: those that carry credentials are masked whole, except the scheme."""
        if not is_secret_header(name):
            return self.text(value)
        scheme = _SCHEME.fullmatch(value.strip())
        if scheme:
            return f"{scheme[1]} {MASK}"
        return MASK

    def body(self, body: bytes, layer: int = 0) -> bytes:
        """A body, masked; decoded and encoded again where necessary."""
        plain, packing = layers.unpacked(body, is_certain=layer == 0)
        if packing in layers.PACKINGS:
            require(layer < MAX_LAYERS, "it is packed too often")
            masked = self.body(plain.encode("latin-1"), layer + 1).decode("latin-1")
        else:
            masked = self.text(plain, layer)
        if masked == plain:
            return body
        return layers.repacked(masked, packing)

    def line(self, exchange: Exchange) -> str:
        """*exchange* as a line of JSONL without a secret."""
        return json.dumps(self.document(row_of(exchange)), ensure_ascii=False) + "\n"

    def document(self, value: Any) -> Any:
        """A JSON or YAML value in which each text is masked, and what stands under the name of a secret.

        Raises Malformed for one that is nested too deeply or has too many parts.
        """
        self._nodes = 0
        self._learn(secrets_of(value))
        return self._document(value, 0)

    def _document(self, value: Any, depth: int) -> Any:
        # A few lines of YAML can describe more parts than fit into memory.
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
        """A masked list; a pair of texts may be a header."""
        if len(items) == 2 and all(isinstance(one, str) for one in items):
            return [items[0], self._named(items[0], items[1], depth)]
        return [self._document(one, depth + 1) for one in items]

    def _object(self, members: dict[Any, Any], depth: int) -> dict[Any, Any]:
        """A masked object; a member may be a header or parameter by its name, or have `name` and `value`, as in HAR."""
        if pair := _pair(members):
            name, value = pair
            rest = {key: one for key, one in members.items() if key not in pair}
            shown = self._named(members[name], members[value], depth)
            return {name: self.text(members[name]), value: shown, **self._object(rest, depth)}
        if members.get("encoding") == "base64" and isinstance(members.get("text"), str):
            rest = {key: one for key, one in members.items() if key != "text"}
            return {**self._object(rest, depth), "text": self._base64(members["text"])}
        keys = ((self.text(key) if isinstance(key, str) else key, one) for key, one in members.items())
        return {key: self._named(key, one, depth) for key, one in keys}

    def _named(self, name: Any, value: Any, depth: int) -> Any:
        lower = str(name).lower()
        if is_secret_header(lower) and isinstance(value, list):
            return [self.header(lower, str(one)) for one in value]
        if is_secret_header(lower) and isinstance(value, str | bytes | int | float):
            return self.header(lower, str(value))
        if lower == "cookies" and isinstance(value, list):
            return [{**one, "value": MASK} if isinstance(one, dict) else MASK for one in value]
        if lower.endswith(("base64", "base64_string")) and isinstance(value, str):
            return self._base64(value)
        return self._document(value, depth + 1)

    def _base64(self, encoded: str) -> str:
        try:
            body = base64.b64decode(encoded)
        except ValueError:
            return self.text(encoded)
        if len(body) > MAX_SEARCHED_MEDIA_BYTES and layers.is_media(body):
            # Its other encodings are not searched: that takes minutes for a few megabytes.
            if any(secret.encode("utf-8", "surrogatepass") in body for secret in self._known):
                raise layers.UnseenError("a picture or document contains a secret")
            return encoded
        return base64.b64encode(self.body(body)).decode()


def secrets_of(value: Any) -> Iterator[str]:
    """The values in a JSON or YAML document under the name of a secret: as member, header or in a text."""
    for one in _nodes(value):
        if isinstance(one, str) and _ENCODED.fullmatch(one) is None:
            yield from filter(is_secret_value, named_values(one))
        elif isinstance(one, dict):
            yield from filter(is_secret_value, _members(one))


def _nodes(value: Any) -> Iterator[Any]:
    """*value* and all values in it; at most `MAX_NODES`."""
    waiting = [value]
    for _ in range(MAX_NODES):
        if not waiting:
            return
        one = waiting.pop()
        yield one
        if isinstance(one, list | tuple):
            waiting.extend(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())


def _members(members: dict[Any, Any]) -> Iterator[str]:
    rows: list[tuple[Any, Any]] = [*members.items()]
    if pair := _pair(members):
        rows.append((members[pair[0]], members[pair[1]]))
    for name, value in rows:
        if isinstance(name, str):
            if is_secret_header(name):
                texts = (one for one in _nodes(value) if isinstance(one, str))
                yield from chain.from_iterable(header_secrets(name, one) for one in texts)
            if name == _AUTH and isinstance(value, dict):
                yield from _of_authorization(value)


def _pair(members: dict[Any, Any]) -> tuple[str, str] | None:
    """The keys of a name and a value, texts both, in *members*: `name` or `key`, and `value`, in any case."""
    texts = {key.lower(): key for key, one in members.items() if isinstance(key, str) and isinstance(one, str)}
    name, value = texts.get("name", texts.get("key")), texts.get("value")
    if name is None or value is None:
        return None
    return name, value


def _of_authorization(auth: dict[Any, Any]) -> Iterator[str]:
    """The values of Postman's `auth`: lists of keys and values by the kind of credentials."""
    for row in chain.from_iterable(rows for rows in auth.values() if isinstance(rows, list)):
        if isinstance(row, dict) and row.get("key") not in _NO_CREDENTIAL and isinstance(row.get("value"), str):
            yield row["value"]
