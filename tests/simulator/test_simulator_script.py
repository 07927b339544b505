"""The script: each step is for one request, in order; afterwards answers are normal again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from simulator.conftest import Simulate

from ni_contract.errors import UsageError
from ni_contract.simulator import Step, create_app
from ni_contract.simulator.script import Script, parse_script

NUMBER = "441632960960"


def test_each_step_is_for_one_request(simulate: Simulate) -> None:
    ask = simulate(script=[{"status": 9}, {}, {"status": 19, "repeat": 2}])
    assert [ask.number(NUMBER).status for _ in range(5)] == [9, 0, 19, 19, 0]


@pytest.mark.parametrize("status", [1, 3, 4, 5, 9, 19, 43, 44, 45, 999, 7, 123456])
def test_any_status_can_be_ordered(simulate: Simulate, status: Any) -> None:
    ask = simulate(script=[{"status": status, "repeat": 2}])
    assert ask.number(NUMBER).status == status
    assert ask.number(NUMBER, "xml").xml.find("error").get("code") == str(status)


def test_ordered_status_may_have_text(simulate: Simulate) -> None:
    assert simulate(script=[{"status": 3, "text": "Nö"}]).number(NUMBER).json["error_text"] == "Nö"


@pytest.mark.parametrize(("number", "international"), [("14155550100", "14155550100"), ("12", NUMBER)])
def test_ordered_success_has_facts(simulate: Simulate, number: str, international: Any) -> None:
    """An ordered success is about the number, or else the example."""
    ask = simulate(script=[{"status": 0}])
    told = ask("GET", query=f"number={number}")
    assert told.json["international_format_number"] == international


@pytest.mark.parametrize("fmt", ["json", "xml"])
def test_malformed_body_is_not_well_formed(simulate: Simulate, fmt: str) -> None:
    told = simulate(script=[{"fault": "malformed"}]).number(NUMBER, fmt)
    assert (told.http_status, int(told.headers["content-length"])) == (200, len(told.body))
    with pytest.raises((ValueError, SyntaxError)):
        _ = told.json if fmt == "json" else told.xml


def test_wrong_type_has_right_body(simulate: Simulate) -> None:
    told = simulate(script=[{"fault": "wrong-content-type"}]).number(NUMBER)
    assert (told.status, told.headers["content-type"]) == (0, "text/html; charset=utf-8")


def test_an_empty_answer_is_empty(simulate: Simulate) -> None:
    told = simulate(script=[{"fault": "empty"}]).number(NUMBER)
    assert (told.http_status, told.body, told.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize(
    ("step", "http_status"),
    [
        ({"fault": "gateway"}, 502),
        ({"fault": "gateway", "http_status": 504}, 504),
        ({"http_status": 429}, 429),
        ({"http_status": 599}, 599),
    ],
)
def test_a_gateway_answers_with_a_page(simulate: Simulate, step: Any, http_status: Any) -> None:
    told = simulate(script=[step]).number(NUMBER)
    assert (told.http_status, told.headers["content-type"]) == (http_status, "text/html; charset=utf-8")


def test_cut_body_is_too_short(simulate: Simulate) -> None:
    told = simulate(script=[{"fault": "cut-off"}]).number(NUMBER)
    assert 0 < len(told.body) < int(told.headers["content-length"])


def test_reset_without_connection_raises(simulate: Simulate) -> None:
    with pytest.raises(ConnectionResetError):
        simulate(script=[{"fault": "reset"}]).number(NUMBER)


def test_a_delay_delays_the_normal_answer(simulate: Simulate, monkeypatch: pytest.MonkeyPatch) -> None:
    slept = []

    async def sleep(seconds: Any) -> None:
        slept.append(seconds)

    monkeypatch.setattr("ni_contract.simulator.service.asyncio.sleep", sleep)
    assert simulate(script=[{"delay": 1.5}]).number(NUMBER).status == 0
    assert slept == [1.5]


def test_a_fault_spoils_the_ordered_status(simulate: Simulate) -> None:
    told = simulate(script=[{"status": 9, "fault": "wrong-content-type"}]).number(NUMBER)
    assert told.status == 9


def test_other_paths_use_no_step(simulate: Simulate) -> None:
    ask = simulate(script=[{"status": 9}])
    ask("GET", "/elsewhere")
    ask("PUT")
    assert ask.number(NUMBER).status == 9


def test_script_can_change_any_time(simulate: Simulate) -> None:
    ask = simulate()
    ask.app.script.set([{"status": 9, "repeat": 3}, Step(fault="empty")])
    ask.number(NUMBER)
    assert ask.app.script.remaining == (Step(status=9, repeat=2), Step(fault="empty"))
    ask.app.script.clear()
    assert ask.number(NUMBER).status == 0
    assert not ask.app.script.remaining


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ({}, "list of steps"),
        ("x", "list of steps"),
        (None, "list of steps"),
        ([{}, 5], "step 2 is not an object"),
        ([{"staus": 9}], "step 1: unknown name 'staus'; allowed are status"),
        ([{}, {}, {"status": "9"}], "step 3: status must be a whole number"),
        ([{"status": True}], "status must be"),
        ([{"status": -1}], "status must be"),
        ([{"fault": "explode"}], "one of cut-off, malformed"),
        ([{"fault": []}], "one of cut-off, malformed"),
        ([{"delay": 1e9}], "seconds, 0 to 300"),
        ([{"delay": float("nan")}], "seconds, 0 to 300"),
        ([{"http_status": 200}], "400 to 599"),
        ([{"http_status": 500, "fault": "empty"}], "goes with no fault but gateway"),
        ([{"text": "x"}], "text needs a status"),
        ([{"status": 3, "text": "\ud800"}], "text must be"),
        ([{"repeat": 0}], "repeat must be"),
        ([{}] * 1_001, "at most 1000"),
    ],
)
def test_bad_script_is_refused(steps: Any, words: str) -> None:
    """A bad script is refused with the position and the allowed values."""
    with pytest.raises(UsageError, match=words):
        parse_script(steps)


def test_bad_script_keeps_old_one(simulate: Simulate) -> None:
    script = Script([{"status": 9}])
    with pytest.raises(UsageError):
        script.set([{"status": 1}, {"x": 1}])
    assert script.remaining == (Step(status=9),)


@pytest.fixture
def admin(simulate: Simulate) -> Any:
    return simulate(admin_path="/_admin", script=[{"status": 9}])


def test_admin_endpoint_is_off_by_default(simulate: Simulate) -> None:
    assert simulate()("GET", "/_admin/script").http_status == 404


def test_admin_endpoint_edits_script(admin: Any) -> None:
    """The admin endpoint shows, sets and clears the script."""
    path = "/_admin/script"
    assert admin("GET", path).json == {"remaining": [{"status": 9}]}
    for method in ("PUT", "POST"):
        steps = [{"delay": 0.5, "repeat": 2}, {}]
        assert admin(method, path, body=json.dumps(steps).encode()).json == {"remaining": steps}
    assert admin("DELETE", path).json == {"remaining": []}
    assert admin.number(NUMBER).status == 0


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"\xff", b"[5]", b'[{"status": "x"}]', b"[" * 60_000])
def test_admin_endpoint_refuses_other_data(admin: Any, body: Any) -> None:
    assert admin("PUT", "/_admin/script", body=body).http_status == 400
    assert len(admin.app.script.remaining) == 1


def test_admin_endpoint_is_bounded(admin: Any) -> None:
    """The admin endpoint is bounded and has three methods."""
    assert admin("PUT", "/_admin/script", body=b" " * 65_537).http_status == 413
    assert admin("PATCH", "/_admin/script").http_status == 405
    assert admin("GET", "/_admin").http_status == 404


def test_settings_and_values_are_not_mixed(simulate: Simulate) -> None:
    app = create_app()
    with pytest.raises(TypeError):
        create_app(app.settings, rate=1)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}, {"Host": "a.evil.example:80"}],
)
def test_admin_refuses_web_pages(admin: Any, headers: Any) -> None:
    """A page may send requests to this machine, and by DNS rebinding under its own host name."""
    assert admin("DELETE", "/_admin/script", headers=headers).http_status == 403
    assert admin("GET", "/_admin/script").json == {"remaining": [{"status": 9}]}


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:80", "10.0.0.7:80", "simulator:8080"])
def test_admin_answers_near_hosts(admin: Any, host: Any) -> None:
    assert admin("GET", "/_admin/script", headers={"Host": host}).http_status == 200
