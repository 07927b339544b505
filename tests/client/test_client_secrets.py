"""No credential reaches a message, a repr, a traceback or a log, however a lookup ends."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote, unquote_plus

import httpx2
import pytest
from client.client_forms import ACCOUNT, FLAVOURS, WAYS, AnyCredentials, Way, all_credentials, answering, ask
from fakes import closed_port, raw_server

from ni_contract.client import AsyncClient, Client, KeyAndSecret, LookupFailed
from ni_contract.simulator import RunningSimulator, Settings

JSON = Way("lookup_json")
SECRETS = {
    form
    for value in (ACCOUNT.api_key, ACCOUNT.api_secret, ACCOUNT.signature_secret, ACCOUNT.basic_token())
    for form in (value, quote(value, safe=""), base64.b64encode(value.encode()).decode())
}
SHORT = ("qqz", "zzq")
EVERY_KIND = all_credentials(ACCOUNT)


def leaks(text: str) -> set[str]:
    return {secret for secret in SECRETS if secret in text or secret in unquote_plus(text)}


def shown(error: BaseException) -> str:
    """All text that a traceback, a crash reporter or a debugger would show of *error* and its causes."""
    texts = []
    seen: BaseException | None = error
    while seen is not None:
        texts += [repr(seen), str(seen), repr(seen.args), repr(vars(seen)), *traceback.format_exception(seen)]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(texts)


@pytest.mark.parametrize("credentials", EVERY_KIND, ids=repr)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_repr_of_client_has_no_secret(kind: type[Client | AsyncClient], credentials: AnyCredentials) -> None:
    client = kind(credentials, "http://127.0.0.1")
    assert "http://127.0.0.1" in repr(client)
    assert leaks(f"{client!r} {client} {credentials!r} {credentials}") == set()


def failed(flavour: str, way: Way, credentials: AnyCredentials, url: str) -> str:
    with pytest.raises(LookupFailed) as caught:
        ask(flavour, way, credentials, "441632960960", base_url=url)
    return shown(caught.value)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("credentials", EVERY_KIND, ids=repr)
def test_no_failure_shows_a_secret(flavour: str, credentials: AnyCredentials) -> None:
    for way in WAYS[:3]:
        assert leaks(failed(flavour, way, credentials, f"http://127.0.0.1:{closed_port()}")) == set()
        with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{") as url:
            assert leaks(failed(flavour, way, credentials, url)) == set()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("way", [Way("lookup_json"), Way("lookup_xml")], ids=str)
@pytest.mark.parametrize(
    "answer",
    [
        lambda echo: answering(echo, "text/html", 403),
        lambda echo: answering(echo, "text/html"),
        lambda echo: answering(echo, echo.decode()),
        lambda echo: answering(echo, "application/json"),
        lambda echo: answering(b'{"status": ' + echo, "application/json"),
        lambda echo: answering(b"<format>" + echo, "text/xml"),
    ],
)
def test_echoing_answer_is_not_shown(
    flavour: str, way: Way, answer: Callable[[bytes], Callable[[httpx2.Request], httpx2.Response]]
) -> None:
    echo = f"{ACCOUNT.api_key} {ACCOUNT.api_secret} {ACCOUNT.signature_secret}".encode()
    for credentials in EVERY_KIND[:3]:
        with pytest.raises(LookupFailed) as caught:
            ask(flavour, way, credentials, "441632960960", handler=answer(echo))
        kinds = (ACCOUNT.api_key, ACCOUNT.api_secret) if credentials is not EVERY_KIND[2] else (ACCOUNT.api_key,)
        assert not any(secret in shown(caught.value) for secret in kinds)


def test_other_protocol_is_shown_masked() -> None:
    """A line that is not HTTP is shown without secrets."""
    with raw_server(f"HELLO {ACCOUNT.api_key} {ACCOUNT.api_secret}\r\n\r\n".encode()) as url:
        text = failed("sync", JSON, EVERY_KIND[0], url)
    assert "HELLO" in text
    assert leaks(text) == set()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_logs_have_no_secret(flavour: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with RunningSimulator(Settings(credentials=ACCOUNT)) as simulator:
        simulator.script.set([{}, {"fault": "cut-off"}, {"http_status": 403}, {"fault": "reset"}])
        for credentials in EVERY_KIND[:3] * 3:
            for way in WAYS[:3]:
                with suppress(LookupFailed):
                    ask(flavour, way, credentials, "441632960960", base_url=simulator.url)
    assert len(caplog.records) > 20  # the library below logs each step of each connection
    assert leaks(caplog.text) == set()
    assert leaks(" ".join(repr(record.__dict__) for record in caplog.records)) == set()


def test_short_credentials_stay_out_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with RunningSimulator() as simulator:
        simulator.script.set([{"fault": "cut-off"}])
        with pytest.raises(LookupFailed) as caught:
            ask("sync", JSON, KeyAndSecret(*SHORT), "441632960960", base_url=simulator.url)
    assert not any(secret in shown(caught.value) + caplog.text for secret in SHORT)
