"""The HTML report in a browser: no finding by axe-core; mouse, keyboard and a page without script work."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from browser.conftest import SCHEMES, WIDTHS, Open
from playwright.sync_api import Page, expect

from ni_contract.cli import main
from ni_contract.report.as_json import json_report
from ni_contract.runs.run import Run

KINDS = ("passing", "partial", "failing", "huge")
MAX_PICTURE_HEIGHT = 6_000
# The huge report takes long: once for each width and each scheme is enough.
SEEN = [
    one for one in product(KINDS, WIDTHS, SCHEMES) if one[0] != "huge" or one[1:] in ((1280, "dark"), (400, "light"))
]


# axe-core's output on right elements is a hundred times as large, and is not requested.
RUN_AXE = """axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.flatMap(
    one => one.nodes.slice(0, 3).map(node => `${one.id}: ${node.html.slice(0, 200)}`)))"""


# All exchanges are written by one template, and axe-core takes a minute for some hundred of them.
KEEP_FIRST_EXCHANGES = """document.querySelectorAll("details.exchange").forEach(
    (one, index) => { if (index >= 20) one.remove(); })"""


def violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    page.evaluate(KEEP_FIRST_EXCHANGES)
    found: list[str] = page.evaluate(RUN_AXE)
    return found


@pytest.mark.parametrize(("kind", "width", "scheme"), SEEN)
def test_axe_finds_nothing(
    kind: str, width: int, scheme: str, pages: dict[str, Path], open_page: Open, axe: str, screenshots: Path
) -> None:
    page = open_page(pages[kind], width=width, scheme=scheme)
    height = min(MAX_PICTURE_HEIGHT, page.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0.0, "y": 0.0, "width": float(width), "height": float(height)}
    page.screenshot(path=screenshots / f"{kind}-{width}-{scheme}.png", full_page=True, clip=clip)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page, axe) == []


@pytest.mark.parametrize("kind", KINDS)
def test_everything_opened_is_accessible(kind: str, pages: dict[str, Path], open_page: Open, axe: str) -> None:
    page = open_page(pages[kind], width=400)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert violations(page, axe) == []


def test_without_script_everything_shows(pages: dict[str, Path], open_page: Open, runs: dict[str, Run]) -> None:
    page = open_page(pages["failing"], script=False)
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("button.copy:visible")).to_have_count(0)
    clauses = {verdict.clause.id for verdicts in runs["failing"].verdicts.values() for verdict in verdicts}
    expect(page.locator(".clauses tbody tr:visible")).to_have_count(len(clauses))
    for selector in ("details.failure", ".message", ".actions", "#exchanges pre"):
        assert page.locator(f"{selector}:visible").count() == page.locator(selector).count() > 0


def test_filters_narrow_rows_and_failures(pages: dict[str, Path], open_page: Open) -> None:
    page = open_page(pages["failing"])
    rows, total = page.locator(".clauses tbody tr:visible"), page.locator(".clauses tbody tr").count()
    page.get_by_label("Area").select_option("XML")
    assert 0 < rows.count() < total
    assert all("NIB-XML-" in text for text in rows.all_text_contents())
    page.get_by_label("Area").select_option("")
    page.get_by_label("Verdict").select_option("fail")
    page.get_by_label("Edition").select_option("observed")
    failing = rows.count()
    assert 0 < failing < total
    assert page.locator('.clauses tbody tr:visible:not([data-verdicts*="observed=fail"])').count() == 0
    expect(page.locator("output")).to_have_text(f"{failing} of {total} clauses")
    page.get_by_label("Text").fill("no such words anywhere")
    expect(rows).to_have_count(0)
    expect(page.locator("details.failure:visible")).to_have_count(0)
    page.get_by_role("button", name="Reset").click()
    expect(rows).to_have_count(total)


def test_an_area_in_the_matrix_filters(pages: dict[str, Path], open_page: Open) -> None:
    page = open_page(pages["failing"])
    page.locator(".matrix a", has_text="NUM").click()
    assert all("NIB-NUM-" in text for text in page.locator(".clauses tbody tr:visible").all_text_contents())


def test_rows_lead_to_their_proof(pages: dict[str, Path], open_page: Open) -> None:
    page = open_page(pages["failing"])
    failing = page.locator('.clauses tbody tr[data-verdicts*="documented=fail"] a').last
    name = failing.text_content()
    failing.click()
    expect(page.locator(f"#{name}")).to_be_in_viewport()
    expect(page.locator(f"#{name}")).to_have_attribute("open", "")
    passing = page.locator('.clauses a[href^="#exchange-"]').first
    target = passing.get_attribute("href") or ""
    passing.click()
    expect(page.locator(f"{target} pre").first).to_be_visible()


def test_a_deep_link_undoes_filters(pages: dict[str, Path], open_page: Open, runs: dict[str, Run]) -> None:
    cause = next(cause for cause in runs["failing"].causes["documented"] if cause.explains)
    page = open_page(pages["failing"], anchor=f"#{cause.explains[-1]}")
    expect(page.locator(f"#{cause.explains[-1]} .message").first).to_be_in_viewport()
    page.get_by_label("Text").fill("nothing has these words")
    page.evaluate(f"location.hash = '#{cause.clause_id}'")
    expect(page.locator(f"#{cause.clause_id} .message").first).to_be_visible()


def test_copy_buttons_copy(pages: dict[str, Path], open_page: Open) -> None:
    page = open_page(pages["failing"])
    for what in ("curl line for", "deviation for", "command for"):
        button = page.get_by_role("button", name=f"Copy {what}").first
        button.click()
        expect(button).to_have_text("Copied")
        shown = button.locator("xpath=..").locator("pre").text_content()
        assert page.evaluate("navigator.clipboard.readText()") == shown
        expect(page.locator("#announce")).to_contain_text("copied")


def test_the_keyboard_is_enough(pages: dict[str, Path], open_page: Open) -> None:
    page = open_page(pages["failing"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the result")).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    first = page.locator("details.failure").first
    expect(first.locator("> summary")).to_be_focused()
    page.keyboard.press("Enter")
    assert not first.evaluate("one => one.open")
    page.keyboard.press("Enter")
    assert first.evaluate("one => one.open")


def test_print_shows_everything_but_controls(pages: dict[str, Path], open_page: Open) -> None:
    page = open_page(pages["failing"])
    page.emulate_media(media="print")
    expect(page.locator("nav")).to_be_hidden()
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("button.copy:visible")).to_have_count(0)
    assert page.locator(".clauses tbody tr:visible").count() == page.locator(".clauses tbody tr").count()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", ["matrix", "drift"])
def test_axe_finds_nothing_in_comparisons(
    kind: str, width: int, scheme: str, runs: dict[str, Run], tmp_path: Path, open_page: Open, axe: str
) -> None:
    for name, run in runs.items():
        if name != "huge":
            (tmp_path / f"{name}.json").write_text(json_report(replace(run, target="one"), "documented"), "utf-8")
    files = {"matrix": [str(tmp_path)], "drift": [str(tmp_path / f"{name}.json") for name in ("partial", "failing")]}
    out = tmp_path / "site.html"
    assert main([kind, *files[kind], "--report", str(out)]) in (0, 1)
    page = open_page(out, width=width, scheme=scheme)
    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
