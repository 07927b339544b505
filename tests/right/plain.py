"""A right provider, written from the reference without code of this package: a plain function."""

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Callable, Collection, Coroutine, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape, quoteattr

import phonenumbers
from phonenumbers import FrozenPhoneNumber, NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

KEY, SECRET, SIGNATURE_SECRET = "n3xm0rocks", "12ab34cd", "SIGSECRET"
JSON_TYPES = {
    *("application/json", "application/jsonrequest", "application/x-javascript"),
    *("text/json", "text/javascript", "text/x-javascript", "text/x-json"),
}
COUNTRIES = {
    row["alpha_2"]: row
    for row in json.loads((Path(__file__).parents[2] / "spec" / "countries.json").read_text("utf-8"))["countries"]
}
# Most lookups of a run are of few numbers.
written = lru_cache(4096)(phonenumbers.format_number)
region_of = lru_cache(4096)(phonenumbers.region_code_for_number)
METHODS = ("md5hash", "hmac-md5", "hmac-sha1", "hmac-sha256", "hmac-sha512")


class Refused(Exception):
    """A status other than 0, with its text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Provider:
    """Answers requests; *options* enable behaviour in which right providers may differ."""

    def __init__(
        self,
        methods: Collection[str] = METHODS,
        basic: bool = True,
        missing: int = 4,
        phonewords: bool = False,
        numbers: Collection[str] | None = None,
        rate: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.methods, self.basic, self.missing, self.phonewords = methods, basic, missing, phonewords
        self.numbers, self.rate, self.clock = numbers, rate, clock
        self.sent: list[float] = []

    def __call__(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str, bytes]:
        """(HTTP status, content type, body) of one request; *headers* have names in lower case."""
        kind = path.rpartition("/")[2]
        if path not in ("/ni/basic/json", "/ni/basic/xml"):
            return 404, "text/plain", b"not found"
        if method not in ("GET", "HEAD", "POST"):
            return 405, "text/plain", b"method not allowed"
        facts: dict[str, Any] = {"status": 0, "status_message": "Success", "request_id": str(uuid.uuid4())}
        try:
            params = self.read(method, query, headers, body, kind)
            self.check_credentials(params, headers)
            self.check_rate()
            facts |= self.look_up(params.get("number"), params.get("country"))
        except Refused as refused:
            facts |= {"status": refused.status, "error_text": refused.text}
            del facts["status_message"]
            if refused.status == 1:
                facts["status_message"] = facts.pop("error_text")
        if kind == "xml":
            return 200, "text/xml", self.as_xml(facts).encode()
        return 200, "application/json", json.dumps(facts).encode()

    def read(self, method: str, query: str, headers: Mapping[str, str], body: bytes, kind: str) -> dict[str, str]:
        if method != "POST":
            return self.form(query)
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            text = body.decode("utf-8")
            if kind == "json" and media_type in JSON_TYPES:
                value = json.loads(text)
                if not isinstance(value, dict):
                    raise Refused(3, "Invalid request: the body is no JSON object")
                return {name: str(item).lower() if item in (True, False) else str(item) for name, item in value.items()}
            return self.form(text)
        except (ValueError, RecursionError):
            raise Refused(3, "Invalid request: the body cannot be read") from None

    def form(self, text: str) -> dict[str, str]:
        params: dict[str, str] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            params.setdefault(name, value)
        return params

    def check_credentials(self, params: Mapping[str, str], headers: Mapping[str, str]) -> None:
        key, secret, sig = params.get("api_key"), params.get("api_secret"), params.get("sig")
        if sig is not None:
            self.check_signature(params, key, sig)
        elif key is not None or secret is not None:
            if key is None or secret is None:
                raise Refused(
                    self.missing, "Missing credentials" if self.missing == 4 else "Missing api_key or api_secret"
                )
            if key != KEY or secret != SECRET:
                raise Refused(4, "Invalid credentials")
        else:
            self.check_basic(headers.get("authorization", ""))

    def check_basic(self, authorization: str) -> None:
        scheme, _, token = authorization.partition(" ")
        if not self.basic or scheme.lower() != "basic":
            raise Refused(self.missing, "Missing credentials" if self.missing == 4 else "Missing api_key")
        try:
            pair = base64.b64decode(token, validate=True).decode("utf-8")
        except ValueError:
            raise Refused(4, "Invalid credentials") from None
        if pair != f"{KEY}:{SECRET}":
            raise Refused(4, "Invalid credentials")

    def check_signature(self, params: Mapping[str, str], key: str | None, sig: str) -> None:
        if key != KEY:
            raise Refused(4, "Invalid credentials")
        timestamp = params.get("timestamp", "")
        if not re.fullmatch("[0-9]{1,12}", timestamp) or abs(self.clock() - int(timestamp)) > 300:
            raise Refused(4, "Invalid credentials")
        signed = {n: v.replace("&", "_").replace("=", "_") for n, v in params.items() if n not in ("sig", "api_secret")}
        text = "".join(f"&{name}={signed[name]}" for name in sorted(signed))
        if not any(hmac.compare_digest(self.hash(m, text).encode(), sig.lower().encode()) for m in self.methods):
            raise Refused(4, "Invalid credentials")

    def hash(self, method: str, text: str) -> str:
        if method == "md5hash":
            return hashlib.md5((text + SIGNATURE_SECRET).encode()).hexdigest()  # noqa: S324
        return hmac.new(SIGNATURE_SECRET.encode(), text.encode(), method.removeprefix("hmac-")).hexdigest()

    def check_rate(self) -> None:
        if self.rate is None:
            return
        now = self.clock()
        self.sent = [moment for moment in self.sent if now - moment < 1]
        if len(self.sent) >= self.rate:
            raise Refused(1, "Busy (Throttled) Please re-try")
        self.sent.append(now)

    def look_up(self, number: str | None, country: str | None) -> dict[str, str]:
        if number is None:
            raise Refused(3, "Missing number")
        digits = re.sub(r"[\s\-+()]", "", number)
        if self.phonewords and re.fullmatch("[0-9]{3}[0-9A-Za-z]+", digits):
            digits = phonenumbers.convert_alpha_characters_in_number(digits)
        if not re.fullmatch("[0-9]+", digits):
            raise Refused(5, "The format of the recipient address is not valid")
        if country and (not re.fullmatch("[A-Z]{2}", country) or country not in phonenumbers.SUPPORTED_REGIONS):
            raise Refused(3, "Invalid country")
        parsed = self.parse(digits, country, number.lstrip(" (").startswith("+"))
        international = written(parsed, PhoneNumberFormat.E164)[1:]
        if self.numbers is not None and international not in self.numbers:
            raise Refused(5, "Unknown number")
        return self.facts(parsed, international)

    def parse(self, digits: str, country: str | None, explicit: bool) -> PhoneNumber:
        found = self.possible("+" + digits, None) if not digits.startswith("0") else None
        if country:
            code = phonenumbers.country_code_for_region(country)
            national = None if explicit else self.possible(digits, country)
            if found is not None and found.country_code != code:
                if national is None:
                    raise Refused(3, "The country does not match the number")
                found = national
            found = found or national
        if found is None:
            raise Refused(5, "The format of the recipient address is not valid")
        return found

    @staticmethod
    @lru_cache(4096)
    def possible(text: str, region: str | None) -> PhoneNumber | None:
        try:
            parsed = phonenumbers.parse(text, region)
        except NumberParseException:
            return None
        good = phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE
        return FrozenPhoneNumber(parsed) if good else None

    def facts(self, parsed: PhoneNumber, international: str) -> dict[str, str]:
        region = region_of(parsed)
        if region is None:
            region = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
        if region == "001" or region in ("AC", "TA", "XK"):
            raise Refused(5, "No country has this number")
        country = COUNTRIES[region]
        return {
            "international_format_number": international,
            "national_format_number": written(parsed, PhoneNumberFormat.NATIONAL),
            "country_code": region,
            "country_code_iso3": country["alpha_3"],
            "country_name": country["name"],
            "country_prefix": str(parsed.country_code),
        }

    def as_xml(self, facts: Mapping[str, Any]) -> str:
        parts = [f"<request_id>{facts['request_id']}</request_id>"]
        if facts["status"] == 0:
            parts.append(
                f"<international_format_number>{facts['international_format_number']}</international_format_number>"
            )
            names = ("country_code", "country_code_iso3", "country_name", "country_prefix")
            attributes = " ".join(f"{name}={quoteattr(facts[name])}" for name in names)
            parts.append(f"<local_number {attributes}>{escape(facts['national_format_number'])}</local_number>")
        text = facts.get("status_message", facts.get("error_text"))
        parts.append(f'<error code="{facts["status"]}">{escape(text)}</error>')
        return f'<?xml version="1.0" encoding="UTF-8"?><format>{"".join(parts)}</format>'


def wsgi(provider: Provider) -> Callable[[dict[str, Any], Callable[..., Any]], list[bytes]]:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        status, content_type, answer = provider(environ["REQUEST_METHOD"], path, query, headers, body)
        start_response(f"{status} X", [("Content-Type", content_type), ("Content-Length", str(len(answer)))])
        return [answer]

    return app


def asgi(provider: Provider, delay: float = 0.0) -> Callable[[Any, Any, Any], Coroutine[Any, Any, None]]:
    """The ASGI application of *provider*, which waits *delay* seconds before each answer."""
    import asyncio

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        await asyncio.sleep(delay)
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        query = scope["query_string"].decode("latin-1")
        status, content_type, answer = provider(scope["method"], scope["path"], query, headers, body)
        sent = [(b"content-type", content_type.encode()), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": answer})

    return app
