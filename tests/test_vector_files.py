"""Vectors of users are sent with the others, and a bad file gives one sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ni_contract.cli import main
from ni_contract.drivers.provider.vector_files import read_vectors
from ni_contract.drivers.provider.vectors import PLACEHOLDER, PLACEHOLDERS, lookup_vectors
from ni_contract.errors import UsageError

KEPT = {
    "id": "found",
    "title": "NIB-NUM-019",
    "request": {
        "method": "GET",
        "path": "/json",
        "query": "number=6432345678&api_key={{api_key}}&api_secret={{api_secret}}",
    },
}


def write(folder: Path, data: object) -> str:
    file = folder / "kept.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return str(file)


@pytest.mark.parametrize("data", [KEPT, [KEPT], {"vectors": [KEPT]}])
def test_vector_list_and_document_are_read(tmp_path: Path, data: object) -> None:
    (vector,) = read_vectors(write(tmp_path, data))
    assert (vector.id, vector.request) == ("found", KEPT["request"])


def test_contract_vectors_are_readable(tmp_path: Path) -> None:
    """The vectors of the contract could be kept."""
    rows = [{"id": v.id, "needs": list(v.needs), "request": v.request} for v in lookup_vectors()]
    assert len(read_vectors(write(tmp_path, rows))) == len(rows)


def test_every_placeholder_is_known() -> None:
    used = {name for v in lookup_vectors() for name in PLACEHOLDER.findall(json.dumps(v.request))}
    assert used <= set(PLACEHOLDERS)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{", "not JSON"),
        ("[]", "neither a vector"),
        ("3", "neither a vector"),
        ("[3]", "an object with a request"),
        ({**KEPT, "request": {**KEPT["request"], "url": "x"}}, "no 'url'"),  # type: ignore[dict-item]
        ({**KEPT, "request": {"method": "GET", "path": "/other"}}, "path /json or /xml"),
        ({**KEPT, "request": {"method": "GET", "path": "/json", "query": 3}}, "are strings"),
        ({**KEPT, "request": {"method": "GET", "path": "/json", "query": "{{secret}}"}}, "no placeholder"),
        ({**KEPT, "request": {"method": "GET", "path": "/json", "sign": {"method": "rot13"}}}, "sign has a method"),
        ('{"request": {"method": "GET", "path": "/json", "query": "\\ud800"}}', "surrogates"),
        ({**KEPT, "id": "\ud800"}, "surrogates"),
        ("[" * 100_000, "not JSON"),
        ({**KEPT, "request": {"method": "G T", "path": "/json"}}, "words without spaces"),
        ({**KEPT, "request": {"method": "GET", "path": "/json", "headers": {"X Y": "z"}}}, "words without spaces"),
        ({**KEPT, "request": {"method": "GET", "path": "/json", "headers": {"X": "\u0142"}}}, "ASCII"),
        ({**KEPT, "needs": "xml"}, "list of features"),
    ],
)
def test_bad_file_is_usage_error(tmp_path: Path, data: object, message: str) -> None:
    with pytest.raises(UsageError, match=r"kept\.json") as error:
        read_vectors(write(tmp_path, data))
    assert message in str(error.value)


def test_a_kept_vector_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts = []
    for more in ([], ["--vectors", write(tmp_path, KEPT)]):
        assert main(["verify", "ni_contract.simulator:app", "--explore", "0", *more]) == 0
        requests = re.search(r"^(\d+) requests", capsys.readouterr().out, re.MULTILINE)
        assert requests is not None
        counts.append(int(requests[1]))
    assert counts[1] == counts[0] + 1
