"""The HTML report: one file that loads nothing, escapes everything, and links each row to its evidence."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from fakes import FunctionTarget
from mutants.providers import PROVIDERS
from test_reports import everything_of, run_of

from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer
from ni_contract.judge.deviations import Deviation
from ni_contract.judge.verdicts import FAIL, PASS
from ni_contract.report.as_json import report_document
from ni_contract.report.documents.exchange import place_in
from ni_contract.report.documents.report import html_report
from ni_contract.runs.run import Run
from ni_contract.runs.verify import verify


class Page(HTMLParser):
    """The parts of a page: tags, ids, links, marked texts, rows of the table of clauses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.marked: list[str] = []
        self.rows = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = {name: value or "" for name, value in attrs}
        self.attributes |= found.keys()
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        self.rows += "data-verdicts" in found

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] == ["mark"]:
            self.marked.append(data)
            self.tags.append("")


@pytest.fixture(scope="module")
def long_ids() -> Run:
    return run_of(PROVIDERS["NIB-RES-004"])


def test_every_clause_has_a_row(long_ids: Run) -> None:
    page = Page(html_report(long_ids, "documented"))
    clauses = {verdict.clause.id for verdicts in long_ids.verdicts.values() for verdict in verdicts}
    assert page.rows == len(clauses)
    assert clauses <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_nothing_is_loaded(long_ids: Run) -> None:
    page = Page(html_report(long_ids, "documented"))
    assert page.tags.count("script") == 1
    assert not {"img", "link", "iframe", "object", "base"} & set(page.tags)
    assert not {"src", "style", "onclick"} & page.attributes
    assert all(link.startswith("#") for link in page.links)


def test_every_link_leads_somewhere(long_ids: Run) -> None:
    for run in (long_ids, replace(long_ids, show_exchanges=True)):
        page = Page(html_report(run, "observed"))
        assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_a_row_links_its_proof(long_ids: Run) -> None:
    document = report_document(long_ids, "documented")
    links = set(Page(html_report(long_ids, "documented")).links)
    for clause in document["editions"]["documented"]["clauses"]:
        if clause["verdict"] == FAIL:
            assert f"#{clause['id']}" in links
        elif clause["verdict"] == PASS and clause["example"] is not None:
            assert f"#exchange-{clause['example']}" in links
            assert clause["id"] in document["exchanges"][clause["example"]]["keeps"]


def test_answer_is_marked_at_place(long_ids: Run) -> None:
    marked = Page(html_report(long_ids, "documented")).marked
    assert any('"request_id": "xxxxx' in text for text in marked)
    assert any("<request_id>" in text for text in marked)


@pytest.mark.parametrize(
    ("body", "at", "marked"),
    [
        ('{"a": 1, "b": {"c": [1]}}', "$.b", '"b": {"c": [1]}'),
        ('{"b": "x\\"y", "c": 2}', "b", '"b": "x\\"y"'),
        ('{"b": "cut', "$.b", '"b": '),
        ("{}", "$.b", ""),
        ("oops", "body", "oops"),
        ("", "body", ""),
        ("<format><error code='3'>No</error></format>", "/*/error/@code", "code='3'"),
        ("<format><error code='3'>No</error></format>", "/*/error", "<error code='3'>No</error>"),
        ("<format><a/></format>", "/*", "<format>"),
        ("<format><country_name>X</country_name></format>", "country_name", "<country_name>X</country_name>"),
        ("<(*", "/*/(*/@+", ""),
    ],
)
def test_places_are_found(body: str, at: str, marked: str) -> None:
    start, end = place_in(body, at) or (0, 0)
    assert body[start:end] == marked


def test_what_others_sent_is_escaped() -> None:
    evil = "</pre><script>alert('x')</script>\x00\x1b"
    body = json.dumps({"status": 0, "request_id": evil, "country_code": f'"{evil}'}).encode()
    target = FunctionTarget(lambda request: Answer(200, (("content-type", f"application/json;{evil}"),), body))
    run = replace(verify(target, everything_of(Credentials())), target=evil, notes=(evil,), show_exchanges=True)
    text = html_report(run, "documented")
    assert Page(text).tags.count("script") == 1
    assert "\x00" not in text
    assert "\x1b" not in text


def test_all_exchanges_are_shown_on_demand(long_ids: Run) -> None:
    few, whole = (Page(html_report(replace(long_ids, show_exchanges=shown), "documented")) for shown in (False, True))
    assert sum(name.startswith("exchange-") for name in whole.ids) == len(long_ids.exchanges)
    assert sum(name.startswith("exchange-") for name in few.ids) < len(long_ids.exchanges)


def test_failures_stand_by_root_cause() -> None:
    run = run_of(PROVIDERS["NIB-RES-003"], (Deviation("NIB-RES-002", "of old"),))
    page = Page(html_report(run, "documented"))
    shown = [name for name in page.ids if name.startswith("NIB-")]
    causes = run.causes["documented"]
    assert shown[: len(causes[0].explains) + 1] == [causes[0].clause_id, *causes[0].explains]
