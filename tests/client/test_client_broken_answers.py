"""What is no answer of the API raises one clear exception, whatever is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from client.client_forms import FLAVOURS, Way, answering, ask
from client.test_client_answers import EXPECTED, JSON, KEY, XML, XML_SUCCESS, told
from reference_answer import SUCCESS

from ni_contract.client import (
    BrokenAnswer,
    IncompleteAnswer,
    KeyAndSecret,
    LookupFailed,
    NotReached,
    NotTheApi,
    TimedOut,
    WrongContentType,
    WrongHttpStatus,
)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in SUCCESS.items() if key != name}


def broken_json() -> Iterator[tuple[str, str | bytes, type[LookupFailed]]]:
    whole = json.dumps(SUCCESS)
    yield "empty", "", BrokenAnswer
    yield "white space", " \n", BrokenAnswer
    yield "cut off", whole[:-1], BrokenAnswer
    yield "half", whole[: len(whole) // 2], BrokenAnswer
    yield "two", whole + whole, BrokenAnswer
    yield "html", "<html><body>502</body></html>", BrokenAnswer
    yield "xml", XML_SUCCESS, BrokenAnswer
    yield "list", f"[{whole}]", BrokenAnswer
    yield "text", json.dumps(whole), BrokenAnswer
    yield "null", "null", BrokenAnswer
    yield "number", "0", BrokenAnswer
    yield "not UTF-8", whole.encode().replace(b"United", b"\xff"), BrokenAnswer
    yield "UTF-16", whole.encode("utf-16"), BrokenAnswer
    yield "NaN", whole.replace(": 0", ": NaN"), BrokenAnswer
    yield "single quotes", whole.replace('"', "'"), BrokenAnswer
    yield "deep", "[" * 100_000, BrokenAnswer
    yield "many digits", '{"status": ' + "1" * 10_000 + "}", BrokenAnswer
    yield "repeated status", whole.replace('"status": 0', '"status": 4, "status": 0'), BrokenAnswer
    yield "no status", json.dumps(without("status")), IncompleteAnswer
    yield "empty object", "{}", IncompleteAnswer
    for value in ("false", "null", "0.0", '"0"', "[0]", "{}", "0e0", "true", '"1"', "1.0"):
        yield f"status {value}", whole.replace('"status": 0', f'"status": {value}'), IncompleteAnswer
    for name in SUCCESS:
        if name != "status":
            yield f"no {name}", json.dumps(without(name)), IncompleteAnswer
            for wrong in (None, "", "  ", 44, ["x"], True):
                yield f"{name} {wrong!r}", json.dumps(SUCCESS | {name: wrong}), IncompleteAnswer


@pytest.mark.parametrize(("body", "kind"), [pytest.param(b, k, id=name) for name, b, k in broken_json()])
def test_what_is_no_answer_in_json(body: str | bytes, kind: type[LookupFailed]) -> None:
    for flavour in FLAVOURS:
        with pytest.raises(NotTheApi) as caught:
            told(body, flavour=flavour)
        assert type(caught.value) is kind
        assert_clear(caught.value)


def assert_clear(error: LookupFailed) -> None:
    """Asserts one sentence and no chained exception."""
    assert "\n" not in str(error)
    assert len(str(error)) < 300
    assert (error.__cause__, error.__context__) == (None, None)


MANY = " ".join(f'a{i}=""' for i in range(5_000))
ENTITY = '<!DOCTYPE format [<!ENTITY x "Success">]>'


def broken_xml() -> Iterator[tuple[str, str | bytes, type[LookupFailed]]]:
    yield "empty", "", BrokenAnswer
    yield "cut off", XML_SUCCESS[:-1], BrokenAnswer
    yield "half", XML_SUCCESS[: len(XML_SUCCESS) // 2], BrokenAnswer
    yield "two roots", XML_SUCCESS * 2, BrokenAnswer
    yield "html", "<html><body>502</body></html>", BrokenAnswer
    yield "not well-formed html", "<html><br></html>", BrokenAnswer
    yield "json", json.dumps(SUCCESS), BrokenAnswer
    yield "DTD", f"<!DOCTYPE format>{XML_SUCCESS}", BrokenAnswer
    yield "external DTD", f'<!DOCTYPE format SYSTEM "http://127.0.0.1:1/x.dtd">{XML_SUCCESS}', BrokenAnswer
    yield "entity", ENTITY + XML_SUCCESS.replace(">Success<", ">&x;<"), BrokenAnswer
    yield "unknown entity", XML_SUCCESS.replace(">Success<", ">&x;<"), BrokenAnswer
    yield "deep", "<format>" + "<a>" * 5_000, BrokenAnswer
    yield "many", "<format>" + "<a/>" * 5_000 + "</format>", BrokenAnswer
    yield "many attributes", f"<format {MANY}/>", BrokenAnswer
    yield "other namespace", XML_SUCCESS.replace("<format", '<format xmlns="urn:x"'), BrokenAnswer
    yield "unknown encoding", f'<?xml version="1.0" encoding="x-none"?>{XML_SUCCESS}', BrokenAnswer
    yield "not UTF-8", XML_SUCCESS.encode().replace(b"United", b"\xff"), BrokenAnswer
    yield "two errors", XML_SUCCESS.replace("<error", '<error code="4">No</error><error'), BrokenAnswer
    yield "no error", "<format/>", IncompleteAnswer
    yield "error inside", f"<format><x>{XML_SUCCESS}</x></format>", IncompleteAnswer
    for code in ("", " 0", "0.0", "00", "+0", "-0", "x", "\u0660", "false", "0x0", "1" * 10_000):
        yield f"code {code[:5]!r}", XML_SUCCESS.replace('code="0"', f'code="{code}"'), IncompleteAnswer
    yield "no code", XML_SUCCESS.replace(' code="0"', ""), IncompleteAnswer
    for name in SUCCESS:
        if name.startswith("country"):
            gone = XML_SUCCESS.replace(f' {name}="{SUCCESS[name]}"', "")
            yield f"no {name}", gone, IncompleteAnswer
        elif name != "status":
            yield f"empty {name}", XML_SUCCESS.replace(f">{SUCCESS[name]}<", "><"), IncompleteAnswer


@pytest.mark.parametrize(("body", "kind"), [pytest.param(b, k, id=name) for name, b, k in broken_xml()])
def test_what_is_no_answer_in_xml(body: str | bytes, kind: type[LookupFailed]) -> None:
    for flavour in FLAVOURS:
        with pytest.raises(NotTheApi) as caught:
            told(body, XML, flavour=flavour)
        assert type(caught.value) is kind
        assert_clear(caught.value)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("way", [JSON, XML], ids=str)
@pytest.mark.parametrize(
    "label", ["text/html", "text/plain", "application/jsonp", "json", "", None, pytest.param("x" * 10_000, id="long")]
)
def test_another_label_is_not_the_api(flavour: str, way: Way, label: str | None) -> None:
    body = json.dumps(SUCCESS) if way == JSON else XML_SUCCESS
    with pytest.raises(WrongContentType) as caught:
        ask(flavour, way, KEY, "44", handler=answering(body.encode(), label))
    assert_clear(caught.value)


def test_label_of_other_format_is_refused() -> None:
    """A media type of the other format is not the API's."""
    with pytest.raises(WrongContentType):
        told(json.dumps(SUCCESS), JSON, "text/xml")
    with pytest.raises(WrongContentType):
        told(XML_SUCCESS, XML, "application/json")


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("http_status", [201, 204, 206, 301, 302, 304, 400, 401, 403, 404, 429, 500, 502, 503, 599])
def test_other_http_status_is_refused(flavour: str, http_status: int) -> None:
    """Another HTTP status is not the API's, whatever the body contains."""
    for body, label in ((json.dumps(SUCCESS), "application/json"), ("<h1>no</h1>", "text/html"), ("", None)):
        handler = answering(body.encode(), label, http_status)
        with pytest.raises(WrongHttpStatus, match=f"HTTP status {http_status}") as caught:
            ask(flavour, JSON, KEY, "44", handler=handler)
        assert caught.value.http_status == http_status
        assert_clear(caught.value)


def test_a_redirect_is_not_followed() -> None:
    asked = []

    def redirect(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(302, headers={"location": "http://127.0.0.1/elsewhere"})

    with pytest.raises(WrongHttpStatus):
        ask("sync", JSON, KEY, "44", handler=redirect)
    assert len(asked) == 1


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_body_has_a_bound(flavour: str) -> None:
    padded = json.dumps(SUCCESS | {"more": "x" * 1_000_000}).encode()
    with pytest.raises(BrokenAnswer, match="larger than 1000000 bytes"):
        told(padded, flavour=flavour)
    assert told(json.dumps(SUCCESS | {"more": "x" * 900_000}), flavour=flavour) == EXPECTED


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx2.ConnectError("no k3y"), NotReached),
        (httpx2.ReadError("k3y"), NotReached),
        (httpx2.ReadTimeout("k3y"), TimedOut),
        (httpx2.ConnectTimeout("k3y"), TimedOut),
        (httpx2.RemoteProtocolError("bad line: k3y"), NotTheApi),
        (ConnectionResetError("k3y"), NotReached),
        (TimeoutError("k3y"), TimedOut),
        (ValueError("k3y"), NotReached),
    ],
)
def test_transport_errors_are_converted(flavour: str, error: Exception, kind: type[LookupFailed]) -> None:
    """An exception of a transport becomes one of ours."""

    def fail(_request: httpx2.Request) -> httpx2.Response:
        raise error

    with pytest.raises(LookupFailed) as caught:
        ask(flavour, JSON, KeyAndSecret("k3y", "s3cr3t"), "44", handler=fail)
    assert type(caught.value) is kind
    assert_clear(caught.value)
