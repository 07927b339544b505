"""Vectors of the user, found by exploration for example, which every run sends again."""

import re
from dataclasses import replace
from typing import Any

from ni_contract.contract.signature import METHODS
from ni_contract.drivers.provider.vectors import PLACEHOLDER, PLACEHOLDERS, Vector, lookup_vectors
from ni_contract.errors import UsageError, require
from ni_contract.files import parse_json, read_text

MAX_FILE_BYTES = 1_000_000
_TEXTS = ("method", "path", "query", "body")
_FIELDS = {*_TEXTS, "headers", "sign"}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def read_vectors(file: str) -> tuple[Vector, ...]:
    """The vectors in *file*: one, a list of them, or a document as `spec/vectors/lookups.json`. Raises UsageError.

    *file* may also be the JSON itself, or the id of a fixed vector. Each is sent when all before it have been
    answered, for two of them may show something together.
    """
    fixed = tuple(replace(vector, in_order=True) for vector in lookup_vectors() if vector.id == file)
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
    require(isinstance(rows, list) and rows, f"{where}: neither a vector, nor a list of vectors")
    return tuple(_vector(row, f"{where}, vector {number}") for number, row in enumerate(rows, 1))


def _vector(row: Any, where: str) -> Vector:
    is_vector = isinstance(row, dict) and isinstance(row.get("request"), dict)
    explained = "`ni-contract spec vectors/README.md` explains it"
    require(is_vector, f"{where}: a vector is an object with a request; {explained}")
    _check_request(row["request"], where)
    needs = row.get("needs", [])
    require(_is_texts(needs), f"{where}: needs is a list of features")
    name, title = str(row.get("id", where)), str(row.get("title", ""))
    return Vector(name, title, row["request"], {}, tuple(needs), in_order=True, own=True)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _check_request(request: dict[str, Any], where: str) -> None:
    for name in sorted(request.keys() - _FIELDS):
        raise UsageError(f"{where}: a request has no {name!r}; it has {', '.join(sorted(_FIELDS))}")
    is_asked = request.get("path") in ("/json", "/xml") and isinstance(request.get("method"), str)
    require(is_asked, f"{where}: a request has a method, and the path /json or /xml")
    headers, signing = request.get("headers", {}), request.get("sign", {"method": METHODS[0]})
    require(isinstance(headers, dict), f"{where}: headers are an object")
    texts = [*(request.get(name, "") for name in _TEXTS), *headers.values()]
    require(_is_texts(texts), f"{where}: query and body are strings, and so are the values of headers")
    is_named = all(_TOKEN.fullmatch(name) for name in (request["method"], *headers))
    require(is_named, f"{where}: the method and the names of headers are words without spaces")
    require(all(map(str.isascii, headers.values())), f"{where}: the values of headers are ASCII")
    require(isinstance(signing, dict), f"{where}: sign is an object")
    _check_signing(signing, where)
    _check_placeholders(texts, "sign" in request, where)


def _check_signing(signing: dict[str, Any], where: str) -> None:
    require(signing.get("method") in METHODS, f"{where}: sign has a method, one of {', '.join(METHODS)}")
    require(type(signing.get("seconds_ago", 0)) is int, f"{where}: sign.seconds_ago is a whole number")
    require(isinstance(signing.get("begins", ""), str), f"{where}: sign.begins is a hexadecimal digit")
    require(_is_texts(signing.get("leave_out", [])), f"{where}: sign.leave_out is a list of names")
    instead = signing.get("instead", {})
    are_texts = isinstance(instead, dict) and _is_texts([*instead.values()])
    require(are_texts, f"{where}: sign.instead is an object of strings")


def _check_placeholders(texts: list[str], signed: bool, where: str) -> None:
    for text in texts:
        require(text.isprintable(), f"{where}: a character that is not printable; escape it as %XX")
        for name in PLACEHOLDER.findall(text):
            require(signed or name != "sig", f"{where}: {{{{sig}}}} needs a sign that says how it is made")
            known = ", ".join(PLACEHOLDERS)
            require(name in PLACEHOLDERS, f"{where}: there is no placeholder {{{{{name}}}}}; there are {known}")
