"""A badge with the result: an SVG picture, and the JSON of which shields.io makes one."""

import json
from xml.sax.saxutils import escape

from ni_contract.judge.verdicts import CONFORMANT, ERROR, FAIL, NONCONFORMANT, PARTIAL, STALE
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
    message = _message(run, edition)
    left, right = _width(LABEL), _width(message)
    name = escape(f"{LABEL}: {message}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" role="img" '
        f'aria-label="{name}"><title>{name}</title>'
        f'<rect width="{left + right}" height="{_HEIGHT}" rx="3" fill="{_COLORS[run.results[edition]]}"/>'
        f'<path d="M3 0h{left - 3}v{_HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#30363d"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f"{_text(LABEL, 0, left)}{_text(message, left, right)}</g></svg>\n"
    )


def _message(run: Run, edition: str) -> str:
    if failing := run.verdicts_with(edition, FAIL, STALE):
        return f"{len(failing)} of {len(run.verdicts[edition])} fail"
    return run.results[edition]


def _width(text: str) -> int:
    return len(text) * _CHARACTER_WIDTH + 2 * _PADDING


def _text(text: str, start: int, width: int) -> str:
    length = width - 2 * _PADDING
    return f'<text x="{start + width / 2:g}" y="14" textLength="{length}">{escape(text)}</text>'
