"""Signatures: the published vectors, and changes that must not matter."""

from __future__ import annotations

import json

import pytest

from ni_contract.contract.signature import METHODS, matching_method, sign, signed_text
from ni_contract.contract.spec_files import read_spec

DATA = json.loads(read_spec("vectors/signatures.json"))


@pytest.mark.parametrize("vector", DATA["vectors"])
def test_the_published_vectors_are_reproduced(vector: dict[str, object]) -> None:
    params = [(name, value) for name, value in vector["params"]]  # type: ignore[attr-defined]
    assert signed_text(params) == vector["text"]
    for method in METHODS:
        if method in vector:
            assert sign(params, DATA["secret"], method) == vector[method]


def test_ampersand_and_equals_become_underscore() -> None:
    assert signed_text([("b", "x&y=z"), ("a", "1")]) == "&a=1&b=x_y_z"


def test_sig_and_secret_are_unsigned() -> None:
    assert signed_text([("sig", "x"), ("api_secret", "y"), ("number", "1")]) == "&number=1"


@pytest.mark.parametrize("method", METHODS)
def test_signature_ignores_case_and_order(method: str) -> None:
    """A signature is recognised in any case and order."""
    params = [("number", "44 7700"), ("api_key", "k"), ("timestamp", "1")]
    sig = sign(params, "secret", method)
    assert matching_method(reversed(params), "secret", sig.upper()) == method
    assert matching_method(params, "another", sig) is None


def test_other_text_matches_no_method() -> None:
    assert matching_method([("a", "b")], "secret", "ünïcode") is None


def test_unknown_method_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="rot13"):
        sign([], "secret", "rot13")
