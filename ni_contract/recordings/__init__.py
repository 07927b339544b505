"""Recorded traffic of other tools, read as exchanges: `read_recordings` for files, `exchange_of_line` for JSONL."""

from ni_contract.recordings.entry import Recorded, Unreadable
from ni_contract.recordings.formats.jsonl import exchange_of_line
from ni_contract.recordings.read import read_recordings

__all__ = ["Recorded", "Unreadable", "exchange_of_line", "read_recordings"]
