"""Each format is read: a right sample passes with one exchange, the same with one wrong fact fails its clause."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from format_table import format_table

from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Judge
from ni_contract.recordings import Unreadable, read_recordings
from ni_contract.recordings.decompress import open_source
from ni_contract.recordings.entry import Recorded
from ni_contract.recordings.formats import all_formats
from ni_contract.recordings.read import format_of
from ni_contract.recordings.rewrite import plan_copies, rewrite

SAMPLES = Path(__file__).with_name("samples")
NAMES = sorted(path.name for path in SAMPLES.iterdir())
# The country_prefix as a number, with its quotes escaped any number of times.
TRUTH = re.compile(r"""(country_prefix\\*"?\s*:\s*)\\*["']44\\*["']""")


DOCS = Path(__file__).parents[2] / "docs" / "recorded.md"


def test_docs_table_is_the_readers() -> None:
    """Write it anew: python tools/format_table.py."""
    assert f"\n{format_table()}\n<!-- end of formats -->" in DOCS.read_text()


def test_each_format_has_a_sample() -> None:
    """Flows, Parquet and archives are written by the tests themselves."""
    read = set()
    for name in NAMES:
        source = open_source(SAMPLES / name)
        read.add(format_of(source)[0].name)
        source.close()
    assert {one.name for one in all_formats()} - read == {"archive", "flows", "parquet"}


def test_foreign_column_is_accepted(tmp_path: Path) -> None:
    """A row may have a column of another format."""
    row = '{"log": {"level": "info"}, "interactions": [], ' + (SAMPLES / "jsonl.jsonl").read_text()[1:]
    (tmp_path / "x.jsonl").write_text(row * 2)
    assert verdicts(list(read_recordings(tmp_path / "x.jsonl")))[0] == 2


def verdicts(recorded: list[Recorded]) -> tuple[int, set[str]]:
    """The number of exchanges, and the MUST clauses that they break."""
    exchanges = [one for one in recorded if isinstance(one, Exchange)]
    assert len(exchanges) == len(recorded), recorded
    judge = Judge()
    broken = [found for one in exchanges for found in (*judge.provider(one), *judge.client(one))]
    return len(exchanges), {found.clause_id for found in broken}


@pytest.mark.parametrize("name", NAMES)
def test_right_sample_passes(name: str) -> None:
    assert verdicts(list(read_recordings(SAMPLES / name))) == (1, set())


@pytest.mark.parametrize("name", NAMES)
def test_lying_sample_fails_its_clause(name: str, tmp_path: Path) -> None:
    written, count = TRUTH.subn(r"\g<1>44", (SAMPLES / name).read_text())
    assert count
    (tmp_path / name).write_text(written)
    assert verdicts(list(read_recordings(tmp_path / name))) == (1, {"NIB-RES-015"})


@pytest.mark.parametrize("name", NAMES)
def test_copy_without_secrets_is_judged_alike(name: str, tmp_path: Path) -> None:
    """XML and JSON5 are copied as JSONL, all others in their own format."""
    secret = "api_secret=aBcD1234eFgH5678&number=447700900000"
    text = (SAMPLES / name).read_text().replace("number=447700900000", secret)
    (tmp_path / name).write_text(text)
    said = list(rewrite(plan_copies([(str(tmp_path / name), name)], str(tmp_path / "copies")), None))
    assert said[0].is_made, said
    (copy,) = (tmp_path / "copies").iterdir()
    assert "aBcD1234eFgH5678" not in copy.read_text()
    assert verdicts(list(read_recordings(copy))) == (1, set())


def _spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in members:
        yield (*path, key)
        yield from _spots(one, (*path, key))


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("json")])
def test_strange_value_stops_no_reader(name: str, tmp_path: Path) -> None:
    """A value of another type, at any place of a sample, is an exchange less or a place that is named, no error."""
    whole = json.loads((SAMPLES / name).read_text())
    for number, (*way, last) in enumerate(_spots(whole)):
        changed = copy.deepcopy(whole)
        parent = changed
        for step in way:
            parent = parent[step]
        parent[last] = (5, [], {"a": 1}, [True])[number % 4]
        (tmp_path / "x").write_text(json.dumps(changed))
        assert all(isinstance(one, Exchange | Unreadable) for one in read_recordings(tmp_path / "x"))
