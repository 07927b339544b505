"""The project's own client as a command for `witness`, in the ways of asking that no other client of the site has.

`signed`: signed forms that carry cnam. `json`: a JSON body with key and secret.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from ni_contract.client import Client, KeyAndSecret, LookupFailed, Signed, Success

FACTS = (
    "international_format_number",
    "national_format_number",
    "country_code",
    "country_code_iso3",
    "country_name",
    "country_prefix",
    "request_id",
)


def main(way: str) -> None:
    """Answers each lookup on stdin with an outcome on stdout."""
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps({"id": asked["id"], **outcome(way, asked)}), flush=True)


def outcome(way: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The result of the lookup *asked*."""
    key, secret = os.environ["NI_API_KEY"], os.environ["NI_API_SECRET"]
    signed = Signed(key, os.environ["NI_SIGNATURE_SECRET"], "hmac-sha256")
    credentials = signed if way == "signed" else KeyAndSecret(key, secret)
    options: dict[str, Any] = {"cnam": False} if way == "signed" else {"media_type": "application/json"}
    settings = {"timeout": asked["timeout"], "ca_file": os.environ["NI_CA_FILE"]}
    try:
        with Client(credentials, os.environ["NI_BASE_URL"], **settings) as client:
            result = client.lookup_json_post(asked["number"], asked["country"], **options)
    except LookupFailed as error:
        return {"ok": False, "status": None, "reason": str(error)}
    if isinstance(result, Success):
        return {"ok": True, "result": {name: getattr(result, name) for name in FACTS}}
    return {"ok": False, "status": result.status, "reason": result.reason}


if __name__ == "__main__":
    main(sys.argv[1])
