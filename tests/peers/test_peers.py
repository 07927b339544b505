"""Our OpenAPI document in other tools, and `verify` on the mocks that they make of it."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from peers.conftest import SPEC, Start
from reference_answer import SUCCESS

from ni_contract.cli import main
from ni_contract.contract.vocabulary import FORM, JSON_TYPES

FORM_BODY = "number=441632960960&api_key=n3xm0rocks&api_secret=12ab34cd"
JSON_BODY = json.dumps({"number": "441632960960", "api_key": "n3xm0rocks", "api_secret": "12ab34cd"})


@pytest.fixture(scope="module")
def prism(start: Start) -> str:
    return start("prism", "mock", "-h", "127.0.0.1", "-p", "PORT", str(SPEC / "openapi.yaml"))


@pytest.fixture(scope="module")
def mockoon(start: Start) -> str:
    return start(
        "mockoon-cli", "start", "--data", str(SPEC / "openapi.yaml"), "--port", "PORT", "--hostname", "127.0.0.1",
        "--disable-log-to-file",
    )  # fmt: skip


def post(url: str, body: str, content_type: str) -> dict[str, Any]:
    request = urllib.request.Request(url, body.encode(), {"Content-Type": content_type}, method="POST")
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200
        document: dict[str, Any] = json.loads(answer.read())
        return document


@pytest.mark.parametrize("content_type", [FORM, *JSON_TYPES])
def test_prism_takes_every_documented_post(prism: str, content_type: str) -> None:
    body = FORM_BODY if content_type == FORM else JSON_BODY
    assert post(f"{prism}/json", body, content_type)["status"] == 0


@pytest.mark.parametrize("content_type", [FORM, "application/json"])
def test_mockoon_takes_a_documented_post(mockoon: str, content_type: str) -> None:
    body = FORM_BODY if content_type == FORM else JSON_BODY
    assert post(f"{mockoon}/json", body, content_type)["country_code"] == "GB"


def failing(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    report = tmp_path / "report.json"
    assert main(["verify", url, "--explore", "0", "--report", str(report)]) == 1
    assert "Traceback" not in capsys.readouterr().out
    clauses = json.loads(report.read_text())["editions"]["documented"]["clauses"]
    return {clause["id"] for clause in clauses if clause["verdict"] == "fail"}


@pytest.mark.parametrize("mock", ["prism", "mockoon"])
def test_mock_without_lookups_is_reported(
    mock: str, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mock that looks nothing up is reported as such."""
    found = failing(request.getfixturevalue(mock), tmp_path, capsys)
    assert {"NIB-AUT-002", "NIB-NUM-005", "NIB-NUM-013", "NIB-REL-008"} <= found
    assert not [clause_id for clause_id in found if re.match("NIB-RES-01[0-5]", clause_id)]


@pytest.mark.parametrize("content_type", [FORM, "application/json"])
def test_openapi_core_validates_requests_and_answers(content_type: str) -> None:
    document = OpenAPI.from_file_path(str(SPEC / "openapi.yaml"), config=Config())
    body = FORM_BODY if content_type == FORM else JSON_BODY
    request = MockRequest(
        "https://api.nexmo.com", "post", "/ni/basic/json", content_type=content_type, data=body.encode()
    )
    document.validate_request(request)
    document.validate_response(request, MockResponse(json.dumps(SUCCESS).encode()))
    with pytest.raises(Exception, match="does not match"):
        document.validate_response(request, MockResponse(json.dumps({**SUCCESS, "country_code": "gb"}).encode()))
