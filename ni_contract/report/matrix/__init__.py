"""Several reports on one page: as HTML, JSON, Markdown, and for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ni_contract.report.matrix.as_html import matrix_html
from ni_contract.report.matrix.as_text import matrix_json, matrix_markdown
from ni_contract.runs.matrix import Matrix

# The folder to which links are relative.
MATRIX_FORMATS: dict[str, Callable[[Matrix, Path], str]] = {
    ".html": matrix_html,
    ".json": matrix_json,
    ".md": matrix_markdown,
}
