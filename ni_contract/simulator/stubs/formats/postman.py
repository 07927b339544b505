"""A collection of Postman with saved examples."""

from typing import Any, Final
from urllib.parse import quote

from ni_contract.contract.vocabulary import API_URL
from ni_contract.exchanges.credentials import WRONG_SECRET, Credentials
from ni_contract.printable import json_text
from ni_contract.simulator.stubs.model import Stub, StubSet

_SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def write_postman(stubs: StubSet) -> str:
    right = stubs.credentials or Credentials()
    values = {"base_url": API_URL, "api_key": right.api_key, "api_secret": right.api_secret}
    collection = {
        "info": {"name": "Number Insight Basic", "schema": _SCHEMA},
        "variable": [{"key": name, "value": value} for name, value in values.items()],
        "item": [_item(stub, stubs) for stub in stubs.stubs],
    }
    return json_text(collection)


def _item(stub: Stub, stubs: StubSet) -> dict[str, Any]:
    request = _request(stub, stubs)
    example = {
        "name": stub.title,
        "originalRequest": request,
        "status": "OK",
        "code": 200,
        "_postman_previewlanguage": stub.wanted,
        "header": [{"key": "Content-Type", "value": stub.content_type}],
        "body": stub.text,
    }
    return {"name": stub.title, "request": request, "response": [example]}


def _request(stub: Stub, stubs: StubSet) -> dict[str, Any]:
    secret = WRONG_SECRET if stub.is_refused else "{{api_secret}}"
    written = {name: quote(value, safe="") for name, value in stubs.example(stub).items()}
    query = [{"key": k, "value": v} for k, v in {**written, "api_key": "{{api_key}}", "api_secret": secret}.items()]
    raw = "{{base_url}}" + stub.path + "?" + "&".join(f"{one['key']}={one['value']}" for one in query)
    url = {"raw": raw, "host": ["{{base_url}}"], "path": stub.path.strip("/").split("/"), "query": query}
    return {"method": "GET", "header": [], "url": url}
