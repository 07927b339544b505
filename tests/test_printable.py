"""Text from other sources moves no cursor, changes no direction and leaves no block."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ni_contract.cli import main
from ni_contract.printable import markdown_block, markdown_text, printable, printable_lines

HOSTILE = "\x1b[31mX\u202e\x07\r\n# heading `code` ```\n</pre><script>alert(1)</script>"


def controls(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\n\t"}


@given(st.text())
def test_no_control_character_is_left(text: str) -> None:
    assert not controls(printable_lines(text))
    assert not controls(printable(text)) | {"\n", "\t"} & set(printable(text))


@given(st.text(alphabet="ab `~\n\\"))
def test_block_ends_with_its_own_fence(text: str) -> None:
    first, *inside, last = markdown_block(text).split("\n")
    assert first == last
    assert not [line for line in inside if line.strip().startswith(first)]


def test_markdown_and_html_are_inactive() -> None:
    """Markdown and HTML find nothing to act on."""
    shown = markdown_text("a|b <img> [x](http://e) *b* `c`\n# d @someone")
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)[|<>*`#@\[]", shown)


def test_recording_reaches_terminal_and_reports_escaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = {"status": 0, "request_id": HOSTILE, "country_name": HOSTILE, "international_format_number": HOSTILE}
    row = {
        "method": f"GET{HOSTILE}",
        "url": f"https://api.nexmo.com/ni/basic/json?number=447700900000&x={HOSTILE}",
        "request_headers": [["X-\x1b", HOSTILE]],
        "http_status": 200,
        "answer_headers": [["content-type", f"application/json{HOSTILE}"]],
        "answer_body": json.dumps(answer, ensure_ascii=False),
    }
    name = "log\x1b[31m\n# b.jsonl"
    Path(name).write_text(json.dumps(row) + "\n" + json.dumps({**row, "method": "GET"}) + "\n")
    main(["audit", name, "--report", "r.md", "--report", "r.html", "--report", "r.xml"])
    out, err = capsys.readouterr()
    reports = [Path(file).read_text("utf-8") for file in ("r.md", "r.html", "r.xml")]
    assert not [text for text in (out, err, *reports) if controls(text)]
    assert not re.search(r"^# (heading|b)", out + reports[0], re.MULTILINE)
    assert "<script>alert" not in reports[1]
    # Outside of its blocks, a page would interpret the text.
    outside = re.sub(r"(?ms)^(`{3,})\n.*?^\1$", "", reports[0])
    assert "<script>" not in outside


def test_json_reports_hold_no_control_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither reports of one run nor comparisons contain one, and they parse to the original text."""
    monkeypatch.chdir(tmp_path)
    url = "https://api.nexmo.com/ni/basic/json?number=447700900000&api_key=k&x=" + HOSTILE + "\x9b2J\u2028\U000e0041"
    row = {"method": "G\u202eET", "url": url, "http_status": 200, "answer_headers": {}, "answer_body": HOSTILE}
    Path("a\u202e.jsonl").write_text(json.dumps(row), "utf-8")
    main(["audit", "a\u202e.jsonl", "--exchanges", "--report", "a.json", "--report", "a.sarif"])
    main(["drift", "a\u202e.jsonl", "a\u202e.jsonl", "--report", "d.json"])
    main(["matrix", "a.json", "--report", "m.json"])
    texts = [Path(file).read_text("utf-8") for file in ("a.json", "a.sarif", "d.json", "m.json")]
    assert not [text for text in texts if controls(text)]
    assert "\u202e" in json.dumps(json.loads(texts[0])["exchanges"], ensure_ascii=False)
