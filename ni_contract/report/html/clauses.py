"""All clauses of a report in one table, with filters, and a link from each to its failure or to an example."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from ni_contract.report.html.failures import shown_in
from ni_contract.report.html.page import Child, Clause, Document, Html, chip, element, section, statements, table
from ni_contract.report.words import AREAS, LABELS, area_of


def clauses_section(document: Document) -> Html:
    """The table of all clauses, one row each, a column of verdicts for each edition."""
    editions = list(document["editions"])
    by_id = _by_id(document)
    names = ("Clause", "Statement", *editions, "Level", "Checked", "Failed")
    failing = shown_in(document)
    body = [_row(document, clause_id, found, failing) for clause_id, found in sorted(by_id.items())]
    caption = "All clauses; each id leads to its failure, or to an exchange that keeps it"
    return section("clauses", "All clauses", _filters(editions, by_id), table(caption, names, body, "clauses"))


def _by_id(document: Document) -> dict[str, dict[str, Clause]]:
    found: dict[str, dict[str, Clause]] = {}
    for edition, content in document["editions"].items():
        for clause in content["clauses"]:
            found.setdefault(clause["id"], {})[edition] = clause
    return found


def _filters(editions: list[str], by_id: Mapping[str, dict[str, Clause]]) -> Html:
    found = {clause["verdict"] for clause in chain.from_iterable(map(dict.values, by_id.values()))}
    verdicts = [(word, label) for word, label in LABELS.items() if word in found]
    used = set(map(area_of, by_id))
    areas = [(area, f"{area} {words}") for area, words in AREAS.items() if area in used]
    return element(
        "form",
        _choice("verdict", "Verdict", verdicts),
        _choice("area", "Area", areas),
        _choice("edition", "Edition", [(name, name) for name in editions]),
        element("label", "Text ", element("input", type="search", name="text", autocomplete="off")),
        element("button", "Reset", type="reset"),
        element("output", "", name="count"),
        id="filters",
        hidden=True,
        role="search",
        aria_label="Filter the clauses and failures",
    )


def _choice(name: str, label: str, options: list[tuple[str, str]]) -> Html:
    made = [element("option", shown, value=value) for value, shown in (("", "all"), *options)]
    return element("label", f"{label} ", element("select", made, name=name))


def _row(document: Document, clause_id: str, found: Mapping[str, Clause], failing: Mapping[str, str]) -> Html:
    clause = found.get(document["edition"]) or next(iter(found.values()))
    cells = [_verdict(found.get(edition), clause_id, failing) for edition in document["editions"]]
    return element(
        "tr",
        element("th", _link(clause, failing), scope="row"),
        element("td", clause["title"], statements(clause_id, clause["section"])),
        cells,
        element("td", clause["level"]),
        element("td", str(clause["exercised"])),
        element("td", str(clause["failed"])),
        id=False if clause_id in failing else clause_id,
        data_area=area_of(clause_id),
        data_verdicts=" ".join(f"{edition}={one['verdict']}" for edition, one in found.items()),
    )


def _link(clause: Clause, failing: Mapping[str, str]) -> Child:
    clause_id: str = clause["id"]
    if clause["id"] in failing:
        return element("a", clause["id"], href=f"#{clause['id']}")
    if clause["example"] is not None:
        return element("a", clause["id"], href=f"#exchange-{clause['example']}")
    return clause_id


def _verdict(clause: Clause | None, clause_id: str, failing: Mapping[str, str]) -> Html:
    """The verdict, with its reason where the failure does not show it."""
    if clause is None:
        return element("td", element("span", "not in this edition", class_="absent"))
    if not clause["reason"] or clause_id in failing:
        return element("td", chip(clause["verdict"]))
    return element("td", chip(clause["verdict"]), " ", element("span", clause["reason"], class_="reason"))
