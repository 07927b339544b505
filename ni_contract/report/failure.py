"""The text of a failure: the request, the place of the fault, the expectation, and how to repeat or accept it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from shlex import quote

from ni_contract.contract.catalogue import Clause
from ni_contract.contract.vocabulary import FORM, JSON_TYPES
from ni_contract.drivers.client.cases import client_cases
from ni_contract.drivers.provider.vectors import lookup_vectors
from ni_contract.exchanges.credentials import FLAGS
from ni_contract.exchanges.finding import shorten
from ni_contract.exchanges.known_secrets import WRONG_VALUES
from ni_contract.exchanges.redaction import MASK, SECRET_NAMES, redact_body, redact_headers, redact_text
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Exchange, Failure, Request, header
from ni_contract.judge import Violation
from ni_contract.judge.verdicts import MAX_CASES, Verdict
from ni_contract.printable import printable
from ni_contract.report.curl import curl_line
from ni_contract.report.layout import UNBOUNDED, paragraph, pasted, row
from ni_contract.report.words import grouped, only_if, plural
from ni_contract.runs.run import Run

_HEAD_WIDTH = 100
# Headers that every HTTP library sends, and that no clause inspects.
_UNTELLING = frozenset({"host", "connection", "accept-encoding", "accept-language", "user-agent", "content-length"})
# Commands that judge a client or a recording: there is no target for a request to be repeated.
NO_CURL = ("witness", "audit", "mock")
# Commands whose failures have places of their own, where further causes are places too.
_PLACED = ("audit", "mock")
# A flag that gives a credential, with a mask as `shown_command` writes it.
_MASKED_FLAG = re.compile(rf"({'|'.join(FLAGS)})[ =]'?\*\*\*'?")
# Values that differ between answers, replaced so that failures of the same kind have the same text.
_VALUE = re.compile(r"'[^']*'|\b[0-9]+\b")
MAX_CASES_NAMED = 8
# The size of a longer answer is shown, for its white space is not.
_LARGE_BYTES = 1_000
_LAYOUTS = dict.fromkeys(("repeat", "curl", "accept"), pasted)


def failure_text(run: Run, verdict: Verdict) -> str:
    """The block for a failed clause: its first failure in full, and how many more there are."""
    return "\n".join(failure_lines(run, verdict, UNBOUNDED))


def failure_lines(run: Run, verdict: Verdict, width: int) -> Iterator[str]:
    """The same in lines of *width* columns; text to be pasted is never broken."""
    clause, facts = verdict.clause, _facts(run, verdict, verdict.failures[0])
    head, basis = f"{clause.id} {clause.title}", f"{clause.level} · {clause.basis}"
    if width == UNBOUNDED or len(head) + len(basis) < width:
        yield f"{head:<{min(width or _HEAD_WIDTH, _HEAD_WIDTH) - len(basis) - 1}} {basis}"
    else:
        yield from paragraph(f"{head} ({basis})", width, hanging="  ")
    name_width = max(9, *(len(name) for name, _ in facts))
    for name, value in facts:
        yield from _LAYOUTS.get(name, row)(name, value, width, name_width)


def _facts(run: Run, verdict: Verdict, judged: Violation) -> list[tuple[str, str]]:
    rows = [*_exchange_rows(run, verdict, judged), *asdict(judged.finding).items()]
    rows += [("source", f"Number Insight Basic, {verdict.clause.section}"), *_repeat_rows(run, verdict, judged)]
    rows.append(("accept", accept_entry(run, verdict.clause.id)))
    if verdict.failed > 1:
        distinct = plural(len(verdict.failures), "distinct failure")
        if len(verdict.failures) == MAX_CASES:
            distinct = f"{distinct} kept"
        rows.append(("failed", f"{_count_text(verdict)} checked; {distinct}"))
    if run.command in _PLACED:
        rows += [("also", _briefly(other)) for other in verdict.failures[1:]]
    rows += _other_lookups(verdict.failures)
    return [(name, printable(value)) for name, value in rows]


def _exchange_rows(run: Run, verdict: Verdict, judged: Violation) -> Iterator[tuple[str, str]]:
    """The rows on the exchange that failed, and on those beside which it failed."""
    if run.command in _PLACED and judged.exchange:
        yield "place", judged.exchange.origin
    if judged.case:
        yield "lookup", lookup_text(judged.case)
    text = _text_of(judged)
    sent = text(judged.exchange.request) if judged.exchange else "none was made"
    yield "request", sent
    if run.command == "mock" and verdict.clause.side == "provider":
        yield from ((f"mock's {name}", value) for name, value in _answer_row(judged.exchange))
    if judged.reported:
        yield from (*_answer_row(judged.exchange), ("reported", judged.reported))
    if judged.last is not None and text(judged.last.request) != sent:
        yield "last", text(judged.last.request)
    if judged.control is not None:
        yield "control", f"{text(judged.control.request)}  (its status is right)"
    if judged.other is not None and judged.other is not judged.exchange:
        yield "compared", text(judged.other.request)


def _text_of(judged: Violation) -> Callable[[Request], str]:
    """`request_text`, or `text_as_sent` where only that shows how the request differs from those beside it."""
    if judged.exchange is None:
        return request_text
    request = judged.exchange.request
    beside = [one.request for one in (judged.control, judged.other) if one is not None]
    hidden = (
        request_text(one) == request_text(request) and text_as_sent(one) != text_as_sent(request) for one in beside
    )
    if any(hidden):
        return text_as_sent
    return request_text


def _repeat_rows(run: Run, verdict: Verdict, judged: Violation) -> Iterator[tuple[str, str]]:
    """The rows on how the failure is seen again."""
    yield "repeat", repeat_command(run, verdict.clause, judged)
    if judged.alone:
        command = _MASKED_FLAG.sub(_with_variable, run.command_line)
        yield "alone", f"{judged.alone}; the whole run shows it{only_if(command, ': ')}{command}"
    if (curl := curl_of(judged.exchange, run)) is not None:
        yield "curl", curl


def lookup_text(case: str) -> str:
    """The id of a lookup that a client was asked, and what is special about it or its answer."""
    title = next((one.title for one in client_cases() if one.id == case), "")
    return f"{case}{only_if(title, ': ')}{title}"


def _with_variable(match: re.Match[str]) -> str:
    """The flag that *match* found, with the variable of its credential in place of the mask."""
    return f'{match[1]} "${FLAGS[match[1]]}"'


def _other_lookups(failures: Sequence[Violation]) -> list[tuple[str, str]]:
    """The other lookups of a client that failed, one row for those with the same failure."""
    others = (other for other in failures[1:] if other.case)
    cases = grouped((f"{one.finding.at}: {_VALUE.sub('…', one.finding.actual)}", one.case) for one in others)
    rows = []
    for words, names in cases.items():
        more = only_if(len(names) > MAX_CASES_NAMED, f" and {len(names) - MAX_CASES_NAMED} more")
        rows.append(("also", f"{', '.join(names[:MAX_CASES_NAMED])}{more}; {words}"))
    return rows


def follows_text(verdict: Verdict) -> str:
    """The line for a failed clause that follows from another one."""
    found, clause = verdict.failures[0].finding, verdict.clause
    seen = printable(f"{found.at}: {found.actual}")
    return f"  {'follows':<9} {clause.id} {clause.title}; {seen} ({_count_text(verdict)})"


def _count_text(verdict: Verdict) -> str:
    return f"{verdict.failed} of {verdict.evaluated} times"


def _briefly(judged: Violation) -> str:
    """One line for a failure of another cause: its place and the actual value."""
    place = judged.exchange.origin if judged.exchange else "no exchange"
    return f"{place}  {judged.finding.at}: {judged.finding.actual}, not {judged.finding.expected}"


def repeat_command(run: Run, clause: Clause, judged: Violation | None = None) -> str:
    """The command that judges only this clause again, by the very request that broke it."""
    again = run.repeat(clause.id)
    if judged is not None and run.repeats_requests:
        again = " ".join([again, *_vectors(run, judged)])
    return again


def _vectors(run: Run, judged: Violation) -> list[str]:
    """The flags that send the failing requests again: fixed vectors by id, all others as JSON."""
    words: list[str] = []
    for exchange in filter(None, (judged.other, judged.exchange)):
        named, fields = exchange.origin.removeprefix("vector "), run.asked.get(exchange.request)
        if fields is not None and any(vector.id == named for vector in lookup_vectors()):
            words += ["--vectors", named]
        elif fields is not None:
            words += ["--vectors", quote(json.dumps({"request": fields}))]
    return words


def _answer_row(exchange: Exchange | None) -> list[tuple[str, str]]:
    """The row with the answer to the client; a provider's answer is shown with the findings."""
    if exchange is None:
        return []
    answer = exchange.answer
    if isinstance(answer, Failure):
        return [("answer", f"none: {answer.message}")]
    body = shorten(" ".join(redact_body(answer.body).split())) or "an empty body"
    media_type = header(answer.headers, "content-type") or "no type"
    size = only_if(len(answer.body) > _LARGE_BYTES, f"  ({len(answer.body)} bytes, with white space)")
    return [("answer", f"HTTP {answer.http_status}  {media_type}  {body}{size}")]


def curl_of(exchange: Exchange | None, run: Run) -> str | None:
    """The curl line that repeats *exchange* at the run's target; None where a client was judged."""
    if exchange is None or run.command in NO_CURL:
        return None
    base_url = run.base_url if run.reachable else "URL"
    return curl_line(exchange.request, base_url, run.account, exchange.sent_at)


def accept_entry(run: Run, clause_id: str) -> str:
    """The entry for a file of declared deviations."""
    target = only_if(run.deviation_target, f'target = "{run.deviation_target}", ')
    return f'[[deviation]] clause = "{clause_id}", {target}reason = "why"'


def deviation_entry(run: Run, clause_id: str) -> str:
    """The entry for a file of declared deviations, valid TOML once its reason is filled in."""
    target = only_if(run.deviation_target, f"target = {json.dumps(run.deviation_target)}\n")
    return f'[[deviation]]\nclause = "{clause_id}"\n{target}reason = ""\n'


def _decoded(params: Iterable[tuple[str, str]]) -> str:
    # Parameters are masked one by one: in decoded text the end of a value is unknown.
    return " ".join(f"{name}={_shown(name, value)}" for name, value in params)


def _shown(name: str, value: str) -> str:
    """*value*, masked under the name of a credential, unless it is a wrong one that vectors send."""
    if name.lower() not in SECRET_NAMES or value in WRONG_VALUES:
        return value
    # In quotes, for `redact_text` masks what follows a name without a value.
    return MASK if value else '""'


def request_text(request: Request) -> str:
    """One line for a request: method, path, parameters, and the headers that matter; credentials masked.

    Parameters are decoded; JSON, and what cannot be decoded, is shown as it was sent.
    """
    asked, form = parse_request(request), ""
    if asked.media_type not in JSON_TYPES and not asked.media_type.startswith("multipart/"):
        form = _decoded(asked.body)
    return _text(request, _decoded(asked.query), form)


def text_as_sent(request: Request) -> str:
    """`request_text`, its parameters as they were sent."""
    return _text(request)


def _text(request: Request, query: str = "", body: str = "") -> str:
    """The line for *request*; *query* and *body* are decoded, or else as they were sent."""
    query = query or request.url.partition("#")[0].partition("?")[2]
    body = body or " ".join(redact_body(request.body).split())
    params = shorten(redact_text(" ".join(filter(None, (query, body)))))
    headers = "".join(
        f" [{name}: {value}]"
        for name, value in redact_headers(request.headers)
        if name.lower() not in _UNTELLING
        and not (name.lower() == "content-type" and value == FORM and request.method == "POST")
    )
    return redact_text(f"{request.method} {parse_request(request).path}  {params}{headers}")
