"""Recordings: a HAR file (HTTP Archive 1.2), JSON lines as ni-contract records them, and a cassette of VCR."""

import json
from typing import Any
from urllib.parse import urlencode

from ni_contract.contract.vocabulary import API_URL
from ni_contract.printable import json_text
from ni_contract.recordings.formats.jsonl import row_of
from ni_contract.recordings.har_writer import har_text
from ni_contract.simulator.stubs.model import Stub, StubSet


def write_har(stubs: StubSet) -> str:
    """One HAR file; the comment of an entry is its purpose."""
    return har_text(map(stubs.exchange, stubs.recordable()))


def write_lines(stubs: StubSet) -> str:
    lines = [json.dumps({"name": stub.title, **row_of(stubs.exchange(stub))}) for stub in stubs.recordable()]
    return "\n".join(lines) + "\n"


def write_vcr(stubs: StubSet) -> str:
    """One cassette: JSON, which is YAML as well; without credentials, so that any are accepted."""
    interactions = [_interaction(stub) for stub in stubs.recordable() if not stub.is_refused]
    return json_text({"http_interactions": interactions, "recorded_with": "VCR 5.0.0"})


def _interaction(stub: Stub) -> dict[str, Any]:
    # WebMock, through which VCR matches requests, sorts the parameters.
    query = urlencode(sorted(stub.parameters().items()))
    return {
        "name": stub.title,
        "request": {
            "method": "get",
            "uri": f"{API_URL}{stub.path}?{query}",
            "body": {"encoding": "UTF-8", "string": ""},
            "headers": {},
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"Content-Type": [stub.content_type]},
            "body": {"encoding": "UTF-8", "string": stub.text},
        },
        # A fixed time, because the stubs were never recorded.
        "recorded_at": "Thu, 01 Jan 1970 00:00:00 GMT",
    }
