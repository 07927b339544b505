"""The sentences of the reference page behind a clause."""

from __future__ import annotations

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.report.html.elements import Html, element


def statements(clause_id: str, section: str) -> Html:
    """The page's sentences for *clause_id*, in our words, or the *section* of an observation."""
    catalogue = load_catalogue()
    found = [one for one in catalogue.sentences if clause_id in one.clauses]
    if not found:
        return element("p", element("b", "Source: "), section, class_="statement")
    items = [element("li", f"{one.section}, sentence {one.number}: {one.about}") for one in found]
    return element("div", element("b", "The reference page states:"), element("ul", items), class_="statement")
