"""Cassettes of the VCR family, in YAML or JSON: a list of interactions under a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded
from ni_contract.recordings.format import Items, document
from ni_contract.recordings.pairs import exchange_in
from ni_contract.recordings.templates import without_templates


def interaction(item: Any, place: str, _source: Source) -> Iterator[Recorded]:
    """The exchange in *item*; values from templates are marked. Raises Malformed."""
    yield without_templates(exchange_in(item, place))


FORMAT = document(
    "vcr",
    "VCR cassettes, YAML or JSON: vcrpy, betamax, Ruby, go-vcr v1 to v4, Schemathesis",
    Items(
        ("http_interactions", "interactions"),
        ("http_interactions.item", "interactions.item"),
        interaction,
        "interaction",
    ),
    "recordings",
)
