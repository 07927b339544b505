"""A right client: GET of JSON, credentials in the query."""

import json
import os
import sys
import urllib.parse
import urllib.request

FACTS = (
    "international_format_number",
    "national_format_number",
    "country_code",
    "country_code_iso3",
    "country_name",
    "country_prefix",
    "request_id",
)


def look_up(number, country, timeout):
    params = {"number": number, "api_key": os.environ["NI_API_KEY"], "api_secret": os.environ["NI_API_SECRET"]}
    if country is not None:
        params["country"] = country
    url = f"{os.environ['NI_BASE_URL']}/json?{urllib.parse.urlencode(params)}"
    with urllib.request.urlopen(url, timeout=timeout) as response:
        if response.headers.get_content_type() != "application/json":
            raise ValueError("the answer is not JSON")
        answer = json.loads(response.read().decode("utf-8"))
    if type(answer["status"]) is not int:  # True == 1 and False == 0
        raise ValueError("the status is no integer")
    if answer["status"] == 0:
        return {"ok": True, "result": {name: answer[name] for name in FACTS}}
    reason = answer.get("error_text") or answer.get("status_message")
    return {"ok": False, "status": answer["status"], "reason": reason}


for line in sys.stdin:
    asked = json.loads(line)
    try:
        outcome = look_up(asked["number"], asked["country"], asked["timeout"])
    except Exception as error:  # a time-out, HTTP 503, half a body: any of them is a failure
        outcome = {"ok": False, "status": None, "reason": repr(error)}
    print(json.dumps({"id": asked["id"], **outcome}), flush=True)
