"""The reference of the clauses: text, evidence, an exchange that keeps each and one that breaks it."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ni_contract.contract.catalogue import Catalogue, Clause, load_catalogue
from ni_contract.report.counterexample import broken_example

ROOT = Path(__file__).resolve().parents[2]
_RIGHT = ROOT / "tools" / "mutation" / "right" / "clients"
_OURS = Path(__file__).with_name("our_client.py")
# What keeps it is that nothing is sent.
_NOTHING_SENT = {"NIB-CLI-059": "no request reaches the server"}
# Runs without faults, whose reports have an exchange for each clause that holds.
_RUNS = (
    ("verify", "--explore=0"),
    ("witness", "--", sys.executable, str(_RIGHT / "json_get.py")),
    ("witness", "--", sys.executable, str(_RIGHT / "xml_post.py")),
    ("witness", "--", sys.executable, str(_OURS), "signed"),
    ("witness", "--tls", "--", sys.executable, str(_OURS), "json"),
    ("audit", str(ROOT / "tests" / "recordings" / "samples" / "har.har")),
)
MAX_BODY_CHARACTERS = 600
WIDTH = 100


def clause_pages(work: Path) -> dict[str, str]:
    """The pages by their names: one for each area, and `index.md`, which lists all clauses."""
    catalogue, kept = load_catalogue(), _kept_by(work)
    areas: dict[str, list[Clause]] = {}
    for clause in catalogue:
        areas.setdefault(clause.id.split("-")[1], []).append(clause)
    pages = {f"{area.lower()}.md": "\n".join(_area(catalogue, area, areas[area], kept)) for area in areas}
    return pages | {"index.md": "\n".join(_index(areas))}


def _index(areas: dict[str, list[Clause]]) -> Iterator[str]:
    yield "# All clauses\n"
    yield f"{sum(map(len, areas.values()))} testable statements."
    yield "MUST: a failure is a fault; SHOULD: a failure is a warning.\n"
    for area, clauses in areas.items():
        yield f"\n## {area}\n\n| clause | level | judges | statement |\n|---|---|---|---|"
        for clause in clauses:
            link = f"[{clause.id}]({area.lower()}.md#{clause.id.lower()})"
            yield f"| {link} | {clause.level} | {clause.side} | {_cell(clause.title)} |"


def _area(catalogue: Catalogue, area: str, clauses: list[Clause], kept: dict[str, str]) -> Iterator[str]:
    yield f"# Clauses NIB-{area}\n"
    for clause in clauses:
        yield f"\n## {clause.id}\n\n{_text(clause.title[0].upper() + clause.title[1:])}.\n"
        yield "| level | judges | by looking at | basis | editions | source |\n|---|---|---|---|---|---|"
        facts = (clause.level, clause.side, clause.kind, clause.basis, ", ".join(clause.editions), clause.section)
        yield "| " + " | ".join(map(_cell, facts)) + " |\n"
        for sentence in catalogue.sentences:
            if clause.id in sentence.clauses:
                yield f"- {_text(sentence.section)} {sentence.number}: {_text(sentence.about)}"
        yield f"\nKeeps it:\n\n{_block(kept[clause.id])}"
        yield f"\nBreaks it:\n\n{_block(chr(10).join(broken_example(clause.id)))}"


def _kept_by(work: Path) -> dict[str, str]:
    """The text of an exchange that keeps each clause."""
    work.mkdir(parents=True)
    kept = dict(_NOTHING_SENT)
    for number, words in enumerate(_RUNS):
        file = work / f"{number}.json"
        command, *more = words
        full = [sys.executable, "-m", "ni_contract", command, f"--report={file}", *more]
        subprocess.run(full, check=True, capture_output=True, timeout=300)
        report = json.loads(file.read_text("utf-8"))
        for edition in report["editions"].values():
            for row in edition["clauses"]:
                if row["verdict"] == "pass" and row.get("example") is not None:
                    kept.setdefault(row["id"], _exchange(report["exchanges"][row["example"]]["exchange"]))
    return kept


def _exchange(shown: dict[str, Any]) -> str:
    request, answer = shown["request"], shown["answer"]
    lines = [f"request   {request['method']} {request['url']}"]
    lines += [f"          {request['body']}"] if request["body"] else []
    if "http_status" in answer:
        lines.append(f"answer    HTTP {answer['http_status']}  {answer['body'][:MAX_BODY_CHARACTERS]}")
    return "\n".join(lines)


def _block(text: str) -> str:
    """*text* as a block, its long lines wrapped."""
    lines = text.replace("```", "'''").splitlines()
    wrapped = [textwrap.fill(line, WIDTH, subsequent_indent=" " * 10, break_on_hyphens=False) for line in lines]
    return "```text\n" + "\n".join(wrapped) + "\n```"


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_").replace("[", "\\[")
