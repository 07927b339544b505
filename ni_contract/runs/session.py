"""The state of a run while it goes on, and the judging of each exchange of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from ni_contract.contract.catalogue import Clause, load_catalogue
from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.controls import Fields, key_of
from ni_contract.drivers.provider.driver import MAX_BUSY_PAUSES, Driver, Sent, TimeIsUp, is_busy
from ni_contract.drivers.provider.numbers import about_known, number_of
from ni_contract.drivers.provider.target import Target
from ni_contract.drivers.provider.vectors import Vector
from ni_contract.errors import HarnessError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Judge, Violation
from ni_contract.judge.deviations import Deviation
from ni_contract.judge.root_causes import OTHER_NUMBER
from ni_contract.judge.verdicts import Tally
from ni_contract.runs.cause import find_cause, find_not_offered
from ni_contract.runs.controls import Controls
from ni_contract.runs.not_offered import wrong_in_any_case
from ni_contract.runs.run import Discovery

DEFAULT_EXAMPLES: Final = 150
DEFAULT_MAX_SECONDS: Final = 120.0


FindCause = Callable[[Controls, Violation, Fields], Violation | None]


@dataclass(frozen=True, slots=True)
class VerifyPlan:
    """The plan of a run: claims, pace (requests a second), drawn requests and their seed, clauses, deviations.

    *kept* are vectors of the user's own, *numbers* those that the provider serves (none: unknown). *jobs* is how
    many requests may be under way at once, None: as the target bears it. *only*: to send no more than *clauses* need.
    """

    account: Credentials
    claims: Claims
    clauses: tuple[Clause, ...]
    deviations: tuple[Deviation, ...] = ()
    rate: float | None = None
    examples: int = DEFAULT_EXAMPLES
    kept: tuple[Vector, ...] = ()
    seed: int | None = None
    numbers: tuple[str, ...] = ()
    jobs: int | None = None
    max_seconds: float = DEFAULT_MAX_SECONDS
    only: bool = False


@dataclass
class Session:
    """The state of a run; *missing* are the features that the vectors showed not to be offered.

    *partial* is the reason why only some vectors were sent, or count (a live run, a recording), "" where all do;
    *reasons* are those of single clauses. What is left out that way is untested. *methods* are the signature
    methods offered, *known* the numbers that are served where the provider serves only some. *planned* requests
    were to be sent, of which *unsent* were not when the time was up; *is_shortened*: numbers of all regions were
    not planned, because of the pace. *busy_checks*: how often it was asked whether the target is Busy for good.
    """

    target: Target
    plan: VerifyPlan
    driver: Driver
    deviations_name: str
    tally: Tally = field(default_factory=Tally)
    sent: list[Sent] = field(default_factory=list)
    discoveries: list[Discovery] = field(default_factory=list)
    missing: frozenset[str] = frozenset()
    partial: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    methods: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    has_controls: bool = False
    interruption: BaseException | None = None
    planned: int = 0
    unsent: int = 0
    is_shortened: bool = False
    busy_checks: int = 0

    @cached_property
    def judge(self) -> Judge:
        """The one judge of the run, since relations compare all its exchanges."""
        return Judge(self.plan.account, strict=True)

    @cached_property
    def controls(self) -> Controls:
        """The controls, each of which is an exchange of the run like all others."""
        return Controls(self._ask, self.plan.account)

    def _ask(self, fields: Fields) -> Exchange:
        exchange = self.driver.ask(fields, "control")
        # Registered before it is judged, because then it is its own control.
        self.controls.asked[key_of(fields)] = exchange
        self.take(exchange, fields, self.serves(fields))
        return exchange

    def serves(self, fields: Fields) -> bool:
        """Whether the provider offers what *fields* ask for: the number, if any, and the signature, if it is signed."""
        if "sign" in fields and ("signature" in self.missing or self.is_other_method(fields)):
            return False
        number = number_of(fields)
        return not self.known or number is None or number in self.known

    def is_other_method(self, fields: Fields) -> bool:
        """Whether *fields* are signed by a method that the provider does not offer, as far as that is known."""
        return bool(self.methods) and "sign" in fields and fields["sign"]["method"] not in self.methods

    def take(self, exchange: Exchange, fields: Fields, is_offered: bool = True) -> list[Violation]:
        """Judges *exchange*, which asked *fields*, and returns the violations that count.

        For a feature that is not offered, only the form of its answer is judged, and what is wrong in any case.
        """
        is_excused = self.driver.pauses >= MAX_BUSY_PAUSES and is_busy(exchange) and self.has_served
        self.controls.asked.setdefault(key_of(fields), exchange)
        broken = self.judge.provider(exchange, is_excused)
        evaluated = self.judge.counted()
        # Counted first: the controls that are judged in between are counted on their own.
        self.tally.add(evaluated, ())
        blamed = [self._blamed(one, fields, is_offered) for one in broken]
        counted = [found for found in blamed if found is not None]
        self.tally.note(exchange, evaluated.keys() - {one.clause_id for one in broken}, counted)
        self.tally.add({}, counted)
        return counted

    @cached_property
    def has_served(self) -> bool:
        """Whether a vector was served: all are sent before the first is judged."""
        return any(status_of(one.exchange) == 0 for one in self.sent)

    def _blamed(self, violation: Violation, fields: Fields, is_offered: bool) -> Violation | None:
        found: Violation | None = violation
        is_of_facts = violation.clause_id == OTHER_NUMBER
        if not (is_offered or is_of_facts) and load_catalogue()[violation.clause_id].kind in ("exchange", "relation"):
            if not self.has_controls:
                found = wrong_in_any_case(violation, fields)
            else:
                found = self._by_controls(violation, fields, find_not_offered)
        elif self.has_controls:
            found = self._by_controls(violation, fields, find_cause)
        self._recount(violation, found)
        return found

    def _by_controls(self, violation: Violation, fields: Fields, find: FindCause) -> Violation | None:
        """*violation* with the clause that controls show to be the cause; unchanged where none can be sent."""
        try:
            return find(self.controls, violation, fields)
        except (HarnessError, TimeIsUp) as problem:
            self.has_controls, self.interruption = False, problem
            return violation

    def _recount(self, violation: Violation, found: Violation | None) -> None:
        """Moves the count of a clause that is not the cause to the one that is."""
        if found is not None and found.clause_id == violation.clause_id:
            return
        self.tally.evaluated[violation.clause_id] -= 1
        if found is not None:
            self.tally.evaluated[found.clause_id] += 1

    def take_busy(self) -> None:
        """Judges the answers Busy that were waited out."""
        for busy in self.driver.busy:
            broken = self.judge.provider(busy, is_excused=True)
            self.tally.add(self.judge.counted(), broken, busy)

    def adapted(self, vector: Vector) -> Vector:
        """*vector* about a number that is served, signed by a method that is offered; the user's own as it is."""
        if vector.own:
            return vector
        adapted = about_known(vector, self.known)
        sign = adapted.request.get("sign")
        # A signature by no secret is wrong by any method.
        if sign is None or not self.methods or sign["method"] in self.methods or sign.get("secret") == "none":
            return adapted
        return replace(adapted, request={**adapted.request, "sign": {**sign, "method": self.methods[0]}})

    def offered(self) -> Claims:
        """The claims without the features that were found to be missing."""
        claims = self.plan.claims
        return replace(claims, claimed=claims.claimed - self.missing, methods=self.methods or claims.methods)
