"""Types that describe an operation; the generated module fills them in from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that the caller gives. *pattern* and the lengths are the schema's, *hint* is its description.

    A flag is a bool for the caller and `true` or `false` on the wire.
    """

    name: str
    required: bool
    hint: str
    pattern: str | None = None
    min_length: int = 0
    max_length: int | None = None
    is_flag: bool = False


@dataclass(frozen=True, slots=True)
class XmlValue:
    """The place of a documented value in an XML answer: the text of a child of the root, or its *attribute*."""

    name: str
    element: str
    attribute: str | None


@dataclass(frozen=True, slots=True)
class XmlShape:
    """The form of an XML answer: the allowed names of its root, and the place of each value."""

    roots: tuple[str, ...]
    values: tuple[XmlValue, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: how it is asked, and what its answer may be. Without *body_types* it takes a query.

    *http_statuses* and *answer_types* (media types) are those of the API's own answer; *xml* is None for JSON.
    """

    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body_types: tuple[str, ...]
    http_statuses: tuple[int, ...]
    answer_types: tuple[str, ...]
    xml: XmlShape | None


@dataclass(frozen=True, slots=True)
class Api:
    """Facts of all operations: base URL, credentials, and the values of an answer.

    *server* is the URL, *base_path* the start of all paths; *security* maps each `apiKey` scheme to its parameter;
    *timestamp* is the parameter that a signature needs; *integers* are the values of an answer that are whole numbers.
    """

    server: str
    base_path: str
    security: Mapping[str, str]
    timestamp: str
    integers: frozenset[str]
