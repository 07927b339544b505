"""Verdicts of the documented edition on what its page does not know: HTTP Basic."""

from collections.abc import Collection, Mapping
from typing import Final

from ni_contract.contract.catalogue import DOCUMENTED
from ni_contract.judge.verdicts import FAIL, UNTESTED, Verdict

UNDOCUMENTED: Final = "HTTP Basic is not on the page, and nothing was served with it"


def without_undocumented(
    verdicts: Mapping[str, tuple[Verdict, ...]], undocumented: Collection[str]
) -> dict[str, tuple[Verdict, ...]]:
    """*verdicts* by edition; in the documented one the clauses *undocumented* are untested instead of failing."""

    def documented(verdict: Verdict) -> Verdict:
        if verdict.word == FAIL and verdict.clause.id in undocumented:
            return Verdict(verdict.clause, UNTESTED, reason=UNDOCUMENTED)
        return verdict

    return {**verdicts, DOCUMENTED: tuple(map(documented, verdicts[DOCUMENTED]))}
