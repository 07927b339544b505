"""A client as a command: one process that reads lookups line by line, or one process for each lookup.

A lookup is a line of JSON, an outcome another: `docs/witness.md` explains the protocol.
"""

import json
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ni_contract.clock import RealClock
from ni_contract.drivers.client.child_process import MAX_PRINTED_BYTES, ChildProcess, Event
from ni_contract.drivers.client.patience import Patience
from ni_contract.exchanges.client_lookup import NO_INTEGER, Lookup, MissingOutcome, Outcome
from ni_contract.exchanges.finding import shown

# Before the first outcome the start-up time of the command is not known.
START_SECONDS: Final = 10.0
# A process without an outcome for its first lookup gets less time for the next.
RESTART_SECONDS: Final = 3.0
# A command that does not end by itself as often as this is ended after its outcome.
MAX_LINGERING: Final = 5
MAX_STRAY_LINES: Final = 1_000
MAX_BEGUN_BYTES: Final = 10_000  # of an outcome that is written over several lines
EARLIER_ID: Final = "has the id of an earlier lookup, or a second one came of that"
SEVERAL_LINES: Final = "is written over several lines: it has to be one"
_SHOWN: Final = 120
_CA_VARIABLES: Final = ("NI_CA_FILE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
# In another time zone than UTC, a timestamp of the local time is seen to be none of UTC.
_ZONE: Final = "Asia/Kolkata"
UNFLUSHED: Final = "; no outcome ever came: is each line flushed?"
_ENDED_WELL: Final = "the command ended with exit code 0"


class ClientCommand:
    """*command*, run once and asked by lines, or *per_lookup*: run for each, the lookup being its last argument.

    A process that reports no outcome is ended, and started again for the next lookup.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        per_lookup: bool = False,
        redact: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._command, self._environment, self._per_lookup = list(command), environment, per_lookup
        self._redact = redact
        self._process: ChildProcess | None = None
        self._start_seconds = START_SECONDS
        self._asked = 0
        self._had_earlier_id = False  # whether an outcome of an earlier lookup came in this one
        self._has_reported = False
        self._goes_on = False  # whether a process reported more than one outcome
        self._noise = ""
        self._noise_lines = 0
        self._printed = b""
        self._remarks: Counter[str] = Counter()

    def ask(self, lookup: Lookup, patience: Patience) -> Outcome | MissingOutcome:
        """The outcome of *lookup*; *patience* bounds the wait, which is longer for a process that has to start."""
        self._asked += 1
        self._had_earlier_id = False
        line, is_new = lookup_line(self._asked, lookup), self._process is None
        began = RealClock.monotonic()
        process = self._process or self._start(line)
        process.expect_output()
        if not self._per_lookup:
            process.write_line(line)
        if is_new:
            patience.allow(self._start_seconds)
        told = self._wait(process, patience)
        self._has_reported |= isinstance(told, Outcome)
        self._goes_on |= not is_new and isinstance(told, Outcome)
        if self._asked == 1:
            self._start_seconds = _start_seconds(told, RealClock.monotonic() - began)
        if self._had_earlier_id and isinstance(told, Outcome):
            told = MissingOutcome("unreadable", f"the outcome {EARLIER_ID}")
        elif self._per_lookup or isinstance(told, MissingOutcome):
            is_lingering = sum(self._remarks.values()) >= MAX_LINGERING
            self.stop(at_once=is_lingering or isinstance(told, MissingOutcome))
        self._printed += process.take_errors()
        return told

    def take_printed(self) -> str:
        """The output since the last call that is no outcome, to stdout and stderr. It may hold secrets."""
        taken, self._printed = self._printed, b""
        return taken.decode("utf-8", "backslashreplace")

    def stop(self, at_once: bool = False) -> None:
        """Ends the process, if there is one, and its descendants."""
        if self._process is not None:
            self._remarks.update(self._process.stop(at_once))
            for line in self._process.lines_left():
                self._note_noise(line)
            self._printed += self._process.take_errors()
            self._process = None

    def notes(self) -> tuple[str, ...]:
        """Notes about the command for the report."""
        notes = [_counted(remark, times) for remark, times in self._remarks.items()]
        if self._noise_lines:
            lines = "1 line" if self._noise_lines == 1 else f"{self._noise_lines} lines"
            notes.append(f"the command printed {lines} beside its outcomes, first {self._noise!r}")
        return tuple(notes)

    def _start(self, line: str) -> ChildProcess:
        command = list(self._command)
        if self._per_lookup:
            command.append(line)
        self._process = ChildProcess(command, self._environment, has_input=not self._per_lookup)
        return self._process

    def _wait(self, process: ChildProcess, patience: Patience) -> Outcome | MissingOutcome:
        hint, begun = "", b""
        if not (self._has_reported or self._per_lookup):
            hint = UNFLUSHED
        for _ in range(MAX_STRAY_LINES):
            event = _next_event(process, patience)
            if event is None:
                return MissingOutcome("late", f"{patience.words()}{hint}")
            kind, line = event
            if kind == "flood":
                break
            if kind == "end":
                return MissingOutcome("crash", self._ending(process), process.last_words(self._redact))
            told = read_outcome(line, self._asked)
            if told is not None:
                self._printed += line + b"\n"  # its other members may hold a secret
                return told
            self._note_noise(line)
            begun = line if b"{" in line[:4] else begun + b"\n" + line[:MAX_BEGUN_BYTES]
            fault = fault_of(begun[:MAX_BEGUN_BYTES], self._asked)
            if fault == EARLIER_ID:
                self._had_earlier_id, hint = True, f"; the one that came {EARLIER_ID}"
            elif fault:
                return MissingOutcome("unreadable", f"the outcome {fault}")
            elif b'"ok"' in line and not self._had_earlier_id:
                hint = f"; one came that is no JSON with the id {self._asked}"
        return MissingOutcome("unreadable", "the command floods its output with what is no outcome")

    def _ending(self, process: ChildProcess) -> str:
        ending = process.ending(self._redact)
        if self._per_lookup or ending != _ENDED_WELL or self._goes_on:
            return ending
        return f"{ending}; for a command that ends after each lookup there is --per-lookup"

    def _note_noise(self, line: bytes) -> None:
        self._printed = (self._printed + line + b"\n")[-MAX_PRINTED_BYTES:]
        if line.strip():
            self._noise_lines += 1
            self._noise = self._noise or self._redact(line.decode("utf-8", "backslashreplace"))[:_SHOWN]


def _start_seconds(told: Outcome | MissingOutcome, took: float) -> float:
    """The seconds that a process gets to start, when the first outcome *took* so many."""
    if isinstance(told, Outcome):
        return min(START_SECONDS, 1 + 3 * took)
    return RESTART_SECONDS


def _counted(remark: str, times: int) -> str:
    if times > 1:
        return f"{remark} ({times} times)"
    return remark


def _next_event(process: ChildProcess, patience: Patience) -> Event | None:
    event = process.next_event(patience.until_next_look())
    while event is None and patience.left() > 0:
        event = process.next_event(patience.until_next_look())
    return event


def client_environment(given: Mapping[str, str], values: Mapping[str, str], ca_file: str) -> dict[str, str]:
    """The environment of a client: *given*, the NI_ variables *values*, and the CA where libraries look for it."""
    # A proxy would redirect requests to this machine; buffered output would not arrive in time.
    own = {"NO_PROXY": _without_proxy(given), "no_proxy": _without_proxy(given), "PYTHONUNBUFFERED": "1", "TZ": _ZONE}
    trusted = dict.fromkeys(_CA_VARIABLES, ca_file)
    return {**given, **own, **trusted, **values}


def _without_proxy(given: Mapping[str, str]) -> str:
    listed = given.get("NO_PROXY") or given.get("no_proxy") or ""
    return ",".join([*filter(None, [listed]), "127.0.0.1", "localhost"])


def lookup_line(number: int, lookup: Lookup) -> str:
    """The line, without its end, that asks for *lookup* under the id *number*."""
    members = {"id": number, "number": lookup.number, "country": lookup.country, "timeout": lookup.timeout}
    return json.dumps(members)


def read_outcome(line: bytes, number: int) -> Outcome | MissingOutcome | None:
    """The outcome of the lookup *number* in *line*; None where the line is about no lookup or another one."""
    try:
        members = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, dict) or type(members.get("id")) is not int or members["id"] != number:
        return None
    kind, problem = _problem(members)
    if problem:
        return MissingOutcome(kind, f"the outcome has {problem}")
    return Outcome(members["ok"], members.get("result"), members.get("status"), members.get("reason"))


def fault_of(text: bytes, number: int) -> str:
    """The fault of an outcome of the lookup *number* in another form than that of the protocol; "" for other text."""
    if b'"ok"' not in text:
        return ""
    try:
        members = json.loads(text.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return ""
    if not isinstance(members, dict) or "ok" not in members:
        return ""
    id_ = members.get("id")
    if type(id_) is int and id_ > number:
        return f"has an id that is {id_ - number} too high"
    if type(id_) is int and id_ < number:
        return EARLIER_ID
    if str(id_) not in (str(number), f"{number}.0"):
        return ""
    if type(id_) is not int:
        return f"has the id as {shown(id_)}, which is no integer"
    if b"\n" in text.strip():
        return SEVERAL_LINES
    if text.startswith(BOM_UTF8):
        return "begins with a byte order mark: it has to begin with {"
    return "is not UTF-8"


def _problem(members: dict[str, Any]) -> tuple[str, str]:
    """The kind of a missing outcome, and what is wrong with the *members* of its line; "" where nothing is."""
    if not isinstance(members.get("ok"), bool):
        return "unreadable", "no ok that is true or false"
    if not isinstance(members.get("result"), dict | None):
        return "unreadable", "a result that is no object"
    if type(members.get("status")) not in (int, type(None)):
        return "unreadable" if members["ok"] else NO_INTEGER, "a status that is neither an integer nor null"
    if isinstance(members.get("reason"), str | None):
        return "", ""
    return "unreadable", "a reason that is no text"
