"""The client's requests, judged by the contract's own clauses, for every operation."""

from __future__ import annotations

import base64
import json
from typing import Any, get_args
from urllib.parse import parse_qsl

import httpx2
import pytest
from client.client_forms import (
    ACCOUNT,
    FLAVOURS,
    NOW,
    WAYS,
    AnyCredentials,
    Way,
    all_credentials,
    ask,
    expected_of,
    xml_of,
)
from reference_answer import SUCCESS

from ni_contract.client import AsyncClient, Basic, Client, InvalidArgument, KeyAndSecret, Signed, Success
from ni_contract.client.generated.operations import FormOrJson
from ni_contract.contract.signature import METHODS, Method
from ni_contract.contract.vocabulary import FORM, JSON_TYPES
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge import Judge

KEY = KeyAndSecret(ACCOUNT.api_key, ACCOUNT.api_secret)
BUSY = {"status": 1, "status_message": "Busy (Throttled) Please re-try"}


class Api:
    """Gives each of *answers*, the last one repeatedly, and keeps the requests."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers) or [SUCCESS]
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        values = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if request.url.path.endswith("/xml"):
            return httpx2.Response(200, headers={"content-type": "text/xml"}, text=xml_of(SUCCESS | values))
        return httpx2.Response(200, json=values)

    @property
    def request(self) -> Request:
        (sent,) = self.requests
        headers = tuple((n.decode(), v.decode()) for n, v in sent.headers.raw)
        return Request(sent.method, str(sent.url), headers, sent.read())


def sent_by(way: Way, credentials: AnyCredentials, number: str, country: str | None = None) -> Request:
    api = Api()
    result = ask("sync", way, credentials, number, country, base_url="https://api.nexmo.com", handler=api)
    assert isinstance(result, Success)
    return api.request


def parameters(request: Request) -> dict[str, str]:
    if request.method == "GET":
        return dict(parse_qsl(request.url.partition("?")[2], strict_parsing=True))
    if b'{"' in request.body:
        members: dict[str, str] = json.loads(request.body)
        return members
    return dict(parse_qsl(request.body.decode(), strict_parsing=True))


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_operation_keeps_all_clauses(flavour: str, way: Way) -> None:
    """Every operation sends one request that breaks no clause."""
    for credentials in all_credentials(ACCOUNT, lambda: NOW):
        for number, country in (("+44 (0)1632-960960", None), ("01632 960960", "GB")):
            api = Api()
            ask(flavour, way, credentials, number, country, base_url="https://api.nexmo.com", handler=api)
            exchange = Exchange(api.request, Answer(200), "client", NOW)
            assert {judged.clause_id for judged in Judge(ACCOUNT).client(exchange)} == expected_of(credentials)
            assert parameters(api.request)["number"] == number
            assert parameters(api.request).get("country") == country


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_method_path_and_type_are_sent(way: Way) -> None:
    request = sent_by(way, KEY, "441632960960")
    assert request.method == ("POST" if way.media_type else "GET")
    assert request.url.partition("?")[0].endswith("/ni/basic/xml" if "xml" in way.operation else "/ni/basic/json")
    assert dict(request.headers).get("Content-Type") == way.media_type
    assert (request.body == b"") == (way.media_type is None)


def test_contract_types_and_methods_are_offered() -> None:
    assert set(get_args(FormOrJson)) == {FORM, *JSON_TYPES}
    assert get_args(Method) == METHODS


def test_plus_is_escaped() -> None:
    """A plus is sent as its escape."""
    assert "number=%2B44%20%281632%29&" in sent_by(Way("lookup_json"), KEY, "+44 (1632)").url
    assert b"number=%2B44%20" in sent_by(Way("lookup_xml_post", FORM), KEY, "+44 (1632)").body


@pytest.mark.parametrize("method", METHODS)
def test_signed_request_has_no_secret(method: Method) -> None:
    signed = Signed(ACCOUNT.api_key, ACCOUNT.signature_secret, method, lambda: NOW + 0.9)
    for way in WAYS:
        request = sent_by(way, signed, "441632960960", "GB")
        assert parameters(request).keys() == {"number", "country", "api_key", "timestamp", "sig"}
        assert parameters(request)["timestamp"] == str(NOW)


def test_basic_sends_header_only() -> None:
    request = sent_by(Way("lookup_json"), Basic("key", "s:ö"), "441632960960")
    assert dict(request.headers)["Authorization"] == "Basic " + base64.b64encode("key:s:ö".encode()).decode()
    assert parameters(request) == {"number": "441632960960"}


def test_cnam_is_sent_as_documented() -> None:
    for wanted, written in ((True, "true"), (False, "false")):
        api = Api()
        with Client(KEY, "http://127.0.0.1", transport=httpx2.MockTransport(api)) as client:
            client.lookup("14155550100", cnam=wanted)
        assert parameters(api.request)["cnam"] == written


@pytest.mark.parametrize(
    "base_url",
    [
        "http://localhost:8080",
        "http://localhost:8080/",
        "http://localhost:8080/ni/basic",
        "http://localhost:8080/ni/basic/xml/",
    ],
)
def test_base_url_may_have_path(base_url: str) -> None:
    """A base URL may have the path of the API or not."""
    api = Api()
    ask("sync", Way("lookup_json"), KEY, "1", base_url=base_url, handler=api)
    assert api.request.url.startswith("http://localhost:8080/ni/basic/json?")


@pytest.mark.parametrize("path", ["/number/v1", "/json", "/ni/basic/json/v1"])
def test_path_before_api_is_kept(path: str) -> None:
    """A path in front of the API's own is kept."""
    api = Api()
    ask("sync", Way("lookup_json"), KEY, "1", base_url=f"https://fake.example{path}/", handler=api)
    assert api.request.url.startswith(f"https://fake.example{path}/ni/basic/json?")


def test_transport_of_other_kind_is_refused() -> None:
    """A sync transport for the async client, or the reverse, is refused."""
    with pytest.raises(InvalidArgument, match="AsyncHTTPTransport"):
        Client(KEY, transport=httpx2.AsyncHTTPTransport())  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="HTTPTransport"):
        AsyncClient(KEY, transport=httpx2.HTTPTransport())  # type: ignore[arg-type]


def test_default_server_is_the_documents() -> None:
    """Without a base URL the client asks the server of the document."""
    assert Client(KEY).base_url == "https://api.nexmo.com"


@pytest.mark.parametrize(
    ("number", "country", "about"),
    [
        ("", None, "number ''"),
        ("   ", None, "number '   '"),
        ("44.1632", None, "number '44.1632'"),
        ("٤٤٧٧٠٠٩٠٠٠٠٠", None, "number '\\\\u0664"),
        ("1-800-FLOWERS", None, "number '1-800-FLOWERS'"),
        ("4" * 1001, None, "number '444"),
        (441632960960, None, "number has to be text"),
        (None, None, "number is missing"),
        ("01632960960", "gb", "country 'gb'"),
        ("01632960960", "GB\n", "country 'GB"),
        ("01632960960", "GBR", "country 'GBR'"),
        ("01632960960", "", "country ''"),
        ("01632960960", "\uff27\uff22", "country '"),
    ],
)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_invalid_arguments_give_one_sentence(flavour: str, number: Any, country: Any, about: str) -> None:
    """Invalid arguments are refused in one sentence before anything is sent."""
    api = Api()
    with pytest.raises(InvalidArgument, match=about) as caught:
        ask(flavour, Way("lookup_json"), KEY, number, country, handler=api)
    assert "\n" not in str(caught.value)
    assert api.requests == []


def test_flag_and_media_type_are_checked() -> None:
    with Client(KEY, "http://127.0.0.1", transport=httpx2.MockTransport(Api())) as client:
        with pytest.raises(InvalidArgument, match="True or False"):
            client.lookup("1", cnam="yes")  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument, match="text/plain"):
            client.lookup_json_post("1", media_type="text/plain")  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument, match="application/json"):
            client.lookup_xml_post("1", media_type="application/json")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "localhost:8080"},
        {"base_url": "ftp://localhost"},
        {"base_url": "http://"},
        {"base_url": "http://local host"},
        {"base_url": "http://localhost:99999"},
        {"base_url": "http://a..b"},
        {"base_url": "http://k3y:s3cr3t@localhost"},
        {"base_url": "http://localhost?api_secret=s3cr3t"},
        {"base_url": "http://api.nexmo.com"},
        {"base_url": "HTTP://API.nexmo.com.:80/ni/basic"},
        {"base_url": b"http://localhost"},
        {"timeout": 0},
        {"timeout": None},
        {"timeout": float("inf")},
        {"timeout": float("nan")},
        {"timeout": "5"},
        {"timeout": 1e9},
        {"busy_retries": -1},
        {"busy_retries": 11},
        {"busy_delay": 61},
        {"ca_file": "/nowhere/ca.pem", "base_url": "https://localhost"},
        {"ca_file": __file__, "base_url": "https://localhost"},
        {"credentials": ("key", "s3cr3t")},
        {"transport": httpx2.Client},
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_invalid_settings_give_one_sentence(kind: Any, settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument) as caught:
        kind(**{"credentials": KEY} | settings)
    assert "\n" not in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("kind", [KeyAndSecret, Basic, Signed])
@pytest.mark.parametrize("value", ["", None, 5, "s3cr3t\ud800"])
def test_invalid_credentials_are_not_shown(kind: Any, value: Any) -> None:
    """Invalid credentials are refused without being shown."""
    for pair in (("key", value), (value, "secret")):
        with pytest.raises(InvalidArgument) as caught:
            kind(*pair)
        assert "s3cr3t" not in str(caught.value)
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_more_that_credentials_cannot_be() -> None:
    with pytest.raises(InvalidArgument, match="colon"):
        Basic("a:b", "secret")
    with pytest.raises(InvalidArgument, match="rot13"):
        Signed("key", "secret", "rot13")  # type: ignore[arg-type]
