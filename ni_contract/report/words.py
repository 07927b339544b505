"""Terms of reports: labels of verdicts, areas of clauses, counts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from ni_contract.judge.verdicts import DEVIATES, FAIL, PASS, STALE, UNCLAIMED, UNTESTED, WARN

T = TypeVar("T")
# In the order in which they are shown. People read the label; JSON and file formats keep the word.
LABELS: Final = {
    PASS: "pass",
    FAIL: "fail",
    WARN: "warn",
    STALE: "stale",
    DEVIATES: "deviates",
    UNCLAIMED: "not offered",
    UNTESTED: "untested",
}
SIGNS: Final = {PASS: "✓", FAIL: "✗", WARN: "!", STALE: "✗", DEVIATES: "~", UNCLAIMED: "○", UNTESTED: "?"}

AREAS: Final = {
    "REQ": "how a request may arrive",
    "AUT": "credentials",
    "NUM": "numbers and countries",
    "RES": "answers",
    "ERR": "refusals",
    "XML": "XML",
    "REL": "several exchanges",
    "CLI": "clients",
    "SEC": "secrets in recordings",
}


def area_of(clause_id: str) -> str:
    """The AREA of NIB-AREA-NNN."""
    return clause_id.split("-")[1]


def only_if(condition: object, text: str) -> str:
    """*text* where *condition* holds, else nothing."""
    if condition:
        return text
    return ""


def counted(words: Iterable[str], first: str = "") -> str:
    """The verdicts *words* counted: "3 fail, 12 pass"; *first* stands first, else PASS stands last."""
    counts = Counter(words)
    order = sorted(LABELS, key=lambda word: (word != first, word == PASS))
    return ", ".join(f"{counts[word]} {LABELS[word]}" for word in order if counts[word])


def grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    """The second members of *pairs* by the first."""
    found: dict[str, list[T]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def by_cause(ids: Iterable[str], causes: Iterable[tuple[str, Iterable[str]]]) -> Iterator[tuple[str, list[str]]]:
    """The clauses *ids* by root cause, each with its consequences; one without a group is its own cause."""
    left = dict.fromkeys(ids)
    for leader, followers in causes:
        group = [clause_id for clause_id in (leader, *followers) if clause_id in left]
        if group:
            yield group[0], group[1:]
        for clause_id in group:
            del left[clause_id]
    yield from ((clause_id, []) for clause_id in left)


def plural(count: int, noun: str) -> str:
    """*count* with *noun*, which gets an s unless the count is one: "1 clause", "2 clauses"."""
    if count == 1:
        return f"{count} {noun}"
    return f"{count} {noun}s"
