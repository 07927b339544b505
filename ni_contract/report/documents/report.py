"""The report of a run as one HTML file that loads nothing and works without its script: `report.html` is its template.

It shows the result, the causes to mend first, all clauses, and all evidence.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.judge.verdicts import DEVIATES, FAIL, STALE, WARN
from ni_contract.report.as_json import report_document
from ni_contract.report.closing import unconfirmed
from ni_contract.report.documents.exchange import answer_pieces, request_pieces
from ni_contract.report.documents.page import page
from ni_contract.report.words import AREAS, LABELS, area_of, by_cause, only_if, plural
from ni_contract.runs.provenance import document_rows
from ni_contract.runs.run import EXIT_CODES, Run

# The document of a JSON report, and one of its clauses.
Document = Mapping[str, Any]
Clause = Mapping[str, Any]
_SUBJECTS = {"verify": "A provider", "live": "The real API", "witness": "A client", "audit": "Recorded traffic"}
_ANCHORS = ("result", "failures", "clauses", "found", "traffic", "exchanges", "words", "provenance")
_NEED_ATTENTION = (FAIL, STALE, WARN, DEVIATES)


def html_report(run: Run, edition: str) -> str:
    """The report as an HTML document; *edition* is the one that sets the exit code."""
    # It has no secrets any more.
    document = report_document(run, edition)
    shown_in = _shown_in(document)
    clauses = _by_id(document)
    areas = set(map(area_of, clauses))
    return page(
        "report.html",
        title=f"ni-contract {document['command']}: {document['target']}",
        description=f"{document['result']}: {document['target']}",
        links=[(anchor, anchor.capitalize()) for anchor in _anchors(document, shown_in)],
        document=document,
        subject=_SUBJECTS.get(document["command"], "Exchanges"),
        sentence=_sentence(document),
        words_of=_words_of,
        areas=areas,
        unconfirmed=unconfirmed(run, edition),
        shown_in=shown_in,
        groups=list(_groups(document, shown_in)),
        clauses=sorted(clauses.items()),
        choices=list(_choices(document, areas)),
        sentences=_sentences(clauses),
        request_pieces=request_pieces,
        answer_pieces=answer_pieces,
        vector_text=_vector_text,
        document_rows=document_rows,
    )


def _anchors(document: Document, shown_in: Mapping[str, str]) -> Iterator[str]:
    """The parts that the page has: all but those that would be empty."""
    contents: dict[str, Any] = {"failures": shown_in, "found": document["found_vectors"]}
    contents |= {name: document[name] for name in ("traffic", "exchanges")}
    return (anchor for anchor in _ANCHORS if contents.get(anchor, True))


def _sentence(document: Document) -> str:
    """A sentence on the evidence of the result and its effect on the exit code."""
    edition, result = document["edition"], document["result"]
    if document["error"]:
        return f"{document['error']}. The exit code is {EXIT_CODES[result]}."
    words = _words_of(document, edition)
    failing, stale = words.count(FAIL), words.count(STALE)
    counts = [f"{failing} of {plural(len(words), 'clause')} fail{only_if(failing == 1, 's')}"]
    if stale:
        counts.append(f"{plural(stale, 'declared deviation')} stale")
    return f"{' and '.join(counts)} in the {edition} edition, which sets the exit code: {EXIT_CODES[result]}."


def _words_of(document: Document, edition: str, area: str = "") -> list[str]:
    """The words of the verdicts in *edition*, on all clauses or on those of one *area*."""
    clauses = document["editions"][edition]["clauses"]
    return [clause["verdict"] for clause in clauses if area in ("", area_of(clause["id"]))]


def _shown_in(document: Document) -> dict[str, str]:
    """The edition in which each clause that needs attention is shown, by clause id."""
    found: dict[str, str] = {}
    for edition in sorted(document["editions"], key=lambda name: name != document["edition"]):
        for clause in document["editions"][edition]["clauses"]:
            if clause["verdict"] in _NEED_ATTENTION:
                found.setdefault(clause["id"], edition)
    return found


def _groups(document: Document, shown_in: Mapping[str, str]) -> Iterator[tuple[str, Clause, list[Clause]]]:
    """The clauses that need attention by root cause, the most fundamental first: edition, leader, followers."""
    for edition in dict.fromkeys(shown_in.values()):
        content = document["editions"][edition]
        shown = [clause for clause in content["clauses"] if shown_in.get(clause["id"]) == edition]
        shown.sort(key=lambda clause: _NEED_ATTENTION.index(clause["verdict"]))
        clauses = {clause["id"]: clause for clause in shown}
        causes = ((cause["clause_id"], cause["explains"]) for cause in content.get("causes", ()))
        for leader, followers in by_cause(clauses, causes):
            yield edition, clauses[leader], [clauses[clause_id] for clause_id in followers]


def _by_id(document: Document) -> dict[str, dict[str, Clause]]:
    """The clauses by id and then by edition."""
    found: dict[str, dict[str, Clause]] = {}
    for edition, content in document["editions"].items():
        for clause in content["clauses"]:
            found.setdefault(clause["id"], {})[edition] = clause
    return found


def _choices(document: Document, areas: Set[str]) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """The filters: name, label, and the values with their labels."""
    verdicts = {one["verdict"] for content in document["editions"].values() for one in content["clauses"]}
    yield "verdict", "Verdict", [(word, label) for word, label in LABELS.items() if word in verdicts]
    yield "area", "Area", [(area, f"{area} {words}") for area, words in AREAS.items() if area in areas]
    yield "edition", "Edition", [(name, name) for name in document["editions"]]


def _sentences(ids: Iterable[str]) -> dict[str, list[Any]]:
    """The sentences of the reference page, in our words, for each clause of *ids*."""
    sentences = load_catalogue().sentences
    return {clause_id: [one for one in sentences if clause_id in one.clauses] for clause_id in ids}


def _vector_text(number: int, found: Mapping[str, Any]) -> str:
    vector = {"id": f"found-by-exploration-{number}", "title": found["clause"], "request": found["request"]}
    return json.dumps(vector, ensure_ascii=False, indent=1)
