"""The judge of providers on one core, beside validators and parsers that are given the same answers."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.parsers import expat

from figures import NOT_INSTALLED, Figure
from traffic import read, record

Work = Callable[[Any], object]
SPEC = Path(__file__).resolve().parents[1] / "spec"
FULL, NEW = "caches full", "every number new"
# Exchanges, distinct numbers, and how many exchanges go before those that are measured.
TRAFFIC = {FULL: (24_000, 3_000, 6_000), NEW: (15_000, 15_000, 0)}
LIMITS = {("json", FULL): 6.0, ("json", NEW): 4.0, ("xml", FULL): 5.0, ("xml", NEW): 3.5}
# Peers are slower, and know no caches: a part of the traffic tells their speed.
PEER_ANSWERS = 2_000
OF_THE_ISSUE = "jsonschema, schema of 573c849, JSON"


def measure(rounds: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """The judge and its peers, each once a round. Raises MeasuringError."""
    traffic = {}
    for wanted, kind in LIMITS:
        say(f"judge: making traffic, {wanted}, {kind}")
        amount, distinct, _ = TRAFFIC[kind]
        exchanges = [one for chunk in read(record(wanted, amount, distinct)) for one in chunk]
        traffic[wanted, kind] = exchanges
    answers = {name: [one.answer.body for one in traffic[name, FULL][:PEER_ANSWERS]] for name in ("json", "xml")}
    _judged(traffic["json", FULL], 0)  # numbering plans and schemas are compiled once a process
    # A program that reads exchanges one by one does not keep them: the garbage collector shall not go through these.
    gc.collect()
    gc.freeze()
    ours: dict[tuple[str, str], list[float]] = {key: [] for key in traffic}
    theirs: dict[str, list[float]] = {name: [] for name in [*_peers("json"), *_peers("xml")]}
    for turn in range(rounds):
        say(f"judge: round {turn + 1} of {rounds}")
        for key, exchanges in traffic.items():
            ours[key].append(_judged(exchanges, TRAFFIC[key[1]][2]))
        for wanted in ("json", "xml"):
            for name, work in _peers(wanted).items():
                if work is not None:
                    theirs[name].append(_rate(work, answers[wanted]))
    return _figures(ours, theirs)


def _figures(ours: dict[tuple[str, str], list[float]], theirs: dict[str, list[float]]) -> Iterator[Figure]:
    for (wanted, kind), samples in ours.items():
        what = f"judge: {wanted.upper()}, {kind}, CPU"
        limit = (">=", LIMITS[wanted, kind])
        yield Figure(what, samples, "/s", OF_THE_ISSUE, theirs[OF_THE_ISSUE], limit, _missing(theirs[OF_THE_ISSUE]))
        for name in _peers(wanted):
            if name != OF_THE_ISSUE:
                yield Figure(what, samples, "/s", name, theirs[name], missing=_missing(theirs[name]))


def _missing(samples: Sequence[float]) -> str:
    return "" if samples else NOT_INSTALLED


def _judged(exchanges: Sequence[Any], before: int) -> float:
    """Exchanges a second of CPU time, of a judge with empty caches that was given *before* of them first."""
    provider = _new_judge()
    for exchange in exchanges[:before]:
        provider(exchange)
    return _rate(provider, exchanges[before:])


def _rate(work: Work, items: Sequence[Any]) -> float:
    begun = time.process_time()
    for item in items:
        work(item)
    return len(items) / (time.process_time() - begun)


def _new_judge() -> Work:
    """A judge of which no cache holds anything: they belong to the whole process."""
    from ni_contract.contract import numbering
    from ni_contract.exchanges.credentials import Credentials
    from ni_contract.judge import Judge

    for cached in (numbering._interpret.cache_clear, numbering.national_layout.cache_clear):
        cached()
    return Judge(Credentials()).provider


@lru_cache
def _peers(wanted: str) -> dict[str, Work | None]:
    """What reads or validates the body of an answer, by name; None where it is not installed."""
    if wanted == "json":
        return {**_jsonschema(), "jsonschema-rs, today's schema": _jsonschema_rs(), "json.loads alone": json.loads}
    return {
        "xmlschema": _xmlschema(),
        "lxml, XSD": _lxml(),
        "expat alone": lambda body: expat.ParserCreate().Parse(body),
    }


def _jsonschema() -> dict[str, Work | None]:
    old = json.loads((Path(__file__).parent / "answer.schema.json").read_text("utf-8"))
    names = (OF_THE_ISSUE, "jsonschema, today's schema")
    if not find_spec("jsonschema"):
        return dict.fromkeys(names)
    from jsonschema import Draft202012Validator

    first, second = Draft202012Validator(old).is_valid, Draft202012Validator(_todays_schema()).is_valid
    return {names[0]: lambda body: first(json.loads(body)), names[1]: lambda body: second(json.loads(body))}


def _todays_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SPEC / "schemas" / "answer.schema.json").read_text("utf-8"))
    return schema


def _jsonschema_rs() -> Work | None:
    if not find_spec("jsonschema_rs"):
        return None
    import jsonschema_rs

    accepts = jsonschema_rs.Draft202012Validator(_todays_schema()).is_valid
    return lambda body: accepts(json.loads(body))


def _xmlschema() -> Work | None:
    if not find_spec("xmlschema"):
        return None
    import xmlschema

    return xmlschema.XMLSchema10(str(SPEC / "response-1.0.xsd")).is_valid


def _lxml() -> Work | None:
    if not find_spec("lxml"):
        return None
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(SPEC / "response-1.0.xsd"))
    return lambda body: schema.validate(etree.fromstring(body))
