"""Texts that need no masking are found quickly, and no other text is taken for one."""

from __future__ import annotations

from itertools import product

import pytest

from ni_contract.exchanges.redaction import redact_text

NAMES = (
    "api_key",
    "API-Key",
    "sig",
    "nexmo-key",
    "ni-key",
    "clientSecret",
    "Password",
    "my.passwd",
    "PWD",
    "accessToken",
)
FORMS = (
    "{}=Abc12345&x=1",
    "[{}]=Abc12345",
    '{"{}": "Abc12345"}',
    '"{\\"{}\\": \\"Abc12345\\"}"',
    "<{}>Abc12345</{}>",
    'name="{}"\r\n\r\nAbc12345',
    '"{}", "value": "Abc12345"',
    "{} => 'Abc12345'",
    "{}: Abc12345",
)
OTHERS = (
    "curl -u user:Abc12345",
    "curl --user user:Abc12345",
    "/account/get-balance/0123abcd/Abc12345",
    "/number/search/0123abcd/Abc12345",
    "eyJhbGciOi.eyJzdWI.Abc12345x",
    "AUTHORIZATION: digest Abc12345",
    "Basic Abc12345Abc12345",
    "Bearer Abc12345Abc12345",
)
# An ellipsis sends a text through all patterns; the line break keeps it apart from what follows.
FULL = "\u2026\n"


@pytest.mark.parametrize("text", [*(form.replace("{}", name) for form, name in product(FORMS, NAMES)), *OTHERS])
def test_shortcut_masks_as_patterns_do(text: str) -> None:
    masked = redact_text(text)
    assert masked != text
    assert FULL + masked == redact_text(FULL + text)
