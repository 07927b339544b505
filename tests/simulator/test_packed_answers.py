"""Answers packed with gzip, for a client that says that it reads that."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from simulator.conftest import NUMBER, Asker

from ni_contract.simulator import create_app


def asked(accepted: str | None) -> Any:
    asker = Asker(create_app(script=[{"fault": "gzip"}]))
    headers = {} if accepted is None else {"accept-encoding": accepted}
    return asker(query=f"number={NUMBER}&api_key=n3xm0rocks&api_secret=12ab34cd", headers=headers)


@pytest.mark.parametrize("accepted", ["gzip, deflate", "br;q=1.0, GZIP;q=0.8", "gzip;q=0.5", "x-gzip", "gzip ; q=0.01"])
def test_accepted_packing_is_used(accepted: str) -> None:
    told = asked(accepted)
    assert told.headers["content-encoding"] == "gzip"
    assert b'"status": 0' in gzip.decompress(told.body)


@pytest.mark.parametrize("accepted", [None, "identity", "deflate", "gzip;q=0", "gzip ; q=0.000, br"])
def test_other_packing_is_not(accepted: str | None) -> None:
    told = asked(accepted)
    assert "content-encoding" not in told.headers
    assert told.json["status"] == 0
