"""The client follows the OpenAPI document: regenerating changes nothing, and another document changes it."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from generate_client import __main__ as generator
from generate_client.__main__ import differences, write

import ni_contract.client
from ni_contract.contract.spec_files import read_spec
from ni_contract.errors import UsageError

FOLDER = Path(ni_contract.client.__file__).parent / "generated"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(generator.__file__).parents[1])}
render = cache(generator.render)


def test_regenerating_makes_no_difference() -> None:
    assert differences(render(), FOLDER) == []


def test_the_command_agrees() -> None:
    command = [sys.executable, "-m", "generate_client", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_difference_sets_exit_code(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from generate_client import __main__ as main;"
        f"main._FOLDER = Path({str(tmp_path)!r}); sys.argv = ['x', '--check']; sys.exit(main.main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert done.returncode == 1
    assert "clients.py is missing; run python -m generate_client" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the generated client."""
    write(render(), tmp_path)
    return tmp_path


def test_written_files_equal_rendered_ones(copy: Path) -> None:
    assert differences(render(), copy) == []


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.py")))
def test_a_deleted_file_is_caught(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert differences(render(), copy) == [f"{name} is missing"]


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.py")))
def test_an_edited_file_is_caught(copy: Path, name: str) -> None:
    file = copy / name
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    assert differences(render(), copy) == [f"{name} was edited, or the OpenAPI document was"]


@pytest.mark.parametrize("name", ["more.py", "more.pyi", ".hidden", "folder/__init__.py"])
def test_a_file_too_many_is_caught(copy: Path, name: str) -> None:
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).touch()
    assert differences(render(), copy) == [f"{Path(name).parts[0]} is not generated"]


def test_writing_removes_other_files(copy: Path) -> None:
    (copy / "old.py").touch()
    write(render(), copy)
    assert differences(render(), copy) == []


def rendered(old: str, new: str) -> dict[str, str]:
    """The client of a contract in which *old* is *new*."""
    texts = {name: read_spec(name) for name in ("openapi.yaml", "schemas/answer.schema.json", "response.xsd")}
    assert any(old in text for text in texts.values()), old
    return generator.render(lambda name: texts.get(name, read_spec(name)).replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "file", "line"),
    [
        (
            "https://api.nexmo.com",
            "https://elsewhere.example",
            "operations.py",
            "SERVER: Final = 'https://elsewhere.example'",
        ),
        ("/ni/basic/xml:", "/ni/basic/markup:", "operations.py", "'GET', '/ni/basic/markup', "),
        ("operationId: lookupXml\n", "operationId: askInXml\n", "clients.py", "def ask_in_xml("),
        ("name: api_secret", "name: password", "operations.py", "'apiSecret': 'password'"),
        ("name: cnam", "name: owner", "clients.py", "owner: bool | None = None"),
        ("text/x-json:", "text/y-json:", "operations.py", ", 'text/y-json']"),
        ("FormOrJson", "AnyBody", "clients.py", "media_type: AnyBody ="),
        ("'200':", "'203':", "operations.py", ", (203,), "),
        ("        text/xml:", "        text/markup-xml:", "operations.py", ", ('text/markup-xml',))"),
        ("        local_number:", "        local:", "operations.py", "'country_code': ('local', 'country_code')"),
        ("        code:", "        number:", "operations.py", "'status': ('error', 'number')"),
        ("name: format", "name: answer", "operations.py", "('answer', 'format', 'lookup')"),
        ('name="lookup"', 'name="insight"', "operations.py", "('format', 'insight')"),
        ("invalidCredentials:", "notYou:", "results.py", "class NotYou(Refusal):"),
        ('        "required": ["country_name"],\n', "", "results.py", None),
        ('"error_text"', '"error_words"', "results.py", "self.status_message or self.error_words or"),
        ("9, no credit left (doc", "9, broke (doc", "results.py", '"""Status 9: broke (documented)."""'),
    ],
)
def test_another_document_makes_another_client(old: str, new: str, file: str, line: str | None) -> None:
    if line is None:
        assert "country_name" not in rendered(old, new)[file]
    else:
        assert line not in render()[file]
        assert line in rendered(old, new)[file]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  - basic: []\npaths", "  - bearer: []\npaths"),
        ("text/x-json:", "application/cbor:"),
        ('"enum": [0, 1, 3, 4, 5, 9]', '"enum": [0, 1, 3, 4, 5, 9, 19]'),
        ("#/components/requestBodies/Form'", "#/components/requestBodies/Gone'"),
    ],
)
def test_unsupported_document_gives_one_sentence(old: str, new: str) -> None:
    """A document with features that the client lacks is refused in one sentence."""
    with pytest.raises(UsageError) as caught:
        rendered(old, new)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ni_contract.client.__all__)
def test_public_names_exist_with_docstrings(name: str) -> None:
    thing = getattr(ni_contract.client, name)
    assert name in ("DocumentedRefusal", "LookupResult") or thing.__doc__


def test_the_package_gives_the_clients_lazily() -> None:
    code = (
        "import sys, ni_contract; print('httpx2' in sys.modules, ni_contract.Client.__name__, 'httpx2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == (
        "False Client True\n"
    )
