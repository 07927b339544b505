"""Vectors of the user, found by exploration for example, which every run sends again."""

from __future__ import annotations

import re
from typing import Any

from ni_contract.contract.signature import METHODS
from ni_contract.drivers.provider.vectors import PLACEHOLDER, PLACEHOLDERS, Vector, lookup_vectors
from ni_contract.errors import UsageError
from ni_contract.files import parse_json, read_text

MAX_FILE_BYTES = 1_000_000
_TEXTS = ("method", "path", "query", "body")
_FIELDS = {*_TEXTS, "headers", "sign"}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def read_vectors(file: str) -> tuple[Vector, ...]:
    """The vectors in *file*: one, a list of them, or a document as `spec/vectors/lookups.json`. Raises UsageError.

    *file* may also be the JSON itself, or the id of a fixed vector.
    """
    fixed = tuple(vector for vector in lookup_vectors() if vector.id == file)
    if fixed:
        return fixed
    if file.lstrip()[:1] in ("{", "["):
        return _vectors(parse_json(file, "--vectors"), "--vectors")
    where = f"--vectors {file}"
    return _vectors(parse_json(read_text(file, where, MAX_FILE_BYTES), where), where)


def _vectors(data: Any, where: str) -> tuple[Vector, ...]:
    rows = data
    if isinstance(data, dict):
        rows = data.get("vectors", [data])
    if not isinstance(rows, list) or not rows:
        raise UsageError(f"{where}: neither a vector, nor a list of vectors")
    return tuple(_vector(row, f"{where}, vector {number}") for number, row in enumerate(rows, 1))


def _vector(row: Any, where: str) -> Vector:
    if not isinstance(row, dict) or not isinstance(row.get("request"), dict):
        raise UsageError(
            f"{where}: a vector is an object with a request; `ni-contract spec vectors/README.md` explains it"
        )
    _check_request(row["request"], where)
    needs = row.get("needs", [])
    if not isinstance(needs, list) or not all(isinstance(name, str) for name in needs):
        raise UsageError(f"{where}: needs is a list of features")
    return Vector(str(row.get("id", where)), str(row.get("title", "")), row["request"], {}, tuple(needs))


def _check_request(request: dict[str, Any], where: str) -> None:
    unknown = sorted(set(request) - _FIELDS)
    if unknown:
        raise UsageError(f"{where}: a request has no {unknown[0]!r}; it has {', '.join(sorted(_FIELDS))}")
    if request.get("path") not in ("/json", "/xml") or not isinstance(request.get("method"), str):
        raise UsageError(f"{where}: a request has a method, and the path /json or /xml")
    headers, signing = request.get("headers", {}), request.get("sign", {"method": METHODS[0]})
    texts = [request.get(name, "") for name in _TEXTS]
    if not isinstance(headers, dict) or not all(isinstance(text, str) for text in (*texts, *headers.values())):
        raise UsageError(f"{where}: query and body are strings, and so are the values of headers")
    if not all(_TOKEN.fullmatch(name) for name in (request["method"], *headers)):
        raise UsageError(f"{where}: the method and the names of headers are words without spaces")
    if not all(text.isascii() for text in headers.values()):
        raise UsageError(f"{where}: the values of headers are ASCII")
    _check_signing(signing, where)
    _check_placeholders([*texts, *headers.values()], "sign" in request, where)


def _check_signing(signing: Any, where: str) -> None:
    if not isinstance(signing, dict) or signing.get("method") not in METHODS:
        raise UsageError(f"{where}: sign has a method, one of {', '.join(METHODS)}")
    if type(signing.get("seconds_ago", 0)) is not int:
        raise UsageError(f"{where}: sign.seconds_ago is a whole number")
    left_out = signing.get("leave_out", [])
    if not isinstance(left_out, list) or not all(isinstance(name, str) for name in left_out):
        raise UsageError(f"{where}: sign.leave_out is a list of names")
    instead = signing.get("instead", {})
    if not isinstance(instead, dict) or not all(isinstance(value, str) for value in instead.values()):
        raise UsageError(f"{where}: sign.instead is an object of strings")


def _check_placeholders(texts: list[str], signed: bool, where: str) -> None:
    for text in texts:
        if not text.isprintable():
            raise UsageError(f"{where}: a character that is not printable; escape it as %XX")
        for name in PLACEHOLDER.findall(text):
            if name == "sig" and not signed:
                raise UsageError(f"{where}: {{{{sig}}}} needs a sign that says how it is made")
            if name not in PLACEHOLDERS:
                raise UsageError(
                    f"{where}: there is no placeholder {{{{{name}}}}}; there are {', '.join(PLACEHOLDERS)}"
                )
