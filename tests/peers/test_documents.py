"""The bundled OpenAPI document in other tools: a Postman collection and an HTML reference."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ni_contract.contract.bundle import bundled
from ni_contract.simulator import RunningSimulator


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    file = tmp_path / "openapi.yaml"
    file.write_text(bundled("openapi.yaml"), "utf-8")
    return file


@pytest.fixture
def collection(bundle: Path) -> dict[str, Any]:
    """The collection that Postman's own converter makes of the document."""
    words = ("-s", bundle.name, "-o", "postman.json", "-O", "parametersResolution=Example")
    run(bundle.parent, "openapi2postmanv2", *words)
    made: dict[str, Any] = json.loads((bundle.parent / "postman.json").read_text("utf-8"))
    return made


def run(folder: Path, program: str, *words: str) -> None:
    command = [str(Path(os.environ["NI_NODE_MODULES"]) / ".bin" / program), *words]
    quiet = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    subprocess.run(command, cwd=folder, env=quiet, check=True, capture_output=True, timeout=300)


def test_the_postman_collection_asks_this_machine(collection: dict[str, Any]) -> None:
    """Each request has described parameters with the values of our examples."""
    assert {"key": "baseUrl", "value": "http://127.0.0.1:8080"}.items() <= collection["variable"][0].items()
    requests = list(requests_of(collection["item"]))
    assert [request["method"] for request in requests] == ["GET", "POST", "GET", "POST"]
    for request in requests:
        parameters = request["url"]["query"] or request["body"]["urlencoded"]
        given = {parameter["key"]: parameter["value"] for parameter in parameters}
        assert given.items() >= {"number": "441632960960", "country": "GB"}.items()
        assert all(parameter["description"] for parameter in parameters)


def test_the_postman_collection_is_answered(bundle: Path, collection: dict[str, Any]) -> None:
    """As docs/spec.md says: Basic Auth, as the converter takes only the key of a pair; forms without a signature."""
    values = (("username", "n3xm0rocks"), ("password", "12ab34cd"))
    basic = [{"key": key, "value": value, "type": "string"} for key, value in values]
    for request in requests_of(collection["item"]):
        for field in request.get("body", {}).get("urlencoded", ()):
            field["disabled"] = field["key"] in ("sig", "timestamp")
    (bundle.parent / "postman.json").write_text(json.dumps(collection | {"auth": {"type": "basic", "basic": basic}}))
    with RunningSimulator() as simulator:
        base = f"baseUrl={simulator.url.removesuffix('/ni/basic')}"
        words = ("--env-var", base, "--reporters", "json", "--reporter-json-export", "out.json")
        run(bundle.parent, "newman", "run", "postman.json", *words)
    found = json.loads((bundle.parent / "out.json").read_text("utf-8"))["run"]["executions"]
    bodies = [bytes(one["response"]["stream"]["data"]).decode() for one in found]
    assert len(bodies) == 4
    assert all("441632960960" in body for body in bodies)


def requests_of(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        if "request" in item:
            yield item["request"]
        yield from requests_of(item.get("item", []))


def test_the_html_reference_has_every_operation(bundle: Path) -> None:
    run(bundle.parent, "redocly", "build-docs", bundle.name, "-o", "reference.html")
    page = (bundle.parent / "reference.html").read_text("utf-8")
    assert all(f"lookup{name}" in page for name in ("Json", "JsonPost", "Xml", "XmlPost"))
    assert page.index("http://127.0.0.1:8080") < page.index("https://api.nexmo.com")
