"""A right client as a command, for tests to break."""

from __future__ import annotations

RIGHT = """
import json, os, sys, urllib.parse, urllib.request

def look_up(asked):
    params = {"number": asked["number"], "api_key": os.environ["NI_API_KEY"], "api_secret": os.environ["NI_API_SECRET"]}
    if asked["country"]:
        params["country"] = asked["country"]
    url = os.environ["NI_BASE_URL"] + "/json?" + urllib.parse.urlencode(params)
    with urllib.request.urlopen(url, timeout=asked["timeout"]) as response:
        if response.headers.get_content_type() != "application/json":
            raise ValueError("no JSON")
        answer = json.loads(response.read())
    if type(answer["status"]) is not int:
        raise ValueError("no status")
    if answer["status"] == 0 and "country_code" in answer:
        return {"ok": True, "result": answer}
    # here
    return {"ok": False, "status": answer["status"], "reason": answer.get("error_text") or answer["status_message"]}

for line in sys.stdin:
    asked = json.loads(line)
    try:
        outcome = look_up(asked)
    except Exception as error:
        outcome = {"ok": False, "status": None, "reason": repr(error)}
    print(json.dumps({"id": asked["id"], **outcome}), flush=True)
"""
