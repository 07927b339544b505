"""The report as one HTML page that needs nothing beside it: no script, no picture, no style sheet of others."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ni_contract.exchanges.finding import BEYOND_XML
from ni_contract.exchanges.redaction import Redactor
from ni_contract.judge.verdicts import FAIL, PASS, Verdict
from ni_contract.report.failure import failure_text
from ni_contract.report.provenance_rows import provenance_rows
from ni_contract.report.terminal import share
from ni_contract.runs.run import Run, Traffic

_STYLE = """\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .6rem;
border-bottom:1px solid #8885}pre{border:1px solid #8888;padding:.8rem;overflow-x:auto;font-size:.85rem}
.pass{color:#2a8a43}.fail,.stale,.nonconformant,.error{color:#d0323a;font-weight:600}.warn,.deviates{color:#a87510}
.untested,.unclaimed{color:#888}td.n{text-align:right}"""
_HEAD = "".join(f"<th>{word}</th>" for word in ("clause", "level", "verdict", "exercised", "failed", "statement"))
# Nothing that a provider or client sent may be loaded or run, even if it were not escaped.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html_report(run: Run, edition: str) -> str:
    """The report as an HTML document; *edition* is the one that decides."""
    page = _Page(run.account.redactor())
    title = f"ni-contract {run.command}: {run.target}"
    verdicts = run.verdicts[edition]
    parts = [
        f"<h1>{page.text(title)}</h1>",
        *_summary(run, edition, page),
        "<h2>Clauses</h2>",
        f"<table><thead><tr>{_HEAD}</tr></thead><tbody>",
        *(_row(verdict, page) for verdict in verdicts),
        "</tbody></table>",
        *_failures(run, verdicts, page),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{page.text(title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


class _Page:
    """Everything that is not ours goes through here: masked first, for an escape could hide a secret, then escaped."""

    def __init__(self, redact: Redactor) -> None:
        self._redact = redact

    def text(self, text: str) -> str:
        """*text* for between tags or quotes."""
        return escape(BEYOND_XML.sub("\ufffd", self._redact(text)))


def _summary(run: Run, edition: str, page: _Page) -> Iterable[str]:
    if run.error:
        yield f'<p class="error">{page.text(run.error)}</p>'
    yield "<ul>"
    for name, result in run.results.items():
        passed = sum(verdict.word == PASS for verdict in run.verdicts[name])
        decides = ", decides" if name == edition else ""
        counts = f"{passed} of {len(run.verdicts[name])} clauses pass{decides}"
        yield f'<li>{name}: <b class="{result}">{result}</b> ({counts})</li>'
    if run.traffic is None:
        yield f"<li>{run.requests} requests, {run.seconds:.1f} s</li>"
    else:
        yield from _traffic(run.traffic, run.seconds, page)
    yield from (f"<li>{page.text(name)}: {page.text(value)}</li>" for name, value in provenance_rows(run))
    yield from (f"<li>note: {page.text(note)}</li>" for note in run.notes)
    yield "</ul>"


def _traffic(traffic: Traffic, seconds: float, page: _Page) -> Iterable[str]:
    for edition, count in traffic.conforming.items():
        yield f"<li>{share(count, traffic.judged)} of the traffic conforms as {edition}</li>"
    yield f"<li>{traffic.judged} exchanges in {traffic.files} files, {seconds:.1f} s</li>"
    yield from (f"<li>unreadable: {page.text(place)}: {page.text(why)}</li>" for place, why in traffic.unreadable)


def _row(verdict: Verdict, page: _Page) -> str:
    clause = verdict.clause
    reason = f" ({page.text(verdict.reason)})" if verdict.reason else ""
    return (
        f'<tr><td><a id="{clause.id}">{clause.id}</a></td><td>{clause.level}</td>'
        f'<td class="{verdict.word}">{verdict.word}{reason}</td><td class="n">{verdict.evaluated}</td>'
        f'<td class="n">{verdict.failed}</td><td>{page.text(clause.title)}</td></tr>'
    )


def _failures(run: Run, verdicts: Iterable[Verdict], page: _Page) -> Iterable[str]:
    blocks = [f"<pre>{page.text(failure_text(run, verdict))}</pre>" for verdict in verdicts if verdict.word == FAIL]
    if blocks:
        yield "<h2>Failures</h2>"
        yield from blocks
