"""The published Python SDK, judged. Run by `tests/peers/test_published_clients.py`, with its deviations."""

from __future__ import annotations

import re
from typing import Any

import pytest
from vonage import Auth, HttpClientOptions, Vonage
from vonage_number_insight import BasicInsightRequest

from ni_contract.testing import ClientContract

# The SDK takes whole seconds, and makes four attempts of each request that times out.
ATTEMPT_SECONDS = 3


class TestVonage(ClientContract):
    ni_timeout = 12.0

    @pytest.fixture
    def ni_client(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        def look_up(server: Any, number: str, country: Any = None) -> Any:
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", server.ca_file)
            options = HttpClientOptions(api_host=server.https_host, timeout=ATTEMPT_SECONDS)
            sdk = Vonage(Auth(api_key=server.api_key, api_secret=server.api_secret), options)
            # The SDK takes digits only; its caller has to strip separators.
            digits = re.sub(r"[\s\-+()]", "", number)
            return sdk.number_insight.get_basic_info(BasicInsightRequest(number=digits, country=country))

        return look_up
