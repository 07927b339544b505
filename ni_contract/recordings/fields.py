"""Parts of an exchange as different tools write them: names, headers, bodies, statuses, times, URLs."""

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Final
from urllib.parse import quote, urlencode

from ni_contract.contract.vocabulary import API_PATH, API_URL
from ni_contract.exchanges.values import Headers
from ni_contract.recordings.entry import MAX_ENTRY_BYTES, Malformed, require

_SEPARATORS: Final = str.maketrans("", "", "-_ ")
_DIGITS: Final = re.compile(r"\s*(?:HTTP/[0-9.]+\s+)?([1-9][0-9]{2})\b")
# Members of an object that represents a body; an object with any other member is the body itself.
_CARRIERS: Final = frozenset(
    ("base64string", "base64bytes", "base64", "string", "content", "text", "state", "data", "raw", "encoded", "json")
)
_WRAPPING: Final = _CARRIERS | {
    *("charset", "contenttype", "contenttypehint", "decoded", "encoding", "isbinary"),
    *("mode", "options", "pos", "rawbytes", "type"),
}
# A leading variable replaces the host, and maybe part of the path.
_VARIABLE_HOST: Final = re.compile(r"(?:https?://)?(?:\{\{[^}]*\}\}|\$\{[^}]*\}|<%.*?%>)(?=/)")
_USUAL_PORT: Final = re.compile(r"^(?:(http://[^/?#]*):80|(https://[^/?#]*):443)(?=[/?#]|$)", re.IGNORECASE)
_MILLISECONDS: Final = 100_000_000_000


def pick(record: Any, *names: str) -> Any:
    """The member of *record* under the first of *names* (lower case, no separators) that exists, or None."""
    if not isinstance(record, Mapping):
        return None
    plain = {plain_name(key): value for key, value in record.items()}
    return next((plain[name] for name in names if plain.get(name) is not None), None)


def listed(record: Any, *names: str) -> list[Any]:
    """The same where it is a list; else an empty one."""
    found = pick(record, *names)
    if isinstance(found, list):
        return found
    return []


@lru_cache(maxsize=4096)
def plain_name(name: object) -> str:
    """*name* in lower case without separators between its words; of Ruby's symbols without the colon."""
    return str(name).translate(_SEPARATORS).lower().lstrip(":")


def headers_in(value: Any) -> Headers:
    """Headers from an object of texts or lists, a list of pairs, of alternating names and values, objects, lines."""
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        value = value.splitlines()
    if isinstance(value, Mapping):
        value = list(value.items())
    require(isinstance(value, list | tuple), "headers are neither an object nor a list")
    # Old cassettes of vcrpy write a set of pairs as a list in a list.
    if len(value) == 1 and isinstance(value[0], list) and all(isinstance(one, list | tuple) for one in value[0]):
        value = value[0]
    return tuple((as_text(key), as_text(one)) for key, one in _rows(value) if key is not None and one is not None)


def _each(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        value = pick(value, "value", "values", "example", "equalto", "exact")
    if isinstance(value, list | tuple):
        return list(value)
    return [value]


def _rows(items: Sequence[Any]) -> list[tuple[Any, Any]]:
    if all(isinstance(one, str) for one in items) and not all(re.match(r"[!-9;-~]+:", one) for one in items):
        return list(zip(items[::2], items[1::2], strict=False))
    return list(chain.from_iterable(map(_row, items)))


def _row(one: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(one, str):
        name, _, value = one.partition(":")
        return [(name, value.strip())]
    if isinstance(one, Mapping):
        if isinstance(one.get("name"), str) and isinstance(one.get("value"), str):
            # HAR's form, which is by far the most frequent.
            return [(one["name"], one["value"])]
        if pick(one, "disabled") is True:
            return []
        name = pick(one, "name", "key")
        if name:
            return [(name, value) for value in _each(pick(one, "value", "values"))]
        return list(one.items())
    if isinstance(one, list | tuple) and len(one) == 2:
        return [(one[0], value) for value in _each(one[1])]
    return []


def as_text(value: Any) -> str:
    """A name or a value as text: bytes as Latin-1, a boolean as in JSON."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def body_in(value: Any, encoding: object = None) -> bytes | None:
    """A body from text, bytes, an object that holds it, pieces, or a JSON value. None where it was not recorded."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return _decoded(value, encoding)
    if isinstance(value, Mapping) and _is_wrapped(value):
        return _unwrapped(value)
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return _joined(value)
    return json_bytes(value)


def _joined(pieces: list[str]) -> bytes:
    """The pieces of a compressed body joined, or the lines of a text."""
    try:
        return b"".join(map(packed_piece, pieces))
    except Malformed:
        return "".join(pieces).encode("utf-8", "replace")


def _is_wrapped(value: Mapping[Any, Any]) -> bool:
    names = set(map(plain_name, value))
    return not names or (names <= _WRAPPING and not names.isdisjoint(_CARRIERS))


def _unwrapped(value: Mapping[Any, Any]) -> bytes | None:
    if (encoded := pick(value, "base64string", "base64bytes", "base64")) is not None:
        return _decoded(str(encoded), "base64")
    if isinstance(stream := pick(value, "state"), list):
        # A stream that vcrpy pickled: its contents come first in its state.
        if stream:
            return body_in(stream[0])
        return None
    encoding = pick(value, "encoding", "encoded")
    inner = pick(value, "string", "content", "text", "raw", "data", "json", "encoded")
    if isinstance(inner, list) and all(isinstance(one, int) for one in inner):
        # A Buffer of Node.
        return bytes(one & 255 for one in inner)
    return body_in(inner, encoding)


def _decoded(text: str, encoding: object) -> bytes:
    if str(encoding).lower() == "base64" or encoding is True:
        return from_base64(text)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Malformed("a body holds half a surrogate pair") from None


def from_base64(text: str, name: str = "a body") -> bytes:
    """The bytes of *text*. Raises Malformed, which calls it *name*."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise Malformed(f"{name} is not Base64") from None


def packed_piece(text: str) -> bytes:
    """A piece of a compressed body, which tools write in hexadecimal or Base64. Raises Malformed."""
    if len(text) % 2 == 0 and re.fullmatch(r"[0-9a-fA-F]+", text):
        return bytes.fromhex(text)
    return from_base64(text)


def json_bytes(value: Any) -> bytes:
    """*value* as JSON text. Raises Malformed for one that is too large, which a few lines of YAML can describe."""
    parts, size = [], 0
    try:
        for part in json.JSONEncoder(ensure_ascii=False, default=_json_default).iterencode(value):
            parts.append(part)
            size += len(part)
            require(size <= MAX_ENTRY_BYTES, f"a body has more than {MAX_ENTRY_BYTES} characters")
        return "".join(parts).encode()
    except Malformed:
        raise
    except (TypeError, ValueError, RecursionError):
        raise Malformed("a body cannot be written as JSON") from None


def _json_default(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    return as_text(value)


def status_in(value: Any) -> int:
    """An HTTP status, from a number, a text that begins with one, or an object with one. Raises Malformed."""
    if isinstance(value, Mapping):
        value = pick(value, "code", "status", "statuscode", "value")
    if isinstance(value, str) and (found := _DIGITS.match(value)):
        return int(found[1])
    require(isinstance(value, int | float | Decimal) and not isinstance(value, bool), "there is no HTTP status")
    require(100 <= value <= 999 and value == value // 1, "the status is no HTTP status")
    return int(value)


def moment_in(value: Any) -> float | None:
    """Seconds since the epoch, from a number (also of milliseconds), an ISO 8601 text or an HTTP date; else None.

    Without a zone, UTC is meant.
    """
    try:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            seconds = float(value)
            if abs(seconds) > _MILLISECONDS:
                seconds /= 1000
            # Refuses what is no moment.
            datetime.fromtimestamp(seconds, UTC)
            return seconds
        if isinstance(value, str):
            value = parsedate_to_datetime(value) if value[:3].isalpha() else datetime.fromisoformat(value.strip())
        if isinstance(value, datetime):
            return value.replace(tzinfo=value.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        pass
    return None


def url_in(value: Any, base: str = API_URL) -> str:
    """A URL from text, absolute or relative to *base*, or from its parts. Raises Malformed."""
    if isinstance(value, Mapping):
        value = pick(value, "raw", "url", "uri", "href") or _of_parts(value)
    require(isinstance(value, str) and value, "there is no URL")
    if variable := _VARIABLE_HOST.match(value):
        # The variable may contain the beginning of the API's path.
        path = re.sub(r"^(?:/basic)?(?=/(?:json|xml)\b)", API_PATH, value[variable.end() :])
        return f"{base.rstrip('/')}{path}"
    if re.match(r"[A-Za-z][\w+.-]*://", value):
        return str(value)
    return f"{base.rstrip('/')}/{value.lstrip('/')}"


def _of_parts(parts: Mapping[Any, Any]) -> str:
    host = _joined_by(".", pick(parts, "host", "hostname", "domain"))
    path = _joined_by("/", pick(parts, "path", "pathname"))
    scheme = str(pick(parts, "protocol", "scheme") or "https").rstrip(":/")
    where = ""
    if host:
        where = f"{scheme}://{host}"
        if port := pick(parts, "port"):
            where += f":{port}"
    require(host or path, "there is no URL")
    query = pick(parts, "query", "querystring", "querystringparameters")
    return with_query(f"{where}/{path.lstrip('/')}", query)


def _joined_by(separator: str, value: Any) -> str:
    if isinstance(value, list):
        return separator.join(map(str, value))
    return str(value or "")


def with_query(url: str, query: Any) -> str:
    """*url* with the parameters *query*: a text, an object of values or lists, or rows with name and value."""
    if not query:
        return url
    if not isinstance(query, str):
        query = urlencode(headers_in(query), quote_via=quote)
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}{query.lstrip('?&')}"


def usual_port_left_out(url: str) -> str:
    """*url* without the default port of its scheme."""
    return _USUAL_PORT.sub(r"\1\2", url)
