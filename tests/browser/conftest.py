"""Reports in headless Chromium: the browser of this machine, driven by Playwright, with axe-core from npm."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mutants.providers import PROVIDERS
from playwright.sync_api import Browser, Page, sync_playwright

from ni_contract.judge.deviations import Deviation
from ni_contract.report.html.report import html_report
from ni_contract.runs.run import Run

sys.path.insert(0, str(Path(__file__).parent.parent))

from test_reports import echo_run, run_of

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCHEMES = ("light", "dark")
WIDTHS = (1280, 400)

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("NI_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("there is no Chromium here: apt-get install chromium, or name one in NI_CHROMIUM")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, headless=True, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def axe() -> str:
    folder = os.environ.get("NI_AXE")
    if folder is None:
        pytest.skip("there is no axe-core here: npm install axe-core, and name its folder in NI_AXE")
    return (Path(folder) / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def runs() -> dict[str, Run]:
    return {
        "passing": run_of(PROVIDERS["NIB-ERR-010"]),
        "partial": run_of(PROVIDERS["NIB-RES-004"], (Deviation("NIB-RES-004", "long ids until the migration"),)),
        "failing": (failing := echo_run()),
        "huge": replace(failing, show_exchanges=True),
    }


@pytest.fixture(scope="session")
def pages(runs: dict[str, Run], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    for name, run in runs.items():
        edition = "observed" if name == "passing" else "documented"
        (folder / f"{name}.html").write_text(html_report(run, edition), "utf-8")
    return {name: folder / f"{name}.html" for name in runs}


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """A function that opens a file; a log entry, a request or an error of the page fails the test."""
    troubles: list[str] = []
    contexts = []

    def open_(file: Path, anchor: str = "", width: int = 1280, scheme: str = "light", script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=script,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "request", lambda request: troubles.extend([request.url] if not request.url.startswith("file:") else [])
        )
        page.goto(f"{file.as_uri()}{anchor}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """The folder of the pictures, for people to inspect."""
    folder = Path(os.environ.get("NI_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
