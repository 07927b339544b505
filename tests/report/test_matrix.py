"""`ni-contract matrix`: several reports on one page, right in every cell."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from test_cli import run

from ni_contract.report.words import LABELS

TARGETS = ("http://one.test/ni/basic", "http://two.test/ni/basic", "my_fake:app | <b>")
EDITIONS = ("documented", "observed")
CLAUSES = tuple(f"NIB-RES-{number:03}" for number in range(1, 13))
WORDS = tuple(LABELS)


@pytest.fixture
def reports(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """20 reports of three targets over seven days, unordered; some have the first schema."""
    draw, found = random.Random(12), {}  # noqa: S311  not for secrets
    for number in range(20):
        target, day = TARGETS[number % 3], number // 3 + 1
        editions = {
            edition: {"result": draw.choice(["conformant", "nonconformant"]), "clauses": list(_clauses(draw, number))}
            for edition in EDITIONS
        }
        document = {"tool": "ni-contract", "format": 2, "command": "verify", "target": target, "editions": editions}
        document["provenance"] = {"time": f"2026-11-{day:02}T09:30:00Z"}
        if day == 1:
            document |= {"format": 1}
            del document["provenance"]
        found[f"r{draw.randrange(10**6):06}.json"] = document
    for name, document in found.items():
        (tmp_path / name).write_text(json.dumps(document))
    (tmp_path / sorted(found)[0]).with_suffix(".html").write_text("<title>report</title>")
    return found


def _clauses(draw: random.Random, number: int) -> Iterator[dict[str, str]]:
    for clause_id in CLAUSES:
        if draw.random() > 0.1 or number < 3:
            yield {"id": clause_id, "title": f"statement of {clause_id}", "verdict": draw.choice(WORDS)}


def expected(reports: dict[str, dict[str, Any]], target: str) -> list[tuple[str, dict[str, Any]]]:
    mine = [(name, document) for name, document in reports.items() if document["target"] == target]
    return sorted(mine, key=lambda pair: pair[1].get("provenance", {}).get("time", ""))


def words(document: dict[str, Any], edition: str) -> dict[str, str]:
    return {row["id"]: row["verdict"] for row in document["editions"][edition]["clauses"]}


def made(capsys: pytest.CaptureFixture[str], folder: Path, ending: str) -> str:
    out = folder / "site" / f"matrix{ending}"
    out.parent.mkdir(exist_ok=True)
    code, _, err = run(capsys, "matrix", str(folder), "--report", str(out))
    assert (code, err) == (0, "")
    return out.read_text("utf-8")


def test_json_is_right_cell_by_cell(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, reports: dict[str, dict[str, Any]]
) -> None:
    document = json.loads(made(capsys, tmp_path, ".json"))
    assert sorted(target["target"] for target in document["targets"]) == sorted(TARGETS)
    for target in document["targets"]:
        wanted = expected(reports, target["target"])
        assert len(target["reports"]) == len(wanted)
        for got, (name, report) in zip(target["reports"], wanted, strict=True):
            assert got["verdicts"] == {edition: words(report, edition) for edition in EDITIONS}
            assert got["report"].startswith(f"../{Path(name).stem}.")
            assert got["time"] == report.get("provenance", {}).get("time")
        before, after = wanted[-2][1], wanted[-1][1]
        assert {(c["clause_id"], c["edition"], c["before"], c["after"]) for c in target["changes"]} == {
            (clause_id, edition, words(before, edition).get(clause_id, ""), words(after, edition).get(clause_id, ""))
            for edition in EDITIONS
            for clause_id in CLAUSES
            if words(before, edition).get(clause_id) != words(after, edition).get(clause_id)
        }


class Tables(HTMLParser):
    """The cells of all tables of a page, by caption: rows of (text, link)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[list[list[tuple[str, str]]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append(("", ""))
        elif tag == "a" and self.tables and self.tables[-1] and self.tables[-1][-1]:
            self.tables[-1][-1][-1] = ("", dict(attrs)["href"] or "")

    def handle_data(self, data: str) -> None:
        if self.tables and self.tables[-1] and self.tables[-1][-1]:
            text, link = self.tables[-1][-1][-1]
            self.tables[-1][-1][-1] = (text + data, link)


def test_page_is_right_by_cell(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, reports: dict[str, dict[str, Any]]
) -> None:
    """The page is right in every cell."""
    tables = Tables(made(capsys, tmp_path, ".html")).tables
    for edition, table in zip(EDITIONS, tables, strict=False):
        names = [text for text, _ in table[0][1:]]
        assert sorted(names) == sorted(TARGETS)
        for row in table[1:]:
            clause_id = row[0][0][:11]
            for name, (text, link) in zip(names, row[1:], strict=True):
                file, report = expected(reports, name)[-1]
                word, before = (words(one, edition).get(clause_id) for one in (report, expected(reports, name)[-2][1]))
                assert (LABELS[word] if word else "not in this report") in text
                assert ("was " in text) == (word != before)
                if word:
                    assert (tmp_path / "site" / link.partition("#")[0]).resolve().stem == Path(file).stem


def test_cell_links_to_html_report(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, reports: dict[str, dict[str, Any]]
) -> None:
    for name in reports:
        (tmp_path / name).with_suffix(".html").write_text("<title>report</title>")
    links = [link for table in Tables(made(capsys, tmp_path, ".html")).tables for row in table for _, link in row]
    assert any(link.endswith(".html#NIB-RES-004") for link in links)


def test_markdown_has_every_cell(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, reports: dict[str, dict[str, Any]]
) -> None:
    text = made(capsys, tmp_path, ".md")
    lines = [line for line in text.splitlines() if line.startswith("| NIB-")]
    assert len(lines) == len(CLAUSES) * len(EDITIONS)
    assert "<b>" not in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("[]", "no report of ni-contract"),
        ('{"tool": "ni-contract", "editions": {"documented": {}}, "target": "", "command": ""}', "cannot be read"),
        ('{"tool": "ni-contract", "editions": []}', "cannot be read"),
        ('{"tool": "ni-contract", "editions": {}}', "cannot be read"),
    ],
)
def test_other_file_gives_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "x.json").write_text(content)
    code, out, err = run(capsys, "matrix", str(tmp_path / "x.json"))
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert message in err


def test_no_report_at_all_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "there is no report" in run(capsys, "matrix", str(tmp_path))[2]
