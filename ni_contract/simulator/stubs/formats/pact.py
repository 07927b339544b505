"""A pact, specification 3."""

import json
from typing import Any, Final

from ni_contract.contract.vocabulary import REQUEST_ID
from ni_contract.exchanges.credentials import WRONG_SECRET, Credentials
from ni_contract.printable import json_text
from ni_contract.simulator.lookup import look_up
from ni_contract.simulator.stubs.model import WORDS, Stub, StubSet

_ID: Final = {"match": "regex", "regex": f"^{REQUEST_ID}$"}
_ID_PLACES: Final = {"json": "$.request_id", "xml": "$.format.request_id['#text']"}


def write_pact(stubs: StubSet) -> str:
    pact = {
        "consumer": {"name": "client"},
        "provider": {"name": "number-insight-basic"},
        "interactions": [_interaction(stub, stubs) for stub in stubs.stubs],
        "metadata": {"pactSpecification": {"version": "3.0.0"}},
    }
    return json_text(pact)


def _interaction(stub: Stub, stubs: StubSet) -> dict[str, Any]:
    right = stubs.credentials or Credentials()
    shown = Credentials(right.api_key, WRONG_SECRET) if stub.is_refused else right
    return {
        "description": stub.title,
        "providerStates": [{"name": _state(stub, stubs)}],
        "request": {
            "method": "GET",
            "path": stub.path,
            "query": {name: [value] for name, value in stubs.example(stub).items()},
            "headers": {"Authorization": f"Basic {shown.basic_token()}"},
        },
        "response": {
            "status": 200,
            "headers": {"Content-Type": stub.content_type},
            "body": json.loads(stub.text) if stub.wanted == "json" else stub.text,
            "matchingRules": _rules(stub),
        },
    }


def _state(stub: Stub, stubs: StubSet) -> str:
    """The provider state of a status that the API would not give by itself."""
    asked = stubs.example(stub)
    by_itself = look_up(asked.get("number"), asked.get("country"), stubs.edition).status
    if stub.is_refused or stub.status == by_itself:
        return "the account may look numbers up"
    return f"ordered status {stub.status}: {WORDS[stub.status]}"


def _rules(stub: Stub) -> dict[str, Any]:
    """Matching rules: any request id is accepted, if there is one."""
    if "request_id" not in stub.text:
        return {}
    return {"body": {_ID_PLACES[stub.wanted]: {"matchers": [_ID]}}}
