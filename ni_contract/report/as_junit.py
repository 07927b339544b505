"""The report as JUnit XML, for CI systems: one test case a clause and edition."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from ni_contract.exchanges.finding import BEYOND_XML
from ni_contract.exchanges.redaction import Redactor
from ni_contract.judge.verdicts import FAIL, STALE, Verdict
from ni_contract.printable import printable_lines
from ni_contract.report.failure import failure_text
from ni_contract.report.provenance_rows import provenance_of, provenance_rows
from ni_contract.runs.run import Run

_SKIPPED = ("deviates", "unclaimed", "untested", "warn")


def junit_report(run: Run, edition: str) -> str:
    """The report as a JUnit document with one suite, of the clauses that bind in *edition*."""
    verdicts, redact = run.verdicts[edition], run.account.redactor()
    failures = sum(verdict.word in (FAIL, STALE) for verdict in verdicts)
    skipped = sum(verdict.word in _SKIPPED for verdict in verdicts)
    errors = int(bool(run.error))
    head = (
        f'<testsuite name={_attribute(f"ni-contract {edition}", redact)} tests="{len(verdicts) + errors}" '
        f'failures="{failures}" errors="{errors}" skipped="{skipped}" time="{run.seconds:.3f}" '
        f"timestamp={_attribute(provenance_of(run)['time'], redact)}>"
    )
    cases = (_case(run, verdict, redact) for verdict in verdicts)
    body = "\n".join([_properties(run, redact), *_error(run, redact), *cases])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{head}\n{body}\n</testsuite>\n</testsuites>\n'


def _properties(run: Run, redact: Redactor) -> str:
    rows = [("target", run.target), *provenance_rows(run)]
    found = (f"<property name={quoteattr(name)} value={_attribute(value, redact)}/>" for name, value in rows)
    return f"<properties>{''.join(found)}</properties>"


def _error(run: Run, redact: Redactor) -> Iterable[str]:
    if run.error:
        message = _attribute(run.error, redact)
        yield f'<testcase classname="ni-contract" name="run"><error message={message}/></testcase>'


def _case(run: Run, verdict: Verdict, redact: Redactor) -> str:
    name = _attribute(f"{verdict.clause.id} {verdict.clause.title}", redact)
    target, outcome = _attribute(run.target, redact), _outcome(run, verdict, redact)
    return f"<testcase classname={target} name={name}>{outcome}</testcase>"


def _outcome(run: Run, verdict: Verdict, redact: Redactor) -> str:
    if verdict.word == FAIL:
        message = _attribute(verdict.clause.title, redact)
        return f"<failure message={message}>{escape(_clean(failure_text(run, verdict), redact))}</failure>"
    if verdict.word == STALE:
        return f"<failure message={_attribute(verdict.reason, redact)}/>"
    if verdict.word in _SKIPPED:
        return f"<skipped message={_attribute(f'{verdict.word}: {verdict.reason}', redact)}/>"
    return ""


def _attribute(text: str, redact: Redactor) -> str:
    return quoteattr(_clean(text, redact))


def _clean(text: str, redact: Redactor) -> str:
    return BEYOND_XML.sub("\ufffd", printable_lines(redact(text)))
