"""Refusals of a live run: each is one sentence, before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from live.conftest import Live
from live.standin import StandIn, under_production_name, whole_plan
from ni_contract.commands.live import run as _run  # noqa: F401  imported once, for its time


def test_plan_is_printed_without_flag(stand_in: StandIn, command: Live) -> None:
    code, out, err = command("live", *stand_in.flags, "--record", "live.har", "--report", "live.json")
    assert (code, len(stand_in.received), list(Path().iterdir())) == (2, 0, [])
    assert out.startswith(f"plan: {whole_plan()} requests")
    assert err.startswith("ni-contract: nothing was sent: say --plan to see this plan only, or --live to send it")


@pytest.mark.parametrize("missing", ["NI_API_KEY", "NI_API_SECRET"])
@pytest.mark.parametrize("value", [None, ""])
def test_plan_is_printed_without_credentials(
    stand_in: StandIn, command: Live, monkeypatch: pytest.MonkeyPatch, missing: str, value: str | None
) -> None:
    monkeypatch.delenv(missing) if value is None else monkeypatch.setenv(missing, value)
    code, out, err = command("live", "--live", *stand_in.flags)
    assert (code, len(stand_in.received)) == (2, 0)
    assert out.startswith(f"plan: {whole_plan()} requests")
    assert "a live run needs an account: set NI_API_KEY and NI_API_SECRET; nothing was sent" in err


def test_published_examples_are_refused(command: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """The published examples are no account of the real API."""
    monkeypatch.setattr("ni_contract.drivers.live.gate.is_loopback", lambda _host: False)
    code, _, err = command("live", "--live", "--api-key", "n3xm0rocks", "--api-secret", "12ab34cd")
    assert (code, "the published examples are no account" in err) == (2, True)


def test_stand_in_may_use_examples(command: Live) -> None:
    """A stand-in may have the examples for an account."""
    from ni_contract.exchanges.credentials import Credentials

    with StandIn(credentials=Credentials(signature_secret="sign!ture-0f-mine")) as stand_in:
        arguments = ["--api-key", "n3xm0rocks", "--api-secret", "12ab34cd", "--edition", "observed"]
        assert command("live", "--live", *stand_in.flags, *arguments)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--base-url", "http://127.0.0.1:1"], "is plain HTTP, which shows the credentials to everyone on the way"),
        (["--base-url", "http://api.nexmo.com"], "is plain HTTP"),
        (["--base-url", "api.nexmo.com"], "is not a base URL"),
        (["--base-url", "https://key:secret@api.nexmo.com"], "carries more than a base URL"),
        (["--budget", "0"], "--budget 0 allows no request"),
        (["--only", "NIB-REL-001", "--budget", "1"], "takes 2 requests; give --budget 2"),
        (["--only", "NIB-CLI-001"], "matches no clause of a provider"),
        (["--record", "."], "that is a folder"),
        (["--record", "nowhere/live.har"], "the folder nowhere does not exist"),
        (["--report", "live.doc"], "the ending chooses the format"),
        (["--ledger", "."], "--ledger .: cannot be read"),
        (["--features", "no-such"], "there is no feature 'no-such'"),
        (["--ca-file", "missing.pem"], "no certificates in PEM format can be read there"),
        (["--deviations", "missing.toml"], "cannot be read"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_gives_one_sentence(stand_in: StandIn, command: Live, arguments: list[str], sentence: str) -> None:
    code, _, err = command("live", "--live", *stand_in.flags, *arguments)
    assert (code, len(stand_in.received)) == (2, 0)
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("value", ["0", "-1", "fast", "nan"])
def test_rate_is_above_zero(value: str) -> None:
    from ni_contract.cli import main

    with pytest.raises(SystemExit):
        main(["live", "--live", "--rate", value])


def test_verify_refuses_public_host(command: Live) -> None:
    """verify of a public host is refused, with the command to use instead."""
    code, _, err = command("verify", "https://api.nexmo.com")
    assert (code, "ni-contract live --live" in err) == (2, True)


def test_verify_refuses_production_name(stand_in: StandIn, command: Live) -> None:
    """verify never asks the production name, even where it resolves to this machine."""
    with under_production_name(stand_in):
        assert command("verify", "https://api.nexmo.com")[0] == 2
    assert stand_in.received == ()
