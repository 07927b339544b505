"""The recipes for GitLab and the Containerfile, step by step in a clean folder."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from recipes.steps import KEY, RECORDINGS, ROOT, SECRET, Done, document, plain_environment, run_shell

from ni_contract.simulator import RunningSimulator

FILES = ("report.html", "report.json", "report.xml")


def gitlab(name: str, job: str, folder: Path, programs: Path, **changes: str) -> Done:
    """The result of the script of *job* with ni-contract already installed, and texts replaced by *changes*."""
    script = "\n".join(document(f"docs/ci/{name}")[job]["script"])
    for old, new in changes.items():
        assert old in script
        script = script.replace(old, new)
    return run_shell(script, folder, PATH=f"{programs}:/usr/bin:/bin")


def test_gitlab_judges_a_fake(tmp_path: Path, programs: Path) -> None:
    (tmp_path / "start-our-fake.sh").write_text("#!/bin/sh\n")
    (tmp_path / "start-our-fake.sh").chmod(0o755)
    with RunningSimulator() as fake:
        changes = {"http://127.0.0.1:8080/ni/basic": f"{fake.url} --explore 0"}
        done = gitlab("gitlab-checks.yml", "ni-contract fake", tmp_path, programs, **changes)
    assert done.returncode == 0, done.stderr
    assert all((tmp_path / name).stat().st_size for name in FILES)


def test_gitlab_judges_a_client(tmp_path: Path, programs: Path) -> None:
    page = (ROOT / "docs" / "witness.md").read_text("utf-8")
    client = next(text for text in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "# client.py" in text)
    (tmp_path / "our_client.py").write_text(client, "utf-8")
    done = gitlab("gitlab-checks.yml", "ni-contract client", tmp_path, programs)
    assert done.returncode == 0, done.stdout
    assert all((tmp_path / name).stat().st_size for name in FILES)


def test_gitlab_judges_recordings(tmp_path: Path, programs: Path) -> None:
    (tmp_path / "tests" / "cassettes").mkdir(parents=True)
    shutil.copy(RECORDINGS / "har.har", tmp_path / "traffic.har")
    shutil.copy(RECORDINGS / "har.har", tmp_path / "tests" / "cassettes")
    done = gitlab("gitlab-checks.yml", "ni-contract recordings", tmp_path, programs)
    assert done.returncode == 0, done.stdout
    assert all((tmp_path / name).stat().st_size for name in FILES)


def test_gitlab_keeps_two_nights(tmp_path: Path, programs: Path, simulator: RunningSimulator) -> None:
    """The second night finds the files of the first one in `before`, and compares them."""
    job = document("docs/ci/gitlab-ci.yml")["ni-contract live"]
    flags = f"--base-url {simulator.https_url} --ca-file {simulator.ca_file} --rate 100 --live"
    script = "\n".join([*job["before_script"][1:], *job["script"], *job["after_script"]])
    account = {"NI_API_KEY": KEY, "NI_API_SECRET": SECRET, "PATH": f"{programs}:/usr/bin:/bin"}
    for _ in range(2):
        done = run_shell(script.replace("live --live", f"live {flags}"), tmp_path, **account)
        assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "ni-contract" / "before" / "live.json").read_text())["ledger"]
    assert (tmp_path / "ni-contract" / "live.html").is_file()


def test_the_containerfile_serves(tmp_path: Path, programs: Path, wheel: Path) -> None:
    """Its RUN is pip's, which `installed` has run with the same files; its CMD answers."""
    steps = [line.partition(" ") for line in (ROOT / "Containerfile").read_text().splitlines() if line[:1] != "#"]
    assert [step[0] for step in steps] == ["FROM", "COPY", "RUN", "USER", "EXPOSE", "CMD"]
    assert run_container_steps(tmp_path, programs) == 0
    words = json.loads(steps[-1][2])
    assert words[-1] == steps[-2][2]
    with started([str(programs / words[0]), *words[1:-1], "0"], tmp_path) as url:
        query = {"number": "447700900000", "api_key": "abcd1234", "api_secret": "abcdef0123456789"}
        answer = httpx2.get(url.replace("0.0.0.0", "127.0.0.1") + "/json", params=query, timeout=30)  # noqa: S104
    assert answer.json()["status"] in (0, 4)


def run_container_steps(folder: Path, programs: Path) -> int:
    """The exit code of RUN, after COPY has put what git tracks under *folder*/src instead of /src."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, tracked.stdout.split("\0")):
        (folder / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "src" / name)
    run = re.findall(r"^RUN (.*)$", (ROOT / "Containerfile").read_text(), re.MULTILINE)[0]
    words = f"{programs / 'python'} -m {run.replace('/src', str(folder / 'src'))}"
    return run_shell(words, folder).returncode


@contextmanager
def started(words: list[str], folder: Path) -> Iterator[str]:
    """The URL that the server started by *words* prints first."""
    process = subprocess.Popen(words, cwd=folder, env=plain_environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().split()[1]
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.parametrize("name", ["gitlab-ci.yml", "gitlab-checks.yml"])
def test_gitlab_jobs_install_what_exists(name: str) -> None:
    text = (ROOT / "docs" / "ci" / name).read_text("utf-8")
    assert 'pip install "$NI_CONTRACT"' in text
    assert "pip install ni-contract" not in text
