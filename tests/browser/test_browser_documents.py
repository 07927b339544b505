"""The bundled OpenAPI document in Swagger UI and Redoc: what people see of it, and a request sent from there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from browser.conftest import Open, node_modules
from playwright.sync_api import Browser, Route, expect

from ni_contract.contract.bundle import bundled
from ni_contract.simulator import RunningSimulator

OPERATIONS = 4
HERE, VENDOR = "http://127.0.0.1:8080", "https://api.nexmo.com"
SWAGGER = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Swagger UI</title>
<link rel="stylesheet" href="modules/swagger-ui-dist/swagger-ui.css">
<div id="ui"></div><script src="modules/swagger-ui-dist/swagger-ui-bundle.js"></script>
<script>const ui = SwaggerUIBundle({{spec: {spec}, dom_id: "#ui", docExpansion: "full"}})</script>"""
REDOC = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Redoc</title><div id="ui"></div>
<script src="modules/redoc/bundles/redoc.standalone.js"></script>
<script>Redoc.init({spec}, {{disableSearch: true}}, document.getElementById("ui"))</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as the base class has it
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of pages, with the node packages in it."""
    (tmp_path / "modules").symlink_to(node_modules().resolve())
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Iterator[str]:
    """The address of the folder: Swagger UI resolves no references in a page that is a file."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


def write(folder: Path, page: str, server: str = HERE) -> None:
    """Writes *page* with the document in it, which names *server* for this machine."""
    document = json.dumps(yaml.safe_load(bundled("openapi.yaml"))).replace(HERE, server).replace("</", "<\\/")
    (folder / "page.html").write_text(page.format(spec=document), "utf-8")


def test_swagger_ui_describes_everything(folder: Path, site: str, open_page: Open, screenshots: Path) -> None:
    """This machine is the first server, the vendor's is marked as charged, every parameter has a description."""
    write(folder, SWAGGER)
    page = open_page(f"{site}/page.html", may_load=site)
    expect(page.locator(".opblock")).to_have_count(OPERATIONS)
    here, vendor = page.locator(".servers option").all_text_contents()
    assert here.startswith(HERE)
    assert vendor.startswith(VENDOR)
    assert "charged" in vendor
    parameters = page.locator(".opblock tr[data-param-name]")
    assert parameters.count() >= OPERATIONS
    assert parameters.filter(has_not=page.locator(".renderedMarkdown p")).count() == 0
    page.screenshot(path=screenshots / "swagger-ui.png", full_page=True)
    expect(page.locator(".errors")).to_have_count(0)


def test_swagger_ui_sends_a_right_request(
    folder: Path, site: str, open_page: Open, simulator: RunningSimulator
) -> None:
    """The request with the values of our examples is answered. The test allows pages, which the simulator refuses."""
    server = simulator.url.removesuffix("/ni/basic")
    write(folder, SWAGGER, server)
    page = open_page(f"{site}/page.html", may_load="http://127.0.0.1:")

    def let_in(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "access-control-allow-origin": "*"})

    page.route(f"{server}/**", let_in)
    expect(page.get_by_role("button", name="Authorize")).to_be_visible()
    for scheme, value in (("apiKey", "n3xm0rocks"), ("apiSecret", "12ab34cd")):
        page.evaluate(f"ui.preauthorizeApiKey('{scheme}', '{value}')")
    operation = page.locator(".opblock", has_text="/ni/basic/json").first
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table tbody")
    expect(answer).to_contain_text('"international_format_number": "441632960960"')
    expect(answer).to_contain_text('"status": 0')


def test_redoc_describes_everything(folder: Path, site: str, browser: Browser, screenshots: Path) -> None:
    """Redoc wants a picture of its makers from elsewhere, and does not get it."""
    write(folder, REDOC)
    page = browser.new_page()
    page.route("https://**", lambda route: route.abort())
    page.goto(f"{site}/page.html")
    expect(page.locator("h2", has_text="Look up a number")).to_have_count(OPERATIONS)
    text = page.locator("body").text_content() or ""
    assert text.index(f"{HERE}/ni/basic/json") < text.index(f"{VENDOR}/ni/basic/json")
    fields = page.locator("td[kind='field'] + td")
    assert fields.count() >= OPERATIONS
    assert fields.filter(has_not=page.locator("p")).count() == 0
    page.screenshot(path=screenshots / "redoc.png", full_page=True)
    page.close()
