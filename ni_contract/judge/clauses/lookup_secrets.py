"""The clause about secrets in what a client reports and prints."""

from __future__ import annotations

from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.redaction import redactor_of
from ni_contract.judge.clauses.lookup import LOOKUP
from ni_contract.judge.clauses.registry import clause
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Result
from ni_contract.judge.observed_lookup import ObservedLookup


@clause("NIB-CLI-058", LOOKUP)
def outcome_has_no_secret(seen: ObservedLookup) -> Result:
    told, hide = seen.reported, redactor_of(seen.secrets).known
    parts = {"output": seen.record.printed}
    if told is not None:
        parts = {"reason": str(told.reason), "result": str(told.result), **parts}
    shown_in = [name for name, part in parts.items() if hide(part) != part]
    if shown_in:
        return Finding(shown_in[0], "no secret of the account", "a secret, masked here")
    if told is None:
        return NOT_APPLICABLE
    return PASSED
