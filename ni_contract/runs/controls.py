"""The controls of a run: simpler requests, each sent once, with which the cause of a wrong answer is found."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from ni_contract.drivers.provider.controls import Fields, key_of
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import judge_provider
from ni_contract.judge.clauses.status import SERVED_CLAUSES, judge_status
from ni_contract.judge.context import EvaluationContext, evaluation_context

MAX_REPEATED: Final = 3  # times a clause, without another answer


@dataclass(slots=True)
class Controls:
    """The exchanges of a run by their requests. *ask* sends a request and has its answer judged.

    *asked* holds the exchanges so far, so that no control is sent twice. *reshaped* says by request whether an answer
    had its form by unknown parameters or headers when it was asked for again; None: being asked again.
    """

    ask: Callable[[Fields], Exchange]
    account: Credentials
    asked: dict[str, Exchange] = field(default_factory=dict)
    repeated: Counter[str] = field(default_factory=Counter)
    reshaped: dict[str, bool | None] = field(default_factory=dict)
    _looked_at: int = 0
    _is_served: bool = False

    def exchange(self, fields: Fields) -> Exchange:
        """The exchange of *fields*, which are sent where they were not."""
        key = key_of(fields)
        if key not in self.asked:
            self.asked[key] = self.ask(fields)
        return self.asked[key]

    def read(self, fields: Fields) -> EvaluationContext:
        return evaluation_context(self.exchange(fields), self.account, ())

    def status(self, fields: Fields) -> int | None:
        return status_of(self.exchange(fields))

    def ask_anew(self, fields: Fields) -> Exchange:
        """The exchange of *fields*, which are sent once more."""
        self.asked[key_of(fields)] = again = self.ask(fields)
        return again

    def fault(self, fields: Fields, clause_id: str) -> tuple[str, Finding] | None:
        """The clause that this request breaks by its status: the same one, or any that requires success."""
        wanted = SERVED_CLAUSES if clause_id in SERVED_CLAUSES else {clause_id}
        broken = ((one, result) for one, result in judge_status(self.read(fields)) if isinstance(result, Finding))
        return next(((one, finding) for one, finding in broken if one in wanted), None)

    def is_sound(self, fields: Fields, clause_id: str) -> bool:
        return clause_id in judge_provider(self.read(fields)).held

    def is_different_now(self, fields: Fields, clause_id: str) -> bool:
        """Whether the same request no longer has the fault; that it differs is the violation of a relation."""
        if self.repeated[clause_id] >= MAX_REPEATED:
            return False
        # Counted first, because asking may lead here again.
        self.repeated[clause_id] += 1
        before = self.status(fields)
        is_different = status_of(self.ask_anew(fields)) != before and self.fault(fields, clause_id) is None
        self.repeated[clause_id] -= is_different
        return is_different

    def is_one_served(self) -> bool:
        """Whether a request so far was served. Each answer is looked at once."""
        new = list(islice(self.asked.values(), self._looked_at, None))
        self._is_served = self._is_served or any(status_of(exchange) == 0 for exchange in new)
        self._looked_at += len(new)
        return self._is_served
