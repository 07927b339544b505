"""A right provider as the reference page describes it: one ASGI application, `app`."""

import base64
import hashlib
import hmac
import json
import re
import time
import urllib.parse
import uuid
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

KEY, SECRET, SIGNATURE_SECRET = "n3xm0rocks", "12ab34cd", "SIGSECRET"
JSON_TYPES = (
    "application/json",
    "application/jsonrequest",
    "application/x-javascript",
    "text/json",
    "text/javascript",
    "text/x-javascript",
    "text/x-json",
)
ATTRIBUTES = ("country_code", "country_code_iso3", "country_name", "country_prefix")
ROWS = json.loads((Path(__file__).parents[4] / "spec" / "countries.json").read_text("utf-8"))["countries"]
COUNTRIES = {row["alpha_2"]: row for row in ROWS if row["official"]}


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    http_status, content_type, body = answer_to(scope, await body_of(receive))
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": http_status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def body_of(receive):
    body = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if not event.get("more_body"):
            return body


def answer_to(scope, body):
    if scope["path"] not in ("/ni/basic/json", "/ni/basic/xml"):
        return 404, "text/plain", b"no such page"
    if scope["method"] not in ("GET", "HEAD", "POST"):
        return 405, "text/plain", b"no such method"
    is_json = scope["path"].endswith("/json")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    try:
        params = params_of(scope, headers, body, is_json)
        check_credentials(params, headers.get("authorization", ""))
        facts = {"status": 0, "status_message": "Success", **look_up(params)}
    except Refused as refused:
        facts = {"status": refused.status, "error_text": str(refused)}
    facts["request_id"] = str(uuid.uuid4())
    if is_json:
        return 200, "application/json", json.dumps(facts).encode()
    return 200, "text/xml", as_xml(facts).encode()


def params_of(scope, headers, body, is_json):
    if scope["method"] != "POST":
        return form(scope["query_string"])
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if is_json and media_type in JSON_TYPES:
        try:
            members = json.loads(body)
        except (ValueError, RecursionError):
            raise Refused(3, "Invalid request: the body is no JSON") from None
        if not isinstance(members, dict):
            raise Refused(3, "Invalid request: the body is no JSON object")
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in members.items()}
    return form(body)


def form(text):
    pairs = urllib.parse.parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True)
    return dict(reversed(pairs))


def check_credentials(params, authorization):
    if "sig" in params:
        check_signature(params)
    elif "api_key" in params or "api_secret" in params:
        if params.get("api_key") != KEY or params.get("api_secret") != SECRET:
            raise Refused(4, "Invalid credentials")
    elif authorization[:6].lower() != "basic " or not is_account(authorization[6:]):
        raise Refused(4, "Invalid credentials")


def is_account(token):
    try:
        return base64.b64decode(token).decode("utf-8") == f"{KEY}:{SECRET}"
    except ValueError:
        return False


def check_signature(params):
    timestamp = params.get("timestamp", "")
    if params.get("api_key") != KEY or not re.fullmatch("[0-9]{1,12}", timestamp):
        raise Refused(4, "Invalid credentials")
    if abs(time.time() - int(timestamp)) > 300:
        raise Refused(4, "Invalid credentials")
    signed = sorted(name for name in params if name not in ("sig", "api_secret"))
    text = "".join(f"&{name}={params[name].replace('&', '_').replace('=', '_')}" for name in signed)
    right = [hashlib.md5((text + SIGNATURE_SECRET).encode()).hexdigest()]
    for method in ("md5", "sha1", "sha256", "sha512"):
        right.append(hmac.new(SIGNATURE_SECRET.encode(), text.encode(), method).hexdigest())
    if params["sig"].lower() not in right:
        raise Refused(4, "Invalid credentials")


def look_up(params):
    number, country = params.get("number"), params.get("country")
    if not number:
        raise Refused(3, "Invalid request: the number is missing")
    if country and country not in COUNTRIES:
        raise Refused(3, "Invalid request: the country is no ISO 3166-1 alpha-2 code")
    digits = re.sub(r"[\s+()-]", "", number)
    if not re.fullmatch("[0-9]+", digits):
        raise Refused(5, "Internal error: the format of the number is not valid")
    international = possible("+" + digits, None)
    if country and not is_of(international, country):
        international = None if number.lstrip(" (").startswith("+") else possible(digits, country)
    if international is None:
        raise Refused(5, "Internal error: the format of the number is not valid")
    return facts_of(international)


def is_of(number, country):
    return number is not None and country in phonenumbers.region_codes_for_country_code(number.country_code)


def possible(text, country):
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return number


def facts_of(number):
    country = phonenumbers.region_code_for_number(number)
    if country is None:
        country = phonenumbers.region_code_for_country_code(number.country_code)
    if country not in COUNTRIES:
        raise Refused(5, "Internal error: no country has this number")
    return {
        "international_format_number": phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:],
        "national_format_number": phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
        "country_code": country,
        "country_code_iso3": COUNTRIES[country]["alpha_3"],
        "country_name": COUNTRIES[country]["name"],
        "country_prefix": str(number.country_code),
    }


def as_xml(facts):
    parts = [f"<request_id>{facts['request_id']}</request_id>"]
    if facts["status"] == 0:
        number = facts["international_format_number"]
        parts.append(f"<international_format_number>{number}</international_format_number>")
        attributes = " ".join(f"{name}={quoteattr(facts[name])}" for name in ATTRIBUTES)
        parts.append(f"<local_number {attributes}>{escape(facts['national_format_number'])}</local_number>")
    text = facts["status_message"] if facts["status"] == 0 else facts["error_text"]
    parts.append(f'<error code="{facts["status"]}">{escape(text)}</error>')
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<format>{"".join(parts)}</format>'
