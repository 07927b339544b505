"""The top of a report: a banner with the result, a card for each edition, and a matrix of areas by edition."""

from __future__ import annotations

from collections.abc import Iterator

from ni_contract.judge.verdicts import FAIL, PASS, STALE
from ni_contract.report.html.page import Child, Document, Html, bar, element, rows, table
from ni_contract.report.words import AREAS, area_of, counted, grouped, plural, verb
from ni_contract.runs.run import EXIT_CODES

_SUBJECTS = {"verify": "A provider", "live": "The real API", "witness": "A client", "audit": "Recorded traffic"}


def summary_section(document: Document) -> Html:
    """The banner, the notes, the cards and the matrix."""
    result = document["result"]
    banner = element(
        "header",
        element(
            "p",
            f"{_SUBJECTS.get(document['command'], 'Exchanges')} under the contract of the Number Insight Basic API",
            class_="kind",
        ),
        element("h1", document["target"]),
        element("p", result, class_="verdict"),
        element("p", sentence_of(document), class_="lead"),
        element("p", _cost(document), class_="cost"),
        class_=f"banner {result}",
    )
    notes = [element("p", element("b", "Note: "), note, class_="note") for note in document["notes"]]
    cards = element("div", [_card(document, name) for name in document["editions"]], class_="cards")
    ledger = rows(_days(document), "ledger") if "ledger" in document else ""
    return element("section", banner, notes, cards, _matrix(document), ledger, id="result")


def sentence_of(document: Document) -> str:
    """A sentence on the evidence of the result and its effect on the exit code."""
    edition, result = document["edition"], document["result"]
    if document["error"]:
        return f"{document['error']}. The exit code is {EXIT_CODES[result]}."
    words = words_of(document, edition)
    counts = {word: words.count(word) for word in (FAIL, STALE)}
    counted_words = [f"{counts[FAIL]} of {plural(len(words), 'clause')} {verb(counts[FAIL])}"]
    if counts[STALE]:
        counted_words.append(f"{plural(counts[STALE], 'declared deviation')} stale")
    return f"{' and '.join(counted_words)} in the {edition} edition, which sets the exit code: {EXIT_CODES[result]}."


def words_of(document: Document, edition: str, area: str = "") -> list[str]:
    """The words of the verdicts in *edition*, on all clauses or on those of one *area*."""
    clauses = document["editions"][edition]["clauses"]
    return [clause["verdict"] for clause in clauses if area in ("", area_of(clause["id"]))]


def _cost(document: Document) -> str:
    made = "requests"
    if document["traffic"]:
        made = "exchanges"
    when = document["provenance"]["time"].replace("T", " ").replace("Z", " UTC")
    return f"{document['requests']} {made}, {document['seconds']:.1f} s, {when}"


def _card(document: Document, name: str) -> Html:
    found, words = document["editions"][name], words_of(document, name)
    head: list[Child] = [name]
    if name == document["edition"]:
        head += [" ", element("span", "sets the exit code", class_="tag")]
    return element(
        "div",
        element("h2", head),
        element("p", found["result"], class_=f"verdict {found['result']}"),
        bar(words),
        element("p", f"{words.count(PASS)} of {plural(len(words), 'clause')} pass: {counted(words)}"),
        class_=f"card {found['result']}",
    )


def _matrix(document: Document) -> Html:
    """Areas by edition: each cell has the counts and a bar of them."""
    editions, body = list(document["editions"]), []
    for area, title in AREAS.items():
        words = [words_of(document, edition, area) for edition in editions]
        if any(words):
            link = element("a", area, href="#clauses", data_area=area)
            head = element("th", link, " ", element("span", title), scope="row")
            body.append(element("tr", head, map(_area_cell, words)))
    return table("Verdicts by area and edition", ("Area", *editions), body, "matrix")


def _area_cell(words: list[str]) -> Html:
    worst = next((word for word in (FAIL, STALE) if word in words), "")
    return element("td", element("span", counted(words)), bar(words, 5), class_=worst or "fine")


def _days(document: Document) -> Iterator[tuple[str, Child]]:
    """The clauses that do not pass today by the day of their last confirmation, of a live run."""
    confirmed = document["ledger"]["confirmed"]
    clauses = document["editions"][document["edition"]]["clauses"]
    unconfirmed = [clause["id"] for clause in clauses if clause["verdict"] != PASS]
    days = grouped((confirmed.get(clause_id, "never"), clause_id) for clause_id in unconfirmed)
    for day, ids in sorted(days.items()):
        links: list[Child] = [[element("a", clause_id, href=f"#{clause_id}"), " "] for clause_id in ids]
        yield f"last confirmed by {document['ledger']['host']}: {day}", links
