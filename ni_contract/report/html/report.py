"""The report of a run as a page: the result, the causes to fix first, and all evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.report.as_json import report_document
from ni_contract.report.html.clauses import clauses_section
from ni_contract.report.html.exchange import exchange_html
from ni_contract.report.html.failures import failures_section
from ni_contract.report.html.page import Child, Document, Html, copyable, element, page, rows, section
from ni_contract.report.html.summary import summary_section
from ni_contract.report.words import GLOSSARY, plural
from ni_contract.runs.provenance import document_rows
from ni_contract.runs.run import Run


def html_report(run: Run, edition: str) -> str:
    """The report as an HTML document; *edition* is the one that sets the exit code."""
    return html_of(report_document(run, edition))


def html_of(document: Document) -> str:
    """The page of a JSON report, which no longer contains secrets."""
    sections = {anchor: made for anchor, made in _sections(document) if made}
    links = [(anchor, anchor.capitalize()) for anchor in sections]
    title = f"ni-contract {document['command']}: {document['target']}"
    return page(title, links, list(sections.values()), f"{document['result']}: {document['target']}")


def _sections(document: Document) -> Iterator[tuple[str, Html]]:
    yield "result", summary_section(document)
    yield "failures", failures_section(document)
    yield "clauses", clauses_section(document)
    yield "found", _found(document)
    yield "traffic", _traffic(document)
    yield "exchanges", _exchanges(document)
    yield "words", section("words", "Words", rows(GLOSSARY.items(), "glossary"))
    yield "provenance", section("provenance", "Where this report comes from", rows(_provenance(document)))


def _provenance(document: Document) -> Iterator[tuple[str, Child]]:
    yield "target", document["target"]
    yield "editions", f"{', '.join(document['editions'])}; {document['edition']} sets the exit code"
    yield from document_rows(document["provenance"])
    features = document["features"]
    yield "features offered", ", ".join(features["found"]) or "none"


def _found(document: Document) -> Html:
    found = document["found_vectors"]
    if not found:
        return Html()
    items = [_found_vector(number, one) for number, one in enumerate(found, 1)]
    hint = element("p", "Drawn requests broke these clauses. Kept in a file, --vectors FILE sends them with every run.")
    return section("found", "Found by drawn requests", hint, items)


def _found_vector(number: int, found: Mapping[str, Any]) -> Html:
    vector = {"id": f"found-by-exploration-{number}", "title": found["clause"], "request": found["request"]}
    text = json.dumps(vector, ensure_ascii=False, indent=1)
    return element("div", element("a", found["clause"], href=f"#{found['clause']}"), copyable(text, "vector"))


def _traffic(document: Document) -> Html:
    traffic = document["traffic"]
    if traffic is None:
        return Html()
    pairs: list[tuple[str, Child]] = [
        ("files", str(traffic["files"])),
        ("exchanges judged", str(traffic["exchanges"])),
        *((f"conform as {name}", str(count)) for name, count in traffic["conforming"].items()),
        *((f"passed over: {reason}", str(count)) for reason, count in traffic["passed_over"].items()),
        *((f"unreadable: {one['place']}", one["why"]) for one in traffic["unreadable"]),
    ]
    return section("traffic", "Recorded traffic", rows(pairs))


def _exchanges(document: Document) -> Html:
    found = document["exchanges"]
    if not found:
        return Html()
    whole = any(one["breaks"] for one in found)
    hint = "In the order in which they were made." if whole else "For each clause that holds, the first that shows it."
    items = [_judged(number, one) for number, one in enumerate(found)]
    return section("exchanges", plural(len(found), "exchange"), element("p", hint), items)


def _judged(number: int, one: Mapping[str, Any]) -> Html:
    exchange = one["exchange"]
    title = f"{exchange['request']['method']} {exchange['request']['url']}"
    summary = element("summary", element("h3", f"{number + 1}. {exchange['origin']}"), " ", element("code", title))
    ids_by_word = [("keeps", _links(one["keeps"])), ("breaks", _links(one["breaks"]))]
    body = [rows((name, ids) for name, ids in ids_by_word if ids), exchange_html(exchange)]
    return element("details", summary, body, id=f"exchange-{number}", class_="exchange", open=True)


def _links(ids: list[str]) -> list[Child]:
    return [[element("a", clause_id, href=f"#{clause_id}"), " "] for clause_id in ids]
