"""What a nasty bug is, and texts of the right programs that many bugs replace."""

from __future__ import annotations

from typing import NamedTuple

ASGI, WSGI, NODE = "asgi_fake.py", "wsgi_fake.py", "node_fake.mjs"


class Bug(NamedTuple):
    """*new* stands in place of *old* in *program*; the first clause that is shown has to be one of *fits*."""

    program: str
    old: str
    new: str
    fits: str


REGION = "    country = phonenumbers.region_code_for_number(number)\n"
FACTS = '    return {\n        "international_format_number": phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:],'
ISO3 = 'COUNTRIES[country]["alpha_3"]'
NAME = 'COUNTRIES[country]["name"]'
PREFIX = "str(number.country_code)"
E164 = "phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]"
NATIONAL = "phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)"
MISSING = '    if not number:\n        raise Refused(3, "Invalid request: the number is missing")\n'
DIGITS = '    digits = re.sub(r"[\\s+()-]", "", number)\n'
SUCCESS = 'facts = {"status": 0, "status_message": "Success", **look_up(params)}'
REFUSAL = 'facts = {"status": refused.status, "error_text": str(refused)}'
ID = 'facts["request_id"] = str(uuid.uuid4())'
JSON = 'return 200, "application/json", json.dumps(facts).encode()'
XML = 'return 200, "text/xml", as_xml(facts).encode()'
KEY = 'if params.get("api_key") != KEY or params.get("api_secret") != SECRET:'
SIGNED = 'for name in params if name not in ("sig", "api_secret")'
PAIR = "f\"&{name}={params[name].replace('&', '_').replace('=', '_')}\""
COMPARED = 'if params["sig"].lower() not in right:'
ERROR = """parts.append(f'<error code="{facts["status"]}">{escape(text)}</error>')"""
WRONG = 'raise Refused(4, "Invalid credentials")'


def region(mapping: str) -> tuple[str, str]:
    return REGION, f"{REGION}    country = {mapping}.get(country, country)\n"
