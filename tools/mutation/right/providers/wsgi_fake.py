"""A right provider as the API was seen to behave: one WSGI application, `app`, with a limit of requests a second."""

import base64
import binascii
import hashlib
import hmac
import json
import string
import time
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import parse_qs

import phonenumbers

ACCOUNTS = {"n3xm0rocks": {"secret": "12ab34cd", "signature_secret": "SIGSECRET"}}
RATE = 5
OK, BUSY, INVALID, BAD_CREDENTIALS = 0, 1, 3, 4
TEXTS = {OK: "Success", BUSY: "Busy (Throttled) Please re-try", BAD_CREDENTIALS: "Invalid credentials"}
DIGESTS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
COUNTRIES = {}
for row in json.loads((Path(__file__).parents[4] / "spec" / "countries.json").read_text("utf-8"))["countries"]:
    if row["official"]:
        COUNTRIES[row["alpha_2"]] = (row["alpha_3"], row["name"])


class Refusal(Exception):
    """A status, and its text where it is not always the same."""

    def __init__(self, status, text=None):
        super().__init__(status)
        self.answer = {"status": status, "status_message": text or TEXTS[status]}


def app(environ, start_response):
    name = environ["PATH_INFO"].removeprefix("/ni/basic/")
    if name not in WRITERS:
        start_response("404 Not Found", [("Content-Type", "text/html")])
        return [b"<h1>Not found</h1>"]
    if environ["REQUEST_METHOD"] not in READERS:
        start_response("405 Method Not Allowed", [("Content-Type", "text/html"), ("Allow", "GET, POST")])
        return [b"<h1>Method not allowed</h1>"]
    content_type, write = WRITERS[name]
    body = write(lookup(environ, name))
    start_response("200 OK", [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def lookup(environ, name):
    try:
        params = READERS[environ["REQUEST_METHOD"]](environ, name)
        authenticate(params, environ.get("HTTP_AUTHORIZATION", ""))
        throttle()
        return {"status": OK, "status_message": TEXTS[OK], "request_id": str(uuid.uuid4()), **insight(params)}
    except Refusal as refusal:
        return refusal.answer


# ---------------------------------------------------------------- what was asked


def from_query(environ, name):
    return first_values(environ.get("QUERY_STRING", ""))


def from_body(environ, name):
    raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    media_type = environ.get("CONTENT_TYPE", "").split(";")[0].strip().lower()
    try:
        text = raw.decode("utf-8")
        if name == "json" and media_type != "application/x-www-form-urlencoded":
            return {key: str(value) for key, value in json.loads(text).items() if value is not None}
    except (ValueError, AttributeError, RecursionError):
        raise Refusal(INVALID, "Invalid request :: The body cannot be read") from None
    return first_values(text)


def first_values(text):
    return {key: values[0] for key, values in parse_qs(text, keep_blank_values=True).items()}


READERS = {"GET": from_query, "HEAD": from_query, "POST": from_body}


# ---------------------------------------------------------------- who asks


def authenticate(params, authorization):
    key, secret = params.get("api_key"), params.get("api_secret")
    if key is None and secret is None and authorization.lower().startswith("basic "):
        key, secret = basic(authorization[6:])
    account = ACCOUNTS.get(key)
    if account is None:
        raise Refusal(BAD_CREDENTIALS)
    if params.get("sig") is not None:
        verify(params, account["signature_secret"])
    elif secret != account["secret"]:
        raise Refusal(BAD_CREDENTIALS)


def basic(token):
    try:
        key, _, secret = base64.b64decode(token, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal(BAD_CREDENTIALS) from None
    return key, secret


def verify(params, secret):
    try:
        age = time.time() - int(params["timestamp"])
    except (KeyError, ValueError):
        raise Refusal(BAD_CREDENTIALS) from None
    if age > 300 or age < -300:
        raise Refusal(BAD_CREDENTIALS)
    text = ""
    for key in sorted(params):
        if key != "sig" and key != "api_secret":
            text += f"&{key}={params[key].translate(str.maketrans('&=', '__'))}"
    given = params["sig"].lower()
    keyed = hmac.new(secret.encode(), text.encode(), DIGESTS.get(len(given), "md5")).hexdigest()
    if given != keyed and given != hashlib.md5((text + secret).encode()).hexdigest():
        raise Refusal(BAD_CREDENTIALS)


moments = []


def throttle():
    now = time.time()
    while moments and now - moments[0] >= 1:
        moments.pop(0)
    if len(moments) >= RATE:
        raise Refusal(BUSY)
    moments.append(now)


# ---------------------------------------------------------------- what is known of the number


def insight(params):
    number, country = params.get("number", ""), params.get("country", "")
    if number.strip() == "":
        raise Refusal(INVALID, "Invalid request :: Missing parameter number")
    if country and country not in COUNTRIES:
        raise Refusal(INVALID, f"Invalid request :: Not a country [ {country} ]")
    digits = keypad(number)
    parsed = parse("+" + digits, None)
    if country and (parsed is None or parsed.country_code != phonenumbers.country_code_for_region(country)):
        parsed = parse(digits, country) if "+" not in number else None
    if parsed is None:
        raise Refusal(INVALID, f"Invalid request :: Not valid number format detected [ {number} ]")
    return facts(parsed)


def keypad(number):
    kept = "".join(c for c in number if not c.isspace() and c not in "+-()")
    if kept[:3].isdigit() and set(kept) <= set(string.digits + string.ascii_letters):
        return phonenumbers.convert_alpha_characters_in_number(kept)
    return kept


def parse(text, country):
    digits = text.removeprefix("+")
    if not digits.isdigit() or not digits.isascii():
        return None
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None


def facts(parsed):
    prefix = parsed.country_code
    region = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(prefix)
    if region not in COUNTRIES:
        raise Refusal(INVALID, "Invalid request :: The number belongs to no country")
    iso3, name = COUNTRIES[region]
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return {
        "international_format_number": e164.lstrip("+"),
        "national_format_number": phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL),
        "country_code": region,
        "country_code_iso3": iso3,
        "country_name": name,
        "country_prefix": f"{prefix}",
    }


# ---------------------------------------------------------------- how it is answered


def to_json(answer):
    return json.dumps(answer, ensure_ascii=False).encode("utf-8")


def to_xml(answer):
    root = ET.Element("format")
    for name in ("request_id", "international_format_number"):
        if name in answer:
            ET.SubElement(root, name).text = answer[name]
    if answer["status"] == OK:
        names = ("country_code", "country_code_iso3", "country_name", "country_prefix")
        local = ET.SubElement(root, "local_number", {name: answer[name] for name in names})
        local.text = answer["national_format_number"]
    error = ET.SubElement(root, "error", code=str(answer["status"]))
    error.text = printable(answer["status_message"])
    return ET.tostring(root, "UTF-8")


def printable(text):
    """XML has no way to write control characters."""
    return "".join(c for c in text if c.isprintable() or c in "\t\n\r")


WRITERS = {"json": ("application/json;charset=UTF-8", to_json), "xml": ("text/xml; charset=utf-8", to_xml)}
