"""Recorded traffic of other tools, read as exchanges."""

from ni_contract.recordings.entry import Recorded, Unreadable
from ni_contract.recordings.read import read_recordings

__all__ = ["Recorded", "Unreadable", "read_recordings"]
