"""Verdicts as HTML: a chip for one, a bar and text for several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ni_contract.report.html.elements import Html, element
from ni_contract.report.words import LABELS, SIGNS

_BAR_WIDTH = 1000


def chip(word: str, more: str = "") -> Html:
    """The verdict *word* with its sign, because some people cannot distinguish the colours."""
    sign = element("span", SIGNS.get(word, ""), aria_hidden="true", class_="sign")
    return element("span", sign, f" {LABELS.get(word, word)}{more}", class_=f"chip {word}")


def bar(words: Iterable[str], height: int = 8) -> Html:
    """A bar with a part for each verdict, in proportion; the text beside it repeats the counts."""
    counts = Counter(words)
    total, start, parts = sum(counts.values()) or 1, 0.0, []
    for word in LABELS:
        width = counts[word] * _BAR_WIDTH / total
        if width:
            parts.append(element("rect", x=f"{start:.1f}", y=0, width=f"{width:.1f}", height=height, class_=word))
        start += width
    box = f"0 0 {_BAR_WIDTH} {height}"
    return element("svg", parts, viewBox=box, preserveAspectRatio="none", class_="bar", aria_hidden="true")
