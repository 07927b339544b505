"""The account's secrets appear in no file, output, exception or log, even after errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from live.conftest import Live
from live.standin import ACCOUNT, SECRETS, StandIn
from ni_contract.exchanges.redaction import Redactor

FILES = ["--record", "live.har", "--report", "live.json", "--report", "live.md", "--report", "live.xml"]


@pytest.fixture
def all_logs(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx2", "httpcore2", "asyncio", "uvicorn"):
        caplog.set_level(logging.DEBUG, logger=name)
    yield caplog
    assert not [secret for secret in SECRETS if secret in caplog.text]


def echo(_method: str, _path: str, headers: Any, body: bytes) -> Any:
    """Sends every secret back, plain and in Base64, in a header and in the body."""
    told = " ".join(SECRETS).encode()
    return [*headers, (b"x-echo", told)], body.replace(b'"status_message": "', b'"status_message": "' + told)


def test_echoed_secrets_are_masked_everywhere(command: Live, all_logs: pytest.LogCaptureFixture) -> None:
    """Secrets that a provider sends back are masked in every file and in the output."""
    with StandIn(echo) as stand_in:
        code, out, _ = command("live", "--live", *stand_in.flags, *FILES)
    assert code == 1
    assert "***" in out
    assert "***" in Path("live.har").read_text()


def test_the_most_talkative_logs_hold_none(
    stand_in: StandIn, command: Live, all_logs: pytest.LogCaptureFixture
) -> None:
    command("live", "--live", *stand_in.flags)
    assert any("/ni/basic/json?" in record.getMessage() for record in all_logs.records)


@pytest.mark.parametrize(
    "broken",
    [
        "ni_contract.runs.live.session.recorded",
        "ni_contract.drivers.live.driver.build",
        "ni_contract.drivers.provider.http_target.UrlTarget.send",
        "ni_contract.runs.session.Judge",
        "ni_contract.commands.finish.write_reports",
        "ni_contract.recordings.har_writer.HarWriter.add",
    ],
)
def test_own_crash_shows_no_secret(
    stand_in: StandIn, command: Live, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """A crash of this program is one sentence without secrets."""

    def crash(*arguments: object, **_keywords: object) -> None:
        raise RuntimeError(f"at {[ACCOUNT.api_key, ACCOUNT.api_secret, ACCOUNT.basic_token(), *map(repr, arguments)]}")

    monkeypatch.setattr(broken, crash)
    code, _, err = command("live", "--live", *stand_in.flags, *FILES)
    assert code == 3
    assert "which is a bug of it: RuntimeError" in err


@pytest.mark.parametrize("flag", ["--api-secret", "--signature-secret"])
def test_secret_flag_warns_without_showing_it(command: Live, flag: str) -> None:
    _, out, err = command("live", flag, "unusual-text")
    assert f"other users of this machine can see the value of {flag};" in err
    assert "unusual-text" not in out + err


def test_environment_secrets_cause_no_warning(stand_in: StandIn, command: Live) -> None:
    _, _, err = command("live", *stand_in.flags)
    assert "other users" not in err


def test_reprs_have_no_secret(stand_in: StandIn) -> None:
    """No repr that a debugger would show contains a secret."""
    redact = ACCOUNT.redactor()
    assert isinstance(redact, Redactor)
    shown = f"{ACCOUNT!r} {redact!r} {stand_in.received!r}"
    assert not [secret for secret in SECRETS if secret in shown]
