"""The changes between two recordings or reports, as a page, as JSON and as Markdown."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.exchanges.redaction import Redactor
from ni_contract.printable import json_text
from ni_contract.report.as_json import redacted
from ni_contract.report.documents.page import page
from ni_contract.report.words import plural
from ni_contract.runs.drift.changes import Change
from ni_contract.runs.drift.sides import Side
from ni_contract.runs.provenance import document_rows, provenance_at


def drift_document(old: Side, new: Side, changes: Iterable[Change], command_line: str) -> dict[str, Any]:
    """The document of the JSON report, without secrets; *command_line* is the one that compared the two sides."""
    document = {
        "tool": "ni-contract",
        "kind": "drift",
        "format": 1,
        "provenance": provenance_at(datetime.now(UTC), command_line),
        "old": _side(old),
        "new": _side(new),
        "changes": [asdict(change) for change in changes],
    }
    return redacted(document, Redactor())


def _side(side: Side) -> dict[str, Any]:
    """The side *side* for programs; a report has no number of exchanges."""
    exchanges = None
    if side.exchanges is not None:
        exchanges = sum(map(len, side.exchanges.values()))
    return {
        "name": side.name,
        "exchanges": exchanges,
        "fits": side.fits or None,
        "failing": {edition: side.failing(edition) for edition in EDITIONS},
        "checked": {edition: side.tested(edition) for edition in EDITIONS},
    }


def _page(template: str, document: dict[str, Any]) -> str:
    count = plural(len(document["changes"]), "change")
    return page(
        template,
        title=f"ni-contract drift: {count}",
        links=[("result", "Result"), ("changes", "Changes"), ("words", "Words"), ("provenance", "Provenance")],
        count=count,
        facts=[(which, side_text(document[which])) for which in ("old", "new")],
        document_rows=document_rows,
        **document,
    )


def side_text(side: dict[str, Any]) -> str:
    """One line for a side of the *document*: what it is made of, which edition it fits best, and how much fails."""
    made_of, fits = "a report", "fits both editions alike"
    if side["exchanges"] is not None:
        made_of = plural(side["exchanges"], "exchange")
    if side["fits"]:
        fits = f"fits {side['fits']} best"
    counts = "; ".join(f"{e}: {side['failing'][e]} of {side['checked'][e]} clauses fail" for e in EDITIONS)
    return f"{side['name']}, {made_of}, {fits} ({counts})"


# Each makes its text of a `drift_document`.
DRIFT_FORMATS: dict[str, Callable[[dict[str, Any]], str]] = {
    ".html": partial(_page, "drift.html"),
    ".json": json_text,
    ".md": partial(_page, "drift.md"),
}
