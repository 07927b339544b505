"""Forms are read as the API reads them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ni_contract.contract.form_encoding import MalformedForm, first, parse_form


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", ()),
        ("a=1&b=2", (("a", "1"), ("b", "2"))),
        ("a=1&", (("a", "1"),)),
        ("&&a=1", (("a", "1"),)),
        ("a=+44+1", (("a", " 44 1"),)),
        ("a=%2B44%20%28x%29", (("a", "+44 (x)"),)),
        ("a=(1)", (("a", "(1)"),)),
        ("a", (("a", ""),)),
        ("a=b=c", (("a", "b=c"),)),
        ("a=%C3%A9", (("a", "é"),)),
        ("a=é", (("a", "é"),)),
        ("a=%zz%4", (("a", "%zz%4"),)),
    ],
)
def test_a_form_is_decoded(text: str, pairs: object) -> None:
    assert parse_form(text) == pairs


def test_other_bytes_are_refused() -> None:
    with pytest.raises(MalformedForm, match="UTF-8"):
        parse_form("number=%E9")


def test_too_many_parameters_are_refused() -> None:
    with pytest.raises(MalformedForm, match="200"):
        parse_form("a=1&" * 201)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(MalformedForm):
        assert all(len(pair) == 2 for pair in parse_form(text))


def test_the_first_value_counts() -> None:
    assert first((("a", "1"), ("a", "2")), "a") == "1"
    assert first((), "a") is None
