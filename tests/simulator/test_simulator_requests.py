"""Every way to send a request in the reference and the wire facts, and the refusal of all others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from simulator.conftest import Asker

JSON_TYPES = [
    "application/json",
    "application/jsonrequest",
    "application/x-javascript",
    "text/json",
    "text/javascript",
    "text/x-javascript",
    "text/x-json",
]
QUERY = "api_key=n3xm0rocks&api_secret=12ab34cd&number=441632960960"


def test_a_get_reads_the_query(documented: Asker) -> None:
    assert documented("GET", query=QUERY).status == 0


@pytest.mark.parametrize(
    "headers", [{"content-type": "application/json"}, {"authorization": "Bearer x"}, {"accept": "x"}]
)
def test_get_ignores_other_headers(documented: Asker, headers: Any) -> None:
    assert documented("GET", query=QUERY, headers=headers, body=b"{").status == 0


def test_head_has_headers_only(documented: Asker) -> None:
    """HEAD has the headers of the GET and no body."""
    head, get = documented("HEAD", query=QUERY), documented("GET", query=QUERY)
    assert (head.http_status, head.headers, head.body) == (200, get.headers, b"")


@pytest.mark.parametrize("fmt", ["json", "xml"])
@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded; charset=UTF-8"]
)
def test_a_post_reads_a_form(documented: Asker, content_type: str, fmt: str) -> None:
    assert documented.post(QUERY, content_type, fmt).http_status == 200
    assert b"441632960960" in documented.post(QUERY, content_type, fmt).body


@pytest.mark.parametrize("content_type", [*JSON_TYPES, "application/json; charset=utf-8"])
def test_post_reads_documented_json_types(documented: Asker, content_type: str) -> None:
    assert documented.post_json({"number": "441632960960"}, content_type).status == 0


def test_post_without_type_is_form(documented: Asker) -> None:
    assert documented.post(QUERY, None).status == 0


def test_post_may_use_query(documented: Asker) -> None:
    """A POST may have its parameters in the query."""
    assert documented("POST", query=QUERY).status == 0


def test_post_body_overrides_query(documented: Asker) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    told = documented("POST", query=QUERY, headers=form, body=b"number=14155550100")
    assert told.json["international_format_number"] == "14155550100"


@pytest.mark.parametrize("value", [441632960960, "441632960960"])
def test_json_numbers_are_read_verbatim(documented: Asker, value: Any) -> None:
    assert documented.post_json({"number": value, "cnam": True}).status == 0


def test_json_null_is_absent(documented: Asker) -> None:
    """JSON null is absent, and unknown members are ignored."""
    assert documented.post_json({"number": "441632960960", "country": None, "more": [{"a": 1.5}]}).status == 0


@pytest.mark.parametrize(
    "number",
    ["%2B441632960960", "+441632960960", "(44)1632+960960", "44-1632%20960960&", "&44".strip("&") + "1632960960"],
)
def test_query_is_decoded_as_form(documented: Asker, number: str) -> None:
    query = f"api_key=n3xm0rocks&api_secret=12ab34cd&number={number}"
    assert documented("GET", query=query).json["international_format_number"] == "441632960960"


def test_unknown_parameters_are_ignored(documented: Asker) -> None:
    assert documented.number("441632960960", page_index="1", cnam="true").status == 0


def test_the_path_alone_chooses_the_format(documented: Asker) -> None:
    told = documented("GET", "/ni/basic/xml", QUERY, {"accept": "application/json"})
    assert told.headers["content-type"] == "text/xml"


@pytest.mark.parametrize(
    "path", ["/", "/ni/basic", "/ni/basic/", "/ni/basic/json/", "/ni/standard/json", "/ni/basic/JSON"]
)
def test_other_paths_are_not_found(documented: Asker, path: str) -> None:
    told = documented("GET", path, QUERY)
    assert told.http_status == 404
    assert b"/ni/basic/json" in told.body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"])
def test_other_methods_are_refused(documented: Asker, method: str) -> None:
    told = documented(method, query=QUERY)
    assert (told.http_status, told.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "",
        "\xff",
    ],
)
def test_other_types_and_charsets_are_refused(documented: Asker, content_type: str) -> None:
    """Other media types and charsets are refused."""
    assert documented.post(QUERY, content_type).http_status == 415


def test_xml_path_refuses_json(documented: Asker) -> None:
    assert documented.post(json.dumps({"number": "1"}), "application/json", "xml").http_status == 415


def test_a_compressed_body_is_refused(documented: Asker) -> None:
    assert documented.post(QUERY, **{"content-encoding": "gzip"}).http_status == 415


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"x"',
        b"\xff",
        '{"number": "1"}'.encode("utf-16"),
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"number": NaN}',
        b'{"number": 1.5}',
        b'{"number": ["1"]}',
        b'{"number": {"a": 1}}',
        b'{"number": "1", "number": "2"}',
        b'{"number": "\\ud800"}',
        b'{"x": {"a": 1, "a": 2}}',
    ],
    ids=range(14),
)
def test_json_must_be_parameter_object(documented: Asker, body: Any) -> None:
    assert documented.post(body, "application/json").status == 3


@pytest.mark.parametrize("query", [b"number=%ff", b"number=\xff", b"a=b&" * 201])
def test_other_bytes_are_no_form(documented: Asker, query: str) -> None:
    assert documented("GET", query=query).status == 3
    assert documented.post(query).status == 3


@pytest.mark.parametrize("announced", [{}, {"content-length": "65537"}, {"content-length": "9" * 30}])
def test_body_over_64_kb_is_refused(documented: Asker, announced: Any) -> None:
    told = documented.post(b"x" * 65_537, **announced)
    assert (told.http_status, told.headers.get("connection")) == (413, None)


def test_expect_closes_large_body(documented: Asker) -> None:
    """A client that asks before it sends too much learns that the connection ends."""
    told = documented.post(b"", **{"content-length": "65537", "expect": "100-continue"})
    assert (told.http_status, told.headers["connection"]) == (413, "close")


def test_refusal_does_not_repeat_request(documented: Asker) -> None:
    told = documented.post(b'{"api_secret": "12ab34cd", ', "application/json")
    assert b"12ab" not in told.body
