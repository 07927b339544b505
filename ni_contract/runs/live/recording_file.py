"""The recording of a live run on disk; an existing one stays until the new one is as good."""

from collections.abc import Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from ni_contract.contract.vocabulary import BUSY
from ni_contract.drivers.live.redacted_exchange import COMMENT
from ni_contract.errors import HarnessError, option
from ni_contract.exchanges.gateway import is_gateway_answer, status_of
from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.files import check_output, identities, reason_of
from ni_contract.recordings.har_writer import HarWriter
from ni_contract.recordings.read import read_recordings

_MAX_NAMES = 10_000


class RecordingFile:
    """A HAR file that grows with each exchange and is complete at any time.

    It has the name *file* where that is free; else one beside it, until `finish` lets it replace the existing file.
    Raises HarnessError when it cannot be written.
    """

    def __init__(self, file: str) -> None:
        self._file = check_output(option("record"), file)
        self._writer = self._begun()
        self._written = self._identity()
        self.count = 0

    def _begun(self) -> HarWriter:
        name = self._file.stem
        beside = (self._file.with_stem(f"{name}.incomplete-{number}") for number in range(1, _MAX_NAMES))
        for path in chain((self._file,), beside):
            with suppress(FileExistsError):
                return HarWriter(path, COMMENT, is_new=True)
        raise HarnessError(f"{self._file} has {_MAX_NAMES} incomplete recordings beside it; take them away")

    def _identity(self) -> list[object]:
        return list(identities(str(self._writer.path)))

    def add(self, exchange: Exchange, seconds: float, own: Mapping[str, Any]) -> None:
        """Appends *exchange*, as `HarWriter.add` does. A file that another run has put there meanwhile stays."""
        if self._identity() != self._written:
            self._writer.path = self._begun().path
        self._writer.add(exchange, seconds, own)
        self._written = self._identity()
        self.count += 1

    def finish(self, answers: int, planned: int) -> str:
        """Replaces the old recording if this one has all its *answers*, and no fewer; else says where it is.

        *planned* is the number of answers of the API that the run is meant to have.
        """
        path = self._writer.path
        if path == self._file:
            return ""
        if not self.count:
            path.unlink(missing_ok=True)
            return f"nothing was recorded; {self._file.name} stays as it was"
        before = count_answers(self._file)
        if answers >= max(planned, before):
            return self._replaced(path)
        return (
            f"this run has {answers} of the {planned} answers that it is meant to have, and {self._file.name} has "
            f"{before}, so that stays as it was: the new recording is in {path}"
        )

    def _replaced(self, path: Path) -> str:
        try:
            path.replace(self._file)
        except OSError as error:
            return f"{self._file.name} cannot be replaced ({reason_of(error)}): the new recording is in {path}"
        return ""


def count_answers(file: Path) -> int:
    """The number of answers of the API in the recording *file*; 0 where that is no recording."""
    return sum(isinstance(found, Exchange) and _is_answer(found) for found in read_recordings(file))


def _is_answer(exchange: Exchange) -> bool:
    is_answered = isinstance(exchange.answer, Answer) and not is_gateway_answer(exchange)
    return is_answered and status_of(exchange) != BUSY
