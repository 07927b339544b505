"""The failures of a report, a card for each clause, grouped by root cause; the most fundamental come first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.judge.verdicts import DEVIATES, FAIL, STALE, WARN
from ni_contract.report.html.exchange import exchange_html
from ni_contract.report.html.page import (
    Child,
    Clause,
    Document,
    Html,
    chip,
    copyable,
    element,
    joined,
    rows,
    section,
    statements,
)
from ni_contract.report.words import area_of, by_cause, only_if, plural

_HINT = (
    "The first is the most fundamental: mend it first. What follows from it is listed with it, and most of it goes "
    "away with it."
)
SHOWN = (FAIL, STALE, WARN, DEVIATES)


def failures_section(document: Document) -> Html:
    """All clauses that need attention, those of the edition that sets the exit code first."""
    groups = list(_groups(document))
    if not groups:
        return Html()
    return section("failures", "What to mend", element("p", _HINT), groups)


def shown_in(document: Document) -> dict[str, str]:
    """The edition in which each clause that needs attention is shown, by clause id."""
    first = document["edition"]
    found: dict[str, str] = {}
    for edition in (first, *(name for name in document["editions"] if name != first)):
        for clause in document["editions"][edition]["clauses"]:
            if clause["verdict"] in SHOWN:
                found.setdefault(clause["id"], edition)
    return found


def _groups(document: Document) -> Iterator[Html]:
    editions = shown_in(document)
    for edition in dict.fromkeys(editions.values()):
        content = document["editions"][edition]
        shown = [clause for clause in content["clauses"] if editions.get(clause["id"]) == edition]
        clauses = {clause["id"]: clause for clause in sorted(shown, key=lambda clause: SHOWN.index(clause["verdict"]))}
        causes = ((cause["clause_id"], cause["explains"]) for cause in content.get("causes", ()))
        for leader, followers in by_cause(clauses, causes):
            group = [_card(document, edition, clauses[leader], is_leader=True)]
            if followers:
                also = f"Follows from it: {plural(len(followers), 'more clause')}"
                group.append(element("p", also, class_="follows"))
            group += (_card(document, edition, clauses[clause_id], is_leader=False) for clause_id in followers)
            yield element("div", group, class_="group")


def _card(document: Document, edition: str, clause: Clause, is_leader: bool) -> Html:
    where = only_if(edition != document["edition"], f" as {edition}")
    summary = element(
        "summary",
        chip(clause["verdict"], where),
        " ",
        element("h3", element("span", clause["id"], class_="id"), " ", clause["title"]),
    )
    return element(
        "details",
        summary,
        _facts(clause),
        [_failure(clause, number, failure) for number, failure in enumerate(clause["failures"])],
        _actions(clause),
        id=clause["id"],
        class_=f"failure {clause['verdict']}{only_if(is_leader, ' leader')}",
        open=True,
        data_area=area_of(clause["id"]),
        data_edition=edition,
        data_verdict=clause["verdict"],
    )


def _facts(clause: Clause) -> Html:
    pairs: list[tuple[str, Child]] = [("level", f"{clause['level']}, how well known: {clause['basis']}")]
    if clause["failed"]:
        distinct = plural(len(clause["failures"]), "distinct failure")
        pairs.append(("failed", f"{clause['failed']} of {clause['exercised']} times checked; {distinct} shown"))
    if clause["reason"]:
        pairs.append(("reason", clause["reason"]))
    pairs.append(("link", element("a", f"#{clause['id']}", href=f"#{clause['id']}")))
    return joined([rows(pairs), statements(clause["id"], clause["section"])])


def _failure(clause: Clause, number: int, failure: Mapping[str, Any]) -> Html:
    origin = failure["exchange"]["origin"] if failure["exchange"] else "no request was made"
    compared: list[tuple[str, Child]] = [
        ("found in", origin),
        ("at", element("code", failure["at"])),
        ("expected", element("ins", failure["expected"])),
        ("actual", element("del", failure["actual"])),
    ]
    if failure["told"]:
        compared.append(("reported", failure["told"]))
    inner = [rows(compared, "compared"), *_exchanges(failure)]
    if failure["curl"]:
        inner += [
            element("h4", "Ask again"),
            copyable(failure["curl"], f"curl line for {clause['id']}, failure {number + 1}"),
        ]
    if number == 0:
        return element("div", inner, class_="one")
    return element(
        "details", element("summary", f"Distinct failure {number + 1}: {failure['at']}"), inner, class_="one", open=True
    )


def _exchanges(failure: Mapping[str, Any]) -> Iterator[Html]:
    if failure["exchange"] is None:
        yield element("p", "No request was made.")
    else:
        yield exchange_html(failure["exchange"], failure["at"])
    if failure["compared_with"]:
        yield exchange_html(failure["compared_with"], failure["at"], "compared")


def _actions(clause: Clause) -> Html:
    return element(
        "div",
        element("h4", "Judge this clause again"),
        copyable(clause["repeat"], f"command for {clause['id']}"),
        element("h4", "Declare it as a deviation, with a reason"),
        copyable(clause["deviation"], f"deviation for {clause['id']}"),
        class_="actions",
    )
