"""A badge with the result: an SVG picture, and the JSON of which shields.io makes one."""

import json

from ni_contract.judge.verdicts import CONFORMANT, ERROR, FAIL, NONCONFORMANT, PARTIAL, STALE
from ni_contract.report.documents.page import page
from ni_contract.runs.run import Run

LABEL = "Number Insight contract"
# The contrast of white on each of them is at least 4.5 to 1.
_COLORS = {CONFORMANT: "#1a7f37", PARTIAL: "#8a5a00", NONCONFORMANT: "#b3261e", ERROR: "#596370"}
_CHARACTER_WIDTH, _PADDING, _HEIGHT = 7, 10, 20


def shields_json(run: Run, edition: str) -> str:
    """The document of shields.io's endpoint badge."""
    message, color = _message(run, edition), _COLORS[run.results[edition]].removeprefix("#")
    return json.dumps({"schemaVersion": 1, "label": LABEL, "message": message, "color": color}) + "\n"


def badge_svg(run: Run, edition: str) -> str:
    """The badge as an SVG picture without external references."""
    message, color = _message(run, edition), _COLORS[run.results[edition]]
    sizes = {"left": _width(LABEL), "right": _width(message), "height": _HEIGHT, "padding": _PADDING}
    return page("badge.svg", label=LABEL, message=message, color=color, **sizes)


def _message(run: Run, edition: str) -> str:
    if failing := run.verdicts_with(edition, FAIL, STALE):
        return f"{len(failing)} of {len(run.verdicts[edition])} fail"
    return run.results[edition]


def _width(text: str) -> int:
    return len(text) * _CHARACTER_WIDTH + 2 * _PADDING
