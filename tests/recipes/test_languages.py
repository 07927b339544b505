"""The examples of docs/other-languages.md, each run where its language is installed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from recipes.steps import ROOT, run_words

from ni_contract.simulator import RunningSimulator

PAGE = (ROOT / "docs" / "other-languages.md").read_text("utf-8")
LANGUAGES = {
    "js": ("lookup.mjs", ["node"]),
    "php": ("lookup.php", ["php"]),
    "ruby": ("lookup.rb", ["ruby"]),
    "java": ("Lookup.java", ["java"]),
    "go": ("lookup.go", ["go", "run"]),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_looks_a_number_up(language: str, tmp_path: Path) -> None:
    name, words = LANGUAGES[language]
    if shutil.which(words[0]) is None:
        pytest.skip(f"there is no {words[0]} here")
    example = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[0]
    with RunningSimulator() as simulator:
        (tmp_path / name).write_text(example.replace("http://127.0.0.1:8080/ni/basic", simulator.url), "utf-8")
        done = run_words([*words, name], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "447700900000" in done.stdout
