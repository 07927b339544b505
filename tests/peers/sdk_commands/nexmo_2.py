"""Version 2 of `nexmo` for Python, asked line by line. It hands over the answer as it came, whatever its status."""

import functools
import json
import os
import sys
from typing import Any
from urllib.parse import urlsplit

import nexmo

client = nexmo.Client(key=os.environ["NI_API_KEY"], secret=os.environ["NI_API_SECRET"])
# Its check of a host's name refuses one with a port, and it has no time-out of its own.
client._Client__api_host = urlsplit(os.environ["NI_HTTPS_URL"]).netloc


def look_up(asked: dict[str, Any]) -> dict[str, Any]:
    client.session.request = functools.partial(type(client.session).request, client.session, timeout=asked["timeout"])
    country = {"country": asked["country"]} if asked["country"] else {}
    answer = client.get_basic_number_insight({"number": asked["number"], **country})
    if type(answer["status"]) is int and answer["status"] == 0:
        return {"ok": True, "result": answer}
    return {"ok": False, "status": answer["status"], "reason": answer.get("error_text") or answer["status_message"]}


for line in sys.stdin:
    asked = json.loads(line)
    try:
        outcome = look_up(asked)
    except Exception as error:  # noqa: BLE001
        outcome = {"ok": False, "status": None, "reason": repr(error)}
    print(json.dumps({"id": asked["id"], **outcome}), flush=True)
