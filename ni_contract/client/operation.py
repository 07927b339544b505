"""Types that describe an operation; the generated module fills them in from the OpenAPI document."""

from typing import NamedTuple


class Parameter(NamedTuple):
    """A parameter that the caller gives, with the bounds of its schema; *hint* is its description.

    A flag is a bool for the caller and `true` or `false` on the wire.
    """

    hint: str
    required: bool = False
    pattern: str = ""
    min_length: int = 0
    max_length: int = 1_000  # the schema has no bound for a number; the API has one somewhere
    is_flag: bool = False


class Operation(NamedTuple):
    """One operation; statuses and media types are those of the API's answer. Without *body_types*, it is a query."""

    method: str
    path: str
    http_statuses: tuple[int, ...]
    answer_types: tuple[str, ...]
    body_types: tuple[str, ...] = ()
