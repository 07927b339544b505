"""Reports in headless Chromium: the browser of this machine, driven by Playwright, with node packages from npm.

Where one of them is missing, the tests are skipped, and the last lines say so; with NI_BROWSER_REQUIRED they fail.
"""

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
from ni_contract.report.documents.report import html_report
from ni_contract.runs.run import Run

sys.path.insert(0, str(Path(__file__).parent.parent))

from test_reports import run_of, run_of_echo

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


def executable() -> str | None:
    """The Chromium to start."""
    return os.environ.get("NI_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def node_modules() -> Path:
    """The folder in which the packages of package.json are installed."""
    return Path(os.environ.get("NI_NODE_MODULES", "node_modules"))


def missing() -> str:
    """A sentence on the programs that this machine lacks, "" where it has all."""
    if executable() is None:
        return "there is no Chromium here: apt-get install chromium, or name one in NI_CHROMIUM"
    if not (node_modules() / "axe-core").is_dir():
        return "the node packages are not installed: install node and npm, then run tox -e browser"
    return ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if lacking := missing():
        terminalreporter.write_line(f"NOTHING WAS TESTED IN A BROWSER: {lacking}", red=True)


@pytest.fixture(scope="session", autouse=True)
def everything_is_here() -> None:
    """Skips all where something is missing; fails where that must not be, as in a CI that has it."""
    if lacking := missing():
        (pytest.fail if os.environ.get("NI_BROWSER_REQUIRED") else pytest.skip)(lacking)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable(), headless=True, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def axe() -> str:
    return (node_modules() / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def runs() -> dict[str, Run]:
    return {
        "passing": run_of(PROVIDERS["NIB-ERR-010"]),
        "partial": run_of(PROVIDERS["NIB-RES-004"], (Deviation("NIB-RES-004", "long ids until the migration"),)),
        "failing": (failing := run_of_echo()),
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
    """A function that opens a file or an address; what the page logs, loads or throws fails the test."""
    troubles: list[str] = []
    contexts = []

    def note(url: str, may_load: str) -> None:
        if not url.startswith(("file:", "data:", "blob:", may_load)):
            troubles.append(url)

    def open_(
        place: Path | str,
        anchor: str = "",
        width: int = 1280,
        scheme: str = "light",
        script: bool = True,
        may_load: str = "file:",
    ) -> Page:
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
        page.on("request", lambda request: note(request.url, may_load))
        # A busy machine needs more than the 30 seconds that are usual for the huge page.
        page.goto(f"{place.as_uri() if isinstance(place, Path) else place}{anchor}", timeout=240_000)
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
