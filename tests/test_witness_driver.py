"""Asking a client: which lookups, whose requests, and what is claimed of what was never seen."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

import pytest

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.numbering import interpret
from ni_contract.drivers.client.cases import client_cases
from ni_contract.drivers.client.patience import Patience
from ni_contract.drivers.client.witness import LookupWatch, Stage, drive
from ni_contract.errors import UsageError
from ni_contract.exchanges.client_features import features_seen, parse_client_features
from ni_contract.exchanges.client_lookup import Lookup, LookupRecord, MissingOutcome, Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge.client_judge import ClientJudge
from ni_contract.runs.witness import ClientPlan, witness
from ni_contract.simulator.script import Script

LATE = MissingOutcome("late", "no outcome came within 5 s")


def asked(number: str, path: str = "/ni/basic/json", body: bytes = b"", **headers: str) -> Exchange:
    query = f"?{urlencode({'number': number})}" if number else ""
    url, method = f"http://127.0.0.1:8080{path}{query}", "POST" if body else "GET"
    return Exchange(Request(method, url, tuple(headers.items()), body), Answer(200))


def numbers_of(groups: Iterable[tuple[Exchange, ...]]) -> list[int]:
    return [len(group) for group in groups]


def test_every_case_has_a_number_of_its_own_that_means_something_certain() -> None:
    meanings = [interpret(case.number, case.country) for case in client_cases()]
    assert all(meaning.facts is not None and meaning.certain for meaning in meanings)
    assert len({m.facts.international for m in meanings if m.facts}) == len(meanings)
    assert len({case.id for case in client_cases()}) == len(meanings)


def test_every_case_needs_what_clients_can_have() -> None:
    for case in client_cases():
        assert parse_client_features(",".join(case.needs)) == (frozenset(case.needs), frozenset())


def test_a_request_belongs_to_the_lookup_with_its_number() -> None:
    watch = LookupWatch()
    watch.record(asked("1"))
    for lookup in (Lookup("+44 7700 900000"), Lookup("020 7946 0004", "GB"), Lookup("447700900002")):
        watch.begin(lookup)
    for number in ("+447700900000", "442079460004", "020-7946-0004", "447700900002", "something else"):
        watch.record(asked(number))
    assert numbers_of(watch.exchanges()) == [1, 2, 2]


def test_not_more_is_kept_of_a_lookup_than_anybody_needs() -> None:
    watch = LookupWatch()
    watch.begin(Lookup("1"))
    for _ in range(1_000):
        watch.record(asked("1"))
    assert numbers_of(watch.exchanges()) == [200]


def test_a_client_that_tells_nothing_is_given_up_and_not_judged() -> None:
    plan = ClientPlan(Credentials(), load_catalogue().select("client"))
    run = witness("nobody", Stage(lambda lookup, patience: LATE, Script(), LookupWatch()), plan)
    assert set(run.results.values()) == {"error"}
    assert run.error.endswith("neither asked nor told anything: no outcome came within 5 s")
    assert {v.word for verdicts in run.verdicts.values() for v in verdicts} == {"untested", "unclaimed"}


def test_a_client_that_asks_and_tells_nothing_is_given_up_and_fails() -> None:
    watch = LookupWatch()

    def ask(lookup: Lookup, _patience: Patience) -> MissingOutcome:
        watch.record(asked(lookup.number))
        return LATE

    run = witness("mute", Stage(ask, Script(), watch), ClientPlan(Credentials(), load_catalogue().select("client")))
    assert (run.requests, set(run.results.values()), run.error) == (3, {"nonconformant"}, "")
    assert "told nothing of its first 3 lookups" in run.notes[0]


def test_a_client_that_asks_somebody_else_is_told_so() -> None:
    plan = ClientPlan(Credentials(), load_catalogue().select("client"))
    run = witness("elsewhere", Stage(lambda lookup, patience: Outcome(False), Script(), LookupWatch()), plan)
    assert run.notes == ("no request came: does the client ask the base URL that it is given?",)
    failed = [v.clause.id for v in run.verdicts["documented"] if v.word == "fail"]
    assert failed == ["NIB-CLI-016", "NIB-CLI-017"]


@pytest.mark.parametrize("path", ["/ni/basic/json", "/ni/basic/xml"])
def test_what_only_xml_can_show_is_asked_of_who_asks_for_xml(path: str) -> None:
    watch = LookupWatch()

    def ask(lookup: Lookup, _patience: Patience) -> Outcome:
        watch.record(asked(lookup.number, path))
        return Outcome(False)

    seen = drive(Stage(ask, Script(), watch), client_cases(), 2.0)
    assert ("dtd" in {one.case for one in seen}) == path.endswith("xml")


def test_a_client_without_a_country_is_not_asked_for_one() -> None:
    stage = Stage(lambda *_: Outcome(False), Script(), LookupWatch())
    seen = drive(stage, client_cases(), 2.0, frozenset({"country"}))
    assert {one.lookup.country for one in seen} == {None}


def test_features_are_seen_in_requests() -> None:
    json = asked("", body=b'{"number": "1", "cnam": "true", "sig": "0"}', **{"Content-Type": "text/json"})
    assert features_seen([json]) == {"json", "post", "post-json", "cnam", "signature"}
    assert features_seen([asked("1", "/ni/basic/xml")]) == {"xml"}
    assert features_seen([asked("1", "/elsewhere")]) == set()


def test_features_are_claimed_and_excluded_in_words() -> None:
    assert parse_client_features(None) == (frozenset(), frozenset())
    assert parse_client_features("xml, no-country") == (frozenset({"xml"}), frozenset({"country"}))
    with pytest.raises(UsageError, match=r"a client has no feature 'no-throttle'; choose from json, xml"):
        parse_client_features("no-throttle")


def test_what_is_claimed_and_not_seen_is_untested() -> None:
    plan = ClientPlan(Credentials(), load_catalogue().select("client", ("NIB-CLI-032",)), claimed=frozenset({"xml"}))
    watch = LookupWatch()

    def ask(lookup: Lookup, _patience: Patience) -> Outcome:
        watch.record(asked(lookup.number))
        return Outcome(False)

    run = witness("json only", Stage(ask, Script(), watch), plan)
    assert [v.word for v in run.verdicts["documented"]] == ["untested"]


def test_what_a_client_tells_is_masked_and_shortened() -> None:
    account = Credentials("k3y-of-mine", "s3cr3t+/&=x", "sign!ture")
    told = Outcome(False, None, None, f"no\nway: {account.api_secret} {'x' * 900}")
    judge = ClientJudge(account)
    judged, leak = judge.lookup(LookupRecord("plain", Lookup("+44 7700 900000"), told))
    assert (judged.clause_id, leak.clause_id) == ("NIB-CLI-016", "NIB-CLI-058")
    assert judged.told.startswith("a failure: no way: *** xxx")
    assert len(judged.told) < 300
