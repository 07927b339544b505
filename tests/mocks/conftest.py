"""Small projects of users, one for each mocking library."""

from __future__ import annotations

import textwrap
from typing import Any

# A run in this process removes its imports afterwards, which C extensions do not survive.
import aiohttp  # noqa: F401
import aioresponses  # noqa: F401
import httpx  # noqa: F401
import httpx2  # noqa: F401
import pytest
import pytest_httpserver  # noqa: F401
import requests  # noqa: F401
import vcr  # noqa: F401
import yaml  # noqa: F401

COMMON = """
import pytest

URL = "https://api.nexmo.com/ni/basic/json"
XML = "https://api.nexmo.com/ni/basic/xml"
NUMBER = "447700900000"
KEYS = {"api_key": "abcd1234", "api_secret": "s3cretS3cret"}
ASKED = {"number": NUMBER, **KEYS}


@pytest.fixture
def right(ni_answers):
    return ni_answers.success(NUMBER)


@pytest.fixture
def lie(ni_answers):
    return {**ni_answers.success(NUMBER), "country_prefix": 44}
"""


@pytest.fixture
def outside(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a test module of a user and returns the result."""
    for name in ("NI_API_KEY", "NI_API_SECRET", "NI_SIGNATURE_SECRET", "PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)

    def run(text: str, *args: str) -> pytest.RunResult:
        pytester.makepyfile(test_outside=COMMON + textwrap.dedent(text))
        return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist", *args)

    return run
