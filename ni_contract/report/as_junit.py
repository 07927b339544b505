"""The report as JUnit XML, for CI systems: one test case a clause and edition."""

from xml.etree.ElementTree import Element, SubElement, tostring

from ni_contract.exchanges.finding import BEYOND_XML
from ni_contract.exchanges.redaction import Redactor
from ni_contract.judge.verdicts import FAIL, PASS, STALE, Verdict
from ni_contract.printable import printable_lines
from ni_contract.report.failure import failure_text
from ni_contract.runs.provenance import document_rows, provenance_of
from ni_contract.runs.run import Run


def junit_report(run: Run, edition: str) -> str:
    """The report as a JUnit document with one suite, of the clauses that bind in *edition*."""
    verdicts, errors = run.verdicts[edition], int(bool(run.error))
    failures = len(run.verdicts_with(edition, FAIL, STALE))
    skipped = len(verdicts) - failures - len(run.verdicts_with(edition, PASS))
    counts = {"tests": len(verdicts) + errors, "failures": failures, "errors": errors, "skipped": skipped}
    root = Element("testsuites")
    suite = SubElement(root, "testsuite", name=f"ni-contract {edition}")
    suite.attrib |= {name: str(count) for name, count in counts.items()}
    suite.attrib |= {"time": f"{run.seconds:.3f}", "timestamp": provenance_of(run)["time"]}
    properties = SubElement(suite, "properties")
    for name, value in [("target", run.target), *document_rows(provenance_of(run))]:
        SubElement(properties, "property", name=name, value=value)
    if run.error:
        SubElement(SubElement(suite, "testcase", classname="ni-contract", name="run"), "error", message=run.error)
    for verdict in verdicts:
        name = f"{verdict.clause.id} {verdict.clause.title}"
        _outcome(run, verdict, SubElement(suite, "testcase", classname=run.target, name=name))
    _clean(root, run.account.redactor())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _outcome(run: Run, verdict: Verdict, case: Element) -> None:
    if verdict.word == FAIL:
        SubElement(case, "failure", message=verdict.clause.title).text = failure_text(run, verdict)
    elif verdict.word == STALE:
        SubElement(case, "failure", message=verdict.reason)
    elif verdict.word != PASS:
        SubElement(case, "skipped", message=f"{verdict.word}: {verdict.reason}")


def _clean(root: Element, redact: Redactor) -> None:
    """Masks secrets, and replaces what XML cannot represent, in all text."""
    for element in root.iter():
        for name, value in element.items():
            element.set(name, BEYOND_XML.sub("\ufffd", printable_lines(redact(value))))
        if element.text:
            element.text = BEYOND_XML.sub("\ufffd", printable_lines(redact(element.text)))
