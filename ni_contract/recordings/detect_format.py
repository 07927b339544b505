"""Tells what kind of recording a file is by its first bytes; its name plays no part."""

from __future__ import annotations

import re
from typing import Final

SNIFFED: Final = 1 << 16
HAR, JSONL, VCR_JSON, VCR_YAML, FLOWS, PARQUET = "har", "jsonl", "vcr-json", "vcr-yaml", "flows", "parquet"

_BOM = b"\xef\xbb\xbf"
_TNETSTRING = re.compile(rb"[1-9][0-9]{0,11}:[0-9]+:")
_HAR = re.compile(rb'\{\s*"log"\s*:')
_LOG_INSIDE = re.compile(rb'"log"\s*:\s*\{')
_CASSETTE = re.compile(rb'"(?:interactions|http_interactions)"\s*:')
_YAML = re.compile(rb"(?:(?:---|#|%)[^\n]*\n|\s)*(?:interactions|http_interactions|version|recorded_with)\s*:")
_COLUMN = re.compile(rb'"(?:method|url|http_status|failure_kind)"\s*:')


def format_of(head: bytes) -> str | None:
    """The kind of recording that begins with *head* (at least 64 KB unless the file is shorter), or None."""
    if head.startswith(b"PAR1"):
        return PARQUET
    start = head.removeprefix(_BOM).lstrip()
    if start.startswith((b"{", b"[")):
        return _json_kind(start)
    if _TNETSTRING.match(head):
        return FLOWS
    if _YAML.match(start):
        return VCR_YAML
    return JSONL if _is_jsonl(start) or _is_endless(start) else None


def _json_kind(start: bytes) -> str | None:
    """One document or many lines: the words decide, for both begin alike; in a text they would be escaped."""
    if _HAR.match(start):
        return HAR
    if _is_jsonl(start):
        return JSONL
    if _CASSETTE.search(start):
        return VCR_JSON
    if _LOG_INSIDE.search(start):
        return HAR
    return JSONL if _is_endless(start) else None


def _is_endless(start: bytes) -> bool:
    """The first line may be longer than what is looked at, and those after it may be right."""
    return len(start) > SNIFFED // 2 and b"\n" not in start and b"\0" not in start and start.isascii()


def _is_jsonl(start: bytes) -> bool:
    """Some line begins and ends as a JSON object and has a column; the first line may be the broken one."""
    lines = start.split(b"\n")
    return any(line.startswith(b"{") and _COLUMN.search(line) and _whole(line, lines) for line in lines)


def _whole(line: bytes, lines: list[bytes]) -> bool:
    return line.rstrip().endswith(b"}") or line is lines[-1]
