"""`ni-contract stubs`: its files, and their audit. The tools themselves: tests/stubs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ni_contract.cli import main
from ni_contract.simulator.stubs.formats import STUB_FORMATS

DOCS = Path(__file__).parents[2] / "docs" / "stubs.md"
NOT_DATA = ("nock", "msw", "webmock")
DATA = sorted(set(STUB_FORMATS) - set(NOT_DATA))


def write(out: Path, name: str, *flags: str) -> Path:
    assert main(["stubs", "--as", name, "--out", str(out), *flags]) == 0
    return out


def refused(capsys: pytest.CaptureFixture[str], *flags: str) -> str:
    assert main(["stubs", "--as", "jsonl", *flags]) == 2
    return capsys.readouterr().err


def rows(out: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (out / "number-insight.jsonl").read_text("utf-8").splitlines()]


def test_docs_table_is_the_formats() -> None:
    rows = [f"| `{name}` | {one.tool} | {one.load} | {one.matching} |" for name, one in STUB_FORMATS.items()]
    head = ["| `--as` | tool | how it is loaded | which request gets an answer |", "|---|---|---|---|"]
    table = "\n".join([*head, *rows])
    assert f"\n{table}\n<!-- end of formats -->" in DOCS.read_text("utf-8")


@pytest.mark.parametrize("edition", ["documented", "observed"])
@pytest.mark.parametrize("name", DATA)
def test_files_pass_audit(name: str, edition: str, tmp_path: Path) -> None:
    """Status 5 was never observed: no stub of it fits the observed edition."""
    statuses = "0,1,3,4,5,9" if edition == "documented" else "0,1,3,4,9"
    out = write(tmp_path / "out", name, "--edition", edition, "--statuses", statuses)
    assert main(["audit", str(out), "--edition", edition]) == 0


@pytest.mark.parametrize("name", DATA)
def test_files_have_every_status(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = write(tmp_path / "out", name)
    text = "".join(path.read_text("utf-8") for path in out.rglob("*") if path.is_file())
    for status in (0, 1, 3, 4, 5, 9):
        assert f"(status {status})" in text
        assert f'error code=\\"{status}\\"' in text
    assert capsys.readouterr().out.splitlines()[0].startswith(str(out))


def test_statuses_and_numbers_are_chosen(tmp_path: Path) -> None:
    out = write(tmp_path, "jsonl", "--numbers", "GB:07700900456,123", "--statuses", "0,1=447700900777")
    found = [(row["name"].partition(":")[0], row["url"].partition("?")[2].partition("&api")[0]) for row in rows(out)]
    assert found == [
        *[("busy (status 1)", "number=447700900777")] * 2,
        *[("success (status 0)", "number=07700900456&country=GB")] * 2,
    ]


def test_numbers_come_from_file(tmp_path: Path) -> None:
    (tmp_path / "numbers.txt").write_text("447700900456\n\nGB:07700900456\n")
    out = write(tmp_path, "jsonl", "--numbers", f"@{tmp_path / 'numbers.txt'}", "--statuses", "0")
    assert len(rows(out)) == 4


def test_credentials_are_written(tmp_path: Path) -> None:
    out = write(tmp_path, "jsonl", "--numbers", "447700900456", "--statuses", "0", "--credentials", "k:s:t")
    assert rows(out)[0]["url"].endswith("&api_key=k&api_secret=s%3At")


def test_files_there_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = write(tmp_path, "jsonl")
    before = (out / "number-insight.jsonl").read_bytes()
    assert "is there already" in refused(capsys, "--out", str(out))
    assert (out / "number-insight.jsonl").read_bytes() == before
    write(tmp_path, "jsonl", "--force")
    assert (out / "number-insight.jsonl").read_bytes() != before


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--numbers", "441632960960,abc"), "'abc' is no number"),
        (("--numbers", "GBR:441632960960"), "'GBR:441632960960' is no number"),
        (("--numbers", "@/no/such/file"), "--numbers @/no/such/file: cannot be read"),
        (("--numbers", "447700900001"), "it is what gets status 1"),
        (("--statuses", "1=447700900009,9"), "it is what gets status 9"),
        (("--statuses", "2"), "the API answers with 0, 1, 3, 4, 5, 9"),
        (("--statuses", "0=441632960960"), "those of --numbers"),
        (("--statuses", "1=x"), "--statuses: 'x' is no number"),
        (("--credentials", "key"), "write KEY:SECRET"),
    ],
)
def test_wrong_flags_are_named(
    flags: tuple[str, ...], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in refused(capsys, "--out", str(tmp_path / "out"), *flags)
    assert not (tmp_path / "out").exists()


def test_out_must_be_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in refused(capsys, "--out", str(tmp_path / "file"))
