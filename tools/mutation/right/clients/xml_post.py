"""A right client: POST of a form, answered in XML; it asks again while the API is busy."""

import json
import os
import sys
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET

COUNTRY = ("country_code", "country_code_iso3", "country_name", "country_prefix")


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def form(number, country):
    fields = {"number": number, "api_key": os.environ["NI_API_KEY"], "api_secret": os.environ["NI_API_SECRET"]}
    if country is not None:
        fields["country"] = country
    return urllib.parse.urlencode(fields).encode()


def look_up(number, country, timeout):
    url = f"{os.environ['NI_BASE_URL']}/xml"
    with urllib.request.urlopen(url, form(number, country), timeout=timeout) as response:
        if response.headers.get_content_type() not in ("text/xml", "application/xml"):
            raise ValueError("the answer is not XML")
        body = response.read()
    if b"<!DOCTYPE" in body:
        raise ValueError("the answer has a DTD")
    answer = ET.fromstring(body)
    if answer.tag not in ("format", "lookup"):
        raise ValueError("the answer is no document of the API")
    error = answer.find("error")
    status = int(error.attrib["code"])
    if status != 0:
        raise Refused(status, (error.text or "").strip())
    local = answer.find("local_number")
    return {
        "request_id": answer.findtext("request_id").strip(),
        "international_format_number": answer.findtext("international_format_number").strip(),
        "national_format_number": local.text.strip(),
        **{name: local.attrib[name] for name in COUNTRY},
    }


def try_twice(*asked):
    try:
        return look_up(*asked)
    except Refused as refused:
        if refused.status != 1:
            raise
    return look_up(*asked)


for line in sys.stdin:
    asked = json.loads(line)
    try:
        outcome = {"ok": True, "result": try_twice(asked["number"], asked["country"], asked["timeout"])}
    except Refused as refused:
        outcome = {"ok": False, "status": refused.status, "reason": str(refused)}
    except Exception as error:
        outcome = {"ok": False, "status": None, "reason": repr(error)}
    print(json.dumps({"id": asked["id"], **outcome}), flush=True)
