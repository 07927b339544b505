"""Asking a client: its lookups, the owner of each request, and claims about features never seen."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from mutants.witnessed import ANSWERED

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.numbering import interpret
from ni_contract.drivers.client.cases import asked_together, client_cases
from ni_contract.drivers.client.patience import Patience
from ni_contract.drivers.client.stage import ClientStage, LookupWatch
from ni_contract.drivers.client.witness import drive
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


def test_cases_have_certain_unique_numbers() -> None:
    """Every case has a number of its own with a certain meaning, but for those that a client may refuse or repeat.

    Their digits, which a client may send alone and keep an answer for, are no others' in the same country either.
    """
    cases = [case for case in client_cases() if not case.again]
    meanings = [interpret(case.number, case.country) for case in cases if not case.may_refuse]
    assert all(meaning.facts is not None and meaning.certain for meaning in meanings)
    assert len({m.facts.international for m in meanings if m.facts}) == len(meanings)
    assert len({case.id for case in client_cases()}) == len(client_cases())
    assert len({(re.sub("[^0-9]", "", case.number), case.country) for case in cases}) == len(cases)


def test_cases_repeat_earlier_ones() -> None:
    """A case that repeats another comes behind it, and has its number and country."""
    places = {case.id: place for place, case in enumerate(client_cases())}
    for case in client_cases():
        if case.again:
            earlier = client_cases()[places[case.again]]
            assert places[case.again] < places[case.id]
            assert (earlier.number, earlier.country) == (case.number, case.country)


def test_cases_need_known_features() -> None:
    """Every case needs features that clients can have."""
    for case in client_cases():
        assert parse_client_features(",".join(case.needs)) == (frozenset(case.needs), frozenset())


def test_requests_belong_by_number() -> None:
    """A request belongs to the lookup with its number."""
    watch = LookupWatch()
    watch.record(asked("1"))
    for lookup in (Lookup("+44 7700 900000"), Lookup("020 7946 0004", "GB"), Lookup("447700900002")):
        watch.begin(lookup)
    for number in ("+447700900000", "442079460004", "020-7946-0004", "447700900002", "something else"):
        watch.record(asked(number))
    assert numbers_of(watch.exchanges()) == [1, 2, 2]


def test_wrong_number_of_another_lookup() -> None:
    """A request about an earlier lookup's number is the current one's where that has no other."""
    watch = LookupWatch()
    watch.begin(Lookup("+44 7700 900001"))
    watch.record(asked("447700900001"))
    watch.claim()
    watch.begin(Lookup("+44 7700 900010"))
    watch.record(asked("447700900001"))
    watch.record(asked("+447700900001"))
    watch.claim()
    assert numbers_of(watch.exchanges()) == [1, 2]


def test_late_request_with_cut_number() -> None:
    """A late request about the part of a number before its & is that number's."""
    watch = LookupWatch()
    for number in ("+44 7700 9001&&9=7=", "+44 7700 900010"):
        watch.begin(Lookup(number))
    watch.record(asked("447700900010"))
    watch.record(asked("+44 7700 9001"))
    watch.claim()
    assert numbers_of(watch.exchanges()) == [1, 1]


def test_late_request_stays_with_its_lookup() -> None:
    """A request about an earlier lookup's number is that one's where the current one has its own."""
    watch = LookupWatch()
    for number in ("+44 7700 900001", "+44 7700 900010"):
        watch.begin(Lookup(number))
    watch.record(asked("447700900001"))
    watch.record(asked("447700900010"))
    watch.claim()
    assert numbers_of(watch.exchanges()) == [1, 1]


@pytest.mark.parametrize(("http_status", "expected"), [(200, [1, 2]), (503, [2, 1])])
def test_retry_about_another_number(http_status: int, expected: list[int]) -> None:
    """A request about an earlier number is the current lookup's, if the earlier lookup had its answer."""
    watch = LookupWatch()
    watch.begin(Lookup("+44 7700 900001"))
    watch.record(replace(asked("447700900001"), answer=Answer(http_status)))
    watch.begin(Lookup("+44 7700 900010"))
    watch.record(asked("447700900010"))
    watch.record(replace(asked("447700900001"), sent_at=time.time() + 1))
    watch.claim()
    assert numbers_of(watch.exchanges()) == expected


@pytest.mark.parametrize(("path", "expected"), [("/ni/basic/json", [2, 0]), ("/ni/basic/xml", [1, 1])])
def test_late_hop_stays_with_its_lookup(path: str, expected: list[int]) -> None:
    """A request without a number, where the lookup before was redirected to, is that one's."""
    watch, hop = LookupWatch(), asked("", path)
    watch.record(hop)
    watch.begin(Lookup("+44 7700 900001"))
    location = (("location", "http://127.0.0.1:8080/ni/basic/json"),)
    watch.record(replace(asked("447700900001"), answer=Answer(302, location)))
    watch.begin(Lookup("+44 7700 900010"))
    watch.record(hop)
    assert numbers_of(watch.exchanges()) == expected


def test_cases_of_one_process_keep_their_order() -> None:
    cases = client_cases()
    silence, stall, plain = (next(one for one in cases if one.id == case) for case in ("silence", "stall", "plain"))
    assert [one.id for one in asked_together(silence, cases)] == [
        *("success-before-silence", "before-silence", "silence", "after-silence", "after-late", "after-pause"),
    ]
    assert [one.id for one in asked_together(stall, cases)] == [
        *("success-before-stall", "stall", "after-stall", "busy-then-silence"),
    ]
    assert asked_together(plain, cases) == [plain]


def test_lookup_keeps_bounded_requests() -> None:
    """No more of a lookup is kept than is needed."""
    watch = LookupWatch()
    watch.begin(Lookup("1"))
    for _ in range(1_000):
        watch.record(asked("1"))
    assert numbers_of(watch.exchanges()) == [200]


def test_silent_client_is_not_judged() -> None:
    """A client without requests and outcomes is given up and not judged."""
    plan = ClientPlan(Credentials(), load_catalogue().select("client"))
    run = witness("nobody", ClientStage(lambda lookup, patience: LATE, Script(), LookupWatch()), plan)
    assert set(run.results.values()) == {"error"}
    assert run.error.endswith("neither asked nor reported anything: no outcome came within 5 s")
    assert {v.word for verdicts in run.verdicts.values() for v in verdicts} == {"untested", "unclaimed"}


def test_asking_silent_client_fails() -> None:
    """A client that asks and reports nothing is given up and fails."""
    watch = LookupWatch()

    def ask(lookup: Lookup, _patience: Patience) -> MissingOutcome:
        watch.record(asked(lookup.number))
        return LATE

    run = witness(
        "mute", ClientStage(ask, Script(), watch), ClientPlan(Credentials(), load_catalogue().select("client"))
    )
    assert (run.requests, set(run.results.values()), run.error) == (3, {"nonconformant"}, "")
    assert "told nothing of its first 3 lookups" in run.notes[0]


def test_misdirected_client_is_reported() -> None:
    """A client that asks another server is told so."""
    plan = ClientPlan(Credentials(), load_catalogue().select("client"), cases=ANSWERED)
    run = witness("elsewhere", ClientStage(lambda lookup, patience: Outcome(False), Script(), LookupWatch()), plan)
    assert run.notes == ("no request came: does the client ask the base URL that it is given?",)
    failed = [v.clause.id for v in run.verdicts["documented"] if v.word == "fail"]
    assert failed == ["NIB-CLI-016"]


@pytest.mark.parametrize("path", ["/ni/basic/json", "/ni/basic/xml"])
def test_xml_cases_need_xml_clients(path: str) -> None:
    """Cases that only XML can show are for clients that ask for XML."""
    watch = LookupWatch()

    def ask(lookup: Lookup, _patience: Patience) -> Outcome:
        watch.record(asked(lookup.number, path))
        return Outcome(False)

    seen = drive(ClientStage(ask, Script(), watch), client_cases(), 2.0)
    assert ("dtd" in {one.case for one in seen}) == path.endswith("xml")


def test_countryless_client_gets_no_country() -> None:
    """A client without a country is not asked for one."""
    stage = ClientStage(lambda *_: Outcome(False), Script(), LookupWatch())
    seen = drive(stage, ANSWERED, 2.0, frozenset({"country"}))
    assert {one.lookup.country for one in seen} == {None}


def test_features_are_seen_in_requests() -> None:
    json = asked("", body=b'{"number": "1", "cnam": "true", "sig": "0"}', **{"Content-Type": "text/json"})
    assert features_seen([json]) == {"json", "post", "post-json", "cnam", "signature"}
    assert features_seen([asked("1", "/ni/basic/xml")]) == {"xml"}
    assert features_seen([asked("1", "/elsewhere")]) == set()


def test_features_are_claimed_and_excluded() -> None:
    assert parse_client_features(None) == (frozenset(), frozenset())
    assert parse_client_features("xml, no-country") == (frozenset({"xml"}), frozenset({"country"}))
    with pytest.raises(UsageError, match=r"a client has no feature 'no-throttle'; choose from json, xml"):
        parse_client_features("no-throttle")


def test_unused_claimed_feature_is_untested() -> None:
    plan = ClientPlan(Credentials(), load_catalogue().select("client", ("NIB-CLI-032",)), claimed=frozenset({"xml"}))
    watch = LookupWatch()

    def ask(lookup: Lookup, _patience: Patience) -> Outcome:
        watch.record(asked(lookup.number))
        return Outcome(False)

    run = witness("json only", ClientStage(ask, Script(), watch), plan)
    assert [v.word for v in run.verdicts["documented"]] == ["untested"]


def test_reported_text_is_masked_and_shortened() -> None:
    account = Credentials("k3y-of-mine", "s3cr3t+/&=x", "sign!ture")
    told = Outcome(False, None, None, f"no\nway: {account.api_secret} {'x' * 900}")
    judge = ClientJudge(account)
    judged, leak = judge.lookup(LookupRecord("plain", Lookup("+44 7700 900000"), told))
    assert (judged.clause_id, leak.clause_id) == ("NIB-CLI-016", "NIB-CLI-058")
    assert judged.reported.startswith("a failure: no way: *** xxx")
    assert len(judged.reported) < 300


def test_late_request_is_no_wrong_one() -> None:
    """A request that was sent before this lookup began is the late one of another."""
    watch = LookupWatch()
    for number in ("+44 7700 900000", "+44 7700 900001"):
        watch.begin(Lookup(number))
    watch.record(replace(asked("447700900000"), sent_at=time.time() - 60))
    watch.claim()
    assert numbers_of(watch.exchanges()) == [1, 0]
    watch.record(replace(asked("447700900000"), sent_at=time.time() + 60))
    watch.claim()
    assert numbers_of(watch.exchanges()) == [1, 1]
