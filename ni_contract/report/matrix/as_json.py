"""A matrix for programs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.printable import json_text
from ni_contract.report.matrix.links import link_to
from ni_contract.runs.matrix import Matrix, MatrixTarget, Snapshot


def matrix_json(matrix: Matrix, folder: Path) -> str:
    """The matrix as a JSON document; links are relative to *folder*."""
    document = {
        "tool": "ni-contract",
        "kind": "matrix",
        "format": 1,
        "clauses": {edition: matrix.clauses(edition) for edition in EDITIONS},
        "targets": [_target(target, folder) for target in matrix.targets],
    }
    return json_text(document)


def _target(target: MatrixTarget, folder: Path) -> dict[str, Any]:
    return {
        "target": target.name,
        "command": target.command,
        "reports": [_snapshot(one, folder) for one in target.snapshots],
        "changes": [asdict(change) for change in target.changes()],
    }


def _snapshot(one: Snapshot, folder: Path) -> dict[str, Any]:
    return {"report": link_to(one, folder), "time": one.time or None, "results": one.results, "verdicts": one.words}
