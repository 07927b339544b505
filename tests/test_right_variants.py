"""Providers that are right in a way of their own, and one that takes parts of its numbers for the whole."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from right.plain import Provider, Refused
from test_right_providers import KNOWN, failing, run_of

from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.numbers import plain_lookup, read_numbers
from ni_contract.runs import explore

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_regions")]


class Shallow(Provider):
    """A provider whose parser of JSON has a limit of depth, as those of Ruby, .NET and Rust have."""

    def read(self, method: str, query: str, headers: Any, body: bytes, kind: str) -> dict[str, str]:
        if body.count(b"[") > 64:
            raise Refused(3, "Invalid request: the body cannot be read")
        return super().read(method, query, headers, body, kind)


def test_limit_of_depth_is_no_fault() -> None:
    assert failing(run_of(Shallow())) == []


class WithLimit(Provider):
    """A provider behind a server that takes no body of more than 4,000 bytes."""

    def __call__(self, method: str, path: str, query: str, headers: Any, body: bytes) -> tuple[int, str, bytes]:
        if len(body) > 4_000:
            return 413, "text/plain", b"too large"
        return super().__call__(method, path, query, headers, body)


def test_limit_of_length_is_no_fault() -> None:
    assert failing(run_of(WithLimit())) == []


class WithoutXml(Provider):
    """A provider without XML."""

    def __call__(self, method: str, path: str, query: str, headers: Any, body: bytes) -> tuple[int, str, bytes]:
        return super().__call__(method, path.replace("/xml", "/none"), query, headers, body)


def test_provider_without_xml() -> None:
    """Where XML is not claimed, no lookup of XML is judged."""
    assert failing(run_of(WithoutXml(), "no-xml")) == []


def test_without_xml_nothing_is_sent_twice() -> None:
    """A lookup in XML is sent in JSON, unless that is sent anyway."""
    session: Any = SimpleNamespace(offered=lambda: Claims(frozenset()))
    one, other = plain_lookup("1"), plain_lookup("2")
    requests = [one, one, {**one, "path": "/xml"}, {**other, "path": "/xml"}]
    assert explore.offered_of(session, requests) == [one, one, other]


class WithoutCnam(Provider):
    """A provider that refuses cnam=true."""

    def check_credentials(self, params: Any, headers: Any) -> None:
        super().check_credentials(params, headers)
        if params.get("cnam") == "true":
            raise Refused(3, "Invalid request: there is no cnam")


@pytest.mark.parametrize("known", ["", KNOWN])
def test_provider_without_cnam(known: str) -> None:
    """Where cnam is not claimed, no lookup has it."""
    numbers = read_numbers(known or None)
    provider = WithoutCnam(numbers=set(numbers) or None)
    assert failing(run_of(provider, "no-cnam", numbers=numbers, examples=40)) == []


class Nearly(Provider):
    """A provider of a few numbers that takes an end of one for the whole number."""

    def look_up(self, number: Any, country: Any) -> Any:
        whole = next((one for one in KNOWN.split(",") if number and one.endswith(number[-9:])), number)
        return super().look_up(whole, country)


def test_end_of_known_number_is_another() -> None:
    run = run_of(Nearly(numbers=set(KNOWN.split(","))), numbers=read_numbers(KNOWN))
    assert failing(run)[0] == "NIB-NUM-013"


class Trimming(Provider):
    """A provider for which a number of control characters alone is blank, as texts are in Java and PHP."""

    def look_up(self, number: Any, country: Any) -> Any:
        return super().look_up(number if number and number.strip("".join(map(chr, range(33)))) else None, country)


def test_number_of_control_characters_is_missing() -> None:
    assert failing(run_of(Trimming())) == []


class PartsFirst(Provider):
    """A provider that counts a signature or timestamp that is missing or empty among the missing parameters."""

    def check_signature(self, params: Any, key: str | None, sig: str) -> None:
        if not (sig and params.get("timestamp")):
            raise Refused(3, "Invalid request: a parameter is missing")
        super().check_signature(params, key, sig)


def test_missing_part_of_signature_is_missing_parameter() -> None:
    assert failing(run_of(PartsFirst())) == []


class WithIdsInJson(Provider):
    """A provider whose refusals have a request_id in JSON alone."""

    def as_xml(self, facts: Mapping[str, Any]) -> str:
        told = super().as_xml(facts)
        return told if facts["status"] == 0 else told.replace(f"<request_id>{facts['request_id']}</request_id>", "")


@pytest.mark.parametrize("methods", [("md5hash",), ("hmac-sha256",), ("md5hash", "hmac-sha256")])
def test_methods_that_are_not_offered_are_not_judged(methods: tuple[str, ...]) -> None:
    """A refusal by another method, the first that has a request_id, is asked for again at the end; that is a SHOULD."""
    assert failing(run_of(WithIdsInJson(methods=methods))) == ["NIB-ERR-009"]
